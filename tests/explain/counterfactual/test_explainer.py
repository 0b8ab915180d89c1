"""The explainer on a real network, against brute force."""

import dataclasses
import itertools

import pytest
import torch

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import Cancelled, InvalidInputError
from xai_ad.explain import CounterfactualSearch, Direction, Fill, Search
from xai_ad.explain.base import raw_score
from xai_ad.explain.counterfactual.fast import allowed
from xai_ad.explain.fills import fill_image
from xai_ad.explain.results import diagnostics
from xai_ad.explain.segments import grid_segments
from xai_ad.machine.execution import Precision

GRID = 4
CELLS = grid_segments(16, 16, GRID**2)
SPENT = 3
"""The image, the fill, and the flip confirmed."""


def brute_force(classifier, start, content):
    """Return (area in cells, score, rectangle in pixels) of every rectangle, each picture built on its own."""
    cell = 16 // GRID
    rows = []
    for top, left in itertools.product(range(GRID), repeat=2):
        for bottom, right in itertools.product(range(top + 1, GRID + 1), range(left + 1, GRID + 1)):
            mixed = start.clone()
            inside = (
                slice(None),
                slice(top * cell, bottom * cell),
                slice(left * cell, right * cell),
            )
            mixed[inside] = content[inside]
            place = (top * cell, left * cell, (bottom - top) * cell, (right - left) * cell)
            rows.append(((bottom - top) * (right - left), raw_score(classifier, mixed), place))
    return rows


def with_threshold(classifier, threshold):
    return AnomalyClassifier(
        classifier.network,
        dataclasses.replace(classifier.calibration, threshold=threshold),
        classifier.references,
    )


def place_of(rectangle):
    return rectangle.top, rectangle.left, rectangle.height, rectangle.width


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.BFLOAT16])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_the_smallest_repair_with_the_largest_margin_is_found(classifier, image, share, precision):
    fill = fill_image(classifier, image, CELLS, Fill.NORMAL)
    rows = brute_force(classifier, image, fill)
    low, high = min(score for _, score, _ in rows), raw_score(classifier, image)
    threshold = low + share * (high - low)
    area, score, place = min(row for row in rows if row[1] <= threshold)
    found = CounterfactualSearch(grid=GRID, fill=Fill.NORMAL, precision=precision).explain(
        with_threshold(classifier, threshold), image
    )
    (rectangle,) = found.rectangles
    assert found.flipped
    assert place_of(rectangle) == place
    assert found.area == pytest.approx(area / GRID**2)
    assert found.score == found.score_before == high
    assert found.score_after == raw_score(classifier, found.image) == score
    note = diagnostics(found)["note"]
    assert note.startswith("Nothing smaller flips it on this grid.")
    assert ("bfloat16" in note) == (precision is Precision.BFLOAT16)
    assert diagnostics(found)["precision"] == precision
    if precision is Precision.FLOAT32:
        # All rectangles of every area up to the found one's.
        assert found.evaluations == sum(row[0] <= area for row in rows) + SPENT


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.BFLOAT16])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_the_smallest_transplant_with_the_largest_margin_is_found(classifier, image, share, precision):
    normal = fill_image(classifier, image, CELLS, Fill.NORMAL)
    rows = brute_force(classifier, normal, image)
    start, high = raw_score(classifier, normal), max(score for _, score, _ in rows)
    threshold = start + share * (high - start)
    area, score, place = min((area, -score, place) for area, score, place in rows if score > threshold)
    found = CounterfactualSearch(
        grid=GRID, fill=Fill.NORMAL, direction=Direction.TRANSPLANT, precision=precision
    ).explain(with_threshold(classifier, threshold), image)
    (rectangle,) = found.rectangles
    assert found.flipped
    assert place_of(rectangle) == place
    assert found.area == pytest.approx(area / GRID**2)
    assert found.score == raw_score(classifier, image)
    assert found.score_before == diagnostics(found)["fill_score"] == start
    assert found.score_after == raw_score(classifier, found.image) == -score
    changed = (found.image != normal).any(dim=0)
    assert torch.equal(found.image[:, changed], image[:, changed])


def test_where_none_flips_the_nearest_is_shown_and_named_so(classifier, image):
    fill = fill_image(classifier, image, CELLS, Fill.NORMAL)
    rows = brute_force(classifier, image, fill)
    _, score, place = min(rows, key=lambda row: row[1])
    found = CounterfactualSearch(grid=GRID, fill=Fill.NORMAL, max_rectangles=1).explain(
        with_threshold(classifier, 0.9 * score), image
    )
    (rectangle,) = found.rectangles
    assert not found.flipped
    assert place_of(rectangle) == place
    assert found.score_after == score
    assert diagnostics(found)["warning"].startswith(
        "No single rectangle flips it on this grid: what is shown came nearest."
    )
    assert found.evaluations == len(rows) + SPENT


@pytest.mark.parametrize("fill", [Fill.DATASET_MEAN, Fill.SEGMENT_MEAN])
def test_several_flip_it_together_where_no_single_one_does(classifier, image, fill):
    content = fill_image(classifier, image, CELLS, fill)
    lowest = min(score for _, score, _ in brute_force(classifier, image, content))
    strict = with_threshold(classifier, 0.999 * lowest)
    found = CounterfactualSearch(grid=GRID, fill=fill).explain(strict, image)
    assert found.flipped
    assert 1 < len(found.rectangles) <= 3
    assert found.score_after == raw_score(classifier, found.image) <= 0.999 * lowest
    assert found.area * 256 == sum(rectangle.area for rectangle in found.rectangles)
    assert not diagnostics(found)["nothing_smaller_flips"]
    assert diagnostics(found)["no_single_flips"]
    assert diagnostics(found)["note"].startswith("No single rectangle flips it on this grid; these ")


@pytest.mark.parametrize("search", Search)
def test_several_are_tried_where_none_flips_and_the_words_say_so(classifier, image, search):
    fill = fill_image(classifier, image, CELLS, Fill.NORMAL)
    rows = brute_force(classifier, image, fill)
    lowest = min(score for _, score, _ in rows)
    strict = with_threshold(classifier, 0.999 * lowest)
    heard = []
    found = CounterfactualSearch(grid=GRID, fill=Fill.NORMAL, search=search).explain(
        strict, image, on_progress=heard.append
    )
    assert heard == sorted(heard)
    assert search is Search.FAST or found.evaluations > len(rows) + SPENT
    assert found.flipped == (raw_score(classifier, found.image) <= 0.999 * lowest)
    assert diagnostics(found)["no_single_flips"] == (search is Search.EXACT)
    said = str(diagnostics(found)["note" if found.flipped else "warning"])
    assert ("No single rectangle flips it" in said) == (search is Search.EXACT)
    if not found.flipped:
        assert "nor were up to 3 together found that do" in said


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("fill", [Fill.AUTO, Fill.RECONSTRUCTION])
@pytest.mark.parametrize("threshold", [1e-9, None, 10.0])
@pytest.mark.parametrize(("grid", "precision"), [(4, Precision.FLOAT32), (8, Precision.BFLOAT16)])
def test_a_fast_search_scores_a_tenth_at_most_and_counts_it(
    make_classifier, image, scored, *, direction, fill, threshold, grid, precision
):
    classifier = make_classifier(threshold=threshold)
    scored.clear()
    found = CounterfactualSearch(
        grid=grid, fill=fill, direction=direction, search=Search.FAST, precision=precision
    ).explain(classifier, image)
    assert found.evaluations == sum(scored) <= allowed((grid * (grid + 1) // 2) ** 2)
    assert found.score_after == raw_score(classifier, found.image)
    assert not diagnostics(found).get("nothing_smaller_flips", False)
    assert not diagnostics(found).get("no_single_flips", False)


def test_a_normal_image_has_nothing_to_repair_and_is_told_of_the_other_direction(classifier, image):
    passing = with_threshold(classifier, 2 * raw_score(classifier, image))
    found = CounterfactualSearch(grid=GRID).explain(passing, image)
    assert not found.flipped
    assert found.rectangles == ()
    assert found.area == 0
    assert found.score_after == found.score_before
    assert torch.equal(found.image, image)
    assert found.evaluations == 1
    warning = diagnostics(found)["warning"]
    assert warning.startswith("Already below the limit: there is nothing to repair.")
    assert "'transplant'" in warning


@pytest.mark.parametrize("search", Search)
def test_a_transplant_of_a_normal_image_says_that_it_is_normal(classifier, image, search):
    passing = with_threshold(classifier, 1000 * raw_score(classifier, image))
    found = CounterfactualSearch(grid=GRID, direction=Direction.TRANSPLANT, search=search).explain(
        passing, image
    )
    assert not found.flipped
    assert found.rectangles
    warning = diagnostics(found)["warning"]
    assert warning.startswith("This image is itself below the limit. ")
    assert ("No single rectangle flips it" in warning) == (search is Search.EXACT)


def test_nothing_is_pasted_into_a_picture_that_fails_by_itself(classifier, image):
    black = fill_image(classifier, image, CELLS, Fill.BLACK)
    strict = with_threshold(classifier, raw_score(classifier, black) / 2)
    found = CounterfactualSearch(grid=GRID, fill=Fill.BLACK, direction=Direction.TRANSPLANT).explain(
        strict, image
    )
    assert not found.flipped
    assert found.rectangles == ()
    assert torch.equal(found.image, black)
    assert found.score == raw_score(classifier, image)
    assert found.score_before == found.score_after == raw_score(classifier, black)
    assert diagnostics(found)["warning"].startswith(
        "The picture to paste into (the fill 'black') scores 2 times the limit"
    )
    assert found.evaluations == 2


@pytest.mark.parametrize("search", Search)
@pytest.mark.parametrize("direction", Direction)
def test_a_perfect_reconstruction_is_never_anomalous(make_classifier, perfect, image, direction, search):
    found = CounterfactualSearch(grid=GRID, direction=direction, search=search).explain(
        make_classifier(network=perfect), image
    )
    assert not found.flipped
    assert found.score == found.score_after == 0


def test_the_changed_image_differs_inside_the_rectangle_only(classifier, image):
    found = CounterfactualSearch(grid=GRID, fill=Fill.BLACK, max_rectangles=1).explain(classifier, image)
    (rectangle,) = found.rectangles
    changed = (found.image != image).any(dim=0)
    outside = torch.ones(16, 16, dtype=torch.bool)
    outside[
        rectangle.top : rectangle.top + rectangle.height, rectangle.left : rectangle.left + rectangle.width
    ] = False
    assert not changed[outside].any()
    assert changed.any()


@pytest.mark.parametrize("search", Search)
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("limit", [0.0, 0.1, 0.5, 0.95])
def test_after_being_stopped_the_next_search_finds_the_same(classifier, image, direction, search, limit):
    strict = with_threshold(classifier, 1e-9 if direction is Direction.REPAIR else 10.0)
    explainer = CounterfactualSearch(grid=8, direction=direction, search=search)
    expected = explainer.explain(strict, image)
    heard = []

    def stop(fraction):
        heard.append(fraction)
        if fraction >= limit:
            raise Cancelled

    with pytest.raises(Cancelled):
        explainer.explain(strict, image, on_progress=stop)
    assert heard == sorted(heard)
    again = explainer.explain(strict, image)
    assert again.rectangles == expected.rectangles
    assert again.score_after == expected.score_after


@pytest.mark.parametrize("grid", [5, 32])
def test_a_grid_that_does_not_fit_is_refused_naming_those_that_do(classifier, image, grid):
    with pytest.raises(InvalidInputError, match=rf"16x16 pixels. Got {grid}; near by: "):
        CounterfactualSearch(grid=grid).explain(classifier, image)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"max_rectangles": 0},
            r"'max_rectangles' of CounterfactualSearch must be an int in \[1, 8\]. Got 0",
        ),
        ({"max_rectangles": 9}, "Got 9"),
        ({"search": "fast"}, "'search' of CounterfactualSearch must be a Search, one of: exact, fast"),
        ({"direction": "mend"}, "one of: repair, transplant. Got 'mend'"),
        (
            {"search": Search.FAST, "grid": 3},
            r"\[4, 16\] for the search 'fast'. Got 3; choose such a grid, or",
        ),
        ({"search": Search.FAST, "grid": 32}, "Got 32"),
        ({"grid": 33}, r"'grid' of CounterfactualSearch must be an int in \[1, 32\]. Got 33"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(InvalidInputError, match=message):
        CounterfactualSearch(**options)
