"""The panel says where explanations agree, draws it, and gives the figures between each two."""

from dataclasses import replace

import numpy as np
import pytest

from tests.app.conftest import component
from tests.ui.compare.conftest import comparison, row, run, spot
from xai_ad.detector.familiarity import Likeness
from xai_ad.inspection.agreeing import gather, on_grid
from xai_ad.inspection.comparing import Row
from xai_ad.metrics.agreement import overlaps, rank_correlations, strongest_parts

TITLES = {"one": "Model One", "two": "Model Two"}
NAMES = {"residual": "Residual", "lrp": "LRP", "occlusion": "Occlusion"}


def panel(found, titles):
    from xai_ad.ui.compare.agreement import show_agreement

    show_agreement(found, titles)


def shown(found):
    return run(panel, found, TITLES)


def written(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "")


@pytest.fixture
def two(case, stored_model):
    """Two models, of which LRP points elsewhere."""
    return comparison(
        case,
        row(case, stored_model, "lower right", "top", "lower right", name="one"),
        row(case, stored_model, "lower right", "top", "lower right", name="two"),
    )


def test_the_sentence_comes_first_and_agreement_is_no_proof(two):
    text = written(shown(two))
    assert text.startswith(
        "**Across two models, four of six explanations point at the lower right; LRP at the top.** Agreement is no proof"
    )


def test_both_maps_are_drawn_on_the_photograph(two):
    data = component(shown(two), "grid")
    assert [column["title"] for column in data["columns"]] == ["Agreement", "Disagreement"]
    (line,) = data["rows"]
    assert (line["title"], line["height"], line["width"]) == ("6 maps", 128, 128)
    assert all(one["state"] == "ready" and one["layer"].startswith("/layers/") for one in line["cells"])


def test_the_table_has_both_measures_of_each_two(two):
    app = shown(two)
    flat = np.stack([spot(place).ravel() for place in ["lower right", "top", "lower right"] * 2])
    data = component(app, "matrix")
    assert data["names"][:2] == ["Residual, Model One", "LRP, Model One"]
    expected = rank_correlations(flat)
    assert [line[at] for at, line in enumerate(data["values"])] == [None] * 6
    assert data["values"][0][1:] == pytest.approx(expected[0, 1:].tolist())
    app.segmented_control[0].set_value("Strongest 5 %").run()
    found = component(app, "matrix")["values"]
    assert found[0][1:] == pytest.approx(overlaps(strongest_parts(flat))[0, 1:].tolist())


def test_a_person_chooses_a_model_or_a_method(two):
    app = shown(two)
    assert app.selectbox[0].options == [
        "Every explanation",
        "of Model One",
        "of Model Two",
        "by Residual",
        "by LRP",
        "by Occlusion",
    ]
    app.selectbox[0].set_value("of Model Two").run()
    assert component(app, "matrix")["names"] == ["Residual", "LRP", "Occlusion"]
    assert "Two of three point at the lower right; LRP does not: it points at the top" in written(app)
    app.selectbox[0].set_value("by LRP").run()
    assert component(app, "matrix")["names"] == ["Model One", "Model Two"]
    assert "Across two models, both explanations point at the top" in written(app)


def test_one_map_alone_is_said_and_not_compared(case, stored_model):
    app = shown(comparison(case, row(case, stored_model, "top", None, None, name="one")))
    assert "Residual alone is there: it points at the top" in written(app)
    assert "2 more are not computed yet" in written(app)
    assert (component(app, "grid"), component(app, "matrix")) == (None, None)
    assert not app.selectbox


def test_nothing_is_there_yet(case, stored_model):
    waiting = Row(stored=stored_model)
    app = shown(comparison(case, waiting, row(case, stored_model, None, None, None, name="one")))
    assert "There is no explanation to compare" in written(app)


def test_a_model_that_sees_another_part_is_left_out_with_a_line(case, stored_model):
    other = replace(case, placement=replace(case.placement, top=8))
    app = shown(
        comparison(
            case,
            row(case, stored_model, "top", "top", "top", name="one"),
            row(other, stored_model, "top", "top", "lower right", name="two"),
            row(case, stored_model, "top", "top", None, name="three"),
        )
    )
    assert "Left out: Model Two, which sees another part of the picture" in written(app)
    assert len(component(app, "matrix")["names"]) == 5


def test_a_model_that_does_not_know_the_picture_is_no_voice(case, stored_model):
    unlike = Likeness(p_value=0.001, is_stranger=True, cause=None, distance=9.0)
    stranger = replace(case, likeness=unlike)
    app = shown(
        comparison(
            case,
            row(case, stored_model, "top", "top", "top", name="one"),
            row(stranger, stored_model, "lower right", None, None, name="two"),
        )
    )
    assert "All three point at the top" in written(app)
    assert "Model Two is left out: the picture is not like its training pictures" in written(app)
    assert "not computed yet" not in written(app)


def test_nothing_opens_from_the_two_maps(two):
    assert component(shown(two), "grid")["opens"] is False


def test_coarser_maps_are_enlarged_to_the_finest_grid(case, stored_model):
    small = replace(
        case, placement=replace(case.placement, grid=replace(case.placement.grid, height=64, width=64))
    )
    coarse = spot("top")[::2, ::2]
    found = gather(
        comparison(
            case,
            row(small, stored_model, coarse, coarse, coarse, name="two"),
            row(case, stored_model, "top", "top", "top", name="one"),
        ),
        TITLES,
        NAMES,
    )
    assert [voice.values.shape for voice in found.voices] == [(128, 128)] * 6
    assert all(np.array_equal(values, spot("top")) for values in found.maps)
    assert found.case.placement == case.placement


def test_a_pixel_has_the_value_of_the_one_that_holds_its_middle(case):
    placement = replace(case.placement, grid=replace(case.placement.grid, height=5, width=3))
    assert on_grid(np.array([[1.0, 2.0], [3.0, 4.0]]), placement).tolist() == [
        [1, 2, 2],
        [1, 2, 2],
        [3, 4, 4],
        [3, 4, 4],
        [3, 4, 4],
    ]
