"""An annotated video shows every scored frame, coloured by its verdict, and is made frame by frame."""

import av
import numpy as np
import pytest

from tests.data.videos.writing import brightness, write_frames, write_video, write_zip
from xai_ad.errors import Cancelled, ImageError
from xai_ad.inspection import clip_scoring, clip_video
from xai_ad.inspection.clip_files import open_clip
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.annotated import BAND, PLOT
from xai_ad.progress import silent
from xai_ad.store import load_calibration


@pytest.fixture(autouse=True)
def own_caches(monkeypatch):
    monkeypatch.setattr(clip_scoring, "_SCORED", BoundedCache(8))
    monkeypatch.setattr(clip_video, "_DRAWN", BoundedCache(8))


def read(path):
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in video.decode(stream)]
        return stream.codec_context.name, float(stream.average_rate), frames


def question_of(stored, path):
    return clip_scoring.clip_scoring(stored, open_clip(path.name, path))


@pytest.mark.parametrize("container", ["video", "zip"])
def test_every_scored_frame_is_drawn_with_its_verdict(stored_model, tmp_path, container):
    if container == "zip":
        numbers = [*range(1, 8), *range(20, 27)]
        path = write_zip(tmp_path / "walk.zip", write_frames(tmp_path / "walk", numbers, size=(48, 32)))
    else:
        numbers = list(range(1, 15))
        path = write_video(tmp_path / "walk.mp4", 14, options={"g": "5"})
    question = question_of(stored_model, path)
    scored = question.answer(silent)
    heard = []
    drawn = clip_video.clip_video(question, scored).answer(heard.append)
    codec, rate, frames = read(drawn.path)
    assert (codec, rate) == ("h264", 10)
    assert drawn.frames == len(frames) == 14
    assert heard == sorted(heard)
    assert heard[-1] == 1
    calibration = load_calibration(stored_model).calibration
    for place, frame in enumerate(frames):
        assert frame.shape == (BAND + 320 + PLOT, 480, 3)
        red, green, _ = frame[4, 4]
        is_abnormal = calibration.is_anomalous(scored.judged.scores[place])
        assert (red > green) == is_abnormal
        if not is_abnormal:  # nothing lies over the picture
            assert abs(frame[BAND + 160, 240].mean() - brightness(numbers[place] - 1)) < 12
    cursors = [int(np.argmin(frame[-PLOT:].sum(axis=(0, 2)))) for frame in frames]
    assert cursors == sorted(cursors)
    assert cursors[0] < 20
    assert cursors[-1] > 460


def test_only_what_was_scored_is_drawn_and_a_stop_leaves_nothing(stored_model, tmp_path):
    path = write_video(tmp_path / "walk.mp4", 30, options={"g": "5"})
    question = question_of(stored_model, path)
    scored = question.answer(silent)

    def stop(fraction):
        if fraction > 0.4:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        clip_video.clip_video(question, scored).answer(stop)
    assert clip_video.drawn_clip(clip_video.clip_video(question, scored)) is None
    part = clip_video.ClipVideo(scoring=question, count=7)
    drawn = part.answer(silent)
    assert drawn.frames == len(read(drawn.path)[2]) == 7
    assert clip_video.drawn_clip(part) is drawn


def test_a_clip_that_was_not_scored_is_not_drawn(stored_model, tmp_path):
    question = question_of(stored_model, write_video(tmp_path / "walk.mp4", 5))
    with pytest.raises(ImageError, match="no longer at hand"):
        clip_video.ClipVideo(scoring=question, count=5).answer(silent)
