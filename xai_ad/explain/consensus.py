"""A consensus of several methods: the mean of their ranks, since their values do not compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain.base import (
    Attribution,
    Diagnostic,
    Explainer,
    GameExplainer,
    Picture,
)
from xai_ad.explain.fills import Fill
from xai_ad.fields import member, whole
from xai_ad.progress import Progress, part_of
from xai_ad.types import Image, Relevance

MEMBERS = ("residual", "kernel_shap", "occlusion")
"""On ten defective bottles the map that took most off the score when its highest 2 to 30 % were made normal (median .74
of what there was; alone .67, .60 and .73), and the one nearest to the masks (pixel AUROC .95; .77, .91 and .90)."""

RANKS = (
    "Places are ordered by the mean of the methods' ranks; the values in that order are the methods' mean."
)


@dataclass(frozen=True, kw_only=True)
class Consensus(GameExplainer):
    """What several methods agree on: pixels in the order of their mean rank (see `combine`).

    `members` are ids of methods that draw a map; the options that a member shares with the consensus (`fill`, `seed`,
    `precision`, `batch_size`) are passed on to it, the others are its defaults. `baseline` and `residual` are the
    members' means.
    """

    members: tuple[str, ...] = MEMBERS
    fill: Fill = member(Fill.AUTO)
    seed: int = whole(0, low=0, high=2**32 - 1)

    id: ClassVar[str] = "consensus"
    title: ClassVar[str] = "Consensus"
    sentence: ClassVar[str] = (
        "Where do several methods agree? Each ranks all places, and a place stands as high as its mean rank."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        valid = _valid_members()
        if not isinstance(self.members, tuple) or len(set(self.members)) != max(len(self.members), 2):
            raise InvalidInputError(
                f"The 'members' of Consensus must be a tuple of two or more different methods of: "
                f"{', '.join(sorted(valid))}. Got {self.members!r}."
            )
        for name in self.members:
            if name not in valid:
                raise UnknownNameError("member of a consensus called", name, valid)

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        explainers = self.explainers()
        explanations: list[Attribution] = []
        for index, explainer in enumerate(explainers):
            part = part_of(on_progress, index / len(explainers), (index + 1) / len(explainers))
            explanation = explainer.explain(classifier, image, on_progress=_once_begun(part))
            if isinstance(explanation, Attribution):
                explanations.append(explanation)
        return agreed(explanations)

    def explainers(self) -> list[Explainer]:
        """Return the members as they are run: with what they share with the consensus, the rest their defaults."""
        from xai_ad.explain.registry import build_explainer, explainer_options

        shared = {
            "fill": self.fill,
            "seed": self.seed,
            "precision": self.precision,
            "batch_size": self.batch_size,
        }
        return [
            build_explainer(
                method, {name: shared[name] for name in explainer_options(method) if name in shared}
            )
            for method in self.members
        ]


def _valid_members() -> list[str]:
    from xai_ad.explain.registry import EXPLAINERS

    maps = (method for method, explainer in EXPLAINERS.items() if explainer.picture is Picture.MAP)
    return [method for method in maps if method != Consensus.id]


def _once_begun(progress: Progress) -> Progress:
    """Leave out a member's 0: the consensus has reported its own."""

    def report(fraction: float) -> None:
        if fraction > 0:
            progress(fraction)

    return report


def agreed(explanations: Sequence[Attribution]) -> Attribution:
    """Return the consensus of explanations of one image under one classifier, which may have been made before.

    `agreement` is the mean rank correlation (Spearman) of the maps, pixel by pixel; 0 where a map is flat. Raises
    `InvalidInputError` for fewer than two, or for explanations of different images.
    """
    if len(explanations) < 2 or len({(one.score, one.relevance.shape) for one in explanations}) > 1:
        raise InvalidInputError(
            f"A consensus needs two or more explanations of one image. Got {len(explanations)} with the scores "
            f"{[explanation.score for explanation in explanations]}."
        )
    found: dict[str, Diagnostic] = {
        "members": ", ".join(explanation.method for explanation in explanations),
        "agreement": _agreement(explanations),
        "note": RANKS,
    }
    for name in ("fill", "fill_score", "precision", "batch_size"):
        values = {one.diagnostics[name] for one in explanations if name in one.diagnostics}
        if len(values) == 1:
            found[name] = values.pop()
    warnings = [str(one.diagnostics["warning"]) for one in explanations if "warning" in one.diagnostics]
    if warnings:
        found["warning"] = " ".join(dict.fromkeys(warnings))
    return Attribution(
        method=Consensus.id,
        relevance=combine(explanations),
        score=explanations[0].score,
        baseline=float(np.mean([explanation.baseline for explanation in explanations])),
        evaluations=sum(explanation.evaluations for explanation in explanations),
        diagnostics=found,
    )


def combine(explanations: Sequence[Attribution]) -> Relevance:
    """Return one map, (H, W), in the order of the maps' mean ranks.

    Ranks have no unit, and a map of them would colour half of every picture. So the pixel of the k-th highest mean
    rank gets the mean of the maps' k-th highest values (quantile normalisation, Bolstad et al. 2003): the order is
    the ranks' alone, while signs, sparsity and sum are the maps' means, and the map is drawn on the one scale.
    Pixels of equal mean rank share their values.
    """
    maps = np.stack([one.relevance.ravel() for one in explanations]).astype(np.float64)  # (E, HW)
    typical = np.sort(maps, axis=1).mean(axis=0)  # (HW,), ascending
    mean_ranks = _ranks(maps).mean(axis=0)  # (HW,)
    _, places, counts = np.unique(mean_ranks, return_inverse=True, return_counts=True)  # ascending
    totals = np.add.reduceat(typical, np.cumsum(counts) - counts)
    return (totals / counts)[places].reshape(explanations[0].relevance.shape).astype(np.float32)


def _agreement(explanations: Sequence[Attribution]) -> float:
    ranks = _ranks(np.stack([one.relevance.ravel() for one in explanations]))
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    products = centred @ centred.T  # (E, E)
    sizes = np.sqrt(np.outer(np.diag(products), np.diag(products)))
    correlations = np.divide(products, sizes, out=np.zeros_like(products), where=sizes > 0)
    return float(correlations[np.triu_indices(len(ranks), k=1)].mean())


def _ranks(maps: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rank the values of each map, (E, HW), ascending; equal ones share the mean of their ranks."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(maps, axis=1), dtype=np.float64)
