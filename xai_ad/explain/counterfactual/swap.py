"""The game that both searches play: rectangles of one image are put into another, and the verdict is watched.

*Repair* puts normal content into the image until it passes; *transplant* puts parts of the image into a normal image
until that fails. A game's scores may be rounded, and then they only guide: what they say is a guess, and a flip counts
once `raw_score` of the changed image confirms it in float32.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.base import raw_score
from xai_ad.explain.choices import Direction
from xai_ad.explain.counterfactual.rectangles import replaced
from xai_ad.explain.masking import DEFAULT, PatchedScore
from xai_ad.explain.results import Rectangle
from xai_ad.machine.execution import Execution, Precision
from xai_ad.progress import Progress, silent
from xai_ad.types import Image

Change: TypeAlias = tuple[Rectangle, ...]
"""Disjoint rectangles that change together."""

EXACT_TOLERANCE = 1e-4
"""How far a float32 score may lie from `raw_score`, relative: batches and layouts add up in another order."""

ROUNDED_TOLERANCE = 0.05
"""The least that is allowed for a rounded score, relative: bfloat16 was seen to move scores by 0.5 to 5 %."""

CAUTION = 2.0
"""How many times the largest deviation seen is allowed for."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search ended with: a change, and its float32 score."""

    change: Change
    score: float
    flipped: bool
    exhaustive: bool = False
    """Whether everything that could contradict it was tried."""


class Swap:
    """One direction's game on one image.

    `start` is the image that is changed, `content` the one that its rectangles then show, of one shape. A
    *shortfall* is how much of the limit a score still has to move for the verdict to flip: 0.5 means half a limit,
    less than 0 is a margin. `evaluations` counts the images scored, and
    whoever scored some before adds theirs.
    """

    def __init__(
        self,
        classifier: AnomalyClassifier,
        start: Image,
        content: Image,
        *,
        direction: Direction,
        execution: Execution = DEFAULT,
    ) -> None:
        self._classifier, self._start, self._content = classifier, start, content
        self._execution = execution
        self._patched = PatchedScore(classifier, start, content, execution=execution)
        self._sign = 1 if direction is Direction.REPAIR else -1
        self.rounded = execution.precision is Precision.BFLOAT16
        self.deviation = 0.0  # the largest seen between a guess and its confirmation, relative
        self.evaluations = 0

    @property
    def tolerance(self) -> float:
        """How far a guess is taken to lie from the float32 score at most, relative; it grows with what is seen."""
        least = ROUNDED_TOLERANCE if self.rounded else EXACT_TOLERANCE
        return min(max(least, CAUTION * self.deviation), 0.9)

    @property
    def limit(self) -> float:
        """The threshold, raw."""
        return self._classifier.calibration.threshold

    def guess(self, rectangles: list[Rectangle], on_progress: Progress = silent) -> NDArray[np.float64]:
        """Score K rectangles, each changed by itself: (K,)."""
        self.evaluations += len(rectangles)
        return self._patched.of_changes([(rectangle,) for rectangle in rectangles], on_progress)

    def guess_together(
        self, changes: Sequence[Change], on_progress: Progress = silent
    ) -> NDArray[np.float64]:
        """Score K changes of several rectangles each: (K,)."""
        self.evaluations += len(changes)
        return self._patched.of_changes(changes, on_progress)

    def confirm(self, change: Change, guessed: float | None = None) -> float:
        """Return the float32 score of a change; what it was guessed to be teaches the tolerance."""
        self.evaluations += 1
        score = raw_score(self._classifier, self.picture(change))
        if guessed is not None and score:
            self.deviation = max(self.deviation, abs(float(guessed) / score - 1))
        return score

    def learn(self, rectangles: list[Rectangle]) -> None:
        """Learn how far guesses err from some rectangles' float32 scores, taken batch by batch as guesses are."""
        guessed = self.guess(rectangles)
        precise = replace(self._execution, precision=Precision.FLOAT32)
        patched = PatchedScore(self._classifier, self._start, self._content, execution=precise)
        scores = patched.of_changes([(rectangle,) for rectangle in rectangles])
        self.evaluations += len(rectangles)
        errors = np.abs(guessed[scores > 0] / scores[scores > 0] - 1)
        self.deviation = max(self.deviation, float(errors.max(initial=0.0)))

    def picture(self, change: Change) -> Image:
        """Return the changed image."""
        return replaced(self._start, self._content, change)

    def flips(self, score: float) -> bool:
        """Return whether a float32 score is the other verdict."""
        return self._classifier.calibration.is_anomalous(score) == (self._sign < 0)

    def shortfalls(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far scores of any shape are from the flip, in units of the limit."""
        return self._sign * (scores / self.limit - 1)

    def shortfall(self, score: float) -> float:
        """Return how far one score is from the flip."""
        return float(self.shortfalls(np.array(score)))

    def best_cases(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the shortfalls if every guess errs as much as it may to the wrong side."""
        return self.shortfalls(scores / (1 + self._sign * self.tolerance))

    def pixel_gains(self) -> NDArray[np.float64]:
        """Return how much of the shortfall each pixel would take off if it carried its own error along, (H, W).

        From the two images' error maps, each scaled to add up to its score where the score is no mean.
        """
        before, after = (self._error_shares(picture) for picture in (self._start, self._content))
        gains: NDArray[np.float64] = self._sign * (before - after)
        return gains

    def _error_shares(self, picture: Image) -> NDArray[np.float64]:
        self.evaluations += 1
        with torch.inference_mode():
            errors = self._classifier.error_map(picture[None])
            score = float(self._classifier.calibration.scoring.reduce(errors)[0])
        shares: NDArray[np.float64] = errors[0].double().cpu().numpy()
        shares *= score / (max(shares.sum(), 1e-30) * self.limit)
        return shares
