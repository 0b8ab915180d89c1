"""How a stored model judges a picture, asked as work: loading models and judging takes longer than a page may wait."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from xai_ad.data.fitting import Fit, Fitting
from xai_ad.inspection.cases import Case, open_case
from xai_ad.inspection.engines.base import AnyEngine, JobState, JobStatus, Lane
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.models import open_model
from xai_ad.inspection.normals import given_normal
from xai_ad.inspection.request import Source
from xai_ad.inspection.results import BoundedCache
from xai_ad.progress import Progress
from xai_ad.store import Fingerprint, StoredModel, fingerprint

Judged: TypeAlias = JobStatus[Case]
"""How far the verdict on a picture is."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The question what a model makes of a picture; its answer is the case.

    `normal` is a photograph of a normal part that was given, which fills absent parts where the model takes it for
    normal, or somebody `insists`. What is `stored`, and the files, are where the answer begins, and no part of the
    question.
    """

    model: Fingerprint
    source: Source
    fit: Fitting = Fit.CROP
    normal: Source | None = None
    insists: bool = False
    stored: StoredModel = field(compare=False, repr=False)
    image_file: ImageFile = field(compare=False, repr=False)
    normal_file: ImageFile | None = field(default=None, compare=False, repr=False)

    def answer(self, progress: Progress) -> Case:
        """Load the model and judge the picture.

        Raises `StoreError` for a damaged model and `ImageError` for a picture that it cannot take.
        """
        progress(0.0)
        model = open_model(self.stored)
        progress(0.5)
        case = open_case(
            given_normal(model, self.normal_file, insists=self.insists), self.image_file, self.fit
        )
        return _OPENED.put(self, case)


_OPENED: BoundedCache[Opening, Case] = BoundedCache(128)
"""The answers at hand; they are the cases that `open_case` keeps, or were."""


def opening(
    stored: StoredModel,
    image_file: ImageFile,
    fit: Fitting = Fit.CROP,
    *,
    normal: ImageFile | None = None,
    insists: bool = False,
) -> Opening:
    """Ask what a model makes of a picture; raises `StoreError` where its calibrations cannot be read."""
    return Opening(
        model=fingerprint(stored),
        source=image_file.source,
        fit=fit,
        normal=None if normal is None else normal.source,
        insists=insists,
        stored=stored,
        image_file=image_file,
        normal_file=normal,
    )


def opened(question: Opening) -> Case | None:
    """Return a verdict that is at hand, of picture and model as the question calls them, or None."""
    case = _OPENED.get(question)
    if case is None:
        return None
    model = replace(case.model, card=question.stored.card)
    return replace(case, model=model, image_file=question.image_file)


def ask_opening(question: Opening, *, engine: AnyEngine, owner: str) -> Judged:
    """Return how far a verdict is, and get it under way where it is not; safe to repeat at every poll.

    Raises `BusyError` where too many are waiting.
    """
    case = opened(question)
    if case is not None:
        return Judged(state=JobState.DONE, fraction=1.0, result=case)
    return engine.submit(question, owner=owner, lane=Lane.VERDICTS)
