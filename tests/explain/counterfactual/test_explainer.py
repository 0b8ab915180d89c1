"""Counterfactual rectangles against brute force."""

import dataclasses

import pytest
import torch

from xai_ad.classifier import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain import CounterfactualSearch, Fill
from xai_ad.explain.base import raw_score
from xai_ad.explain.counterfactual import rectangles_by_area
from xai_ad.explain.fills import fill_image
from xai_ad.explain.segments import grid_segments

GRID = 4
CELLS = grid_segments(16, 16, GRID**2)


def brute_force(classifier, image, fill):
    """Return (area in cells, score, rectangle in pixels) of every rectangle, each picture built on its own."""
    cell = 16 // GRID
    rows = []
    for top in range(GRID):
        for left in range(GRID):
            for bottom in range(top + 1, GRID + 1):
                for right in range(left + 1, GRID + 1):
                    mixed = image.clone()
                    inside = (
                        slice(None),
                        slice(top * cell, bottom * cell),
                        slice(left * cell, right * cell),
                    )
                    mixed[inside] = fill[inside]
                    place = (top * cell, left * cell, (bottom - top) * cell, (right - left) * cell)
                    rows.append(((bottom - top) * (right - left), raw_score(classifier, mixed), place))
    return rows


def with_threshold(classifier, threshold):
    return AnomalyClassifier(
        classifier.network,
        dataclasses.replace(classifier.calibration, threshold=threshold),
        classifier.references,
    )


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_the_smallest_rectangle_with_the_largest_margin_is_found(classifier, image, share):
    fill = fill_image(classifier, image, CELLS, Fill.NORMAL)
    rows = brute_force(classifier, image, fill)
    low, high = min(score for _, score, _ in rows), raw_score(classifier, image)
    threshold = low + share * (high - low)
    area, score, place = min(row for row in rows if row[1] <= threshold)
    found = CounterfactualSearch(grid=GRID, fill=Fill.NORMAL).explain(
        with_threshold(classifier, threshold), image
    )
    (rectangle,) = found.rectangles
    assert found.flipped
    assert (rectangle.top, rectangle.left, rectangle.height, rectangle.width) == place
    assert found.area == pytest.approx(area / GRID**2)
    assert found.score_before == high
    assert found.score_after == pytest.approx(score, rel=1e-5)
    assert raw_score(classifier, found.image) == pytest.approx(score, rel=1e-5)
    # All rectangles of every area up to the found one's, the image and the fill.
    assert found.evaluations == sum(row[0] <= area for row in rows) + 2


def test_where_none_flips_the_nearest_is_shown_and_named_so(classifier, image):
    fill = fill_image(classifier, image, CELLS, Fill.NORMAL)
    rows = brute_force(classifier, image, fill)
    _, score, place = min(rows, key=lambda row: row[1])
    found = CounterfactualSearch(grid=GRID, fill=Fill.NORMAL).explain(
        with_threshold(classifier, 0.9 * score), image
    )
    (rectangle,) = found.rectangles
    assert not found.flipped
    assert (rectangle.top, rectangle.left, rectangle.height, rectangle.width) == place
    assert found.score_after == pytest.approx(score, rel=1e-5)
    assert "No single rectangle flips it" in found.diagnostics["warning"]
    assert found.evaluations == len(rows) + 2


def test_a_normal_image_has_nothing_to_repair(classifier, image):
    passing = with_threshold(classifier, 2 * raw_score(classifier, image))
    found = CounterfactualSearch(grid=GRID).explain(passing, image)
    assert not found.flipped
    assert found.rectangles == ()
    assert found.area == 0
    assert found.score_after == found.score_before
    assert torch.equal(found.image, image)
    assert found.diagnostics["warning"] == "Already below the limit: there is nothing to repair."


def test_the_changed_image_differs_inside_the_rectangle_only(classifier, image):
    found = CounterfactualSearch(grid=GRID, fill=Fill.BLACK).explain(classifier, image)
    (rectangle,) = found.rectangles
    changed = (found.image != image).any(dim=0)
    outside = torch.ones(16, 16, dtype=torch.bool)
    outside[
        rectangle.top : rectangle.top + rectangle.height, rectangle.left : rectangle.left + rectangle.width
    ] = False
    assert not changed[outside].any()
    assert changed.any()


def test_rectangles_come_by_area_and_each_once():
    groups = rectangles_by_area(16, 32, grid=8)
    areas = [{rectangle.area for rectangle in group} for group in groups]
    assert all(len(area) == 1 for area in areas)
    assert [min(area) for area in areas] == sorted(min(area) for area in areas)
    assert len({rectangle for group in groups for rectangle in group}) == 36 * 36


def test_a_grid_that_does_not_fit_is_refused_naming_those_that_do(classifier, image):
    with pytest.raises(InvalidInputError, match=r"16x16 pixels. Got 5; near by: 2, 4, 8"):
        CounterfactualSearch(grid=5).explain(classifier, image)
