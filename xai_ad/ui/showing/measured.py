"""What was measured of the methods that a page offers: their order in the strip, and what is said of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xai_ad.detector.scores import Score
from xai_ad.errors import XaiAdError
from xai_ad.inspection.cases import Case
from xai_ad.inspection.explainers import MAIN
from xai_ad.inspection.methods import method_order, worths
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.worth import Worth
from xai_ad.store import Fingerprint, find_model
from xai_ad.ui.components.viewer import NoteData, PanelData

BY_DEFAULT = "Measured under the default settings:"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The methods in the strip's order, and what is known of those that were measured."""

    order: tuple[str, ...] = MAIN
    worths: Mapping[str, Worth] = field(default_factory=dict)

    def place(self, method: str) -> int:
        """Return where a method stands; what is not listed stands last."""
        return self.order.index(method) if method in self.order else len(self.order)


_STANDINGS: BoundedCache[tuple[Fingerprint, Score], Standing] = BoundedCache(32)


def standing_of(case: Case) -> Standing:
    """Return what was measured for a case's model and score; it is read from disk once."""
    score = case.model.record.calibration.scoring.score
    return _STANDINGS.get_or((case.model.fingerprint, score), lambda: _read(case, score))


def say_worth(panel: PanelData, standing: Standing) -> None:
    """Say at a panel what is known of its method: noise is said on the small panel too, and warns."""
    worth = standing.worths.get(panel["id"])
    if worth is None:
        return
    if worth.is_noise:
        panel["noise"] = worth.short
    note = NoteData(text=worth.sentence, warns=worth.is_noise)
    panel["notes"] = [note, *panel.get("notes", [])]


def say_settings(panel: PanelData, differs: str, standing: Standing) -> None:
    """Say at a panel how its settings differ, and that what was measured of its method holds for the default ones."""
    worth = standing.worths.get(panel["id"])
    notes = [
        NoteData(text=f"{BY_DEFAULT} {note['text']}", warns=note["warns"])
        if worth is not None and note["text"] == worth.sentence
        else note
        for note in panel.get("notes", [])
    ]
    panel["notes"] = [NoteData(text=differs, warns=False), *notes]


def _read(case: Case, score: Score) -> Standing:
    try:
        stored = find_model(case.model.card.id)
        return Standing(order=tuple(method_order(stored, score)), worths=worths(stored, score))
    except XaiAdError:  # an order is not worth a page; a test's model may be stored nowhere
        return Standing()
