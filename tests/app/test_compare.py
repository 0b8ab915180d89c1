"""Page Compare shows what its address names, says what it cannot show, and keeps the rest."""

from urllib.parse import parse_qsl

import pytest

from tests.app.conftest import checked, component, picture
from tests.app.test_inspect import build, errors, wait_for_jobs
from xai_ad.data.specs import Subject
from xai_ad.explain import Lrp
from xai_ad.inspection import cases
from xai_ad.presentation.placing import placed_words
from xai_ad.presentation.trust import trust_line
from xai_ad.ui.compare.choosing import MOST

QUICK = "residual,lrp"


@pytest.fixture
def models(store, monkeypatch):
    """Three untrained models of the generated washers, of which no explanation was measured; quick explainers."""
    monkeypatch.setattr("xai_ad.inspection.methods.known_for", lambda *_: None)
    small = {"lime": {"budget": 60}, "kernel_shap": {"budget": 60}, "counterfactual": {"grid": 2}}
    monkeypatch.setattr("xai_ad.ui.compare.page.explainers", lambda: build(small))
    return [store(f"own-{name}", dataset="washer", seed=seed) for seed, name in enumerate("abc")]


@pytest.fixture
def compare(open_app):
    """Opens the page: `compare(models="own-a,own-b")`."""
    return lambda **query: open_app("compare.py", **query)


def grid(app):
    return component(app, "grid")


def rows(app):
    return {row["id"]: row for row in grid(app)["rows"]}


def states(app):
    return {row["id"]: [cell["state"] for cell in row["cells"]] for row in grid(app)["rows"]}


def told(app):
    """All that the page says beside its pictures."""
    return [element.value for kind in (app.error, app.info) for element in kind]


def settle(app, engine):
    """Run until all is at rest."""
    for _ in range(60):
        wait_for_jobs(engine)
        checked(app.run())
        if not any(button.key == "stop_all" for button in app.button):
            return app
    raise AssertionError(states(app))


def address_of(app):
    """Return the whole address, as the browser is told it."""
    return dict(parse_qsl(component(app, "address")["query"]))


def test_it_opens_on_the_best_model_and_two_other_networks_and_the_main_methods(compare):
    app = compare()
    assert list(rows(app)) == ["washer-bcae1", "washer-bcae2", "washer-ks_cae"]
    assert len(grid(app)["columns"]) == 5
    found = address_of(app)
    assert found["models"] == "washer-bcae1,washer-bcae2,washer-ks_cae"
    assert found["methods"].split(",") == [column["id"] for column in grid(app)["columns"]]
    assert (found["dataset"], found["sample"]) == ("washer", "contamination/006")
    assert told(app) == []


def test_every_cell_comes_in_and_headings_carry_score_and_verdict(compare, models, engine):
    app = compare(models="own-c,own-a", methods="residual,lrp,kernel_shap,counterfactual")
    settle(app, engine)
    assert states(app) == {"own-c": ["ready"] * 4, "own-a": ["ready"] * 4}
    for row in grid(app)["rows"]:
        assert row["verdict"] in {"PASS", "FAIL"}
        assert row["score"].endswith("the limit")
        assert all(cell["layer"].startswith("/layers/") for cell in row["cells"])


def test_the_files_carry_what_the_page_says_of_each_cell(compare, models, engine, monkeypatch):
    offered = []
    monkeypatch.setattr(
        "xai_ad.ui.compare.board.offer_downloads", lambda comparison, view: offered.append(comparison)
    )
    app = compare(models="own-a", methods="residual,lrp", sample="dent/003")
    settle(app, engine)
    (row,) = offered[-1].rows
    for shown, cell in zip(rows(app)["own-a"]["cells"], row.cells, strict=True):
        assert shown["trust"] == trust_line(cell.trust, cell.outcome.result.explanation).short != ""
        assert shown["placed"] == placed_words(cell.placed).line != ""
    assert row.mask.any()


def test_names_that_do_not_exist_are_reported_once_each_with_the_valid_ones_and_the_rest_stays(
    compare, models
):
    app = compare(models="own-b,nonsense,own-a", methods="lrp,guessing,residual", sample="scratch/000")
    assert list(rows(app)) == ["own-b", "own-a"]
    assert [column["id"] for column in grid(app)["columns"]] == ["lrp", "residual"]
    assert len(errors(app)) == 2
    assert "'nonsense' (there is no such model)" in errors(app)[0].replace("\\", "")
    assert "own-c" in errors(app)[0].replace("\\", "")
    assert "'guessing'" in errors(app)[1]
    assert "kernel_shap" in errors(app)[1].replace("\\", "")
    assert address_of(app)["sample"] == "scratch/000"
    assert address_of(app)["models"] == "own-b,own-a"


def test_long_and_many_wrong_names_leave_room_for_the_valid_ones(compare, models):
    app = compare(
        models=",".join(["own-a", "x" * 5000, *(f"no-{place}" for place in range(30))]), methods="lrp"
    )
    line = errors(app)[0].replace("\\", "")
    assert "x" * 41 not in line
    assert "; 28 more. Models of" in line
    assert "own-c" in line


def test_models_of_another_dataset_and_of_clips_are_said_to_be_that(compare, models):
    app = compare(dataset="washer", models="own-a,bottle-bcae1,ped2-cgru", methods=QUICK)
    assert list(rows(app)) == ["own-a"]
    line = errors(app)[0].replace("\\", "")
    assert "'bottle-bcae1' (a model of MVTec bottle)" in line
    assert "'ped2-cgru' (it scores clips of" in line


def test_a_model_names_its_dataset(compare, store):
    store("spots-a", dataset="lesion", subject=Subject.LESION)
    app = compare(models="spots-a", methods=QUICK)
    assert list(rows(app)) == ["spots-a"]
    assert address_of(app)["dataset"] == "lesion"


def test_more_than_twelve_models_leave_out_the_last_and_say_which(compare, store, models):
    names = [store(f"more-{index:02d}", dataset="washer", seed=index).card.id for index in range(13)]
    app = compare(models=",".join(names), methods="residual")
    assert list(rows(app)) == names[:MOST]
    assert [line.replace("\\", "") for line in told(app)] == [
        "12 models are compared at most. Left out: more-12."
    ]


def test_nothing_is_computed_in_the_run_itself(compare, models, engine, monkeypatch):
    here = []
    explain = cases.explain
    import threading

    def noted(case, explainer, progress=None):
        here.append(threading.current_thread().name)
        return explain(case, explainer, progress)

    monkeypatch.setattr(cases, "explain", noted)
    settle(compare(models="own-a,own-b", methods=QUICK), engine)
    assert len(here) == 4
    assert {name.partition("-")[0] for name in here} == {"verdicts"}


def test_a_cell_that_fails_says_why_and_the_others_stay(compare, models, engine, monkeypatch):
    from xai_ad.errors import UnsupportedLayerError

    def refuse(*_, **__):
        raise UnsupportedLayerError("LRP has no rule for GRU.")

    monkeypatch.setattr(Lrp, "_explain", refuse)
    app = settle(compare(models="own-a", methods=QUICK), engine)
    assert states(app) == {"own-a": ["ready", "failed"]}
    assert rows(app)["own-a"]["cells"][1]["message"] == "LRP has no rule for GRU."
    assert app.button("run_again").label == "Run again"


def test_all_can_be_stopped_and_run_again(compare, models, engine):
    app = compare(models="own-a,own-b", methods="lime,kernel_shap")
    checked(app.button("stop_all").click().run())
    settle(app, engine)
    found = states(app)
    assert set(found["own-a"] + found["own-b"]) <= {"stopped", "ready"}
    assert "stopped" in found["own-b"]
    checked(app.button("run_again").click().run())
    settle(app, engine)
    assert states(app) == {"own-a": ["ready"] * 2, "own-b": ["ready"] * 2}


def test_an_upload_that_is_no_picture_changes_nothing_and_one_that_is_one_is_compared(
    compare, models, engine
):
    app = compare(models="own-a", methods=QUICK)
    checked(app.file_uploader("uploader").set_value(("part.png", b"no picture", "image/png")).run())
    assert "part" in errors(app)[0]
    assert address_of(app)["sample"] == "contamination/006"
    checked(app.file_uploader("uploader_1").set_value(("part.png", picture(5), "image/png")).run())
    settle(app, engine)
    assert grid(app)["name"] == "part.png"
    assert "upload" in address_of(app)


@pytest.mark.parametrize("value", [0, 128])
def test_a_constant_picture_is_compared_like_any_other(compare, models, engine, value):
    import io

    from PIL import Image as Pillow

    buffer = io.BytesIO()
    Pillow.new("RGB", (64, 64), (value,) * 3).save(buffer, "PNG")
    app = compare(models="own-a", methods="residual,lrp,lime,kernel_shap,counterfactual")
    checked(app.file_uploader("uploader").set_value(("flat.png", buffer.getvalue(), "image/png")).run())
    settle(app, engine)
    assert set(states(app)["own-a"]) <= {"ready", "failed"}
    assert rows(app)["own-a"]["score"]


def test_settings_of_the_address_hold_and_are_said(compare, models, engine):
    app = compare(models="own-a", methods="kernel_shap", options="kernel_shap.budget=77")
    settle(app, engine)
    assert {job.explainer.budget for job in engine._jobs if hasattr(job, "explainer")} == {77}
    assert "77" in grid(app)["columns"][0]["sentence"]


def test_two_sessions_keep_their_own_choices_and_share_what_is_computed(compare, models, engine, monkeypatch):
    ran = []
    keep = cases.RESULTS.put
    monkeypatch.setattr(
        cases.RESULTS, "put", lambda request, found: ran.append(request) or keep(request, found)
    )
    one, other = (
        compare(models="own-a", methods="residual"),
        compare(models="own-a,own-b", methods="residual,lrp"),
    )
    settle(one, engine)
    settle(other, engine)
    assert states(one) == {"own-a": ["ready"]}
    assert states(other) == {"own-a": ["ready"] * 2, "own-b": ["ready"] * 2}
    assert len(ran) == len(set(ran)) == 4


def test_the_menus_write_what_is_chosen_and_the_last_one_stays(compare, models):
    app = compare(models="own-a,own-b", methods="residual")
    app.pills("compared_models").set_value(["own-c", "own-b"])
    checked(app.run())
    assert list(rows(app)) == ["own-b", "own-c"]
    assert app.query_params["models"] == "own-b,own-c"
    app.pills("compared_methods").set_value([])
    checked(app.run())
    assert [column["id"] for column in grid(app)["columns"]] == ["residual"]
    assert "At least one stays" in told(app)[0]


def test_another_dataset_is_compared_by_its_own_models(compare, models):
    app = compare(models="own-a", methods="lrp")
    checked(app.selectbox("dataset").set_value("lesion").run())
    assert address_of(app)["dataset"] == "lesion"
    assert "own-a" not in rows(app)
    assert {row["id"].partition("-")[0] for row in grid(app)["rows"]} == {"lesion"}
    assert told(app) == []


def test_a_dataset_without_pictures_asks_for_one(compare):
    app = compare(dataset="bottle")
    assert grid(app) is None
    assert any("Upload a photograph" in heading.value for heading in app.subheader)
