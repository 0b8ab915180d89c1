"""A request answered: the explanation, and the folder that it is written to."""

import functools
import importlib.metadata
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow

import xai_ad
from xai_ad.data.fitting import Fit, Fitting
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.familiarity import Familiarity, Likeness
from xai_ad.explain import Counterfactual, Explainer, Explanation
from xai_ad.explain.moments import moments
from xai_ad.explain.results import squeezed
from xai_ad.inspection.likeness import stranger_note
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import TimedExplanation
from xai_ad.inspection.scorings import find_calibration
from xai_ad.inspection.subject import Subject, open_still, open_subject
from xai_ad.machine.files import writing
from xai_ad.machine.speeds import processor
from xai_ad.presentation.evidence import evidence_of
from xai_ad.presentation.moment_bars import moment_bars
from xai_ad.presentation.moments import exchange_in_words, moment_in_words, moment_records
from xai_ad.presentation.regions import region_record
from xai_ad.presentation.render import explanation_overlay
from xai_ad.presentation.report import explanation_record, relevance_of, segments_of, write_json
from xai_ad.progress import Progress, silent
from xai_ad.store import Fingerprint, find_model, fingerprint, load, load_familiarity

LIBRARIES = ("torch", "numpy", "pillow", "scipy", "scikit-image")
"""What a result may depend on, beside the program itself."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A request, and in memory what its hashes stand for."""

    request: Request
    detector: AnomalyClassifier
    subject: Subject
    likeness: Likeness | None = None

    def answer(self, on_progress: Progress = silent) -> TimedExplanation:
        """Explain; raises whatever the explainer and `on_progress` raise."""
        began = time.perf_counter()
        explanation = self.request.explainer.explain(
            self.detector, self.subject.image, frame=self.subject.place, on_progress=on_progress
        )
        return TimedExplanation(explanation=explanation, seconds=time.perf_counter() - began)

    def record(self, answer: TimedExplanation) -> dict[str, Any]:
        """Return the answer as `explanation.json` has it."""
        return answer_record(self.request, answer, self.detector.calibration, self.likeness)

    def write(self, answer: TimedExplanation, output: Path, *, record: dict[str, Any] | None = None) -> str:
        """Write the answer into a folder; return a line on what was found, and what to be warned of.

        Its `record` may be given, where it is known already.
        """
        explanation = answer.explanation
        calibration = self.detector.calibration
        drawn = explanation_overlay(self.subject.seen, explanation, calibration, frame=self.subject.place)
        with writing(output):
            output.mkdir(parents=True, exist_ok=True)
            np.save(output / "relevance.npy", relevance_of(explanation))
            if segments := segments_of(explanation):
                np.save(output / "segments.npy", squeezed(segments.segments))
            drawn.save(output / "overlay.png")
            if (bars := self._bars(explanation)) is not None:
                bars.save(output / "moments.png")
        write_json(output / "explanation.json", self.record(answer) if record is None else record)
        return self._verdict(explanation)

    def _verdict(self, explanation: Explanation) -> str:
        calibration, source = self.detector.calibration, self.request.source
        word = "anomalous" if calibration.is_anomalous(explanation.score) else "normal"
        frame = "" if source.frame is None else f", frame {source.frame}"
        times = explanation.score / calibration.threshold
        verdict = f"{Path(source.path).name}{frame}: {word}, {times:.3g} x the limit."
        words = [verdict, stranger_note(self.likeness), self._moment(explanation), explanation.warning]
        return " ".join(filter(None, words))

    def _bars(self, explanation: Explanation) -> Pillow.Image | None:
        """Draw each frame's share of the score; None of a picture, and of what has no such shares."""
        records, frame = moments_of(self.request, explanation), self.request.source.frame
        if records is None or frame is None:
            return None
        values = np.array([record["relevance"] for record in records])
        return moment_bars(values, [record["frame"] for record in records], explained=frame)

    def _moment(self, explanation: Explanation) -> str | None:
        """Say in which of a clip's frames the evidence lies, or which of them flip the verdict; None of a picture."""
        frame, placement = self.request.source.frame, self.request.placement
        if frame is None or placement is None:
            return None
        if isinstance(explanation, Counterfactual):
            return exchange_in_words(explanation, placement.frames)
        if not self.request.explainer.tells_moments:
            return None
        return moment_in_words(moments(explanation), placement.frames, explained=frame)


def ask(
    model: str | Path,
    image: Path,
    explainer: Explainer,
    *,
    normal: Path | None = None,
    frame: int | None = None,
    fit: Fitting = Fit.CROP,
    score: str | None = None,
    levels: int | None = None,
) -> Question:
    """Load and read what a question needs: a model by its id or folder, an image or a clip's frame, a normal image.

    `fit` is what is made of an image whose shape is not the model's; of a normal one its middle is taken. `score` is the
    stored calibration to judge by, its score or its id, in place of the active one. `levels` is the value that is white in
    files of more than 8 bits a pixel, where that is known.

    Raises `UnknownNameError`, `StoreError`, `ImageError` and `InvalidInputError` as loading and reading do.
    """
    stored = find_model(model)
    calibration = find_calibration(stored, score).id
    detector, card = load(stored, calibration=calibration)
    subject = open_subject(image, detector, card, frame=frame, fit=fit, levels=levels)
    given = None if normal is None else open_still(normal, card, levels=levels)
    familiarity = load_familiarity(stored)
    name = fingerprint(stored, calibration)
    return question(detector, name, subject, explainer, normal=given, familiarity=familiarity)


def question(
    detector: AnomalyClassifier,
    model: Fingerprint,
    subject: Subject,
    explainer: Explainer,
    *,
    normal: Subject | None = None,
    familiarity: Familiarity | None = None,
) -> Question:
    """Put a question on what is in memory; with a `familiarity`, the answer says where its subject is a stranger."""
    request = Request(
        model=model,
        source=subject.source,
        placement=subject.placement,
        explainer=explainer,
        normal=None if normal is None else normal.source,
    )
    if normal is not None:
        detector = detector.with_normals(normal.image[None])
    likeness = None if familiarity is None else familiarity.judge(subject.still, subject.squeezed)
    return Question(request=request, detector=detector, subject=subject, likeness=likeness)


def answer_record(
    request: Request,
    answer: TimedExplanation,
    calibration: Calibration,
    likeness: Likeness | None = None,
) -> dict[str, Any]:
    """Return a request's answer as `explanation.json` has it, with the regions and the moments of its evidence."""
    record = explanation_record(
        answer.explanation,
        model=request.model.id,
        image_sha256=request.source.sha256,
        calibration=calibration,
        seconds=answer.seconds,
        request=request.record(),
        made_with=made_with(),
        likeness=likeness,
    )
    return {
        **record,
        "regions": _regions(request, answer, calibration),
        "moments": moments_of(request, answer.explanation),
    }


def moments_of(request: Request, explanation: Explanation) -> list[dict[str, Any]] | None:
    """Return each frame of a window and its share of the score; None where it has one frame, or they are not told apart."""
    if request.placement is None or not request.explainer.tells_moments:
        return None
    return moment_records(explanation, request.placement.frames)


def _regions(
    request: Request, answer: TimedExplanation, calibration: Calibration
) -> list[dict[str, Any]] | None:
    """Return the regions of an answer's strongest evidence; None for a request that does not say where its grid lies."""
    placement = request.placement
    if placement is None:
        return None
    place = placement.frames.index(request.source.frame) if request.source.frame in placement.frames else 0
    return [
        region_record(region)
        for region in evidence_of(answer.explanation, calibration, placement, frame=place)
    ]


def made_with() -> dict[str, Any]:
    """Return the program and the machine that a result is made with: on others the last digits may differ."""
    return {**_versions(), "processor": processor(), "threads": torch.get_num_threads()}


@functools.cache
def _versions() -> dict[str, str]:
    libraries = {library: importlib.metadata.version(library) for library in LIBRARIES}
    return {"xai_ad": xai_ad.__version__, "python": platform.python_version(), **libraries}
