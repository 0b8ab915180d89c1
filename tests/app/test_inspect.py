"""Page Inspect judges at once, keeps what it shows when something goes wrong, and is told what to do by its address."""

import io
import threading
import time
from dataclasses import replace
from unittest.mock import Mock
from urllib.parse import parse_qsl

import pytest
from PIL import Image as Pillow
from streamlit.runtime.scriptrunner import StopException

from tests.app.conftest import checked, component, panel, picture
from xai_ad.data.decoding import opening
from xai_ad.data.specs import Subject
from xai_ad.detector.scores import Score
from xai_ad.errors import UnsupportedLayerError
from xai_ad.explain import Lrp
from xai_ad.explain.residual import ONLY_A_PART
from xai_ad.inspection import cases, explainers
from xai_ad.inspection.engines.base import JobState
from xai_ad.machine.places import shipped_models
from xai_ad.presentation import render
from xai_ad.ui.picking import uploading

DEFAULTS = explainers.explainers
SLOW = ("lime", "kernel_shap", "counterfactual")
ON_DEMAND = ("integrated_gradients", "occlusion", "owen", "consensus")
OWN = {"model": "own-bcae1"}


def values(app):
    return {box.key: box.value for box in app.selectbox}


def errors(app):
    return [error.value for error in app.error]


def told(app, words):
    return [markdown.value for markdown in app.markdown if words in markdown.value]


def wait_for_jobs(engine):
    """Wait until nothing waits or runs."""
    deadline = time.monotonic() + 120
    while any(job.state.active for job in list(engine._jobs.values())):
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


@pytest.fixture
def quick_jobs(monkeypatch):
    """Slow explainers with small budgets."""
    small = {
        "lime": {"budget": 60},
        "kernel_shap": {"budget": 60},
        "counterfactual": {"grid": 2},
        "integrated_gradients": {"steps": 2},
        "occlusion": {"window": 64, "stride": 64},
    }
    monkeypatch.setattr("xai_ad.ui.inspect.workbench.explainers", lambda: build(small))


def build(options):
    return {method: replace(explainer, **options.get(method, {})) for method, explainer in DEFAULTS().items()}


@pytest.fixture
def own(store, quick_jobs, monkeypatch):
    """An untrained model of the generated washers, of which no explanation was measured."""
    monkeypatch.setattr("xai_ad.inspection.methods.known_for", lambda *_: None)
    return store("own-bcae1", dataset="washer")


def test_it_opens_on_the_shipped_model_and_a_defect_that_fails(open_app):
    app = open_app()
    assert (shipped_models() / values(app)["model"] / "card.json").is_file()
    card = component(app, "verdict")
    assert card["verdict"] == "FAIL"
    assert card["score"] > card["limit"] > 0
    assert card["file"]["name"].startswith("washer/")
    assert "Higher than" in card["caption"]
    assert sum(bar["normal"] for bar in card["bins"]) > 0
    assert [panel(app, method)["state"] for method in ("reconstruction", "residual", "lrp")] == ["ready"] * 3
    assert errors(app) == []


def test_it_works_without_a_home_that_can_be_written(open_app, tmp_path, monkeypatch):
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("XAI_AD_HOME", str(tmp_path / "home"))
    app = open_app()
    assert component(app, "verdict")["verdict"] == "FAIL"
    assert errors(app) == []


def test_slow_explanations_arrive_as_jobs(open_app, own, engine):
    app = open_app(**OWN)
    assert {panel(app, method)["state"] for method in SLOW} <= {"waiting", "running", "ready"}
    wait_for_jobs(engine)
    checked(app.run())
    assert [panel(app, method)["state"] for method in SLOW] == ["ready"] * 3
    assert panel(app, "kernel_shap")["layer"].startswith("/layers/")
    assert panel(app, "kernel_shap")["signed"]
    assert not panel(app, "residual")["signed"]


def states(app, methods):
    return [panel(app, method)["state"] for method in methods]


def test_further_methods_stand_last_and_wait_until_they_are_chosen(open_app, own, engine):
    app = open_app(**OWN)
    wait_for_jobs(engine)
    checked(app.run())
    assert [shown["id"] for shown in component(app, "viewer")["panels"]][-len(ON_DEMAND) :] == list(ON_DEMAND)
    assert states(app, ON_DEMAND) == ["idle"] * len(ON_DEMAND)
    assert len(engine._jobs) == len(SLOW)


def test_the_shown_explanation_says_how_far_it_can_be_trusted(open_app, own, engine):
    app = open_app(method="residual", **OWN)
    wait_for_jobs(engine)
    checked(app.run())
    wait_for_jobs(engine)
    checked(app.run())
    (found,) = (shown["trust"] for shown in component(app, "viewer")["panels"] if shown["id"] == "residual")
    assert found["line"].endswith(".")
    assert [name for name, _ in found["figures"]][-1] == "Cost"


def test_a_chosen_method_is_computed_and_goes_on_when_another_is_chosen(open_app, own, engine, monkeypatch):
    let_go = threading.Event()
    explain = cases.explain

    def held(case, explainer, progress=None):
        assert explainer.quick or let_go.wait(60)
        return explain(case, explainer, progress)

    monkeypatch.setattr(cases, "explain", held)
    app = open_app(**OWN, method="occlusion")
    assert next(iter(engine._jobs)).explainer.id == "occlusion"
    app.query_params["method"] = "lrp"
    checked(app.run())
    assert panel(app, "occlusion")["state"] in {"waiting", "running"}
    let_go.set()
    wait_for_jobs(engine)
    checked(app.run())
    assert states(app, ON_DEMAND) == ["idle", "ready", "idle", "idle"]
    assert panel(app, "occlusion")["layer"].startswith("/layers/")


def test_a_poll_encodes_no_picture_again(open_app, own, engine, monkeypatch):
    encoded = []
    original = render.encode_png
    monkeypatch.setattr(render, "encode_png", lambda picture: encoded.append(1) or original(picture))
    app = open_app(**OWN)
    wait_for_jobs(engine)
    checked(app.run())
    # Reconstruction and SSIM map, five explanations, and the segments of the two that have some.
    first, before = [panel(app, method)["layer"] for method in SLOW], len(encoded)
    assert before == 2 + 5 + 2
    for _ in range(3):
        checked(app.run())
    assert len(encoded) == before
    assert [panel(app, method)["layer"] for method in SLOW] == first


def test_an_upload_is_decoded_once(open_app, own, monkeypatch):
    app = open_app(**OWN)
    decoded = []
    original = opening._decode
    monkeypatch.setattr(opening, "_decode", lambda *given: decoded.append(1) or original(*given))
    checked(app.file_uploader("uploader").set_value(("part.png", picture(5), "image/png")).run())
    checked(app.run())
    assert component(app, "viewer")["photo"].startswith("/layers/")
    assert len(decoded) == 1


def test_regions_whose_sign_is_not_known_reach_the_viewer(open_app, own, engine):
    app = open_app(**OWN)
    wait_for_jobs(engine)
    checked(app.run())
    known = panel(app, "kernel_shap")["segments"]
    assert known["layer"].startswith("/layers/")
    told = zip(known["low"], known["values"], known["high"], strict=True)
    assert all(low <= value <= high for low, value, high in told)
    told = [shown["id"] for shown in component(app, "viewer")["panels"] if "segments" in shown]
    assert told == ["lime", "kernel_shap"]


def judge_as(monkeypatch, *, anomalous):
    """Let every image fail, or pass."""
    monkeypatch.setattr("xai_ad.detector.calibration.Calibration.is_anomalous", lambda self, score: anomalous)


def test_a_picture_that_passes_offers_to_paste_its_parts_and_goes_back(open_app, own, engine, monkeypatch):
    judge_as(monkeypatch, anomalous=False)
    app = open_app(**OWN, method="counterfactual")
    wait_for_jobs(engine)
    checked(app.run())
    repair = panel(app, "counterfactual")
    assert (repair["label"], repair["rectangles"], repair["empty"]) == (
        "Counterfactual",
        [],
        "Nothing to repair",
    )
    assert "nothing to repair" in repair["notes"][0]["text"]
    checked(app.button("direction").click().run())
    wait_for_jobs(engine)
    checked(app.run())
    pasted = panel(app, "counterfactual")
    assert (pasted["label"], pasted["state"]) == ("Transplant", "ready")
    assert pasted["change"] == {"id": "transplant", "label": "Show pasted", "shown": True}
    assert len(pasted["rectangles"]) >= 1
    assert any("Pasting" in note["text"] for note in pasted["notes"])
    checked(app.button("direction").click().run())
    assert panel(app, "counterfactual")["label"] == "Counterfactual"


def test_the_direction_is_part_of_the_address(open_app, own):
    app = open_app(**OWN, method="counterfactual", direction="transplant")
    assert panel(app, "counterfactual")["label"] == "Transplant"
    checked(app.button("direction").click().run())
    assert panel(app, "counterfactual")["label"] == "Counterfactual"
    assert app.query_params["direction"] == "repair"
    checked(app.button("direction").click().run())
    assert app.query_params["direction"] == "transplant"
    app = open_app(**OWN, method="counterfactual", direction="sideways")
    assert len(errors(app)) == 1
    assert "There is no direction 'sideways'" in errors(app)[0]
    assert panel(app, "counterfactual")["label"] == "Counterfactual"


def test_only_a_counterfactual_offers_another_direction(open_app, own):
    app = open_app(**OWN, method="lrp")
    assert [button.key for button in app.button if button.key == "direction"] == []


def test_the_page_does_not_wait_for_the_machine_to_be_measured(open_app, own, engine, monkeypatch):
    let_go = threading.Event()
    explainers._finding_out.cache_clear()
    monkeypatch.setattr(explainers, "fastest_execution", lambda: let_go.wait(60))
    app = open_app(**OWN)
    assert component(app, "verdict") is not None
    assert states(app, SLOW) == ["waiting"] * 3
    assert states(app, ("residual", "lrp")) == ["ready"] * 2
    assert engine._jobs == {}
    let_go.set()
    explainers.await_machine()
    checked(app.run())
    wait_for_jobs(engine)
    checked(app.run())
    assert states(app, SLOW) == ["ready"] * 3


def test_a_precision_that_does_not_exist_is_told_in_one_line(open_app, own, monkeypatch):
    monkeypatch.setenv("XAI_AD_PRECISION", "float8")
    explainers._finding_out.cache_clear()
    monkeypatch.setattr("xai_ad.ui.inspect.page.PATIENCE", 10.0)
    app = open_app(**OWN)
    assert len(errors(app)) == 1
    assert "float8" in errors(app)[0]


def test_before_the_machine_is_known_there_is_nothing_to_stop(open_app, own, monkeypatch):
    """What stops would have to wait until it is known, and the page with it."""
    monkeypatch.setattr("xai_ad.ui.inspect.workbench.machine_known", lambda: False)
    app = open_app(**OWN)
    assert told(app, "Measuring how fast this machine computes")
    assert "stop" not in {button.key for button in app.button}


def test_stop_stops_and_run_again_computes(open_app, own, engine, monkeypatch):
    begun, let_go = threading.Event(), threading.Event()
    explain = cases.explain

    def held(case, explainer, progress=None):
        if explainer.id in SLOW:
            begun.set()
            assert let_go.wait(60)
            progress(0.5)
        return explain(case, explainer, progress)

    monkeypatch.setattr(cases, "explain", held)
    app = open_app(**(OWN | {"sample": "scratch/001"}))
    assert begun.wait(60)
    checked(app.button("stop").click().run())
    assert [panel(app, method)["state"] for method in SLOW] == ["stopped"] * 3
    assert told(app, "Stopping ")  # at once, though a batch still runs
    let_go.set()
    wait_for_jobs(engine)
    checked(app.run())
    assert told(app, "not computed")
    assert not told(app, "Stopping ")
    assert {job.state for job in engine._jobs.values()} == {JobState.STOPPED}
    checked(app.button("again").click().run())
    wait_for_jobs(engine)
    checked(app.run())
    assert [panel(app, method)["state"] for method in SLOW] == ["ready"] * 3


def test_another_photograph_takes_the_place_of_unfinished_work(open_app, own, engine, monkeypatch):
    let_go = threading.Event()
    explain = cases.explain

    def held(case, explainer, progress=None):
        if explainer.id in SLOW:
            assert let_go.wait(60)
            progress(0.5)
        return explain(case, explainer, progress)

    monkeypatch.setattr(cases, "explain", held)
    app = open_app(**(OWN | {"sample": "scratch/002"}))
    checked(app.selectbox("sample").set_value("scratch/004").run())
    let_go.set()
    wait_for_jobs(engine)
    states = [job.state for job in engine._jobs.values()]
    assert states.count(JobState.STOPPED) == states.count(JobState.DONE) == 3


def test_a_failing_explainer_says_so_in_its_panel_only(open_app, own, engine, monkeypatch):
    explain = cases.explain

    def failing(case, explainer, progress=None):
        if explainer.id in {"lrp", "lime"}:
            raise cases.XaiAdError("No rule for this layer.")
        return explain(case, explainer, progress)

    monkeypatch.setattr(cases, "explain", failing)
    app = open_app(**(OWN | {"sample": "scratch/005"}))
    wait_for_jobs(engine)
    checked(app.run())
    for method in ("lrp", "lime"):
        assert (panel(app, method)["state"], panel(app, method)["message"]) == (
            "failed",
            "No rule for this layer.",
        )
    assert panel(app, "residual")["state"] == panel(app, "kernel_shap")["state"] == "ready"


def upload(app, *files):
    """Upload files, (name, content) each, where the page takes them."""
    uploader = app.file_uploader[0]
    return checked(uploader.set_value([(name, content, "image/png") for name, content in files]).run())


def entries(app):
    """Return how the picker calls its first entries, those that are no samples."""
    return [name for name in app.selectbox("sample").options if " / " not in name]


def test_uploads_are_judged_and_kept_under_their_names(open_app, own):
    app = open_app(**OWN)
    before = component(app, "verdict")["score"]
    upload(app, ("../../x<b>.png", picture()), ("part7.png", picture(1)))
    assert entries(app) == ["x<b>.png", "part7.png"]
    card = component(app, "verdict")
    assert card["file"]["name"] == "x<b>.png"
    assert card["score"] != before
    assert app.query_params["upload"].endswith("-x<b>.png")
    assert "sample" not in app.query_params
    upload(app, ("part8.png", picture(2)))
    assert entries(app) == ["x<b>.png", "part7.png", "part8.png"]
    assert component(app, "verdict")["file"]["name"] == "part8.png"
    assert component(app, "stepper")["names"][:3] == ["x<b>.png", "part7.png", "part8.png"]
    assert component(app, "stepper")["place"] == 2


def test_the_same_picture_is_listed_once(open_app, own):
    app = upload(open_app(**OWN), ("part7.png", picture()))
    upload(app, ("copy.png", picture()))
    assert entries(app) == ["part7.png"]
    assert [told.value for told in app.info] == [r"copy\.png is the same picture as part7\.png\."]


def test_an_upload_whose_callback_a_quicker_run_cuts_short_is_judged_all_the_same(open_app, own, monkeypatch):
    app, take = open_app(**OWN), uploading.take
    monkeypatch.setattr(uploading, "take", Mock(side_effect=StopException))
    app.file_uploader[0].set_value([("part7.png", picture(), "image/png")]).run()
    monkeypatch.setattr(uploading, "take", take)
    checked(app.run())
    assert app.query_params["upload"].endswith("-part7.png")
    checked(app.run())
    assert len([button for button in app.button if button.key.startswith("forget_")]) == 1


def test_an_upload_can_be_removed(open_app, own):
    app = upload(open_app(**OWN), ("part7.png", picture()), ("part8.png", picture(1)))
    checked(next(button for button in app.button if button.key.endswith("part7.png")).click().run())
    assert entries(app) == ["part8.png"]
    assert component(app, "verdict")["file"]["name"].startswith("washer/")


def test_files_that_are_no_pictures_leave_one_message_that_says_what_is_still_shown(open_app, own):
    app = upload(open_app(**OWN), ("part7.png", picture()))
    before = component(app, "verdict")
    upload(app, ("notes.png", b"no picture"))
    assert len(errors(app)) == 1
    told = errors(app)[0].replace("\\", "")
    assert (
        told
        == "notes.png is not a PNG, JPEG, BMP, TIFF, WebP, HEIC, AVIF or DICOM picture. Still shown: part7.png."
    )
    upload(app, ("a.png", b""), ("b.png", b"no"))
    assert len(errors(app)) == 1
    told = errors(app)[0].replace("\\", "")
    assert told == "2 files could not be read: a.png and b.png. Still shown: part7.png."
    assert component(app, "verdict") == before
    upload(app, ("part9.png", picture(3)))
    assert errors(app) == []


def test_an_address_of_another_sessions_upload_shows_no_verdict(open_app, own):
    app = upload(open_app(**OWN), ("part7.png", picture()))
    other = open_app(**OWN, upload=app.query_params["upload"])
    assert component(other, "verdict") is None
    assert "part7\\.png is no longer here" in errors(other)[0]
    upload(other, ("part7.png", picture()))
    assert component(other, "verdict") == component(app, "verdict")


def test_an_address_that_is_older_than_the_latest_choice_changes_nothing(open_app, own):
    app = open_app(**OWN, sample="scratch/001", method="residual")
    left = dict(app.query_params)
    checked(app.selectbox("sample").set_value("scratch/002").run())
    app.query_params.clear()
    app.query_params.update(left)  # as a poll has it that was sent before the browser heard of the choice
    checked(app.run())
    assert component(app, "verdict")["file"]["name"] == "washer/scratch/002"


def test_what_a_page_shows_is_asked_for_in_full_by_its_address(open_app, own):
    app = open_app()
    assert dict(parse_qsl(component(app, "address")["query"])) == {
        "dataset": values(app)["dataset"],
        "model": values(app)["model"],
        "sample": values(app)["sample"],
        "method": component(app, "viewer")["selected"],
        "direction": "repair",
        "score": "squared_error",
    }


def test_the_address_alone_says_which_picture_and_method_are_shown(open_app, own):
    app = open_app(**OWN, sample="scratch/001", method="lrp")
    app.query_params["sample"] = "scratch/002"  # as the browser's back button does
    app.query_params["method"] = "residual"
    checked(app.run())
    assert values(app)["sample"] == "scratch/002"
    assert component(app, "viewer")["selected"] == "residual"
    assert component(app, "verdict")["file"]["name"] == "washer/scratch/002"


@pytest.mark.parametrize("content", [b"", b"no picture at all", picture()[:120]])
def test_a_bad_file_is_told_in_one_line_and_the_result_before_it_stays(open_app, own, content, monkeypatch):
    app = open_app(**OWN)
    before = component(app, "verdict")
    upload(app, ("good.png", content))
    assert len(errors(app)) == 1
    assert "\n" not in errors(app)[0]
    assert component(app, "verdict") == before
    checked(app.run())
    assert len(errors(app)) == 1  # a rerun, such as the one that ends the polling, does not wipe it away
    monkeypatch.setattr("xai_ad.ui.state.NOTICE_SECONDS", 0.0)
    checked(app.run())
    assert len(errors(app)) == 1  # nor does time: a busy computer may draw the page late
    app.query_params["sample"] = "scratch/002"
    checked(app.run())
    assert errors(app) == []  # it named another picture as the one that is shown


def test_the_same_file_is_judged_the_same_whatever_it_is_called(open_app, own):
    scores = []
    for name in ("a.png", "b.bmp"):
        app = open_app(**OWN)
        checked(app.file_uploader("uploader").set_value((name, picture(), "image/png")).run())
        scores.append(component(app, "verdict")["score"])
    assert scores[0] == scores[1]


def test_an_unknown_model_in_the_address_is_told_and_the_default_shown(open_app, own):
    app = open_app(model="nonsense")
    assert len(errors(app)) == 1
    assert "There is no model 'nonsense'" in errors(app)[0]
    assert "Baseline autoencoder" in errors(app)[0]
    assert component(app, "verdict") is not None


def test_a_model_in_the_address_names_its_dataset(open_app, own, store):
    store("bottle-own", dataset="bottle")
    assert values(open_app(model="bottle-own"))["dataset"] == "bottle"


@pytest.mark.parametrize("sample", ["scratch/003", "scratch / 003"])
def test_a_sample_in_the_address_is_opened(open_app, own, sample):
    assert values(open_app(**OWN, sample=sample))["sample"] == "scratch/003"


def test_an_unknown_sample_in_the_address_gives_the_default(open_app, own):
    default = values(open_app(**OWN))["sample"]
    assert values(open_app(**OWN, sample="../../etc/passwd"))["sample"] == default


def test_a_method_in_the_address_is_shown_large(open_app, own):
    assert component(open_app(**OWN, method="lrp"), "viewer")["selected"] == "lrp"


def test_an_unknown_method_in_the_address_is_told_and_the_default_shown(open_app, own):
    app = open_app(**OWN, method="magic")
    assert component(app, "viewer")["selected"] == component(open_app(**OWN), "viewer")["selected"]
    assert any("There is no explanation 'magic'" in message for message in errors(app))
    assert any("KernelSHAP" in message for message in errors(app))


def test_a_dataset_without_pictures_asks_for_the_right_one(open_app, store, quick_jobs):
    store("bottle-own", dataset="bottle")
    app = open_app(model="bottle-own")
    assert component(app, "verdict") is None
    text = " ".join(markdown.value for markdown in app.markdown)
    assert "bottle's mouth from above" in text
    assert component(app, "stepper") is None
    checked(app.file_uploader("prompt_uploader").set_value(("b.png", picture(), "image/png")).run())
    assert component(app, "verdict") is not None
    assert panel(app, "lrp")["state"] == "ready"


def normals_of(engine):
    return {
        request.normal and request.normal.path for request in engine._jobs if request.explainer.id == "lime"
    }


def buttons(app):
    return [button.label for button in app.button]


def with_bottle(open_app, store):
    store("bottle-own", dataset="bottle")
    app = open_app(model="bottle-own")
    return checked(app.file_uploader("prompt_uploader").set_value(("b.png", picture(), "image/png")).run())


def plain_picture(level=128):
    """Return a grey sheet, which an untrained network rebuilds well enough to pass."""
    buffer = io.BytesIO()
    Pillow.new("RGB", (40, 30), (level,) * 3).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_normal_photograph_becomes_what_explanations_fill_with(open_app, store, quick_jobs, engine):
    app = with_bottle(open_app, store)
    before = component(app, "verdict")["score"]
    checked(app.file_uploader("normal_uploader_0").set_value(("n.png", plain_picture(), "image/png")).run())
    assert component(app, "verdict")["score"] == before
    assert normals_of(engine) == {None, "n.png"}
    assert app.warning.values == []
    assert any("fills absent regions" in caption.value for caption in app.caption)
    checked(app.button("normal_remove").click().run())
    assert "Remove" not in buttons(app)


def test_a_normal_photograph_that_fails_itself_is_told_and_used_only_on_insistence(
    open_app, store, quick_jobs, engine
):
    app = with_bottle(open_app, store)
    checked(app.file_uploader("normal_uploader_0").set_value(("n.png", plain_picture(0), "image/png")).run())
    (told,) = app.warning.values
    assert told.startswith("n\\.png itself fails\\: ")
    assert told.endswith("would explain the wrong thing\\.")
    assert normals_of(engine) == {None}
    checked(app.button("normal_insist").click().run())
    assert normals_of(engine) == {None, "n.png"}
    assert len(app.warning.values) == 1  # it stays said
    assert "Use it anyway" not in buttons(app)


def test_changing_the_dataset_brings_its_own_model_and_sample(open_app, own, store):
    store("bottle-own", dataset="bottle")
    app = open_app(model="bottle-own")
    checked(app.selectbox("dataset").set_value("washer").run())
    assert values(app)["dataset"] == "washer"
    assert component(app, "verdict") is not None


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (Subject.PART, {"PASS", "FAIL"}),
        (Subject.LESION, {"TYPICAL", "ATYPICAL"}),
        (Subject.SCENE, {"NORMAL", "ABNORMAL"}),
    ],
)
def test_the_verdicts_words_follow_the_subject(open_app, store, quick_jobs, subject, words):
    store("own-bcae1", dataset="washer", subject=subject)
    card = component(open_app(**OWN), "verdict")
    assert card["verdict"] in words
    assert ("Not a diagnosis" in card["disclaimer"]) == (subject is Subject.LESION)


def test_without_any_model_it_says_how_to_get_one(open_app, only_own_models):
    app = open_app()
    assert "No model is stored yet" in app.info[0].value


def test_a_damaged_model_is_told_and_the_others_still_work(open_app, own, store):
    broken = store("broken-bcae1", dataset="washer")
    (broken.path / "card.json").write_text("{")
    app = open_app(**OWN)
    assert any("is not a readable card" in message for message in errors(app))
    assert component(app, "verdict") is not None


def test_damaged_weights_are_told_in_one_line(open_app, store):
    broken = store("broken-bcae1", dataset="washer", seed=8)
    (broken.path / "weights.safetensors").write_bytes(b"nothing")
    app = open_app(model="broken-bcae1")
    assert len(errors(app)) == 1
    assert component(app, "verdict") is None


def test_models_are_named_in_words_and_addressed_by_id(open_app, own, store):
    store("own-ks", dataset="washer", network="ks_cae", options={"fused": True})
    app = open_app(model="own-ks")
    box = app.selectbox("model")
    assert box.value == "own-ks"
    assert "Kernel-strengthened autoencoder (own-ks)" in box.options
    assert "Washers (generated)" in app.selectbox("dataset").options
    assert "strengthened along a row and a column" in box.help
    checked(box.set_value("own-bcae1").run())
    assert values(app)["model"] == "own-bcae1"
    assert (app.query_params["dataset"], app.query_params["model"]) == ("washer", "own-bcae1")


def test_two_models_of_one_variant_can_both_be_chosen(open_app, own, store):
    store("own-twin", dataset="washer", seed=9)
    app = open_app(**OWN)
    scores = []
    for name in ("own-twin", "own-bcae1"):
        checked(app.selectbox("model").set_value(name).run())
        assert values(app)["model"] == name
        scores.append(component(app, "verdict")["score"])
    assert scores[0] != scores[1]


def test_the_address_alone_says_which_model_is_shown(open_app, own, store):
    store("bottle-own", dataset="bottle")
    app = open_app(**OWN)
    app.query_params["model"] = "bottle-own"  # as the browser's back button does
    checked(app.run())
    assert (values(app)["dataset"], values(app)["model"]) == ("bottle", "bottle-own")


def test_a_dataset_in_the_address_opens_on_its_first_model(open_app, own, store):
    store("lesion-se", dataset="lesion", network="se_cae")
    store("lesion-bcae1", dataset="lesion", subject=Subject.LESION)
    assert values(open_app(dataset="lesion"))["model"] == "lesion-bcae1"
    app = open_app(dataset="nonsense")
    assert "There is no dataset 'nonsense'" in errors(app)[0]
    assert values(app)["dataset"] == "washer"


def test_the_ssim_map_has_a_scale_of_its_own(open_app, own):
    data = component(open_app(**OWN, method="ssim"), "viewer")
    shown = next(panel for panel in data["panels"] if panel["id"] == "ssim")
    assert data["selected"] == "ssim"
    assert (shown["kind"], shown["state"], shown["scale"]["limit"]) == ("map", "ready", 1.0)
    assert not shown.get("signed")
    assert shown["scale"]["unit"] != data["scale"]["unit"]
    assert "does not count it" in shown["notes"][0]["text"]
    assert [
        panel["id"] for panel in data["panels"] if panel.get("scale", {}).get("id") == shown["scale"]["id"]
    ] == ["ssim"]
    assert [panel["id"] for panel in data["panels"]][:3] == ["reconstruction", "residual", "ssim"]


@pytest.mark.parametrize("network", ["sa_cae", "ssa_cae"])
def test_attention_is_shown_for_models_that_have_it_and_gives_way_for_others(open_app, own, store, network):
    store("own-attentive", dataset="washer", network=network)
    app = open_app(model="own-attentive", method="attention")
    assert component(app, "viewer")["selected"] == "attention"
    assert panel(app, "attention")["scale"]["limit"] == 1.0
    checked(app.selectbox("model").set_value("own-bcae1").run())
    data = component(app, "viewer")
    assert "attention" not in [panel["id"] for panel in data["panels"]]
    assert data["selected"] == "kernel_shap"
    assert errors(app) == []


@pytest.mark.parametrize(("score", "told"), [(Score.COMPOUND, "together"), (Score.SSIM, "highest 1 %")])
def test_other_scores_are_told_in_the_card_and_on_the_maps(open_app, store, quick_jobs, score, told):
    store("own-bcae1", dataset="washer", score=score)
    app = open_app(**OWN)
    assert "structure" in component(app, "verdict")["details"][0]["value"]
    assert any(told in note["text"] for note in panel(app, "ssim")["notes"])
    assert panel(app, "residual")["state"] == "ready"
    if score is Score.SSIM:
        told = ONLY_A_PART.format("the map's highest 1 %")
        assert {"text": told, "warns": False} in panel(app, "residual")["notes"]


def test_a_network_without_a_rule_for_relevance_says_so_in_its_panel(open_app, own, monkeypatch):
    def refuse(*_):
        raise UnsupportedLayerError("Relevance has no rule for Softplus().")

    monkeypatch.setattr(Lrp, "_explain", refuse)
    app = open_app(**OWN, method="lrp")
    assert panel(app, "lrp")["state"] == "failed"
    assert panel(app, "lrp")["message"] == "Relevance has no rule for Softplus()."
    assert component(app, "verdict") is not None


def test_slow_libraries_wait_until_a_method_needs_them():
    """The first paint must not pay for what only a slow explainer or training needs."""
    import subprocess
    import sys

    program = "import sys, xai_ad.ui.inspect.page; print({'lime', 'shap', 'captum', 'lightning', 'sklearn'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
