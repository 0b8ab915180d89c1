"""Page Models says what a model is, shows its limit on scored pictures, sets another one, and brings an older one back."""

import json
import threading
from dataclasses import replace

import onnx
import pytest

from tests.app.conftest import checked, component, picture
from tests.ui.serving import fetch
from xai_ad.data.decoding import sha256_of
from xai_ad.errors import ExportError, XaiAdError
from xai_ad.inspection.limits import limits_of, set_limit
from xai_ad.inspection.model_measuring import ModelMeasurement
from xai_ad.machine.places import home
from xai_ad.store import (
    add_calibration,
    export_zip,
    find_model,
    fingerprint,
    load_calibration,
    load_evaluation,
)
from xai_ad.ui import thumbnails
from xai_ad.ui.layers import LAYERS

WASHER = "washer-bcae1"


def drawn(app):
    """What the limit draws: its sets of scored pictures."""
    return json.loads(LAYERS.get(component(app, "limit")["url"].rpartition("/")[2]).content)


def text_of(app):
    """Everything that is written on the page outside of components."""
    parts = [*app.markdown, *app.caption, *app.get("html"), *app.subheader]
    return " ".join(str(part.value if hasattr(part, "value") else part.proto.body) for part in parts)


def move(app, times):
    """Move the limit in the browser, and let the page hear of it."""
    told = component(app, "limit")
    app.session_state["limit_of_model"] = {
        "moved": {"calibration": told["calibration"], "limit": told["limit"] * times, "set": "measured"}
    }
    return checked(app.run())


def button(app, label):
    return next(each for each in app.button if each.label == label)


def settled(app, engine):
    """Wait for the work, and look again."""
    while any(job.state.active for job in list(engine._jobs.values())):
        threading.Event().wait(0.05)
    return checked(app.run())


def test_the_scores_are_those_that_verdicts_are_made_of(open_app):
    app = open_app("models.py", model=WASHER)
    record = load_calibration(WASHER)
    assert component(app, "limit")["limit"] == record.calibration.threshold
    measured, setting = drawn(app)
    assert measured["scores"] == [image.score for image in load_evaluation(WASHER)]
    assert setting["scores"] == [image.score for image in record.images]
    assert [(each["id"], each["measures"]) for each in (measured, setting)] == [
        ("measured", True),
        ("setting", False),
    ]
    assert measured["about"].startswith("A measurement: these 54 pictures")
    assert setting["about"].startswith("No measurement: the limit was placed by 28 pictures")


def test_the_sheet_says_what_the_model_learned_from_and_what_it_must_not_be_used_for(open_app):
    text = text_of(open_app("models.py", model="ham10000-bcae1"))
    assert "It learned from 4,500 pictures of naevi" in text
    assert "AUC-ROC 0.779" in text
    assert "Diagnosis, triage or advice to patients" in text
    assert "CC BY-NC 4.0, non-commercial" in text


def test_a_cards_own_words_are_text_and_no_markup(open_app, store):
    store("evil", dataset="widget", licence="<img src=x onerror=alert(1)>")
    assert "&lt;img src=x onerror=alert(1)&gt;" in text_of(open_app("models.py", model="evil"))


@pytest.mark.parametrize(
    ("model", "normal", "mistake"),
    [
        (WASHER, "good parts", "Good parts rejected"),
        ("ham10000-bcae1", "typical lesions", "Typical lesions flagged"),
        ("ped2-motion_cae", "normal frames", "Normal frames flagged"),
    ],
)
def test_each_subject_has_its_own_words(open_app, model, normal, mistake):
    words = component(open_app("models.py", model=model), "limit")["words"]
    assert (words["normal"], words["rejected"]) == (normal, mistake)


def test_the_worst_mistakes_are_shown_where_the_pictures_are_at_hand(open_app):
    pictures = drawn(open_app("models.py", model=WASHER))[0]["pictures"]
    assert [each["name"] for each in pictures if each["label"] == 0][:2] == ["good/002", "good/029"]
    assert [each["name"] for each in pictures if each["label"] == 1][:2] == ["scratch/007", "scratch/005"]
    assert pictures[0]["link"] == "/?dataset=washer&model=washer-bcae1&sample=good%2F002"
    assert fetch(thumbnails.ROUTE, pictures[0]["url"])[2].startswith(b"\xff\xd8")
    assert drawn(open_app("models.py", model="ham10000-bcae1"))[0]["pictures"] == []


def test_a_limit_is_set_with_a_reason_and_a_name_and_can_be_taken_back(open_app):
    before = load_calibration(WASHER)
    app = move(open_app("models.py", model=WASHER), 1.25)
    button(app, "Set the limit").click()
    assert "A limit needs a reason" in checked(app.run()).error[0].value.replace("\\", "")
    app.text_input(key="limit_reason").set_value("Too many good ones fall out")
    app.text_input(key="limit_name").set_value("Ada")
    button(app, "Set the limit").click()
    checked(app.run())
    record = load_calibration(WASHER)
    assert record.calibration.threshold == before.calibration.threshold * 1.25
    assert (record.reason, record.by, record.images) == ("Too many good ones fall out", "Ada", before.images)
    assert component(app, "limit")["limit"] == record.calibration.threshold
    assert "set by hand" in drawn(app)[0]["about"]
    app.button(key=f"restore_{before.id}").click()
    checked(app.run())
    assert load_calibration(WASHER) == before
    assert {limit.id for limit in limits_of(WASHER)} >= {before.id, record.id}


def test_a_limit_that_was_moved_from_another_one_than_is_in_force_is_not_offered(open_app):
    app = move(open_app("models.py", model=WASHER), 1.25)
    assert any(each.label == "Set the limit" for each in app.button)
    set_limit(WASHER, 0.5, reason="meanwhile", by="Bob")
    assert not any(each.label == "Set the limit" for each in checked(app.run()).button)


def test_two_models_stand_side_by_side(open_app):
    app = open_app("models.py", model="lesion-bcae1-svdd", compare="lesion-bcae1")
    other = drawn(app)[0]["other"]
    assert other["title"] == "Baseline autoencoder"
    assert (other["roc"][0], other["roc"][-1]) == ([0.0, 0.0], [1.0, 1.0])
    assert "On the same 54 images" in text_of(app).replace("\\", "")
    told = component(app, "scatter")
    points = json.loads(LAYERS.get(told["url"].rpartition("/")[2]).content)
    assert [panel["title"] for panel in points["panels"]] == [
        "Before fine-tuning: Baseline autoencoder",
        "After fine-tuning: Baseline + SVDD fine-tuning",
    ]
    assert len(points["panels"][0]["across"]) == len(points["labels"]) == 54


def test_an_unknown_model_beside_it_is_reported(open_app):
    app = open_app("models.py", model=WASHER, compare="lesion-bcae1")
    assert "There is no other model 'lesion-bcae1'" in app.error[0].value.replace("\\", "")
    assert component(app, "limit") is not None


def test_a_model_without_an_evaluation_says_so(open_app, store):
    store("mine", dataset="widget")
    app = open_app("models.py", model="mine")
    assert [each["id"] for each in drawn(app)] == ["setting"]
    assert "No evaluation is stored under this limit" in text_of(app)
    assert component(app, "scatter") is None


def test_a_model_of_ones_own_is_renamed_and_deleted_once_that_is_confirmed(open_app, store):
    store("mine", dataset="widget")
    app = open_app("models.py", model="mine")
    app.text_input(key="new_model_name_mine").set_value("yours")
    button(app, "Rename").click()
    assert checked(app.run()).query_params["model"] == "yours"
    assert find_model("yours").card.id == "yours"
    assert app.button(key="delete_model").disabled
    app.checkbox(key="sure_to_delete_yours").check()
    app.run().button(key="delete_model").click()
    checked(app.run())
    assert "yours" not in app.selectbox(key="model").options
    with pytest.raises(XaiAdError, match="no model 'yours'"):
        find_model("yours")


def test_a_shipped_model_is_neither_renamed_nor_deleted(open_app):
    labels = {each.label for each in open_app("models.py", model=WASHER).button}
    assert not labels & {"Rename", "Delete"}


def test_a_damaged_model_is_reported_and_the_pickers_stay(open_app, store):
    stored = store("mine", dataset="widget")
    (stored.path / "calibrations.json").write_text("[]")
    app = open_app("models.py", model="mine")
    assert "calibrations.json" in app.error[0].value.replace("\\", "")
    assert app.selectbox(key="model").value == "mine"


def test_an_exported_model_is_imported_under_another_name(open_app, store, tmp_path):
    store("mine", dataset="widget")
    content = export_zip(find_model("mine"), tmp_path / "mine.zip").read_bytes()
    app = open_app("models.py", model=WASHER)
    app.file_uploader(key="model_archive").set_value(("mine.zip", content, "application/zip"))
    button(app, "Import it").click()
    assert "There is a model 'mine' already" in checked(app.run()).error[0].value.replace("\\", "")
    app.file_uploader(key="model_archive_1").set_value(("mine.zip", content, "application/zip"))
    app.text_input(key="model_archive_name").set_value("theirs")
    button(app, "Import it").click()
    assert checked(app.run()).selectbox(key="model").value == "theirs"
    assert find_model("theirs").card.sha256 == find_model("mine").card.sha256


def test_what_is_no_archive_of_a_model_is_refused_and_nothing_is_left(open_app, store):
    store("mine", dataset="widget")
    app = open_app("models.py", model="mine")
    app.file_uploader(key="model_archive").set_value(("evil.zip", b"PK\x03\x04nonsense", "application/zip"))
    button(app, "Import it").click()
    assert len(checked(app.run()).error) == 1
    assert [path.name for path in (home() / "models").iterdir()] == ["mine"]


def test_import_without_a_file_asks_for_one(open_app):
    app = open_app("models.py", model=WASHER)
    button(app, "Import it").click()
    assert checked(app.run()).error[0].value.replace("\\", "") == "Choose a ZIP of a model first."


def test_the_pictures_that_a_model_was_trained_on_are_looked_for(
    open_app, store, engine, monkeypatch, tmp_path
):
    content = picture()
    (tmp_path / "part.png").write_bytes(content)
    stored = store("mine", dataset="widget")
    record = load_calibration(stored)
    judged = replace(record.images[0], sha256=sha256_of(content), score=0.9)
    add_calibration(stored, replace(record, id="own", images=(judged,)))
    monkeypatch.setattr("xai_ad.ui.models.limiting.own_folder", lambda _: tmp_path)
    app = settled(open_app("models.py", model="mine"), engine)
    (found,) = drawn(app)[0]["pictures"]
    assert (found["name"], found["link"]) == (f"{tmp_path.name}/part", None)
    assert fetch(thumbnails.ROUTE, found["url"])[2].startswith(b"\xff\xd8")


def test_a_model_is_written_for_other_programs_once_it_agrees(open_app, engine):
    app = open_app("models.py", model=WASHER)
    assert not engine._jobs  # nobody asked for it
    app.button(key="export_onnx").click()
    app = settled(checked(app.run()), engine)
    assert "Compared with the model on 9 images" in text_of(app).replace("\\", "")
    assert "export_onnx" not in [each.key for each in app.button]
    (job,) = engine._jobs.values()
    assert job.question.name == "washer-bcae1.onnx"
    assert onnx.load(str(job.result.path)).graph.output[0].name == "score"


def test_an_export_that_fails_says_why_and_can_be_tried_again(open_app, engine, monkeypatch):
    def fail(*_, **__):
        raise ExportError("OpenVINO does not take the network.")

    monkeypatch.setattr("xai_ad.inspection.model_export.export_model", fail)
    app = open_app("models.py", model=WASHER)
    app.button(key="export_openvino").click()
    app = settled(checked(app.run()), engine)
    assert app.error[0].value.replace("\\", "") == "OpenVINO does not take the network."
    assert app.button(key="export_openvino").label == "Write it as OpenVINO"


def test_an_own_model_that_nobody_measured_can_be_measured(open_app, store, engine, monkeypatch, tmp_path):
    stored = store("mine", dataset="widget")
    question = ModelMeasurement(
        model=fingerprint(stored),
        data=tmp_path,
        layout="mvtec",
        levels=None,
        calibrated_on=frozenset(),
        stored=stored,
    )
    monkeypatch.setattr("xai_ad.ui.models.measuring.model_measurement", lambda *_: question)
    app = open_app("models.py", model="mine")
    app.button(key="measure_model").click()
    app = settled(checked(app.run()), engine)
    assert "mvtec" in app.error[0].value  # an empty folder holds no such set
    assert app.button(key="measure_model").label == "Measure it on them"


def test_what_was_measured_is_not_measured_again(open_app, monkeypatch):
    monkeypatch.setattr("xai_ad.ui.models.measuring.model_measurement", lambda *_: pytest.fail("asked"))
    assert "measure_model" not in [each.key for each in open_app("models.py", model=WASHER).button]
