"""How the values of a masking game's segments change where the image has noise that nobody sees, for few evaluations.

The values themselves would take the whole budget once more. But they are linear in the game's scores, so what changes is
the value of the *difference* of two games, of the noisy image and of the image, on the same segments: it is small, and few
coalitions tell it well enough. What another seed would change follows from what the method knows of its errors, and what
other segments would, from segmenting the noisy image.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import GameExplainer
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import fill_image
from xai_ad.explain.frames import frame_of
from xai_ad.explain.masking import MaskedScore
from xai_ad.explain.repeats import Repeat, repeat_of
from xai_ad.explain.results import Attribution, Explanation, SegmentValues
from xai_ad.explain.segments import MAX_STRETCHES, STRETCHES, SpaceTime, spread_evenly
from xai_ad.fields import whole
from xai_ad.machine.execution import Execution
from xai_ad.types import Coalitions, Image, Relevance, Segments

SEED = 0
DRAWS = 8
"""How many repeated runs are drawn from what is known of the errors."""


@dataclass(eq=False)
class DifferenceGame:
    """By how much a coalition scores more in the noisy image than in the image: (K, M) bool -> (K,)."""

    noisy: MaskedScore
    image: MaskedScore

    @classmethod
    def of(
        cls,
        explanation: Attribution,
        classifier: AnomalyClassifier,
        image: Image,
        noisy: Image,
        execution: Execution,
    ) -> "DifferenceGame":
        """Set it up on an explanation's segments and with its fill."""
        found = regions_of(explanation)
        segments = found.segments.reshape(*image.shape[:-3], *image.shape[-2:])
        fill = explanation.provenance.fill or Fill.RECONSTRUCTION

        def game(one: Image) -> MaskedScore:
            other = fill_image(classifier, one, segments, fill)
            return MaskedScore(classifier, one, segments, other, execution=execution)

        return cls(game(noisy), game(image))

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Score coalitions in both."""
        return self.noisy(coalitions) - self.image(coalitions)

    @property
    def players(self) -> int:
        """How many segments there are, M."""
        return self.image.players

    @property
    def evaluations(self) -> int:
        """How many images were scored, in both together."""
        return self.noisy.evaluations + self.image.evaluations


def regions_of(explanation: Attribution) -> SegmentValues:
    """Return an explanation's segments; raises `InvalidInputError` for one without."""
    if explanation.by_segment is None:
        raise InvalidInputError(f"An explanation by {explanation.method!r} has no segments to repeat.")
    return explanation.by_segment


def repeated_regions(
    explanation: Attribution,
    changes: NDArray[np.float64],
    errors: NDArray[np.float64],
    others: Segments,
    *,
    evaluations: int,
) -> Repeat:
    """Return how alike an explanation and repeated runs of it are.

    `changes`, (M,), is what noise does to the values, `errors`, (M,), their standard errors, and `others` the noisy
    image's segments, (H, W) or (T, H, W). A run's values are the changed ones with errors drawn anew, each spread over its segment and
    averaged over the other image's segments; theirs and those of the explanation, which has errors too, differ by
    sqrt(2) times one run's errors.
    """
    found = regions_of(explanation)
    others = others.reshape(found.segments.shape)
    rng = np.random.default_rng(SEED)
    maps = []
    for _ in range(DRAWS if errors.any() else 1):
        drawn = found.values + changes + np.sqrt(2) * errors * rng.standard_normal(len(errors))
        maps.append(averaged_over(spread_evenly(drawn, found.segments), others))
    return repeat_of(explanation.relevance, maps, evaluations=evaluations)


def averaged_over(values: Relevance, segments: Segments) -> Relevance:
    """Return a map whose pixels have the mean of their segment's, both of one shape."""
    labels = segments.ravel()
    means = np.bincount(labels, values.ravel()) / np.bincount(labels)
    return means[segments].astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class RegionExplainer(GameExplainer):
    """A game explainer whose values, one a segment of `SpaceTime`, are linear in the game's scores.

    A window's segments, (T, C, H, W), are of space crossed with `stretches` of time; a picture's are SLIC's alone.
    """

    stretches: int = whole(STRETCHES, low=1, high=MAX_STRETCHES)

    formerly: ClassVar[Mapping[str, Any]] = {"stretches": 1}

    @property
    def tells_moments(self) -> bool:
        """Whether it cuts a window into stretches of time."""
        return self.stretches > 1

    @abstractmethod
    def _changes(self, game: DifferenceGame, evaluations: int) -> NDArray[np.float64]:
        """Return the method's values of a difference game, (M,), for about so many coalitions."""

    @abstractmethod
    def _errors(self, explanation: Attribution) -> NDArray[np.float64]:
        """Return the standard errors of an explanation's values, (M,), as far as the method knows them."""

    def repeated(
        self,
        explanation: Explanation,
        classifier: AnomalyClassifier,
        image: Image,
        noisy: Image,
        *,
        evaluations: int,
    ) -> Repeat | None:
        """Estimate what noise changes from a few coalitions, and what another seed does from the method's own errors."""
        if not isinstance(explanation, Attribution) or explanation.by_segment is None:
            return None
        game = DifferenceGame.of(explanation, classifier, image, noisy, self.execution)
        changes = self._changes(game, evaluations // 2)
        return repeated_regions(
            explanation,
            changes,
            self._errors(explanation),
            SpaceTime(n_segments=game.players, stretches=self.stretches)(noisy, frame_of(classifier)),
            evaluations=game.evaluations,
        )
