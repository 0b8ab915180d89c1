"""`benchmark explanations`: where explanations lie, and how much of the score goes with what they point at."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import ClassVar

import numpy as np

from xai_ad.benchmarks.base import BenchmarkResult, CasesBenchmark, Figure, Row
from xai_ad.benchmarks.measuring import CHANCE, Measured, evidence, image_of, mask_of, measured_once
from xai_ad.data.decoding import sha256_of
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import ANOMALOUS, Sample, read_dataset, split_dataset
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain import EXPLAINERS
from xai_ad.explain.base import raw_score
from xai_ad.fields import whole
from xai_ad.inspection.explainers import explainer_here
from xai_ad.inspection.methods import default_method
from xai_ad.inspection.scorings import find_calibration
from xai_ad.metrics.localisation import (
    hits,
    localisation,
    strongest,
)
from xai_ad.progress import Progress, each, silent
from xai_ad.store import find_model, fingerprint, load, record_explanations, require_unclaimed
from xai_ad.store.measured import Figure as Mean
from xai_ad.store.measured import MeasuredExplanations, MeasuredMethod, figure_of

DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class ExplanationsBenchmark(CasesBenchmark):
    """Every method on anomalous test images that the model finds, one of each kind in turns, drawn by the seed.

    `calibration` is the id of a stored one, or a score's name; the active one by default. With `record` the figures go
    into the model's folder: from them the methods' order comes. What an image was measured to is kept in the user's own
    folder, so that an interrupted run goes on where it stood.
    """

    id: ClassVar[str] = "explanations"
    sentence: ClassVar[str] = (
        "Explanations of anomalous images that the model finds: place, and effect on the score."
    )

    images: int = whole(12, low=1)
    seed: int = whole(0, low=0)
    calibration: str | None = None
    masks: Path | None = None
    """A file of annotations, or a folder of masks, in place of the dataset's own."""
    record: bool = False
    defaults: bool = False
    """Only what is shown first, of every image that the model finds, and only where it points."""

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each method, and one for a random order."""
        stored = find_model(self.model)
        if self.record:
            require_unclaimed(stored)
        chosen = find_calibration(stored, self.calibration)
        classifier, card = load(stored, calibration=chosen.id)
        if self.defaults:
            method = default_method(stored, chosen.calibration.scoring.score)
            found = tuple(self._found(classifier, card.preprocessing))
            return shown_first(classifier, card.preprocessing, method, found, on_progress=on_progress)
        samples = tuple(itertools.islice(self._found(classifier, card.preprocessing), self.images))
        if not samples:
            raise InvalidInputError(
                f"The model {card.id!r} finds no anomalous test image of {str(self.data)!r}: there is nothing to measure on."
            )
        made = fingerprint(stored, chosen.id)
        known = []
        for sample, part in each(samples, on_progress):
            name = f"{made.weights} {made.calibration} {sample.sha256} {self.seed}"
            if self.masks is not None and (mask := mask_of(sample, card.preprocessing)) is not None:
                name += f" {sha256_of(mask.tobytes())}"
            known.append(
                measured_once(
                    sha256_of(name.encode())[:32],
                    classifier,
                    sample,
                    preprocessing=card.preprocessing,
                    seed=self.seed,
                    on_progress=part,
                )
            )
        measured = MeasuredExplanations(
            calibration=chosen.id,
            score=chosen.calibration.scoring.score,
            seed=self.seed,
            images=tuple(sample.sha256 for sample in samples),
            kinds=tuple(sample.kind for sample in samples),
            by_chance=_rounded([one[CHANCE].faithfulness for one in known]),
            methods=tuple(_method(name, [one[name] for one in known]) for name in EXPLAINERS),
        )
        if self.record:
            record_explanations(stored, measured)
        return BenchmarkResult(rows=tuple(rows_of(measured)), rows_are="methods")

    def _found(self, classifier: AnomalyClassifier, preprocessing: Preprocessing) -> Iterator[Sample]:
        """Yield anomalous test images that the model finds; only those with a marked defect, if any has one."""
        test = split_dataset(read_dataset(self.data, self.layout, masks=self.masks)).test
        anomalous = [sample for sample in test if sample.label == ANOMALOUS]
        marked = [sample for sample in anomalous if sample.is_marked]
        for sample in in_random_turns(marked or anomalous, self.seed):
            if marked and mask_of(sample, preprocessing) is None:
                continue
            score = raw_score(classifier, image_of(sample, preprocessing))
            if classifier.calibration.is_anomalous(score):
                yield sample


def shown_first(
    classifier: AnomalyClassifier,
    preprocessing: Preprocessing,
    method: str,
    samples: Sequence[Sample],
    *,
    on_progress: Progress = silent,
) -> BenchmarkResult:
    """Return a row for each marked image: whether a method shows anything of it, and whether it points at the mask."""
    rows: list[Row] = []
    explainer = explainer_here(method)
    for sample, part in each(samples, on_progress):
        mask = mask_of(sample, preprocessing)
        if mask is not None:
            explained = explainer.explain(classifier, image_of(sample, preprocessing))
            values = evidence(explained)
            rows.append(
                {
                    "image": f"{sample.kind}/{sample.path.stem}",
                    "method": method,
                    "shows": int(bool(strongest(values).any())),
                    "hits": int(hits(values, mask)),
                    "localisation": localisation(values, mask),
                }
            )
        part(1.0)
    if not rows:
        raise InvalidInputError("No image that the model finds has a mask to compare with.")
    hit = sum(bool(row["hits"]) for row in rows)
    return BenchmarkResult(
        rows=tuple(rows),
        figures={"method": method, "share": hit / len(rows)},
        remarks=(
            f"The strongest tenth of {method} overlaps the mask in {hit} of {len(rows)} ({hit / len(rows):.0%}).",
        ),
        rows_are="images",
    )


def in_random_turns(samples: Sequence[Sample], seed: int) -> Iterator[Sample]:
    """Yield samples in random order, one of each kind in turns."""
    rng = np.random.default_rng(seed)
    kinds: dict[str, list[Sample]] = {}
    for index in rng.permutation(len(samples)).tolist():
        kinds.setdefault(samples[index].kind, []).append(samples[index])
    for turn in itertools.zip_longest(*(kinds[kind] for kind in sorted(kinds))):
        yield from filter(None, turn)


def rows_of(measured: MeasuredExplanations) -> Iterator[Row]:
    """Yield a row for each method, and one for a random order."""
    for found in measured.methods:
        row: dict[str, Figure] = {"method": found.method, "images": len(found.faithfulness)}
        for name in ("localisation", "hits", "pointing", "overlap", "faithfulness"):
            row |= _figures(name, found.figure(name))
        yield row | {"seconds": found.seconds}
    chance = figure_of(measured.by_chance)
    nothing: dict[str, Figure] = dict.fromkeys([*row, "seconds"])
    yield nothing | {"method": CHANCE, "images": len(measured.images)} | _figures("faithfulness", chance)


def _figures(name: str, figure: Mean | None) -> dict[str, Figure]:
    mean, spread = (None, None) if figure is None else (figure.mean, figure.spread)
    return {name: mean, f"{name}_spread": spread}


def _method(name: str, found: Sequence[Measured]) -> MeasuredMethod:
    return MeasuredMethod(
        method=name,
        seconds=round(median(one.seconds for one in found), DIGITS),
        localisation=_rounded([one.localisation for one in found]),
        hits=tuple(one.hits for one in found if one.hits is not None),
        pointing=_rounded([one.pointing for one in found]),
        overlap=_rounded([one.overlap for one in found]),
        faithfulness=_rounded([one.faithfulness for one in found]),
    )


def _rounded(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(round(value, DIGITS) for value in values if value is not None)
