"""KernelSHAP as an explainer."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.base import MAX_BUDGET
from xai_ad.explain.choices import Estimator, Fill
from xai_ad.explain.kernel_shap.estimators import estimate_values
from xai_ad.explain.masking import MaskingGame
from xai_ad.explain.noise import DifferenceGame, RegionExplainer, regions_of
from xai_ad.explain.results import Attribution, SegmentValues, ShapleyEstimate
from xai_ad.explain.segments import spread_evenly
from xai_ad.fields import member, whole
from xai_ad.progress import Progress
from xai_ad.types import Coalitions, Image

LEAST_BUDGET = 8


@dataclass(frozen=True, kw_only=True)
class KernelShap(RegionExplainer):
    """Shapley values of the segments: each one's average effect on the score over all orders of appearing.

    `budget` bounds the images scored, those spent on choosing the fill included. Where it suffices for all 2^M
    coalitions the values are exact; otherwise `estimator` says how they are estimated. They add up to the image's
    score less the fill's, which is `baseline`.

    >>> from xai_ad import KernelShap, load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> image = read_image("sample_data/washer/test/contamination/006.jpg", card)
    >>> explanation = KernelShap(budget=64, n_segments=10, seed=0).explain(classifier, image)
    >>> abs(explanation.residual) < 1e-6 * explanation.score  # they add up
    True
    """

    budget: int = whole(512, low=LEAST_BUDGET, high=MAX_BUDGET)
    seed: int = whole(0, low=0)
    n_segments: int = whole(50, low=2)
    fill: Fill = member(Fill.AUTO)
    estimator: Estimator = member(Estimator.ODD_GP)

    id: ClassVar[str] = "kernel_shap"
    complete: ClassVar[bool] = True
    title: ClassVar[str] = "KernelSHAP"
    sentence: ClassVar[str] = (
        "How much does each region add to the score? Regions are switched to normal together, and the effect shared fairly."
    )

    def cheaper(self, share: float, image: Image) -> Self:  # noqa: ARG002  # whatever the image
        """Return it with a smaller budget."""
        return replace(self, budget=max(LEAST_BUDGET, int(share * self.budget)))

    def _changes(self, game: DifferenceGame, evaluations: int) -> NDArray[np.float64]:
        empty, full = game(np.array([[False], [True]]).repeat(game.players, axis=1)).tolist()
        return estimate_values(
            Estimator.ODD_GP,
            game,
            players=game.players,
            empty=empty,
            full=full,
            budget=max(LEAST_BUDGET, evaluations),
            seed=self.seed,
        ).values

    def _errors(self, explanation: Attribution) -> NDArray[np.float64]:
        """Return the values' standard errors, as the estimator knows them; 0 where it does not."""
        found = regions_of(explanation)
        return np.zeros(len(found.values)) if found.standard_errors is None else found.standard_errors

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        game = MaskingGame(
            classifier,
            image,
            n_segments=self.n_segments,
            stretches=self.stretches,
            fill=self.fill,
            execution=self.execution,
        )

        def score(coalitions: Coalitions) -> NDArray[np.float64]:
            # The library scores the full and the empty coalition by themselves first: no progress to speak of.
            return game.score(coalitions, on_progress) if len(coalitions) > 1 else game.score(coalitions)

        found = estimate_values(
            self.estimator,
            score,
            players=game.players,
            empty=game.empty,
            full=game.full,
            budget=self.budget - game.evaluations + 2,  # the two are scored already
            seed=self.seed,
        )
        by_segment = SegmentValues(
            segments=game.segments,
            values=found.values,
            standard_errors=found.standard_errors,
            low=found.low,
            high=found.high,
        )
        unsure = by_segment.unsure
        return Attribution(
            method=self.id,
            relevance=spread_evenly(found.values, game.segments),
            score=game.full,
            baseline=game.empty,
            evaluations=game.evaluations,
            by_segment=by_segment,
            findings=ShapleyEstimate(
                exact=found.exact,
                estimator=self.estimator,
                unsure_segments=None if unsure is None else int(unsure.sum()),
            ),
            provenance=game.provenance,
            warning=game.fill.warning(classifier.calibration.threshold),
        )
