"""One image explained by every method, and what each explanation comes to: seconds, place, and effect on the score."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from pydantic import TypeAdapter

from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import Sample
from xai_ad.data.loading import load_masks, load_pixels
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import StoreError
from xai_ad.explain import EXPLAINERS, Counterfactual, Explainer, Explanation, Fill
from xai_ad.explain.base import raw_score
from xai_ad.explain.consensus import Consensus
from xai_ad.explain.fills import choose_fill
from xai_ad.explain.results import squeezed
from xai_ad.inspection.explainers import explainer_here
from xai_ad.machine.files import keep
from xai_ad.machine.places import home
from xai_ad.metrics.faithfulness import STEPS, fall, random_map, taken_away
from xai_ad.metrics.localisation import Map, hits, intersection_over_union, localisation, pointing
from xai_ad.progress import Progress, each, silent
from xai_ad.store.records import parse_record
from xai_ad.types import Image, Mask

RANDOM_ORDERS = 5
CHANCE = "random order"


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
    keep(path, _KEPT.dump_json(found), what="what was measured")
    return found


def image_of(sample: Sample, preprocessing: Preprocessing) -> Image:
    """Return a sample as the network sees it, (C, H, W)."""
    return to_float(load_pixels([sample], preprocessing))[0]


def mask_of(sample: Sample, preprocessing: Preprocessing) -> Mask | None:
    """Return a sample's mask, (H, W), or None where it has none or none of it is left at the network's size."""
    masks, _ = load_masks([sample], preprocessing)
    return masks[0] if masks.any() else None


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
        scores = [_score_without(classifier, image, fill.image, taken_away(values, share)) for share in STEPS]
        return float(np.mean(fall(score, fill.score, scores)))

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
