"""The grid's rectangles, counted and placed by hand."""

import itertools

import numpy as np
import pytest
import torch

from xai_ad.errors import InvalidInputError
from xai_ad.explain.counterfactual.rectangles import (
    Grid,
    are_disjoint,
    rectangles_by_area,
    replaced,
    total_area,
)
from xai_ad.explain.results import Rectangle


def test_rectangles_come_by_area_and_each_once():
    groups = rectangles_by_area(16, 32, grid=8)
    areas = [{rectangle.area for rectangle in group} for group in groups]
    assert all(len(area) == 1 for area in areas)
    assert [min(area) for area in areas] == sorted(min(area) for area in areas)
    assert len({rectangle for group in groups for rectangle in group}) == 36 * 36


@pytest.mark.parametrize(("grid", "near"), [(5, "2, 4, 8"), (32, "4, 8, 16")])
def test_a_grid_that_does_not_fit_is_refused_naming_those_that_do(grid, near):
    with pytest.raises(InvalidInputError, match=rf"16x16 pixels. Got {grid}; near by: {near}"):
        rectangles_by_area(16, 16, grid=grid)


def painted(rectangle, height, width):
    cells = np.zeros((height, width))
    cells[rectangle.inside[1:]] = 1
    return cells


def test_covers_and_areas_agree_with_painted_rectangles():
    grid = Grid(8, 12, 4)
    for index, rectangle in enumerate(grid.rectangles):
        cells = painted(rectangle, 8, 12)[::2, ::3]
        assert (grid.covers[index] == cells.ravel()).all()
        assert grid.areas[index] == cells.sum()


def test_cell_sums_add_up_each_cells_pixels():
    values = np.arange(8 * 12, dtype=float).reshape(8, 12)
    grid = Grid(8, 12, 4)
    expected = [
        values[2 * row : 2 * row + 2, 3 * column : 3 * column + 3].sum()
        for row in range(4)
        for column in range(4)
    ]
    assert grid.cell_sums(values).tolist() == expected


def test_rectangles_are_disjoint_where_no_pixel_is_painted_twice():
    every = Grid(3, 3, 3).rectangles
    for one, other in itertools.product(every, repeat=2):
        twice = painted(one, 3, 3) + painted(other, 3, 3)
        assert are_disjoint(one, other) == (twice.max() < 2)


def test_trimming_takes_one_row_or_column_of_cells_from_one_side():
    grid = Grid(8, 12, 4)
    for rectangle in grid.rectangles:
        whole = painted(rectangle, 8, 12)
        height, width = rectangle.height // 2, rectangle.width // 3
        trimmed = grid.trimmed(rectangle)
        assert len(set(trimmed)) == len(trimmed) == 2 * (height > 1) + 2 * (width > 1)
        for smaller in trimmed:
            assert smaller in grid.rectangles
            gone = whole - painted(smaller, 8, 12)
            assert gone.min() == 0
            assert gone.sum() in {2 * rectangle.width, 3 * rectangle.height}


def test_the_changed_picture_differs_inside_the_rectangles_only():
    image, other = torch.zeros(3, 8, 8), torch.ones(3, 8, 8)
    change = (Rectangle(top=0, left=2, height=2, width=4), Rectangle(top=4, left=0, height=4, width=2))
    changed = replaced(image, other, change)
    expected = painted(change[0], 8, 8) + painted(change[1], 8, 8)
    assert (changed.numpy() == expected).all()
    assert not image.any()
    assert total_area(change) == expected.sum()


def test_a_changed_window_differs_in_the_rectangles_frames_only():
    image, other = torch.zeros(5, 1, 8, 8), torch.ones(5, 1, 8, 8)
    changed = replaced(image, other, (Rectangle(top=0, left=2, height=2, width=4, first=1, frames=3),))
    expected = torch.zeros(5, 1, 8, 8)
    expected[1:4, :, 0:2, 2:6] = 1
    assert torch.equal(changed, expected)
