"""Regions are the blobs that a flood fill finds, each with its area, place and outline."""

import numpy as np
import pytest

from xai_ad.detector.placement import Grid, Placement, SourceRectangle
from xai_ad.errors import InvalidInputError
from xai_ad.presentation.regions import (
    MOST,
    Place,
    defect_regions,
    region_record,
    regions_in_words,
    strongest_level,
    strongest_region,
)


def placed(rows, columns, **told):
    source = told or {"top": 0, "left": 0, "height": rows, "width": columns}
    return Placement(grid=Grid(height=rows, width=columns), frames=(0,), **source)


def drawn(*rows):
    """Return a map of digits, each row a text; a space is 0."""
    return np.array([[float(sign.replace(" ", "0")) for sign in row] for row in rows], np.float32)


def flooded(values, level):
    """Return the blobs as sets of pixels, found one neighbour at a time."""
    left = {(int(row), int(column)) for row, column in np.argwhere(values >= level)}
    blobs = []
    while left:
        front, blob = [left.pop()], set()
        while front:
            row, column = front.pop()
            blob.add((row, column))
            for other in [(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]:
                if other in left:
                    left.discard(other)
                    front.append(other)
        blobs.append(blob)
    return sorted(blobs, key=lambda blob: -sum(float(values[pixel]) for pixel in blob))


@pytest.mark.parametrize("seed", range(8))
def test_regions_are_what_a_flood_fill_finds(seed):
    values = np.random.default_rng(seed).random((13, 17)).astype(np.float32)
    level = 0.8
    regions, blobs = defect_regions(values, level, placed(13, 17)), flooded(values, level)
    assert len(regions) == min(len(blobs), MOST)
    for region, blob in zip(regions, blobs, strict=False):
        rows, columns = zip(*blob, strict=True)
        assert region.area == len(blob) / values.size
        assert region.strength == pytest.approx(sum(float(values[pixel]) for pixel in blob))
        assert region.peak_value == max(values[pixel] for pixel in blob)
        assert values[int(region.peak.top), int(region.peak.left)] == region.peak_value
        box = region.rectangle
        assert (box.top, box.top + box.height) == (min(rows), max(rows) + 1)
        assert (box.left, box.left + box.width) == (min(columns), max(columns) + 1)


def test_two_drawn_spots_come_back_the_stronger_first():
    values = drawn(
        "11   ",
        "11   ",
        "     ",
        "   95",
    )
    strong, weak = defect_regions(values, 1.0, placed(4, 5))
    assert (strong.area, strong.strength, strong.peak) == (2 / 20, 14.0, Place(top=3.5, left=3.5))
    assert strong.centre.left == pytest.approx((9 * 3.5 + 5 * 4.5) / 14)
    assert (weak.area, weak.rectangle) == (4 / 20, SourceRectangle(top=0, left=0, height=2, width=2))


def test_a_region_lies_on_the_original_where_the_placement_says():
    (region,) = defect_regions(drawn("  ", " 3"), 1.0, placed(2, 2, top=100, left=40, height=20, width=60))
    assert region.source == SourceRectangle(top=110, left=70, height=10, width=30)
    assert region.source_peak == Place(top=115, left=85)


def test_an_outline_follows_the_pixels_edges_and_goes_round_holes():
    values = drawn("111", "1 1", "111")
    (region,) = defect_regions(values, 1.0, placed(3, 3))
    outer, hole = region.contours
    assert outer[0] == outer[-1]
    assert {max(abs(left - 1.5), abs(top - 1.5)) for left, top in outer} <= {1.5}  # on the picture's own edge
    assert {max(abs(left - 1.5), abs(top - 1.5)) for left, top in hole} <= {0.5}  # on the middle pixel's


def test_an_outline_encloses_its_region_but_for_the_corners_that_are_cut():
    values = np.zeros((20, 30), np.float32)
    values[5:15, 3:23] = 1
    (region,) = defect_regions(values, 0.5, placed(20, 30))
    (outline,) = region.contours
    left, top = np.array(outline[:-1]).T
    enclosed = abs(np.dot(left, np.roll(top, 1)) - np.dot(top, np.roll(left, 1))) / 2
    assert enclosed == 10 * 20 - 4 * 0.125
    assert len(outline) == 9  # eight corners, closed


def test_specks_are_dropped_unless_there_is_nothing_else():
    values = np.zeros((64, 64), np.float32)
    values[0, 0] = values[30, 30] = 9.0
    values[50:54, 50:54] = 1.0
    (region,) = defect_regions(values, 1.0, placed(64, 64))
    assert region.area == 16 / 64**2
    values[50:54, 50:54] = 0.0
    assert len(defect_regions(values, 1.0, placed(64, 64))) == 1


def test_nothing_is_outlined_where_nothing_pushes_towards_abnormal():
    values = -np.ones((4, 4), np.float32)
    assert strongest_level(values) == float("inf")
    assert defect_regions(values, strongest_level(values), placed(4, 4)) == ()
    assert regions_in_words((), Grid(height=4, width=4)) == ""


@pytest.mark.parametrize("seed", range(4))
def test_the_strongest_tenth_is_a_tenth(seed):
    values = np.random.default_rng(seed).standard_normal((20, 30)).astype(np.float32)
    assert (values >= strongest_level(values)).sum() == 60


def test_of_a_map_with_less_evidence_than_a_tenth_all_is_taken():
    values = drawn("30000000000000000002", "0" * 20)
    assert strongest_level(values) == 2.0


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ([(90, 10, 10, 15)], "1 spot, 12 x 8 % of the picture, lower left."),
        ([(90, 10, 10, 15), (5, 100, 5, 5)], "2 spots, the larger 12 x 8 % of the picture, lower left."),
        ([(60, 60, 10, 15), (5, 100, 5, 5), (100, 5, 5, 5)], "3 spots, the largest 12 x 8 % of the picture, centre."),
        ([(0, 0, 128, 100)], "The evidence is spread over the picture: no single place explains it."),
    ],
)  # fmt: skip
def test_words_say_how_many_how_large_and_where(boxes, words):
    values = np.zeros((128, 128), np.float32)
    for top, left, height, width in boxes:
        values[top : top + height, left : left + width] = 1
    found = regions_in_words(defect_regions(values, 1.0, placed(128, 128)), Grid(height=128, width=128))
    assert found.replace("\N{NO-BREAK SPACE}", " ") == words


def test_a_smaller_spot_that_is_stronger_is_called_so():
    values = np.zeros((100, 100), np.float32)
    values[:5, :5], values[80:90, 80:90] = 9.0, 1.0
    words = regions_in_words(defect_regions(values, 1.0, placed(100, 100)), Grid(height=100, width=100))
    assert words.startswith("2 spots, the stronger 5 x 5")


def test_a_region_is_json():
    import json

    (region,) = defect_regions(drawn("  ", " 3"), 1.0, placed(2, 2))
    record = json.loads(json.dumps(region_record(region), allow_nan=False))
    assert record["area"] == 0.25
    assert record["source"]["peak"] == {"top": 1.5, "left": 1.5}
    assert record["contours"][0][0] == record["contours"][0][-1]


@pytest.mark.parametrize(
    ("values", "level", "told"),
    [(np.ones((2, 3), np.float32), 1.0, "shape"), (np.ones((2, 2), np.float32), 0.0, "level")],
)
def test_what_is_no_map_of_the_placement_is_refused(values, level, told):
    with pytest.raises(InvalidInputError, match=told):
        defect_regions(values, level, placed(2, 2))


def test_the_strongest_region_is_the_first_of_all_and_tells_its_share():
    values = np.zeros((20, 20), np.float32)
    values[2:6, 2:6], values[12:14, 12:14], values[18, 3] = 1, 2, 2
    placement = Placement(grid=Grid(height=20, width=20), frames=(0,), top=0, left=0, height=20, width=20)
    found, share = strongest_region(values, 1.0, placement)
    assert found == defect_regions(values, 1.0, placement)[0]
    assert share == pytest.approx(16 / (16 + 8 + 2))
    with pytest.raises(
        InvalidInputError, match=r"Nothing reaches the 'level' of 3\.0: the highest value is 2"
    ):
        strongest_region(values, 3.0, placement)
