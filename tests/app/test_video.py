"""Page Video scores a clip, shows any of its frames, and keeps what it has when something goes wrong."""

import json
import threading
import time

import numpy as np
import pytest

from tests.app.conftest import checked, component, panel, picture
from tests.data.videos.writing import write_frames, write_video, write_zip
from xai_ad.data.specs import Subject
from xai_ad.inspection import clip_scoring
from xai_ad.ui.layers import LAYERS

FRAMES = 20


def moving(count=FRAMES, size=(36, 24)):
    """Frames of noise, of which some have a bright square."""
    generator = np.random.default_rng(3)
    frames = [generator.integers(60, 120, (size[1], size[0], 3), dtype=np.uint8) for _ in range(count)]
    for index in range(8, min(14, count)):
        frames[index][4:16, 6:20] = 250
    return frames


@pytest.fixture
def scene(store, only_own_models):
    """An untrained model of scenes, the only one."""
    return store("scene-bcae1", dataset="ped2", subject=Subject.SCENE)


@pytest.fixture
def clip(tmp_path):
    return write_video(tmp_path / "walk.mp4", moving(), options={"g": "5"}).read_bytes()


@pytest.fixture
def opened(open_app, scene, clip, engine):
    """The page with a clip that was scored."""
    return finish(upload(open_app("video.py"), ("walk.mp4", clip)), engine)


def upload(app, *files):
    uploader = app.file_uploader[0]
    uploader.set_value([(name, content, "video/mp4") for name, content in files])
    return checked(app.run())


def finish(app, engine):
    """Wait for the work, and look again."""
    deadline = time.monotonic() + 120
    while any(job.state.active for job in list(engine._jobs.values())):
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    return checked(app.run())


def curve_of(app):
    """What the curve draws."""
    told = component(app, "curve")
    return told, json.loads(LAYERS.get(told["url"].rpartition("/")[2]).content)


def errors(app):
    return [error.value for error in app.error]


def test_without_a_clip_the_page_asks_for_one(open_app, scene):
    app = open_app("video.py")
    assert [heading.value for heading in app.subheader] == ["Upload a clip to inspect"]
    assert component(app, "curve") is None


def test_an_uploaded_clip_is_scored_and_opens_on_its_highest_frame(open_app, scene, clip, engine):
    app = finish(upload(open_app("video.py"), ("walk.mp4", clip)), engine)
    told, drawn = curve_of(app)
    assert drawn["count"] == FRAMES
    assert drawn["runs"] == [[1, FRAMES]]
    worst = 1 + int(np.argmax(drawn["scores"]["values"]))
    assert told["frame"] == worst
    assert told["value"] == pytest.approx(drawn["highest"])
    card = component(app, "verdict")
    assert card["file"]["name"] == "walk.mp4"
    assert card["file"]["detail"].startswith(f"Frame {worst} of {FRAMES}")
    assert card["score"] == pytest.approx(told["value"])
    assert panel(app, "residual")["state"] == "ready"
    assert panel(app, "lime")["state"] == "idle"  # nobody waits for it at every step


def test_a_frame_is_shown_by_its_address_and_by_a_step(open_app, scene, clip, engine):
    app = finish(upload(open_app("video.py", frame="7"), ("walk.mp4", clip)), engine)
    app.query_params["frame"] = "9"
    checked(app.run())
    assert component(app, "curve")["frame"] == 9
    assert component(app, "verdict")["file"]["detail"].startswith("Frame 9 of 20")


@pytest.mark.parametrize(
    ("asked", "quoted"), [("21", "no frame '21'"), ("-1", "no frame '-1'"), ("nine", "no frame 'nine'")]
)
def test_a_frame_that_there_is_not_is_told_and_the_highest_shown(opened, asked, quoted):
    app = opened
    highest = component(app, "curve")["frame"]
    app.query_params["frame"] = asked
    checked(app.run())
    assert component(app, "curve")["frame"] == highest
    assert quoted in errors(app)[0].replace("\\", "")
    assert "from 1 to 20" in errors(app)[0]


def test_two_clips_of_one_name_are_two(open_app, scene, clip, engine, tmp_path):
    other = write_video(tmp_path / "other.mp4", moving(9)).read_bytes()
    app = upload(open_app("video.py"), ("walk.mp4", clip), ("walk.mp4", other))
    app = finish(app, engine)
    names = app.selectbox(key="clip_picker").options
    assert len(names) == len(set(names)) == 2
    assert component(app, "verdict")["file"]["detail"].split(",")[0].endswith("of 20")
    app.selectbox(key="clip_picker").select_index(1)
    app = finish(checked(app.run()), engine)
    assert component(app, "verdict")["file"]["detail"].split(",")[0].endswith("of 9")


def test_a_zip_of_pictures_is_a_clip(open_app, scene, engine, tmp_path):
    archive = write_zip(tmp_path / "walk.zip", write_frames(tmp_path / "walk", range(5, 17)))
    app = finish(upload(open_app("video.py"), ("walk.zip", archive.read_bytes())), engine)
    assert curve_of(app)[1]["runs"] == [[5, 16]]


def test_a_clip_that_breaks_off_is_shown_as_far_as_it_goes(open_app, scene, engine, tmp_path):
    whole = write_video(tmp_path / "walk.ts", moving(40), options={"g": "5"}).read_bytes()
    app = finish(upload(open_app("video.py"), ("walk.ts", whole[: len(whole) * 2 // 3 + 50])), engine)
    assert 5 < curve_of(app)[1]["count"] < 40
    (warning,) = app.warning
    assert warning.value.startswith("walk\\.ts ")
    assert "tmp" not in warning.value


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("part.mp4", picture(), "part.mp4 is a PNG picture"),
        ("no.mp4", b"nothing at all", "no.mp4 is no video that can be opened"),
        ("none.mp4", b"", "none.mp4 is empty"),
        ("a.zip", b"PK", "a.zip is no ZIP archive"),
    ],
)
def test_what_is_no_clip_is_named_and_changes_nothing(opened, name, content, words):
    app = opened
    before = component(app, "curve")
    app = upload(app, (name, content))
    assert component(app, "curve") == before
    assert words in errors(app)[0].replace("\\", "")


def test_one_frame_is_no_clip(open_app, scene, engine, tmp_path):
    one = write_video(tmp_path / "one.mp4", moving(1)).read_bytes()
    app = finish(upload(open_app("video.py"), ("one.mp4", one)), engine)
    assert "one.mp4 has 1 frame; a clip has at least 2. Inspect it as a picture." in errors(app)[0].replace(
        "\\", ""
    )


def test_a_stop_keeps_what_was_scored(open_app, scene, engine, tmp_path, monkeypatch):
    monkeypatch.setattr(clip_scoring, "PUBLISHED", 0.0)
    monkeypatch.setattr(clip_scoring, "REPORTED", 0.0)
    reached, go_on = threading.Event(), threading.Event()
    publish = clip_scoring._Run._publish

    def waiting(run, **how):
        found = publish(run, **how)
        reached.set()
        if not how:
            go_on.wait(60)
        return found

    monkeypatch.setattr(clip_scoring._Run, "_publish", waiting)
    long = write_video(tmp_path / "long.mp4", moving(100), options={"g": "5"}).read_bytes()
    app = upload(open_app("video.py"), ("long.mp4", long))
    assert reached.wait(60)
    app.query_params["frame"] = "95"  # it is shown once it was scored
    app = checked(app.run())
    assert any("Frame 95 is shown once" in each.value for each in app.info)
    told, drawn = curve_of(app)
    assert told["last"] == 100
    assert drawn["count"] < 100
    assert any("of 100 frames scored" in each.value for each in app.markdown)
    app.button(key="stop_clip").click()
    app = checked(app.run())
    go_on.set()
    app = finish(app, engine)
    _, kept = curve_of(app)
    assert drawn["count"] <= kept["count"] < 100
    assert "was stopped after frame" in app.warning[0].value
    app.button(key="again").click()
    app = finish(checked(app.run()), engine)
    told, whole = curve_of(app)
    assert (told["frame"], whole["count"]) == (95, 100)
    assert not app.warning


def test_another_model_in_the_middle_scores_the_same_clip_anew(open_app, scene, store, clip, engine):
    store("scene-bcae2", dataset="ped2", subject=Subject.SCENE, network="bcae2", seed=3)
    app = finish(upload(open_app("video.py", frame="5"), ("walk.mp4", clip)), engine)
    first = component(app, "curve")
    app.selectbox(key="model").select(
        "scene-bcae2" if "bcae1" in app.selectbox(key="model").value else "scene-bcae1"
    )
    app = finish(checked(app.run()), engine)
    second = component(app, "curve")
    assert second["clip"] != first["clip"]
    assert second["value"] != pytest.approx(first["value"])
    assert component(app, "verdict")["file"]["name"] == "walk.mp4"
