"""Where the evidence lies, as regions: connected blobs of a map with outline, area and place, in words and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.placement import Grid, Placement, SourceRectangle
from xai_ad.errors import InvalidInputError
from xai_ad.metrics.localisation import STRONGEST
from xai_ad.presentation.words import NARROW
from xai_ad.types import Mask, Relevance

SPECK = 0.001
"""Blobs under this share of the picture are dropped, unless there is no other: noise makes many, and nobody could act on one."""
MOST = 8
"""More regions than this are no shape that a person reads."""
EVERYWHERE = 0.5
"""From this share of the picture on a region is no place any more."""

Polygon: TypeAlias = tuple[tuple[float, float], ...]
"""A closed outline: points (left, top) in grid pixels; the last is the first."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A point, from the upper left corner."""

    top: float
    left: float


@dataclass(frozen=True, kw_only=True)
class DefectRegion:
    """One connected blob of evidence.

    `area` is its share of what the network sees, 0 to 1; `strength` the sum of its values, `peak_value` the highest.
    `rectangle` is what just holds it, `peak` the middle of its highest pixel and `centre` its centre of evidence, all
    in grid pixels; `source`, `source_peak` and `source_centre` are the same in pixels of the original image. `contours`
    outline it along the pixels' edges, with corners cut: the outer one first, then its holes.
    """

    area: float
    strength: float
    peak_value: float
    rectangle: SourceRectangle
    peak: Place
    centre: Place
    source: SourceRectangle
    source_peak: Place
    source_centre: Place
    contours: tuple[Polygon, ...]


def strongest_level(values: Relevance, share: float = STRONGEST) -> float:
    """Return the level that the strongest `share` of a map, (H, W), reaches: always a positive one, or infinity.

    Only what pushes towards abnormal is evidence: where less than that share is positive, all that is reaches it.

    >>> strongest_level(np.array([[4.0, 3.0, 2.0, 1.0, 0.0]], np.float32), share=0.4)
    3.0
    """
    positive = values[values > 0]
    if not positive.size:
        return float("inf")
    count = min(max(1, round(share * values.size)), positive.size)
    return float(np.partition(positive, -count)[-count])


def defect_regions(values: Relevance, level: float, placement: Placement) -> tuple[DefectRegion, ...]:
    """Return the connected blobs of a map, (H, W), where it reaches a positive `level`, the strongest first.

    Pixels that share an edge or a corner are connected. At most `MOST` come back, without specks (see `SPECK`).
    Raises `InvalidInputError` for a level that is not positive and a map of another shape than the placement's grid.
    """
    labels, kept, _ = _blobs(values, level, placement)
    return tuple(_region(values, labels == blob + 1, placement) for blob in kept[:MOST])


def strongest_region(values: Relevance, level: float, placement: Placement) -> tuple[DefectRegion, float]:
    """Return the first of `defect_regions`, and which share of all that reaches the level it holds, 0 to 1.

    Raises `InvalidInputError` as that does, and where nothing reaches the level.
    """
    labels, kept, strengths = _blobs(values, level, placement)
    if not kept:
        raise InvalidInputError(
            f"Nothing reaches the 'level' of {level!r}: the highest value is {values.max():g}."
        )
    share = float(strengths[kept[0]] / strengths.sum())
    return _region(values, labels == kept[0] + 1, placement), share


def regions_in_words(regions: Sequence[DefectRegion], grid: Grid) -> str:
    """Say how many spots there are, and how large and where the strongest is; nothing where there is none.

    Where it covers half of the picture, or where it has no bounds there, no place is named.
    """
    if not regions:
        return ""
    first = regions[0]
    if first.area >= EVERYWHERE:
        return "The evidence is spread over the picture: no single place explains it."
    across, down = (
        f"{max(100 * part / whole, 1):.0f}"
        for part, whole in ((first.rectangle.width, grid.width), (first.rectangle.height, grid.height))
    )
    size = f"{across} x {down}{NARROW}% of the picture, {place_in_words(first.centre, grid)}"
    if len(regions) == 1:
        return f"1 spot, {size}."
    largest = first.area >= max(region.area for region in regions)
    ending = "r" if len(regions) == 2 else "st"
    return f"{len(regions)} spots, the {f'large{ending}' if largest else f'stronge{ending}'} {size}."


def place_in_words(place: Place, grid: Grid) -> str:
    """Return in which ninth of a grid a place lies.

    >>> place_in_words(Place(top=100, left=10), Grid(height=128, width=128))
    'lower left'
    """
    row = min(int(3 * place.top / grid.height), 2)
    column = min(int(3 * place.left / grid.width), 2)
    return (
        ("upper left", "top", "upper right"),
        ("left", "centre", "right"),
        ("lower left", "bottom", "lower right"),
    )[row][column]


def region_record(region: DefectRegion) -> dict[str, Any]:
    """Return a region as its JSON object: everything in grid pixels, and under `source` in the original's."""
    found = asdict(region)
    source = {
        "rectangle": found.pop("source"),
        "peak": found.pop("source_peak"),
        "centre": found.pop("source_centre"),
    }
    contours = [[list(point) for point in polygon] for polygon in found.pop("contours")]
    return {**found, "contours": contours, "source": source}


def _blobs(
    values: Relevance, level: float, placement: Placement
) -> tuple[NDArray[np.int64], list[int], NDArray[np.float64]]:
    """Return the connected blobs' labels, (H, W) from 1, those that are no specks, the strongest first, and all strengths."""
    from skimage.measure import label

    grid = placement.grid
    if values.shape != (grid.height, grid.width):
        raise InvalidInputError(
            f"A map of the placement has the shape {(grid.height, grid.width)}. Got {values.shape}."
        )
    if not level > 0:
        raise InvalidInputError(
            f"The 'level' that evidence reaches must be a positive number. Got {level!r}."
        )
    labels = label(values >= level, connectivity=2)  # type: ignore[no-untyped-call]  # (H, W), 0 is no blob
    sizes = np.bincount(labels.ravel())[1:]  # (B,)
    strengths = np.asarray(np.bincount(labels.ravel(), values.ravel())[1:], np.float64)  # (B,)
    order = sorted(range(len(sizes)), key=lambda blob: -strengths[blob])
    kept = [blob for blob in order if sizes[blob] >= SPECK * values.size] or order[:1]
    return labels, kept, strengths


def _region(values: Relevance, inside: Mask, placement: Placement) -> DefectRegion:
    rows, columns = np.nonzero(inside)
    weights = values[rows, columns].astype(np.float64)  # (K,), positive
    highest = int(weights.argmax())
    rectangle = SourceRectangle(
        top=float(rows.min()),
        left=float(columns.min()),
        height=float(np.ptp(rows) + 1),
        width=float(np.ptp(columns) + 1),
    )
    peak = Place(top=float(rows[highest]) + 0.5, left=float(columns[highest]) + 0.5)
    centre = Place(
        top=float(np.average(rows + 0.5, weights=weights)),
        left=float(np.average(columns + 0.5, weights=weights)),
    )
    return DefectRegion(
        area=len(rows) / values.size,
        strength=float(weights.sum()),
        peak_value=float(weights[highest]),
        rectangle=rectangle,
        peak=peak,
        centre=centre,
        source=placement.to_source(rectangle),
        source_peak=_to_source(peak, placement),
        source_centre=_to_source(centre, placement),
        contours=_contours(inside),
    )


def _to_source(place: Place, placement: Placement) -> Place:
    found = placement.to_source(SourceRectangle(top=place.top, left=place.left, height=0, width=0))
    return Place(top=found.top, left=found.left)


def _contours(inside: Mask) -> tuple[Polygon, ...]:
    """Outline a connected mask, (H, W), its outer edge first; corners are cut, straight edges are two points."""
    from skimage.measure import approximate_polygon, find_contours

    around = np.pad(inside.astype(np.float32), 1)
    found = find_contours(around, 0.5, fully_connected="high")  # type: ignore[no-untyped-call]
    # The pad moves pixels' centres by 1, and their edges lie half a pixel before them.
    outlines = [
        approximate_polygon(line, tolerance=0.25) - 0.5  # type: ignore[no-untyped-call]
        for line in found
    ]
    outlines.sort(key=_enclosed, reverse=True)
    return tuple(tuple((float(left), float(top)) for top, left in line) for line in outlines)


def _enclosed(line: NDArray[np.float64]) -> float:
    """Return the area that a closed outline, (P, 2), encloses."""
    top, left = line[:-1].T
    return float(abs(np.dot(top, np.roll(left, 1)) - np.dot(left, np.roll(top, 1))) / 2)
