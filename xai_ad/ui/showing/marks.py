"""What is outlined over the pictures: the strongest evidence of each map, and the true defect where it is known."""

from collections.abc import Hashable

import numpy as np

from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import State
from xai_ad.inspection.cases import Case
from xai_ad.inspection.results import BoundedCache
from xai_ad.inspection.truth import true_mask
from xai_ad.presentation.evidence import regions_of_map
from xai_ad.presentation.regions import DefectRegion, defect_regions, regions_in_words
from xai_ad.presentation.scales import ShownMap, evidence_level
from xai_ad.types import Mask
from xai_ad.ui.components.drawing import Polygon, TruthData
from xai_ad.ui.components.viewer import NoteData, PanelData

PLACES = {
    Subject.PART: "defect",
    Subject.LESION: "atypical part",
    Subject.SCENE: "abnormal object",
}
"""What a mask marks."""
MISSED = "The model missed this {}"
BESIDE = "None of the outlined regions touches the true {}."
NO_EVIDENCE = "Nothing in it pushes towards abnormal."

_REGIONS: BoundedCache[Hashable, tuple[DefectRegion, ...]] = BoundedCache(512)
_MASKS: BoundedCache[tuple[str, str, object], list[Mask]] = BoundedCache(32)


def mark_evidence(panel: PanelData, case: Case, shown: ShownMap, *, key: Hashable) -> None:
    """Outline the strongest evidence of a panel's map, say where it is, and warn where it lies off the true defect.

    A map's strongest tenth is somewhere in any picture: where it lies is told a screen reader always, as what is
    drawn there, and among the notes only of what does not pass.

    `key` names the map.
    """
    regions = regions_in(shown, case, key=key)
    panel["outlines"] = outlines_of(regions)
    panel["result"] = regions_in_words(regions, case.placement.grid) or NO_EVIDENCE
    found = [NoteData(text=panel["result"], warns=False)] if case.judgement.is_suspect else []
    panel["notes"] = [*beside_truth(case, shown), *found, *panel.get("notes", [])]


def regions_in(shown: ShownMap, case: Case, *, key: Hashable) -> tuple[DefectRegion, ...]:
    """Return a map's strongest evidence; `key` names the map."""
    return _REGIONS.get_or(key, lambda: regions_of_map(shown, case.placement))


def outlines_of(regions: tuple[DefectRegion, ...]) -> list[Polygon]:
    """Return the outlines of regions, with a tenth of a pixel's precision."""
    return [
        [[round(left, 1), round(top, 1)] for left, top in polygon]
        for region in regions
        for polygon in region.contours
    ]


def truth_data(case: Case) -> TruthData | None:
    """Return the true defect, where it is known; one that the model passes is shown at once."""
    mask = known_mask(case)
    if mask is None or not mask.any():
        return None
    key = ("truth", case.image_file.name, case.image_file.sha256, case.placement)
    regions = _REGIONS.get_or(key, lambda: defect_regions(mask.astype(np.float32), 0.5, case.placement))
    missed = case.judgement.state is State.NORMAL
    place = PLACES[case.model.card.subject]
    return TruthData(
        outlines=outlines_of(regions),
        label=f"True {place}",
        shown=missed,
        missed=MISSED.format(place) if missed else "",
    )


def beside_truth(case: Case, shown: ShownMap) -> list[NoteData]:
    """Warn where an explanation of what does not pass lies off the true defect."""
    mask = known_mask(case)
    if mask is None or not mask.any() or case.judgement.state is State.NORMAL:
        return []
    hit = bool((mask & (shown.values >= evidence_level(shown))).any())
    return [] if hit else [NoteData(text=BESIDE.format(PLACES[case.model.card.subject]), warns=True)]


def known_mask(case: Case) -> Mask | None:
    """Return the true defect of a sample on the network's grid, (H, W), or None where it is not known."""
    key = (case.image_file.name, case.image_file.sha256, case.placement)

    def found() -> list[Mask]:
        mask = true_mask(case.image_file, case.placement)
        return [] if mask is None else [mask]

    return next(iter(_MASKS.get_or(key, found)), None)
