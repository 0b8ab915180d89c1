"""Occlusion (Zeiler and Fergus 2014): by how much the score drops when a window of the image is made normal.

captum's method on this package's scorer, which makes the copies in batches and in the machine's fastest precision.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import MAX_BUDGET, GameExplainer, raw_score
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import choose_fill
from xai_ad.explain.frames import frame_of
from xai_ad.explain.masking import PatchedScore, made
from xai_ad.explain.results import Attribution, Rectangle, WindowCount
from xai_ad.explain.segments import MAX_STRETCHES, STRETCHES, grid_segments, stretches_of
from xai_ad.fields import member, whole
from xai_ad.progress import Progress
from xai_ad.types import Image, Relevance

ONE_AT_A_TIME = "Windows are made normal one at a time: what two parts do only together shows in neither."
NOTHING = Rectangle(top=0, left=0, height=0, width=0)


@dataclass(frozen=True, kw_only=True)
class Occlusion(GameExplainer):
    """A window slides over the image in steps of `stride` pixels, and is made normal.

    Of a clip it does so in the frame that is explained, and in each of the `stretches` of other frames, through all of it.

    A window's drop in score is spread evenly over its pixels, and a pixel gets the mean of the windows that cover it.
    So relevance is a share of the score as everywhere, and `baseline` is the score with everything made normal; but
    no rule makes the shares add up. `residual` holds what the windows do only together, or each of several alone: it
    is small for a score that is a sum of local parts.
    """

    window: int = whole(16, low=1)
    stride: int = whole(8, low=1)
    fill: Fill = member(Fill.AUTO)
    stretches: int = whole(STRETCHES, low=1, high=MAX_STRETCHES)

    id: ClassVar[str] = "occlusion"
    formerly: ClassVar[Mapping[str, Any]] = {"stretches": MAX_STRETCHES}
    title: ClassVar[str] = "Occlusion"
    sentence: ClassVar[str] = (
        "How far does the score drop when a window of the picture is made normal? Orange places lower it, blue ones raise it."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stride > self.window:
            raise InvalidInputError(
                f"The 'stride' of Occlusion must not exceed its 'window' of {self.window}, or pixels between the "
                f"windows are never looked at. Got {self.stride}."
            )

    @property
    def tells_moments(self) -> bool:
        """Whether it cuts a window into stretches of time."""
        return self.stretches > 1

    def cheaper(self, share: float, image: Image) -> Self:
        """Return it with fewer windows, wider and side by side."""
        stride = min(math.ceil(self.stride / math.sqrt(share)), *image.shape[-2:])
        return replace(self, window=max(self.window, stride), stride=stride)

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        height, width = image.shape[-2:]
        frames = len(image) if image.ndim == 4 else 1
        runs = _runs(stretches_of(frames, frame_of(classifier), self.stretches))
        rectangles = windows(height, width, window=self.window, stride=self.stride, runs=runs)
        score = raw_score(classifier, image)
        cells = grid_segments(height, width, max(1, height * width // self.window**2))
        fill = choose_fill(classifier, image, cells, self.fill)
        execution = self.execution
        patched = PatchedScore(classifier, image, fill.image, execution=execution)
        # The image itself is scored once more among its copies: a drop is a difference within one precision.
        scores = patched.of_changes([(rectangle,) for rectangle in (NOTHING, *rectangles)], on_progress)
        return Attribution(
            method=self.id,
            relevance=averaged(scores[0] - scores[1:], rectangles, shape=(frames, height, width)),
            score=score,
            baseline=fill.score,
            evaluations=1 + fill.evaluations + patched.evaluations,
            findings=WindowCount(windows=len(rectangles), window_pixels=self.window**2),
            provenance=made(execution, fill),
            note=ONE_AT_A_TIME,
            warning=fill.warning(classifier.calibration.threshold),
        )


def _runs(stretches: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return where runs of frames of one stretch, (T,), begin and how long they are, in time's order."""
    begins = np.flatnonzero(np.diff(stretches, prepend=-1))
    lengths = np.diff(begins, append=len(stretches))
    return list(zip(begins.tolist(), lengths.tolist(), strict=True))


def windows(
    height: int, width: int, *, window: int, stride: int, runs: Sequence[tuple[int, int]] = ((0, 1),)
) -> list[Rectangle]:
    """Return the windows of each run of frames, a first one and how many, row by row.

    The last of a row or column is moved in so that it ends with the image.

    Raises `InvalidInputError` for a window that is larger than the image, or more windows than `MAX_BUDGET`.

    >>> [(found.top, found.left) for found in windows(2, 5, window=2, stride=2)]
    [(0, 0), (0, 2), (0, 3)]
    """
    if window > min(height, width):
        raise InvalidInputError(
            f"The 'window' of Occlusion must fit into the image of {height}x{width} pixels. Got {window}."
        )
    tops, lefts = (
        [*range(0, side - window, stride), side - window] for side in (height, width)
    )  # the last one always ends with the image
    count = len(runs) * len(tops) * len(lefts)
    if count > MAX_BUDGET:
        raise InvalidInputError(
            f"Occlusion would score {count} windows, more than {MAX_BUDGET}. "
            f"Choose a 'stride' above {stride}."
        )
    return [
        Rectangle(top=top, left=left, height=window, width=window, first=first, frames=frames)
        for (first, frames), top, left in itertools.product(runs, tops, lefts)
    ]


def averaged(
    values: NDArray[np.float64], rectangles: list[Rectangle], *, shape: tuple[int, int, int]
) -> Relevance:
    """Spread each rectangle's value, (K,), evenly over its pixels, and average where several cover one: (T, H, W)."""
    sums, counts = np.zeros(shape), np.zeros(shape)
    for value, box in zip(values, rectangles, strict=True):
        sums[box.inside] += value / box.area
        counts[box.inside] += 1
    return np.asarray(sums / counts, dtype=np.float32)
