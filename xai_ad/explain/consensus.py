"""A consensus of several methods: the mean of their ranks, since their values do not compare."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import Depiction, Explainer
from xai_ad.explain.kernel_shap import KernelShap
from xai_ad.explain.occlusion import Occlusion
from xai_ad.explain.residual import Residual
from xai_ad.explain.results import Agreement, Attribution, Explanation, Provenance
from xai_ad.machine.execution import Execution
from xai_ad.metrics.agreement import rank_correlations, ranks
from xai_ad.metrics.localisation import strongest
from xai_ad.progress import Progress, part_of, silent
from xai_ad.types import Image, Relevance

Answer: TypeAlias = Callable[[Explainer, Progress], Explanation]
"""Answers one member, or looks its answer up, and reports how much of that is done."""

MEMBERS = (Residual(), KernelShap(), Occlusion())
"""On ten defective bottles the map that took most off the score when its highest 2 to 30 % were made normal (median .74
of what there was; alone .67, .60 and .73), and the one nearest to the masks (pixel AUROC .95; .77, .91 and .90)."""

RANKS = (
    "Places are ordered by the mean of the methods' ranks; the values in that order are the methods' mean."
)


@dataclass(frozen=True, kw_only=True)
class Consensus(Explainer):
    """What several methods agree on: pixels in the order of their mean rank (see `combine`).

    `members` are explainers that draw a map, and are run as they are. `baseline` and `residual` are the members' means.
    """

    members: tuple[Explainer, ...] = MEMBERS

    id: ClassVar[str] = "consensus"
    title: ClassVar[str] = "Consensus"
    sentence: ClassVar[str] = (
        "Where do several methods agree? Each ranks all places, and a place stands as high as its mean rank."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (
            isinstance(self.members, tuple)
            and len(self.members) == len(set(self.members)) >= 2
            and all(isinstance(one, Explainer) and one.picture is Depiction.MAP for one in self.members)
            and not any(isinstance(one, Consensus) for one in self.members)
        ):
            raise InvalidInputError(
                "The 'members' of Consensus must be a tuple of two or more different explainers that draw a map of "
                f"their own. Got {self.members!r}."
            )

    @property
    def tells_moments(self) -> bool:
        """Whether every member does: its values are the members' means."""
        return all(one.tells_moments for one in self.members)

    @property
    def is_open(self) -> bool:
        """Whether a member leaves something to the machine."""
        return any(one.is_open for one in self.members)

    def resolved(self, choose: Callable[[], Execution]) -> Self:
        """Return it with its members resolved."""
        return replace(self, members=tuple(one.resolved(choose) for one in self.members))

    def gathered(self, answer: Answer, on_progress: Progress = silent) -> Attribution:
        """Return the consensus of what `answer` says to each member; it may look up what is at hand."""
        explanations: list[Attribution] = []
        for index, one in enumerate(self.members):
            part = part_of(on_progress, index / len(self.members), (index + 1) / len(self.members))
            explanation = answer(one, part)
            if isinstance(explanation, Attribution):
                explanations.append(explanation)
        return agreed(explanations)

    def cheaper(self, share: float, image: Image) -> Self:
        """Return it with cheaper members."""
        return replace(self, members=tuple(one.cheaper(share, image) for one in self.members))

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        def explained(one: Explainer, progress: Progress) -> Explanation:
            return one.explain(classifier, image, on_progress=_once_begun(progress))

        return self.gathered(explained, on_progress)


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
    warnings = dict.fromkeys(one.warning for one in explanations if one.warning)
    return Attribution(
        method=Consensus.id,
        relevance=combine(explanations),
        score=explanations[0].score,
        baseline=float(np.mean([explanation.baseline for explanation in explanations])),
        evaluations=sum(explanation.evaluations for explanation in explanations),
        findings=Agreement(
            members=tuple(explanation.method for explanation in explanations),
            agreement=_agreement(explanations),
            shared=_shared_places([explanation.relevance for explanation in explanations]),
        ),
        provenance=_shared([explanation.provenance for explanation in explanations]),
        note=RANKS,
        warning=" ".join(warnings) or None,
    )


def _shared_places(maps: Sequence[Relevance]) -> float | None:
    """Return how much of their strongest evidence methods share, or None where fewer than two have any.

    Over all pixels maps agree on little even where they agree on what matters: most of a picture is neither for nor
    against.
    """
    places = [found for found in map(strongest, maps) if found.any()]
    shares = [
        float((one & other).sum() / min(one.sum(), other.sum())) for one, other in combinations(places, 2)
    ]
    return float(np.mean(shares)) if shares else None


def _shared(provenances: Sequence[Provenance]) -> Provenance:
    """Return what all provenances that have it have alike; each has segments of its own."""
    found: dict[str, Any] = {}
    for name in ("fill", "fill_score", "precision", "batch_size"):
        values = {getattr(one, name) for one in provenances} - {None}
        if len(values) == 1:
            found[name] = values.pop()
    return Provenance(**found)


def combine(explanations: Sequence[Attribution]) -> Relevance:
    """Return one map, (T, H, W), in the order of the maps' mean ranks.

    Ranks have no unit, and a map of them would colour half of every image. So the pixel of the k-th highest mean
    rank gets the mean of the maps' k-th highest values (quantile normalisation, Bolstad et al. 2003): the order is
    the ranks' alone, while signs, sparsity and sum are the maps' means, and the map is drawn on the one scale.
    Pixels of equal mean rank share their values.
    """
    maps = np.stack([one.relevance.ravel() for one in explanations]).astype(np.float64)  # (E, THW)
    typical = np.sort(maps, axis=1).mean(axis=0)  # (HW,), ascending
    mean_ranks = ranks(maps).mean(axis=0)  # (HW,)
    _, places, counts = np.unique(mean_ranks, return_inverse=True, return_counts=True)  # ascending
    totals = np.add.reduceat(typical, np.cumsum(counts) - counts)
    return (totals / counts)[places].reshape(explanations[0].relevance.shape).astype(np.float32)


def _agreement(explanations: Sequence[Attribution]) -> float:
    correlations = rank_correlations(np.stack([one.relevance.ravel() for one in explanations]))
    return float(correlations[np.triu_indices(len(correlations), k=1)].mean())
