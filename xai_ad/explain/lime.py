"""LIME (Eq. 3.19): a weighted linear surrogate of the masking game near the image.

The library's own sampling, kernel and ridge, on this package's masking game.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.base import MAX_BUDGET
from xai_ad.explain.choices import Fill
from xai_ad.explain.masking import MaskingGame
from xai_ad.explain.noise import DifferenceGame, RegionExplainer, regions_of
from xai_ad.explain.results import Attribution, SegmentValues, SurrogateFit
from xai_ad.explain.segments import spread_evenly
from xai_ad.fields import member, number, whole
from xai_ad.machine.threads import one_blas_thread
from xai_ad.progress import Progress
from xai_ad.types import Coalitions, Image

SPLITS = 8
"""How often the draws are halved for `stability`; one halving's correlation is a matter of chance."""

KERNEL_WIDTHS = (0.05, 100.0)
"""Narrower kernels leave coalitions no weight that a float can hold; wider ones weigh all of them alike."""

LEAST_BUDGET = 8

FEWEST = 4
"""How many draws can be halved so that a plane is fitted to each half."""


@dataclass(frozen=True, kw_only=True)
class Lime(RegionExplainer):
    """LIME with the library's defaults, on SLIC segments and a fill that means normal.

    `budget` bounds the images scored, those spent on choosing the fill included; repeated coalitions are scored
    once and counted as often as they were drawn. `alpha` is the ridge's penalty: it shrinks the weights a little, so
    the relevance of a linear game is not returned exactly. `baseline` is the surrogate's intercept, and `residual`
    what it misses on the image itself.

    Two diagnostics say how far to trust it: `surrogate_r2`, how much of the game the straight line explains, and
    `stability`, how alike the weights would be with another seed (see `expected_agreement`).

    >>> from xai_ad import Lime, load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> image = read_image("sample_data/washer/test/contamination/006.jpg", card)
    >>> explanation = Lime(budget=64, n_segments=10).explain(classifier, image)
    >>> explanation.evaluations <= 64
    True
    """

    budget: int = whole(1000, low=LEAST_BUDGET, high=MAX_BUDGET)
    seed: int = whole(0, low=0, high=2**32 - 1)
    n_segments: int = whole(50, low=2)
    fill: Fill = member(Fill.AUTO)
    kernel_width: float = number(0.25, low=KERNEL_WIDTHS[0], high=KERNEL_WIDTHS[1])
    alpha: float = number(1.0, above=0)

    id: ClassVar[str] = "lime"
    title: ClassVar[str] = "LIME"
    sentence: ClassVar[str] = (
        "Which regions would a simple rule blame? Regions are switched to normal at random and a straight line is fitted."
    )

    def cheaper(self, share: float, image: Image) -> Self:  # noqa: ARG002  # whatever the image
        """Return it with a smaller budget."""
        return replace(self, budget=max(LEAST_BUDGET, int(share * self.budget)))

    def _changes(self, game: DifferenceGame, evaluations: int) -> NDArray[np.float64]:
        rows = sample_coalitions(max(FEWEST, evaluations), game.players, seed=self.seed)
        return surrogate_weights(rows, game(rows), kernel_width=self.kernel_width, alpha=self.alpha)

    def _errors(self, explanation: Attribution) -> NDArray[np.float64]:
        """Return errors that make two runs correlate as halves of the draws tell (see `expected_agreement`)."""
        known, values = explanation.findings, regions_of(explanation).values
        unsteady = 1 - known.stability if isinstance(known, SurrogateFit) else 0.0
        return np.full(len(values), np.sqrt(max(unsteady, 0.0)) * values.std())

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        game = MaskingGame(
            classifier,
            image,
            n_segments=self.n_segments,
            stretches=self.stretches,
            fill=self.fill,
            execution=self.execution,
        )
        rows = self.budget - game.evaluations + 1  # the first row, the image itself, is scored already
        coalitions = sample_coalitions(rows, game.players, seed=self.seed)
        scores = game.score(coalitions, on_progress)
        with one_blas_thread():
            surrogate = fit_surrogate(coalitions, scores, kernel_width=self.kernel_width, alpha=self.alpha)
            stability = expected_agreement(
                coalitions, scores, kernel_width=self.kernel_width, alpha=self.alpha, seed=self.seed
            )
        return Attribution(
            method=self.id,
            relevance=spread_evenly(surrogate.weights, game.segments),
            score=game.full,
            baseline=surrogate.intercept,
            evaluations=game.evaluations,
            by_segment=SegmentValues(segments=game.segments, values=surrogate.weights),
            findings=SurrogateFit(surrogate_r2=surrogate.r2, stability=stability),
            provenance=game.provenance,
            warning=game.fill.warning(classifier.calibration.threshold),
        )


class Surrogate(NamedTuple):
    """The fitted plane: score = intercept + sum of the present segments' weights."""

    weights: NDArray[np.float64]  # (M,)
    intercept: float
    r2: float
    """Share of the scores' weighted variance that the plane explains, at most 1."""


def sample_coalitions(count: int, players: int, *, seed: int) -> Coalitions:
    """Draw coalitions as lime does, (count, players): fair coins, the first row all present."""
    coalitions = np.random.RandomState(seed).randint(0, 2, (count, players)).astype(np.bool_)
    coalitions[0] = True
    return coalitions


def cosine_distances(coalitions: Coalitions) -> NDArray[np.float64]:
    """Return each coalition's cosine distance from the full one, (K,); the empty one's is 1."""
    share: NDArray[np.float64] = coalitions.mean(axis=1)
    return 1 - np.sqrt(share)


def fit_surrogate(
    coalitions: Coalitions, scores: NDArray[np.float64], *, kernel_width: float, alpha: float
) -> Surrogate:
    """Fit lime's surrogate: ridge, weighted by sqrt(exp(-distance^2 / kernel_width^2)), no features left out."""
    from lime.lime_base import LimeBase
    from sklearn.linear_model import Ridge

    def kernel(distances: NDArray[np.float64]) -> NDArray[np.float64]:
        proximity: NDArray[np.float64] = np.exp(-(distances**2) / kernel_width**2)
        root: NDArray[np.float64] = np.sqrt(proximity)
        return root

    players = coalitions.shape[1]
    intercept, pairs, r2, _ = LimeBase(kernel).explain_instance_with_data(
        coalitions.astype(np.float64),
        scores[:, None],
        cosine_distances(coalitions),
        label=0,
        num_features=players,
        feature_selection="none",
        model_regressor=Ridge(alpha=alpha, fit_intercept=True),
    )
    weights = np.zeros(players)
    for player, weight in pairs:  # lime sorts them by size
        weights[player] = weight
    return Surrogate(weights, float(intercept), float(r2))


def surrogate_weights(
    coalitions: Coalitions, scores: NDArray[np.float64], *, kernel_width: float, alpha: float
) -> NDArray[np.float64]:
    """Return the weights of `fit_surrogate`, (M,), alone: its normal equations solved, tens of times as fast."""
    importance = np.exp(-((cosine_distances(coalitions) / kernel_width) ** 2) / 2)
    centred = coalitions - np.average(coalitions, axis=0, weights=importance)
    weighted = (centred * importance[:, None]).T  # (M, K)
    gram = weighted @ centred + alpha * np.eye(coalitions.shape[1])
    weights: NDArray[np.float64] = np.linalg.solve(gram, weighted @ (scores - scores[0]))
    return weights


def expected_agreement(
    coalitions: Coalitions, scores: NDArray[np.float64], *, kernel_width: float, alpha: float, seed: int
) -> float:
    """Return how the weights of two seeds would correlate, estimated from one seed's draws alone: at most 1.

    The draws are halved at random `SPLITS` times and a surrogate fitted to each half. The mean correlation r between
    the two is that of two explanations with half the draws each; with all of them it is 2 r / (1 + r) (Spearman and
    Brown 1910). Few draws are judged strictly: 100 for 50 segments .82, where the weights of four seeds correlate by
    .95; 1,000 to .003. Halves that do not agree at all, r <= 0, give 0, and so do
    fewer than four draws, which make no halves; weights that are all the same agree: 1.
    """
    if len(coalitions) < FEWEST:
        return 0.0
    rng = np.random.default_rng(seed)
    correlations = []
    for _ in range(SPLITS):
        order = rng.permutation(len(coalitions))
        halves = (order[0::2], order[1::2])
        first, second = (
            surrogate_weights(coalitions[half], scores[half], kernel_width=kernel_width, alpha=alpha)
            for half in halves
        )
        correlations.append(_correlation(first, second))
    mean = max(0.0, float(np.mean(correlations)))
    return 2 * mean / (1 + mean)


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return Pearson's correlation; 1 between two constants, 0 between a constant and anything else."""
    one, other = one - one.mean(), other - other.mean()
    sizes = float(np.sqrt((one @ one) * (other @ other)))
    if sizes == 0:
        return float(not one.any() and not other.any())
    return float(one @ other) / sizes
