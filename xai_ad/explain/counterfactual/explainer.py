"""The smallest rectangular change that flips the verdict (3.8.4)."""

from dataclasses import dataclass
from typing import ClassVar

from xai_ad.classifier import AnomalyClassifier
from xai_ad.errors import InvalidInputError, require_int
from xai_ad.explain.base import (
    Counterfactual,
    Diagnostic,
    Explainer,
    Picture,
    raw_score,
    require_member,
)
from xai_ad.explain.counterfactual import words
from xai_ad.explain.counterfactual.choices import Direction, Search
from xai_ad.explain.counterfactual.exact import search_exactly
from xai_ad.explain.counterfactual.fast import FastSearch, allowed
from xai_ad.explain.counterfactual.rectangles import Grid, total_area
from xai_ad.explain.counterfactual.swap import Found, Swap
from xai_ad.explain.counterfactual.together import TogetherSearch
from xai_ad.explain.fills import ChosenFill, Fill, choose_fill
from xai_ad.explain.segments import grid_segments
from xai_ad.progress import Progress, part_of
from xai_ad.types import Image

MAX_GRID = 32
"""A grid of 32 has 278,784 rectangles: about half an hour in the worst case."""

FAST_GRIDS = (4, 16)
"""Below 4 a tenth of the rectangles is fewer than a search needs; above 16 the list of them outgrows the memory."""

MAX_RECTANGLES = 8
"""More rectangles than this are no shape that a person reads."""

SHORTLIST = 32
"""How many rectangles are tried beside those already taken, where no single one flips the verdict."""

SINGLE = 0.9
"""The share of the progress that the search of a single rectangle fills."""


@dataclass(frozen=True, kw_only=True)
class CounterfactualSearch(Explainer):
    """The smallest rectangle of a grid that, exchanged, flips the verdict.

    The picture is cut into `grid` x `grid` cells and rectangles are made of whole cells. *Repair* replaces them by
    `fill` until the image passes; *transplant* pastes them into the fill's picture, which has to be normal, until
    that fails. Of several of the smallest area the exact search takes the one with the largest margin. Where no single
    one flips the verdict, up to `max_rectangles` disjoint ones are looked for that do so together; where they do not
    either, the result holds what came nearest. A fast search scores at most a tenth as many pictures as the grid has
    rectangles, everything counted.
    """

    grid: int = 8
    fill: Fill = Fill.AUTO
    direction: Direction = Direction.REPAIR
    search: Search = Search.EXACT
    max_rectangles: int = 3

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
        require_int(
            "max_rectangles", self.max_rectangles, of="CounterfactualSearch", low=1, high=MAX_RECTANGLES
        )
        low, high = FAST_GRIDS
        if self.search is Search.FAST and not low <= self.grid <= high:
            raise InvalidInputError(
                f"The 'grid' of CounterfactualSearch must be in [{low}, {high}] for the search 'fast'. "
                f"Got {self.grid}; choose such a grid, or the search 'exact'."
            )

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Counterfactual:
        grid = Grid(*image.shape[1:], self.grid)
        score = raw_score(classifier, image)
        repair = self.direction is Direction.REPAIR
        anomalous = classifier.calibration.is_anomalous(score)
        if repair and not anomalous:
            return self._unchanged(image, score, before=score, evaluations=1, found={"warning": words.NOTHING_TO_REPAIR})
        cells = grid_segments(*image.shape[1:], self.grid**2)
        fill = choose_fill(classifier, image, cells, self.fill)
        threshold = classifier.calibration.threshold
        spent = 1 + fill.evaluations
        if not repair and classifier.calibration.is_anomalous(fill.score):
            told = fill.diagnostics(threshold) | {"warning": words.no_start(fill.fill, fill.score / threshold)}
            return self._unchanged(fill.image, score, before=fill.score, evaluations=spent, found=told)
        start, content = (image, fill.image) if repair else (fill.image, image)
        before, whole = (score, fill.score) if repair else (fill.score, score)
        swap = Swap(classifier, start, content, direction=self.direction)
        found = self._search(swap, grid, before, whole, spent, on_progress)
        told = self._diagnostics(found, fill, threshold, still_normal=not anomalous)
        return Counterfactual(
            method=self.id,
            direction=self.direction,
            search=self.search,
            rectangles=found.change,
            image=swap.picture(found.change),
            score=score,
            score_before=before,
            score_after=found.score,
            flipped=found.flipped,
            area=total_area(found.change) / image[0].numel(),
            evaluations=spent + swap.evaluations,
            diagnostics=told,
        )

    def _search(
        self, swap: Swap, grid: Grid, before: float, whole: float, spent: int, on_progress: Progress
    ) -> Found:
        """Look for a single rectangle, and for several where there is none; `spent` pictures were scored before."""
        progress = part_of(on_progress, 0.0, SINGLE)
        start = swap.shortfall(before)
        if self.search is Search.EXACT:
            single, guesses = search_exactly(swap, grid, progress)
            several = {"gains": start - swap.shortfalls(guesses), "shortlist": SHORTLIST}
        else:
            budget = allowed(len(grid.rectangles)) - spent
            # Where the whole does not flip it a part hardly does: a third is kept for several.
            share = 1 if self.max_rectangles == 1 or swap.flips(whole) else 2 / 3
            search = FastSearch(swap, grid, start=before, whole=whole, budget=int(budget * share))
            single = search.run(progress)
            several = {"gains": start - search.surrogate.mean, "shortlist": 8, "last": budget}
        if single.flipped or self.max_rectangles == 1:
            return single
        together = TogetherSearch(swap=swap, grid=grid, start=start, most=self.max_rectangles, **several).run(
            part_of(on_progress, SINGLE, 1.0)
        )
        found = [single, *filter(None, [together])]
        return min(found, key=lambda found: (not found.flipped, swap.shortfall(found.score)))
