"""One image judged by one model, and how its explanations are asked for: at once, or as jobs."""

import time
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import torch

from xai_ad.data.fitting import Fit, Fitting
from xai_ad.data.images import prepare, to_float
from xai_ad.detector.detector import Prediction
from xai_ad.detector.familiarity import Likeness
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.detector.placement import Placement, placement_of
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import Cancelled, ImageError, XaiAdError
from xai_ad.explain.base import Explainer
from xai_ad.explain.consensus import Consensus
from xai_ad.explain.frames import lifted
from xai_ad.explain.residual import Residual, residual_of
from xai_ad.explain.results import Explanation
from xai_ad.inspection.engines.base import Answerable, AnyEngine, JobState, JobStatus, Lane
from xai_ad.inspection.explainers import MAIN
from xai_ad.inspection.image_files import ImageFile, decoded, seen_of
from xai_ad.inspection.judgement import Judgement, judge
from xai_ad.inspection.likeness import squeezed_size
from xai_ad.inspection.models import OpenModel
from xai_ad.inspection.request import Request, Source
from xai_ad.inspection.results import RESULTS, BoundedCache, TimedExplanation
from xai_ad.progress import Progress, silent
from xai_ad.store import Fingerprint
from xai_ad.types import Image, Relevance

Outcome: TypeAlias = JobStatus[TimedExplanation]
"""How far one explanation is."""
CaseKey: TypeAlias = tuple[Fingerprint, Source | None, Source, Placement | None]
"""A model, the normal image that it was given, the image under inspection, and what is seen of it."""


@dataclass(frozen=True, kw_only=True)
class ClipFrame:
    """A frame of a clip under inspection: the clip's bytes with the frame's number, and the raw score that it has there.

    `place` is the frame's in what the network is given, which may see several frames together.
    """

    source: Source
    score: float
    place: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """An image, what the network was given of it, and the verdict.

    Of a frame of a clip, `image_file` is the frame alone, `frame` says where it is from, and `image` is the window that
    the network sees, (T, C, H, W), where it sees several together.
    """

    model: OpenModel
    image_file: ImageFile
    image: Image
    placement: Placement
    prediction: Prediction  # of this one image
    dissimilarity: Relevance  # (H, W), 1 - SSIM of the reconstruction
    attention: Relevance | None  # (H, W) in [0, 1], of a network that attends to its input
    likeness: Likeness | None = None  # to the training pictures; None where the model cannot tell
    frame: ClipFrame | None = None

    @property
    def score(self) -> float:
        """The raw score; of a frame the one that it has in its clip."""
        return float(self.prediction.scores[0]) if self.frame is None else self.frame.score

    @property
    def source(self) -> Source:
        """The bytes that the case is about."""
        return self.image_file.source if self.frame is None else self.frame.source

    @property
    def place(self) -> int:
        """Where the image stands among those that the network sees together."""
        return 0 if self.frame is None else self.frame.place

    @property
    def is_window(self) -> bool:
        """Whether the network sees several frames together."""
        return self.image.ndim == 4

    @property
    def still(self) -> Image:
        """The image alone, (C, H, W)."""
        return self.image[self.place] if self.is_window else self.image

    @property
    def judgement(self) -> Judgement:
        """What is said of the image."""
        return judge(self.score, self.model.record, self.likeness)

    @property
    def key(self) -> CaseKey:
        """What the verdict depends on."""
        return self.model.fingerprint, self.model.normal, self.source, self.placement

    def request(self, explainer: Explainer) -> Request:
        """Return the question that an explanation of this case answers: precision and batch size are part of it.

        Where the machine has not been measured yet, that is waited for.
        """
        return Request(
            model=self.model.fingerprint,
            source=self.source,
            normal=self.model.normal,
            placement=self.placement,
            explainer=explainer.resolved(fastest_execution),
        )


_CASES: BoundedCache[CaseKey, Case] = BoundedCache(192)
"""About 0.6 MB each at 128 x 128 pixels, 120 MB together: a comparison of twelve models opens twelve for each picture."""


def open_case(model: OpenModel, image_file: ImageFile, fit: Fitting = Fit.CROP) -> Case:
    """Judge an image; raises `ImageError` for one that the model cannot take.

    `fit` is what is made of one whose shape is not the model's.
    """
    placement = placement_of(model.card.preprocessing, seen_of(image_file, model.card, fit))
    key = model.fingerprint, model.normal, image_file.source, placement
    case = _CASES.get_or(key, lambda: _judged(model, image_file, placement))
    return replace(
        case, model=model, image_file=image_file
    )  # equal bytes may have gone by another name before


def known(case: Case, explainer: Explainer) -> TimedExplanation | None:
    """Return an explanation that is at hand, or None."""
    return RESULTS.get(case.request(explainer))


def ask(case: Case, explainer: Explainer, *, engine: AnyEngine, owner: str) -> Outcome:
    """Return how far an explanation is, and get it under way where it is not; safe to repeat at every poll."""
    request = case.request(explainer)
    found = RESULTS.get(request)
    try:
        if found is None and is_immediate(case, explainer):  # all others run as jobs
            found = explain(case, explainer)
        if found is not None:
            return Outcome(state=JobState.DONE, fraction=1.0, result=found)
        return submit(case, explainer, engine=engine, owner=owner)
    except Cancelled:
        return Outcome(state=JobState.STOPPED)
    except XaiAdError as error:
        return Outcome(state=JobState.FAILED, error=str(error))


def submit(case: Case, explainer: Explainer, *, engine: AnyEngine, owner: str) -> Outcome:
    """Get an explanation under way as a job, or join the one that is; raises `BusyError` where there are too many."""
    _CASES.put(case.key, case)  # its job will look for it there
    return engine.submit(case.request(explainer), owner=owner, lane=lane_of(explainer))


def unasked(case: Case) -> tuple[str, ...]:
    """Return the methods that a page computes by itself: of frames, through which people step, those that take no time."""
    return MAIN if case.frame is None else ("residual", "lrp")


def is_immediate(case: Case, explainer: Explainer) -> bool:
    """Return whether an explanation is computed as the verdict is; of a window only the residual is as quick."""
    return explainer.quick and (not case.is_window or isinstance(explainer, Residual))


def lane_of(explainer: Explainer) -> Lane:
    """Return where an explanation is computed: one as quick as a verdict does not wait behind slow ones."""
    return Lane.VERDICTS if explainer.quick else Lane.EXPLANATIONS


def perform(question: Request | Answerable, progress: Progress) -> Any:
    """Answer whatever the app asks its engine: what an explanation is, or what another question knows itself."""
    return _explanation(question, progress) if isinstance(question, Request) else question.answer(progress)


def _explanation(request: Request, progress: Progress) -> TimedExplanation:
    """Explain a case that was opened; raises `ImageError` where it was so too long ago."""
    return explain(case_of(request), request.explainer, progress)


def case_of(request: Request) -> Case:
    """Return the case that a request is about; raises `ImageError` where it was opened too long ago."""
    case = _CASES.get((request.model, request.normal, request.source, request.placement))
    if case is None:
        raise ImageError("The picture is no longer at hand: too many others were opened since. Run it again.")
    return case


def explain(case: Case, explainer: Explainer, progress: Progress | None = None) -> TimedExplanation:
    """Explain a case and keep the result for every session; what is at hand by now is not made again.

    A consensus asks for its members so, too, and took as long as they did.
    """
    request = case.request(explainer)
    found = RESULTS.get(request)
    if found is not None:
        return found
    report = progress or silent
    started = time.perf_counter()
    taken: list[float] = []

    def answer(one: Explainer, on_progress: Progress) -> Explanation:
        timed = explain(case, one, on_progress)
        taken.append(timed.seconds)
        return timed.explanation

    if isinstance(request.explainer, Consensus):
        explanation: Explanation = request.explainer.gathered(answer, report)
        seconds = sum(taken)
    elif isinstance(request.explainer, Residual):  # the verdict's own errors: it costs no further forward
        errors = residual_of(case.prediction.error_maps, case.model.classifier.calibration.scoring)
        explanation = lifted(errors, case.image if case.is_window else case.image[None], case.place)
        seconds = time.perf_counter() - started
    else:
        explanation = request.explainer.explain(
            case.model.classifier, case.image, frame=case.place, on_progress=report
        )
        seconds = time.perf_counter() - started
    return RESULTS.put(request, TimedExplanation(explanation=explanation, seconds=seconds))


def _judged(model: OpenModel, image_file: ImageFile, placement: Placement) -> Case:
    pixels = decoded(image_file).pixels
    image = to_float(prepare(pixels, model.card.preprocessing, placement.seen))
    familiarity = model.familiarity
    case = judged_image(model, image_file, image, placement)
    if familiarity is None:
        return case
    size = squeezed_size((pixels.height, pixels.width), placement.seen, model.card)
    return replace(case, likeness=familiarity.judge(image, size))


def judged_image(
    model: OpenModel,
    image_file: ImageFile,
    image: Image,
    placement: Placement,
    *,
    frame: ClipFrame | None = None,
) -> Case:
    """Judge what a network is given of an image, or of a `frame`; how like the training pictures it is stays open."""
    place = 0 if frame is None else frame.place
    prediction = _alone(model.classifier.predict(image[None]), place, is_window=image.ndim == 4)
    still = image[place] if image.ndim == 4 else image
    with torch.inference_mode():
        dissimilarity = Scoring(score=Score.SSIM, window=model.record.calibration.scoring.window).map(
            still[None], prediction.reconstructions
        )
        attention = None if image.ndim == 4 else model.classifier.network.attention_map(image[None])
    return Case(
        model=model,
        image_file=image_file,
        image=image,
        placement=placement,
        prediction=prediction,
        dissimilarity=dissimilarity[0].numpy(),
        attention=None if attention is None else attention.mean(dim=1)[0].numpy(),
        frame=frame,
    )


def _alone(prediction: Prediction, place: int, *, is_window: bool) -> Prediction:
    """Return what is said of one frame of the only window, as of one image."""
    if not is_window:
        return prediction
    return Prediction(
        **{each.name: getattr(prediction, each.name)[:, place].clone() for each in fields(prediction)}
    )
