"""Counterfactual rectangles (3.8.4): the smallest rectangular change that flips the verdict."""

import itertools
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xai_ad.classifier import AnomalyClassifier
from xai_ad.errors import InvalidInputError, require_int
from xai_ad.explain.base import (
    Counterfactual,
    Diagnostic,
    Explainer,
    Picture,
    Rectangle,
    raw_score,
    require_member,
)
from xai_ad.explain.fills import ChosenFill, Fill, choose_fill
from xai_ad.explain.masking import PatchedScore
from xai_ad.explain.segments import grid_segments
from xai_ad.progress import Progress, part_of
from xai_ad.types import Image

MAX_GRID = 32
"""A grid of 32 has 278,784 rectangles: about half an hour in the worst case."""


class Direction(StrEnum):
    """Which verdict is to be flipped, and how."""

    REPAIR = "repair"
    """Put normal content into an anomalous image until it passes."""


class Search(StrEnum):
    """How rectangles are looked for."""

    EXACT = "exact"
    """All of them in order of area, until one flips: none smaller exists on the grid."""


@dataclass(frozen=True, kw_only=True)
class CounterfactualSearch(Explainer):
    """The smallest rectangle of a grid whose replacement by normal content makes the image pass.

    The picture is cut into `grid` x `grid` cells and rectangles are made of whole cells. Of several of the smallest
    area the one with the largest margin below the threshold is taken. Where none flips the verdict, the result holds
    the one that scores lowest.
    """

    grid: int = 8
    fill: Fill = Fill.AUTO
    direction: Direction = Direction.REPAIR
    search: Search = Search.EXACT

    id: ClassVar[str] = "counterfactual"
    picture: ClassVar[Picture] = Picture.RECTANGLES
    title: ClassVar[str] = "Counterfactual"
    sentence: ClassVar[str] = (
        "What is the least that would have to change for this to pass? The smallest rectangle that, made normal, flips the verdict."
    )

    def __post_init__(self) -> None:
        require_int("grid", self.grid, of="CounterfactualSearch", low=1, high=MAX_GRID)
        require_member("fill", self.fill, Fill, of="CounterfactualSearch")
        require_member("direction", self.direction, Direction, of="CounterfactualSearch")
        require_member("search", self.search, Search, of="CounterfactualSearch")

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Counterfactual:
        groups = rectangles_by_area(*image.shape[1:], grid=self.grid)
        score = raw_score(classifier, image)
        if not classifier.calibration.is_anomalous(score):
            return self._nothing_to_repair(image, score)
        height, width = image.shape[1:]
        cells = grid_segments(height, width, self.grid**2)
        fill = choose_fill(classifier, image, cells, self.fill)
        patched = PatchedScore(classifier, image, fill.image)
        tried: list[Rectangle] = []
        scores: NDArray[np.float64] = np.empty(0)
        total = sum(map(len, groups))
        for group in groups:
            progress = part_of(on_progress, len(tried) / total, (len(tried) + len(group)) / total)
            scores = np.concatenate([scores, patched.of_rectangles(group, progress)])
            tried += group
            if not classifier.calibration.is_anomalous(float(scores.min())):
                break
        # Only the last area can hold rectangles that flip, so the lowest score is theirs if there are any.
        best = int(scores.argmin())
        return self._result(
            classifier,
            image,
            fill,
            rectangle=tried[best],
            before=score,
            after=float(scores[best]),
            evaluations=1 + fill.evaluations + patched.evaluations,
        )

    def _result(
        self,
        classifier: AnomalyClassifier,
        image: Image,
        fill: ChosenFill,
        *,
        rectangle: Rectangle,
        before: float,
        after: float,
        evaluations: int,
    ) -> Counterfactual:
        flipped = not classifier.calibration.is_anomalous(after)
        found: dict[str, Diagnostic] = fill.diagnostics(
            classifier.calibration.threshold, "what it replaces does not become normal."
        )
        if not flipped:
            found["warning"] = " ".join(
                ["No single rectangle flips it: the one shown comes nearest.", str(found.get("warning", ""))]
            ).strip()
        return Counterfactual(
            method=self.id,
            direction=self.direction,
            search=self.search,
            rectangles=(rectangle,),
            image=replaced(image, fill.image, rectangle),
            score_before=before,
            score_after=after,
            flipped=flipped,
            area=rectangle.area / image[0].numel(),
            evaluations=evaluations,
            diagnostics=found,
        )

    def _nothing_to_repair(self, image: Image, score: float) -> Counterfactual:
        return Counterfactual(
            method=self.id,
            direction=self.direction,
            search=self.search,
            rectangles=(),
            image=image.clone(),
            score_before=score,
            score_after=score,
            flipped=False,
            area=0.0,
            evaluations=1,
            diagnostics={"warning": "Already below the limit: there is nothing to repair."},
        )


def rectangles_by_area(height: int, width: int, *, grid: int) -> list[list[Rectangle]]:
    """Return every rectangle of whole cells, grouped by area, the smallest area first.

    Within an area the order is by height, then width, top and left. Raises `InvalidInputError` for a grid that does
    not divide the picture, naming those nearest that do.
    """
    if height % grid or width % grid:
        divisors = [n for n in range(1, min(height, width) + 1) if height % n == 0 and width % n == 0]
        near = sorted(sorted(divisors, key=lambda n: (abs(n - grid), n))[:3])
        raise InvalidInputError(
            f"The 'grid' of CounterfactualSearch must divide the picture's {height}x{width} pixels. Got {grid}; "
            f"near by: {', '.join(map(str, near))}."
        )
    cell_height, cell_width = height // grid, width // grid
    every = [
        Rectangle(top=top * cell_height, left=left * cell_width, height=h * cell_height, width=w * cell_width)
        for h, w in itertools.product(range(1, grid + 1), repeat=2)
        for top, left in itertools.product(range(grid - h + 1), range(grid - w + 1))
    ]
    every.sort(key=lambda rectangle: rectangle.area)  # stable: the order within an area stays
    return [list(group) for _, group in itertools.groupby(every, key=lambda rectangle: rectangle.area)]


def replaced(image: Image, other: Image, rectangle: Rectangle) -> Image:
    """Return a copy of the image whose rectangle shows the other picture."""
    changed = image.clone()
    rows = slice(rectangle.top, rectangle.top + rectangle.height)
    columns = slice(rectangle.left, rectangle.left + rectangle.width)
    changed[:, rows, columns] = other[:, rows, columns]
    return changed
