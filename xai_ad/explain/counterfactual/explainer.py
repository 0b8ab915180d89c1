"""The smallest rectangular change that flips the verdict (3.8.4)."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import Depiction, GameExplainer, raw_score
from xai_ad.explain.choices import Direction, Extent, Fill, Search
from xai_ad.explain.counterfactual import words
from xai_ad.explain.counterfactual.exact import search_exactly
from xai_ad.explain.counterfactual.fast import FastSearch, allowed
from xai_ad.explain.counterfactual.rectangles import Grid, total_area
from xai_ad.explain.counterfactual.stretches import search_stretches
from xai_ad.explain.counterfactual.swap import Found, Swap
from xai_ad.explain.counterfactual.together import TogetherSearch
from xai_ad.explain.fills import choose_fill
from xai_ad.explain.frames import frame_of
from xai_ad.explain.masking import made
from xai_ad.explain.repeats import Repeat
from xai_ad.explain.results import Counterfactual, Explanation, Provenance, SearchClaims
from xai_ad.explain.segments import grid_segments
from xai_ad.fields import member, whole
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

FAST_SHORTLIST = 8
"""The same where few images are left."""

SINGLE = 0.9
"""The share of the progress that the search of a single rectangle fills."""

COPIES = 8
"""In how many noisy copies a flip is tried again."""


@dataclass(frozen=True, kw_only=True)
class CounterfactualSearch(GameExplainer):
    """The smallest rectangle of a grid, exchanged in every frame of the window, or the fewest frames that flip the verdict.

    The image is cut into `grid` x `grid` cells and rectangles are made of whole cells. *Repair* replaces them by
    `fill` until the image passes; *transplant* pastes them into the fill's image, which has to be normal, until
    that fails. Of several of the smallest area the exact search takes the one with the largest margin. Where no single
    one flips the verdict, up to `max_rectangles` disjoint ones are looked for that do so together; where they do not
    either, the result holds what came nearest. A fast search scores at most a tenth as many images as the grid has
    rectangles, everything counted.

    With the `extent` time, whole frames of the window are exchanged in place of rectangles: the shortest stretch of them
    that flips the explained frame's verdict, by trying all; grid, search and `max_rectangles` do not matter then.

    >>> from xai_ad import CounterfactualSearch, load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> image = read_image("sample_data/washer/test/contamination/006.jpg", card)
    >>> found = CounterfactualSearch(grid=4).explain(classifier, image)
    >>> found.flipped, found.area, [(each.top, each.left) for each in found.rectangles]
    (True, 0.25, [(64, 32)])
    """

    grid: int = whole(8, low=1, high=MAX_GRID)
    fill: Fill = member(Fill.AUTO)
    direction: Direction = member(Direction.REPAIR)
    search: Search = member(Search.EXACT)
    max_rectangles: int = whole(3, low=1, high=MAX_RECTANGLES)
    extent: Extent = member(Extent.SPACE)

    id: ClassVar[str] = "counterfactual"
    picture: ClassVar[Depiction] = Depiction.RECTANGLES
    title: ClassVar[str] = "Counterfactual"
    sentence: ClassVar[str] = (
        "What is the least that would have to change for this to pass? The smallest rectangle that, made normal, flips the verdict."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = FAST_GRIDS
        if self.search is Search.FAST and not low <= self.grid <= high:
            raise InvalidInputError(
                f"The 'grid' of CounterfactualSearch must be in [{low}, {high}] for the search 'fast'. "
                f"Got {self.grid}; choose such a grid, or the search 'exact'."
            )

    def repeated(
        self,
        explanation: Explanation,
        classifier: AnomalyClassifier,
        image: Image,
        noisy: Image,
        *,
        evaluations: int,  # noqa: ARG002  # it takes a few, whatever it may
    ) -> Repeat | None:
        """Return in how many noisy copies of the changed image the verdict is still flipped; None where it never was.

        Another rectangle of much the same size may do as well: what a person asks is whether this one still does. The
        copies' noise is that of the `noisy` image, shifted in turn.
        """
        if not isinstance(explanation, Counterfactual) or not explanation.flipped:
            return None
        noise = noisy - image
        step = max(1, image.shape[-1] // COPIES)
        copies = torch.stack(
            [explanation.image + noise.roll(turn * step, dims=-1) for turn in range(COPIES)]
        ).clamp(0, 1)
        with torch.inference_mode():
            scores = classifier(copies).tolist()
        wanted = self.direction is Direction.TRANSPLANT
        held = sum(classifier.calibration.is_anomalous(score) is wanted for score in scores) / COPIES
        return Repeat(agreement=held, shared=held, evaluations=COPIES)

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Counterfactual:
        height, width = image.shape[-2:]
        frames = len(image) if image.ndim == 4 else 1
        if self.extent is Extent.TIME and image.ndim == 3:
            raise InvalidInputError(words.NO_TIME)
        grid = None if self.extent is Extent.TIME else Grid(height, width, self.grid, frames=frames)
        calibration = classifier.calibration
        score = raw_score(classifier, image)
        repair, execution = self.direction is Direction.REPAIR, self.execution
        if repair and not calibration.is_anomalous(score):
            return self._result(
                image,
                Found(change=(), score=score, flipped=False),
                scores=(score, score),
                evaluations=1,
                provenance=made(execution),
                warning=words.NOTHING_TO_REPAIR,
            )
        fill = choose_fill(classifier, image, grid_segments(height, width, self.grid**2), self.fill)
        if not repair and calibration.is_anomalous(fill.score):
            return self._result(
                fill.image,
                Found(change=(), score=fill.score, flipped=False),
                scores=(score, fill.score),
                evaluations=1 + fill.evaluations,
                provenance=made(execution, fill),
                warning=words.no_start(fill.fill, fill.score / calibration.threshold),
            )
        start, content = (image, fill.image) if repair else (fill.image, image)
        before, whole = (score, fill.score) if repair else (fill.score, score)
        swap = Swap(classifier, start, content, direction=self.direction, execution=execution)
        swap.evaluations += 1 + fill.evaluations
        others_flip = None
        if grid is None:
            frame = frame_of(classifier)
            found, others_flip = search_stretches(swap, (frames, height, width), frame, on_progress)
        else:
            found = self._search(swap, grid, before, whole, on_progress)
        claims = self._claims(found, swap, others_flip, frame_of(classifier))
        warnings = (
            None if calibration.is_anomalous(score) else words.STILL_NORMAL,
            claims.warning,
            fill.warning(calibration.threshold, "what it replaces does not become normal."),
        )
        return self._result(
            swap.picture(found.change),
            found,
            scores=(score, before),
            evaluations=swap.evaluations,
            findings=SearchClaims(
                nothing_smaller_flips=claims.nothing_smaller_flips,
                no_single_flips=claims.no_single_flips,
                largest_deviation=swap.deviation or None,
                others_flip=others_flip,
            ),
            provenance=made(execution, fill),
            note=claims.note,
            warning=" ".join(filter(None, warnings)) or None,
        )

    def _claims(self, found: Found, swap: Swap, others_flip: bool | None, frame: int) -> words.Claims:
        within = swap.tolerance if swap.rounded else None
        if others_flip is None:
            return words.claims(found, self.search, most=self.max_rectangles, rounded_within=within)
        (stretch,) = found.change
        holds = stretch.first <= frame < stretch.first + stretch.frames
        return words.time_claims(found, holds_frame=holds, beside=others_flip, rounded_within=within)

    def _search(self, swap: Swap, grid: Grid, before: float, whole: float, on_progress: Progress) -> Found:
        """Look for a single rectangle, and where there is none, for several.

        `before` and `whole` are the scores of the image unchanged and changed everywhere.
        """
        progress = part_of(on_progress, 0.0, SINGLE)
        start, last, shortlist = swap.shortfall(before), math.inf, SHORTLIST
        if self.search is Search.EXACT:
            single, guesses = search_exactly(swap, grid, progress)
            gains = start - swap.shortfalls(guesses)
        else:
            last, shortlist = allowed(len(grid.rectangles)), FAST_SHORTLIST
            # Where the whole does not flip it a part hardly does: some are kept for several.
            kept = last // 3 if self.max_rectangles > 1 and not swap.flips(whole) else 0
            fast = FastSearch(swap, grid, start=before, whole=whole, last=last - kept)
            single = fast.run(progress)
            gains = start - fast.surrogate.mean
        if single.flipped or self.max_rectangles == 1:
            return single
        together = TogetherSearch(
            swap=swap,
            grid=grid,
            start=start,
            gains=gains,
            most=self.max_rectangles,
            shortlist=shortlist,
            last=last,
        ).run(part_of(on_progress, SINGLE, 1.0))
        if together is None:
            return single
        return min(single, together, key=lambda found: (not found.flipped, swap.shortfall(found.score)))

    def _result(
        self,
        picture: Image,
        found: Found,
        *,
        scores: tuple[float, float],
        evaluations: int,
        provenance: Provenance,
        findings: SearchClaims | None = None,
        note: str | None = None,
        warning: str | None = None,
    ) -> Counterfactual:
        """Return what was found; `scores` are the given image's and that of the one changed, before."""
        return Counterfactual(
            method=self.id,
            direction=self.direction,
            search=Search.EXACT if self.extent is Extent.TIME else self.search,
            extent=self.extent,
            rectangles=found.change,
            pixels=picture.detach().cpu().numpy(),
            score=scores[0],
            score_before=scores[1],
            score_after=found.score,
            flipped=found.flipped,
            area=total_area(found.change) * picture.shape[-3] / picture.numel(),
            evaluations=evaluations,
            findings=findings,
            provenance=provenance,
            note=note,
            warning=warning,
        )
