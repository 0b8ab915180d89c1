import numpy as np

from tests.data.videos.writing import write_frames, write_video
from xai_ad.data.images import Preprocessing
from xai_ad.data.videos.clips import Clip, stretch
from xai_ad.data.videos.sources import open_frames

LOOK = Preprocessing(size=16, channels=1)


def clip_of(path):
    source = open_frames(path)
    labels = tuple(number % 3 == 0 for number in source.numbers)
    return Clip(
        name="clip", source=source, subset="test", numbers=source.numbers, sha256=source.sha256, labels=labels
    )


def test_a_stretch_of_a_stretch_streams_its_own_frames(tmp_path):
    for path in (write_video(tmp_path / "clip.mkv"), write_frames(tmp_path / "frames")):
        clip = clip_of(path)
        part = stretch(stretch(clip, 2, 11, name="a", subset="train"), 3, 6, name="b", subset="train")
        assert part.numbers == clip.numbers[5:8]
        assert part.labels == clip.labels[5:8]
        assert [frame.number for frame in part.stream(LOOK)] == list(part.numbers)
        assert part.file_of(0) == clip.file_of(5)


def test_stretches_of_one_clip_and_their_frames_have_hashes_of_their_own(tmp_path):
    clip = clip_of(write_frames(tmp_path / "frames"))
    parts = [stretch(clip, begin, begin + 6, name="part", subset="train") for begin in (0, 6)]
    hashes = [one for part in [clip, *parts] for one in (part.sha256, *part.frame_hashes)]
    assert len(set(hashes)) == 3 + 12 + 12


def test_a_clips_frames_are_those_of_its_stream(tmp_path):
    clip = clip_of(write_frames(tmp_path / "frames", [1, 2, 7]))
    numbers = [(frame.number, frame.position) for frame in clip.stream(LOOK)]
    assert numbers == list(zip(clip.numbers, np.arange(3), strict=True))
