"""How far one explanation of one image can be trusted, measured on that image for a fraction of the explanation's cost.

*Faithfulness*: what of the score goes when the highest evidence is replaced by normal content (`metrics/faithfulness.py`).
*Stability*: how alike a repeated run's map would be, under another seed and on an image with imperceptible noise; each
explainer repeats itself cheaply in its own way (`Explainer.repeated`). *Completeness*, *interval widths*: what the
explanation itself knows. *Dependence on the weights*, of quick methods: whether the map changes when they are shuffled.
"""

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.base import Explainer
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import choose_fill
from xai_ad.explain.frames import FrameDetector, frame_of
from xai_ad.explain.masking import DEFAULT, PatchedScore
from xai_ad.explain.results import Attribution, Explanation, evidence_map
from xai_ad.machine.execution import Execution
from xai_ad.metrics.faithfulness import (
    CELLS,
    STEPS,
    area,
    cell_labels,
    fall,
    ordered_map,
    random_map,
    rank_correlation,
    relative_area,
    taken_away,
)
from xai_ad.metrics.localisation import Map, strongest
from xai_ad.types import Image, Mask

SHARE = 0.25
"""The share of an explanation's own evaluations that its trust may take, the reference's included."""
LEAST_SHARE = 0.1
"""What a repeated run may take where that leaves less."""
LEAST_EXCESS = 0.1
"""The share of an image's score that must lie above its fill's, or there is next to nothing to take away."""
RANDOM_ORDERS = 2
NOISE = 1 / 255
"""The noise's standard deviation: one grey level, which nobody sees."""
SEED = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """What explanations of one image are measured against: the same for all of them, and made once.

    `fill` is the normal content, (C, H, W) or (T, C, H, W); `score` and `empty`, the fill's, are raw and in the arithmetic
    of `execution`; the falls are those of `metrics/faithfulness.py`, empty where the image scores hardly more than its fill
    or no order lowers its score.
    """

    fill: Image
    execution: Execution
    score: float
    empty: float
    ideal_fall: tuple[float, ...]
    random_fall: tuple[float, ...]
    evaluations: int


@dataclass(frozen=True, kw_only=True)
class Trust:
    """How far one explanation can be trusted; None where a figure has no meaning for it.

    `faithfulness` is 1 where the order of its evidence is as good as the ideal one, 0 where it is as good as random.
    `fall`, `random_fall` and `ideal_fall` are the shares of the score above the fill's that are gone at `STEPS`.
    `marked` is the share of the image that its strongest evidence covers, `removed` the share of the score that goes with
    it. `stability` is the rank correlation with a repeated run, `shared` the share of the strongest evidence in both; of
    rectangles, both are the share of noisy copies whose verdict they still flip. `completeness` is what the shares miss of the
    score, of methods that promise to add up. `width` is the median width of the 90 % intervals over the largest value.
    `randomised` is the rank correlation, in size, with the map of a network with shuffled weights.
    """

    faithfulness: float | None
    fall: tuple[float, ...]
    random_fall: tuple[float, ...]
    ideal_fall: tuple[float, ...]
    marked: float
    removed: float | None
    stability: float | None
    shared: float | None
    completeness: float | None
    width: float | None
    randomised: float | None
    evaluations: int
    seconds: float


def reference_of(
    classifier: AnomalyClassifier, image: Image, execution: Execution = DEFAULT, fill: Fill = Fill.AUTO
) -> Reference:
    """Score what an image's explanations are measured against: random orders of `CELLS` x `CELLS` cells, and the ideal fall.

    No order is known to be the best at every step. What is taken for ideal is at each step the better of two that look at
    the score itself: the cells by how far it falls without each alone (the first step of a greedy search), and the pixels by
    their error.
    """
    segments = np.zeros((*image.shape[:-3], *image.shape[-2:]), dtype=np.int64)
    chosen = choose_fill(classifier, image, segments, fill)
    scored = _Replaced(classifier, image, chosen.image, execution)
    shape = scored.shape
    cells = cell_labels(shape)
    nothing, everything = np.zeros(shape, bool), np.ones(shape, bool)
    alone = [cells == cell for cell in range(CELLS * CELLS)]
    score, empty, *without = scored([nothing, everything, *alone]).tolist()
    ideal_fall: tuple[float, ...] = ()
    random_fall: tuple[float, ...] = ()
    if score - empty > LEAST_EXCESS * score:
        errors = np.zeros((math.prod(shape[:-2]), *shape[-2:]), dtype=np.float32)
        with torch.inference_mode():
            errors[frame_of(classifier)] = classifier.error_map(image[None])[0].cpu().numpy()
        rng = np.random.default_rng(SEED)
        by_chance = [random_map(shape, rng) for _ in range(RANDOM_ORDERS)]
        orders = [errors.reshape(shape), ordered_map(np.argsort(without, kind="stable"), shape), *by_chance]
        left = scored([taken_away(order, step) for order in orders for step in STEPS])
        falls = np.array(fall(score, empty, left.tolist())).reshape(len(orders), len(STEPS))
        if area(best := falls[:2].max(axis=0)) > 0:
            ideal_fall, random_fall = tuple(best.tolist()), tuple(falls[2:].mean(axis=0).tolist())
    return Reference(
        fill=chosen.image,
        execution=execution,
        score=score,
        empty=empty,
        ideal_fall=ideal_fall,
        random_fall=random_fall,
        evaluations=chosen.evaluations + scored.evaluations,
    )


def measure_trust(
    explainer: Explainer,
    explanation: Explanation,
    classifier: AnomalyClassifier,
    image: Image,
    reference: Reference,
) -> Trust:
    """Measure how far an explanation by `explainer` of an image, (C, H, W) or (T, C, H, W), can be trusted.

    `reference` is the image's. The image and the classifier are left untouched. Raises what the explainer raises.
    """
    began = time.perf_counter()
    values = evidence_map(explanation)
    marked = strongest(values)
    scored = _Replaced(classifier, image, reference.fill, reference.execution)
    falls, removed = _falls(scored, values, marked, reference)
    faithfulness = None
    if falls:
        areas = (area(reference.random_fall), area(reference.ideal_fall))
        faithfulness = relative_area(area(falls), *areas)
    left = int(SHARE * explanation.evaluations) - scored.evaluations - reference.evaluations
    least = int(LEAST_SHARE * explanation.evaluations)
    repeat = explainer.repeated(explanation, classifier, image, noisy(image), evaluations=max(left, least, 1))
    is_map = isinstance(explanation, Attribution)
    return Trust(
        faithfulness=faithfulness,
        fall=falls,
        random_fall=reference.random_fall,
        ideal_fall=reference.ideal_fall,
        marked=float(marked.mean()),
        removed=removed,
        stability=None if repeat is None else repeat.agreement,
        shared=None if repeat is None else repeat.shared,
        completeness=_completeness(explainer, explanation, classifier),
        width=_width(explanation),
        randomised=_randomised(explainer, values, classifier, image) if is_map and explainer.quick else None,
        evaluations=scored.evaluations + (0 if repeat is None else repeat.evaluations),
        seconds=time.perf_counter() - began,
    )


def noisy(image: Image, seed: int = SEED) -> Image:
    """Return an image with noise that nobody sees, in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(image.shape, generator=generator).to(image.device)
    return (image + NOISE * noise).clamp(0, 1)


class _Replaced:
    """Scores copies of an image with masked pixels replaced by the fill's; counts them."""

    def __init__(
        self, classifier: AnomalyClassifier, image: Image, fill: Image, execution: Execution
    ) -> None:
        self._patched = PatchedScore(classifier, image, fill, execution=execution)
        self.shape = (*image.shape[:-3], *image.shape[-2:])

    @property
    def evaluations(self) -> int:
        return self._patched.evaluations

    def __call__(self, masks: Sequence[Mask]) -> NDArray[np.float64]:
        """Score a copy for each mask, (..., H, W): (K,)."""
        image, other = self._patched.image, self._patched.other

        def write(batch: Tensor, start: int, stop: int) -> None:
            for copied, mask in zip(batch, masks[start:stop], strict=True):
                taken = torch.from_numpy(mask.reshape(self.shape)).to(batch.device)[..., None]
                torch.where(taken, other, image, out=copied)

        return self._patched.score(len(masks), write)


def _falls(
    scored: _Replaced, values: Map, marked: Mask, reference: Reference
) -> tuple[tuple[float, ...], float | None]:
    """Return the fall at each step, and what goes with the marked pixels; nothing where there is nothing to lose."""
    if not reference.ideal_fall:
        return (), None
    left = scored([*(taken_away(values, step) for step in STEPS), marked])
    *falls, removed = fall(reference.score, reference.empty, left.tolist())
    return tuple(falls), removed


def _completeness(
    explainer: Explainer, explanation: Explanation, classifier: AnomalyClassifier
) -> float | None:
    """Return what shares that are to add up miss, of the score; None of a method that does not promise it."""
    if not isinstance(explanation, Attribution) or not explainer.complete or not explanation.score:
        return None
    if explainer.quick and not classifier.calibration.scoring.adds_up:
        return None  # only a part of the map counts, and the whole is not to add up to the score
    return abs(explanation.residual / explanation.score)


def _width(explanation: Explanation) -> float | None:
    """Return the median width of the intervals over the largest value's size; None where there are none."""
    found = explanation.by_segment if isinstance(explanation, Attribution) else None
    if found is None or found.low is None or found.high is None or not np.abs(found.values).max():
        return None
    return float(np.median(found.high - found.low) / np.abs(found.values).max())


def _randomised(explainer: Explainer, values: Map, classifier: AnomalyClassifier, image: Image) -> float:
    """Return the rank correlation, in size, of a map with that of the same network with shuffled weights."""
    other = evidence_map(explainer.explain(shuffled(classifier), image))
    return rank_correlation(np.abs(values), np.abs(other))


def shuffled(classifier: AnomalyClassifier, seed: int = SEED) -> AnomalyClassifier:
    """Return a classifier whose network has every weight tensor's values in another order; the given one is untouched.

    So each layer keeps the sizes of its weights, and loses what it learnt (Adebayo et al. 2018).
    """
    network = copy.deepcopy(classifier.network)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in network.parameters():
            order = torch.randperm(weights.numel(), generator=generator)
            weights.copy_(weights.flatten()[order.to(weights.device)].reshape(weights.shape))
    other = AnomalyClassifier(network, classifier.calibration, references=classifier.references)
    return FrameDetector(other, classifier.frame) if isinstance(classifier, FrameDetector) else other
