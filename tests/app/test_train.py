"""Page Train takes pictures, says what they are, and orders a training that goes on without it."""

import io
import shutil
import threading
import time
import zipfile

import pytest

from tests.app.conftest import checked, component, picture
from xai_ad.errors import WritingError
from xai_ad.inspection.trainings import jobs
from xai_ad.machine.places import home
from xai_ad.training.promises import Promise
from xai_ad.training.recipe import Loss
from xai_ad.ui.train import ordering, surveying


@pytest.fixture(autouse=True)
def begun(monkeypatch):
    """No worker begins; says how often one was asked for. The computer's speed is known."""
    asked = []
    monkeypatch.setattr(jobs, "start_runner", lambda: asked.append(1))
    monkeypatch.setattr(
        ordering.EstimateQuestion, "answer", lambda *_: ordering.Estimate(images_per_second=50.0)
    )
    yield asked
    shutil.rmtree(home(), ignore_errors=True)


def zipped(count, *, broken=0, folder="", **others):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for index in range(count):
            archive.writestr(f"{folder}{index:03d}.png", picture(index))
        for index in range(broken):
            archive.writestr(f"{folder}broken{index}.png", b"\x89PNG\r\n\x1a\n")
        for name, data in others.items():
            archive.writestr(name, data)
    return content.getvalue()


def upload(app, content, name="My parts.zip"):
    app.file_uploader[0].set_value([(name, content, "application/zip")])
    return checked(app.run())


def _settled(engine):
    jobs_now = dict(engine._jobs)
    return None if any(job.state.active for job in jobs_now.values()) else set(jobs_now)


def finish(app, engine):
    deadline = time.monotonic() + 120
    while True:
        before = _settled(engine)
        checked(app.run())
        if before is not None and before == _settled(
            engine
        ):  # what ended meanwhile may lead to another question
            return app
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def said(app):
    return " ".join(
        element.value.replace("\\", "")
        for kind in ("markdown", "caption", "info", "error")
        for element in app.get(kind)
    )


def test_pictures_are_asked_for(open_app):
    app = open_app("train.py")
    assert [heading.value for heading in app.subheader] == ["Pictures of good parts"]


def test_three_steps_lead_from_a_zip_to_a_training(open_app, engine, begun):
    app = finish(upload(open_app("train.py"), zipped(50)), engine)
    assert "50 good pictures." in said(app)
    assert "Of new good pictures about 9.09 % will be rejected" in said(app)
    assert "each of the 40 some 750 times, of 1,000 that are worth while" in said(app)
    assert len(component(app, "gallery")["items"]) == 48
    assert app.text_input(key="train_name").value == "my-parts"
    checked(app.button(key="start_training").click().run())
    (job,) = jobs.list_jobs()
    assert (job.state, job.order.name, job.order.limit) == ("waiting", "my-parts", Promise.BALANCED)
    assert (job.order.network, job.order.loss, job.order.score) == ("bcae1", Loss.MSE, "ssim")
    assert job.order.data.is_relative_to(home())
    assert begun
    assert (app.query_params["view"], app.query_params["job"]) == ("trainings", job.id)
    assert "Waits: it is next" in said(app)


def test_a_picture_that_is_put_into_the_folder_meanwhile_is_counted(open_app, engine, tmp_path):
    for index in range(12):
        (tmp_path / f"{index}.png").write_bytes(picture(index))
    app = open_app("train.py")
    app.text_input(key="training_folder").set_value(str(tmp_path))
    assert "12 good pictures." in said(finish(app, engine))
    (tmp_path / "12.png").write_bytes(picture(12))
    assert "13 good pictures." in said(finish(app, engine))


def test_uploaded_pictures_can_be_deleted_and_a_folder_of_ones_own_cannot(open_app, engine, tmp_path):
    app = finish(upload(open_app("train.py"), zipped(12)), engine)
    (key,) = [path.name for path in (home() / "datasets").iterdir()]
    checked(app.button(key="forget_pictures").click().run())
    assert not (home() / "datasets" / key).exists()
    assert [heading.value for heading in app.subheader] == ["Pictures of good parts"]
    for index in range(12):
        (tmp_path / f"{index}.png").write_bytes(picture(index))
    app.text_input(key="training_folder").set_value(str(tmp_path))
    app = finish(app, engine)
    assert "12 good pictures." in said(app)
    assert not [button for button in app.button if button.key == "forget_pictures"]


def test_another_training_of_the_same_pictures_has_another_name(open_app, engine):
    app = finish(upload(open_app("train.py"), zipped(12)), engine)
    checked(app.button(key="start_training").click().run())
    app.query_params["view"] = "new"
    app = finish(app, engine)
    assert app.text_input(key="train_name").value == "my-parts-2"


def test_a_name_that_is_taken_is_reported_and_nothing_is_lost(open_app, engine, store):
    store("taken", dataset="washer")
    app = finish(upload(open_app("train.py"), zipped(12)), engine)
    app.text_input(key="train_name").set_value("taken")
    app.number_input(key="train_minutes").set_value(3.0)
    checked(app.button(key="start_training").click().run())
    assert "'taken'" in said(app)
    assert jobs.list_jobs() == ()
    assert (app.text_input(key="train_name").value, app.number_input(key="train_minutes").value) == (
        "taken",
        3.0,
    )


def test_a_corrupt_file_is_listed_and_left_out(open_app, engine):
    app = finish(upload(open_app("train.py"), zipped(20, broken=1)), engine)
    assert "1 file cannot be read" in said(app)
    (item,) = component(app, "gallery")["items"]
    assert (item["name"], item["url"], item["out"]) == ("broken0.png", "", True)
    checked(app.button(key="start_training").click().run())
    assert len(jobs.list_jobs()[0].order.left_out) == 1


def test_only_what_the_pictures_allow_is_promised(open_app, engine):
    app = finish(upload(open_app("train.py"), zipped(100)), engine)
    assert app.selectbox(key="train_limit").options == [
        "As strict as they allow",
        "1 in 10 good ones rejected",
        "1 in 20 good ones rejected",
    ]
    assert "1 in 50 needs 49 good pictures to set the limit, and there are 20" in said(app)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped(4), "4 good pictures. Bring at least 10"),
        (zipped(0, readme=b"a"), "no pictures"),
        (b"nothing", "no ZIP archive"),
        (zipped(12, **{"../x.png": b"1"}), "leads out"),
    ],
)
def test_what_cannot_be_learnt_from_is_said_in_one_line_and_nothing_starts(open_app, engine, content, words):
    app = finish(upload(open_app("train.py"), content), engine)
    assert words in said(app)
    assert not [button for button in app.button if button.key == "start_training"]


def test_a_folder_of_this_computer_is_taken_by_its_path(open_app, engine, mvtec_folder):
    app = open_app("train.py")
    checked(app.text_input(key="training_folder").set_value(str(mvtec_folder)).run())
    app = finish(app, engine)
    assert "18 good pictures and 10 defective ones (5 masks)." in said(app)
    assert app.selectbox(key="train_limit").options[0] == "Balanced, by the defects"
    assert app.query_params["data"] == str(mvtec_folder)
    assert app.selectbox(key="train_score").value == "best"
    checked(app.button(key="start_training").click().run())
    assert jobs.list_jobs()[0].order.score is None


def test_a_folder_that_is_not_there_is_quoted(open_app):
    app = open_app("train.py")
    checked(app.text_input(key="training_folder").set_value("/nowhere/at all").run())
    assert "'/nowhere/at all'" in said(app)
    assert [heading.value for heading in app.subheader] == ["Pictures of good parts"]


def test_a_training_is_paused_resumed_and_removed_from_the_list(open_app, engine):
    app = finish(upload(open_app("train.py"), zipped(12)), engine)
    checked(app.button(key="start_training").click().run())
    name = jobs.list_jobs()[0].id
    checked(app.button(key=f"pause_{name}").click().run())
    assert jobs.find_job(name).state == "paused"
    checked(app.button(key=f"resume_{name}").click().run())
    assert jobs.find_job(name).state == "waiting"
    checked(app.button(key=f"stop_{name}").click().run())
    checked(app.button(key=f"forget_{name}").click().run())
    assert "There is no training" not in said(app)
    assert jobs.list_jobs() == ()


def test_what_was_chosen_is_there_when_one_comes_back(open_app, engine):
    app = finish(upload(open_app("train.py"), zipped(60)), engine)
    checked(app.button(key="start_training").click().run())
    app.query_params["view"] = "new"
    app = finish(app, engine)
    app.text_input(key="train_name").set_value("mine")
    app.number_input(key="train_minutes").set_value(3.0)
    app.selectbox(key="train_limit").set_value(Promise.ONE_IN_10)
    checked(app.run())
    app.query_params["view"] = "trainings"
    checked(app.run())
    app.query_params["view"] = "new"
    checked(app.run())
    assert (app.text_input(key="train_name").value, app.number_input(key="train_minutes").value) == (
        "mine",
        3.0,
    )
    assert app.selectbox(key="train_limit").value == Promise.ONE_IN_10
    assert app.selectbox(key="train_score").value == "ssim"


def test_what_is_left_out_counts_for_no_promise(open_app, engine, monkeypatch):
    app = finish(upload(open_app("train.py"), zipped(100)), engine)
    shown = [item["id"] for item in component(app, "gallery")["items"]]
    monkeypatch.setattr(surveying, "chosen_in", lambda *_: dict.fromkeys(shown, True))
    checked(app.run())
    assert "48 left out by you" in said(app)
    assert app.selectbox(key="train_limit").options == [
        "As strict as they allow",
        "1 in 10 good ones rejected",
    ]
    checked(app.button(key="start_training").click().run())
    assert len(jobs.list_jobs()[0].order.left_out) == 48


def test_too_few_that_remain_are_not_trained_on(open_app, engine, monkeypatch):
    app = finish(upload(open_app("train.py"), zipped(12)), engine)
    shown = [item["id"] for item in component(app, "gallery")["items"]]
    monkeypatch.setattr(surveying, "chosen_in", lambda *_: dict.fromkeys(shown[:5], True))
    checked(app.run())
    assert "Without those left out there are 7 good pictures" in said(app)
    assert not [button for button in app.button if button.key == "start_training"]


def test_what_could_not_be_done_with_a_training_is_said_beside_it(open_app, engine, monkeypatch):
    app = finish(upload(open_app("train.py"), zipped(12)), engine)
    checked(app.button(key="start_training").click().run())
    name = jobs.list_jobs()[0].id

    def full(_):
        raise WritingError("'/home' cannot be written (No space left on device). Free some space.")

    monkeypatch.setattr(jobs, "pause", full)
    checked(app.run())
    checked(app.button(key=f"pause_{name}").click().run())
    assert "No space left on device" in said(app)
    monkeypatch.undo()


def test_a_training_that_there_is_not_is_reported(open_app, engine):
    app = finish(upload(open_app("train.py"), zipped(12)), engine)
    checked(app.button(key="start_training").click().run())
    app = open_app("train.py", view="trainings", job="nonsense")
    assert "'nonsense'" in said(app)
    assert component(app, "losses")["epochs"] == []
