"""Clips are cut once, to the last frame, and never without end."""

import numpy as np
import pytest

from tests.data.videos.writing import write_video
from xai_ad.data.archives import KEPT_FREE
from xai_ad.errors import DatasetError
from xai_ad.inspection.trainings import stretches
from xai_ad.inspection.trainings.stretches import cut_clips


@pytest.fixture
def clips(tmp_path):
    """Two clips of 100 and 50 frames."""
    generator = np.random.default_rng(0)
    frames = [generator.integers(0, 255, (36, 48, 3), dtype=np.uint8) for _ in range(100)]
    return [write_video(tmp_path / f"{count}.mp4", frames[:count]) for count in (100, 50)]


@pytest.fixture
def target(tmp_path):
    (tmp_path / "Train").mkdir()
    return tmp_path / "Train"


def test_each_clip_is_opened_once_and_every_frame_written_in_order(clips, target, monkeypatch):
    opened, open_frames = [], stretches.open_frames
    monkeypatch.setattr(stretches, "open_frames", lambda path: opened.append(path) or open_frames(path))
    assert cut_clips(clips, target) == 5 + 3
    assert opened == clips
    found = {folder.name: sorted(file.name for file in folder.iterdir()) for folder in target.iterdir()}
    assert [len(found[name]) for name in sorted(found)] == [20] * 5 + [17, 17, 16]
    first = [name for number in range(1, 6) for name in found[f"{number:03d}"]]
    assert first == [f"{number:06d}.png" for number in range(1, 101)]


@pytest.mark.parametrize("honest", [True, False])
def test_clips_of_too_many_frames_are_refused_whatever_their_headers_say(clips, target, monkeypatch, honest):
    monkeypatch.setattr(stretches, "MOST_FRAMES", 149)
    if not honest:
        monkeypatch.setattr(stretches, "promised_frames", lambda _: 1)
    with pytest.raises(DatasetError, match=r"at most 149 frames.*150 or more.*Bring shorter ones") as caught:
        cut_clips(clips, target)
    assert "\n" not in str(caught.value)
    assert any(target.iterdir()) != honest


def test_a_clip_leaves_the_disk_some_room(clips, target):
    left = iter([KEPT_FREE] * 7)
    with pytest.raises(DatasetError, match="Free some space"):
        cut_clips(clips, target, free=lambda _: next(left, KEPT_FREE - 1))
    assert len(list((target / ".frames").iterdir())) == 7
