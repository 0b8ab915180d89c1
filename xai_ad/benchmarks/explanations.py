"""`benchmark explanations`: where explanations lie, and how much of the score goes with what they point at."""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

import numpy as np
import torch
from pydantic import TypeAdapter

from xai_ad.benchmarks.base import BenchmarkResult, CasesBenchmark, Figure, Row
from xai_ad.data.images import Preprocessing, sha256_of, to_float
from xai_ad.data.layouts import ANOMALOUS, Sample, read_dataset, split_dataset
from xai_ad.data.loading import load_masks, load_pixels
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError, StoreError
from xai_ad.explain import EXPLAINERS, Counterfactual, Explainer, Explanation, Fill
from xai_ad.explain.base import raw_score
from xai_ad.explain.consensus import Consensus
from xai_ad.explain.fills import choose_fill
from xai_ad.explain.results import squeezed
from xai_ad.fields import whole
from xai_ad.inspection.explainers import explainer_here
from xai_ad.inspection.methods import default_method
from xai_ad.inspection.scorings import find_calibration
from xai_ad.machine.places import home
from xai_ad.metrics.explanations import (
    FRACTIONS,
    Map,
    hits,
    intersection_over_union,
    localisation,
    pointing,
    random_map,
    removed,
    strongest,
    taken_away,
)
from xai_ad.progress import Progress, each, silent
from xai_ad.store import find_model, fingerprint, load, record_explanations
from xai_ad.store.files import write_whole
from xai_ad.store.measured import Figure as Mean
from xai_ad.store.measured import MeasuredExplanations, MeasuredMethod, figure_of
from xai_ad.store.records import parse_record
from xai_ad.types import Image, Mask

RANDOM_ORDERS = 5
CHANCE = "random order"
DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One explanation of one image: seconds, and its figures; those of place are None without a mask."""

    seconds: float
    faithfulness: float
    localisation: float | None = None
    hits: bool | None = None
    pointing: float | None = None
    overlap: float | None = None


_KEPT: TypeAdapter[dict[str, Measured]] = TypeAdapter(dict[str, Measured])


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
    record: bool = False
    defaults: bool = False
    """Only what is shown first, of every image that the model finds, and only where it points."""

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each method, and one for a random order."""
        stored = find_model(self.model)
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
            name = sha256_of(f"{made.weights} {made.calibration} {sample.sha256} {self.seed}".encode())[:32]
            known.append(
                measured_once(
                    name,
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
        test = split_dataset(read_dataset(self.data, self.layout)).test
        anomalous = [sample for sample in test if sample.label == ANOMALOUS]
        marked = [sample for sample in anomalous if sample.mask is not None]
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


def image_of(sample: Sample, preprocessing: Preprocessing) -> Image:
    """Return a sample as the network sees it, (C, H, W)."""
    return to_float(load_pixels([sample], preprocessing))[0]


def mask_of(sample: Sample, preprocessing: Preprocessing) -> Mask | None:
    """Return a sample's mask, (H, W), or None where it has none or none of it is left at the network's size."""
    masks, _ = load_masks([sample], preprocessing)
    return masks[0] if masks.any() else None


def measured_once(
    name: str,
    classifier: AnomalyClassifier,
    sample: Sample,
    *,
    preprocessing: Preprocessing,
    seed: int,
    on_progress: Progress = silent,
) -> dict[str, Measured]:
    """Return what every method and a random order come to on an image, kept under a name; what is not kept is measured."""
    path = home() / "benchmarks" / f"explanations-{name}.json"
    try:
        found = parse_record(_KEPT, path.read_bytes(), path)
    except (OSError, StoreError):  # nothing to go by: it is measured, and the file replaced
        found = {}
    if found.keys() >= {*EXPLAINERS, CHANCE}:
        return found
    found = measure(
        classifier, image_of(sample, preprocessing), mask_of(sample, preprocessing), seed, on_progress
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _KEPT.dump_json(found))
    return found


def measure(
    classifier: AnomalyClassifier,
    image: Image,
    mask: Mask | None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> dict[str, Measured]:
    """Explain an anomalous image, (C, H, W), by every method, and return what each comes to, and a random order."""
    segments = np.zeros(image.shape[-2:], dtype=np.int64)
    fill = choose_fill(classifier, image, segments, Fill.AUTO)
    score = raw_score(classifier, image)
    asked: dict[Explainer, tuple[Explanation, float]] = {}

    def answer(explainer: Explainer, _: Progress = silent) -> Explanation:
        """Explain once: a consensus asks for what is at hand, and took as long as its members did."""
        if explainer not in asked:
            began = time.perf_counter()
            if isinstance(explainer, Consensus):
                explanation: Explanation = explainer.gathered(answer)
                seconds = sum(asked[one][1] for one in explainer.members)
            else:
                explanation = explainer.explain(classifier, image)
                seconds = time.perf_counter() - began
            asked[explainer] = explanation, seconds
        return asked[explainer][0]

    def faithfulness(values: Map) -> float:
        scores = [
            _score_without(classifier, image, fill.image, taken_away(values, each)) for each in FRACTIONS
        ]
        return removed(score, fill.score, scores)

    found = {}
    for method, part in each(tuple(EXPLAINERS), on_progress):
        explainer = explainer_here(method)
        values = evidence(answer(explainer))
        found[method] = _measured(
            values, mask, seconds=asked[explainer][1], faithfulness=faithfulness(values)
        )
        part(1.0)
    rng = np.random.default_rng(seed)
    height, width = image.shape[-2:]
    by_chance = [faithfulness(random_map((height, width), rng)) for _ in range(RANDOM_ORDERS)]
    return found | {CHANCE: Measured(seconds=0.0, faithfulness=float(np.mean(by_chance)))}


def evidence(explanation: Explanation) -> Map:
    """Return an explanation of one image as a map, (H, W); a counterfactual's is 1 in its rectangles and 0 elsewhere."""
    if not isinstance(explanation, Counterfactual):
        relevance: Map = squeezed(explanation.relevance)
        return relevance
    found = np.zeros((1, *explanation.pixels.shape[-2:]), dtype=np.float32)
    for rectangle in explanation.rectangles:
        found[rectangle.inside] = 1.0
    covered: Map = found[0]
    return covered


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


@torch.inference_mode()
def _score_without(classifier: AnomalyClassifier, image: Image, fill: Image, taken: Mask) -> float:
    return raw_score(classifier, torch.where(torch.from_numpy(taken), fill, image))


def _measured(values: Map, mask: Mask | None, *, seconds: float, faithfulness: float) -> Measured:
    if mask is None:
        return Measured(seconds=seconds, faithfulness=faithfulness)
    return Measured(
        seconds=seconds,
        faithfulness=faithfulness,
        localisation=localisation(values, mask),
        hits=hits(values, mask),
        pointing=pointing(values, mask),
        overlap=intersection_over_union(values, mask),
    )


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
