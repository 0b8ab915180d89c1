"""A frame that is sought is the frame that reading from the beginning gives, and is reached without reading all before it."""

import numpy as np
import pytest

from tests.data.videos.writing import (
    CODECS,
    copy_video,
    frame_pixels,
    set_edits,
    write_frames,
    write_video,
    write_zip,
)
from xai_ad.data.videos import decoding, seeking
from xai_ad.data.videos.decoding import as_image, decoded, promised_frames
from xai_ad.data.videos.seeking import FrameIndex
from xai_ad.data.videos.sources import VideoFrames, open_frames
from xai_ad.errors import ImageError

COUNT = 40
REORDERED = {"bf": "3", "b_strategy": "0", "g": "8", "sc_threshold": "0"}
OPEN = {**REORDERED, "x264-params": "open-gop=1:keyint=8:min-keyint=8"}


def noise(count=COUNT):
    generator = np.random.default_rng(0)
    return [
        np.clip(frame_pixels(index).astype(int) + generator.integers(-20, 20, (32, 48, 3)), 0, 255).astype(
            np.uint8
        )
        for index in range(count)
    ]


def read(source):
    """Every frame from the beginning."""
    return [(number, np.asarray(decode())) for number, decode in source.undecoded()]


def at(source, position):
    number, decode = next(source.undecoded(position))
    return number, np.asarray(decode())


@pytest.mark.parametrize("ending", sorted(CODECS))
@pytest.mark.parametrize("options", [REORDERED, OPEN], ids=["closed", "open"])
def test_a_frame_that_is_sought_is_the_one_that_was_read(tmp_path, ending, options):
    if CODECS[ending][0] != "libx264":
        options = {} if ending == ".gif" else {"g": "8"}
    path = write_video(tmp_path / f"clip{ending}", noise(), options=options)
    source = VideoFrames(path=path, index=FrameIndex())
    expected = read(source)
    assert len(expected) == len(source.index) == COUNT
    for position in (0, 1, 7, 8, 9, 23, 24, 38, 39, 2):
        number, pixels = at(source, position)
        assert (number, position) == (expected[position][0], position)
        assert np.array_equal(pixels, expected[position][1])
    after = [(number, np.asarray(decode())) for number, decode in source.undecoded(21)]
    assert [number for number, _ in after] == [number for number, _ in expected[21:]]
    assert all(np.array_equal(one[1], other[1]) for one, other in zip(after, expected[21:], strict=True))


def test_frames_are_sought_under_an_edit_list_and_after_a_cut(tmp_path):
    path = write_video(tmp_path / "whole.mp4", noise(), options=REORDERED)
    edited = set_edits(
        write_video(tmp_path / "edited.mp4", noise(), options=REORDERED), (2500, 9 * 1024 + 2048)
    )
    for clip in (edited, copy_video(path, tmp_path / "cut.mp4", start=16)):
        source = VideoFrames(path=clip, index=FrameIndex())
        expected = [(number, frame) for number, frame in enumerate(decoded(clip), 1)]
        list(source.undecoded())
        for position in range(5, len(expected), 6):
            number, pixels = at(source, position)
            assert number == expected[position][0]
            assert np.array_equal(pixels, np.asarray(as_image(expected[position][1].frame, "")))


def test_seeking_decodes_from_the_nearest_key_frame(tmp_path, monkeypatch):
    path = write_video(tmp_path / "clip.mp4", noise(), options=REORDERED)
    source = VideoFrames(path=path, index=FrameIndex())
    list(source.undecoded())
    read = []

    def counted(*arguments):
        for frame in decoding.decoded_from(*arguments):
            read.append(frame.pts)
            yield frame

    monkeypatch.setattr(seeking, "decoded_from", counted)
    monkeypatch.setattr(seeking, "decoded", lambda _: pytest.fail("read from the beginning"))
    at(source, 35)
    assert 4 <= len(read) <= 12
    read.clear()
    at(source, 32)
    assert len(read) <= 9


def test_a_file_without_times_is_read_from_its_beginning():
    index = FrameIndex()
    for position, time in enumerate([0, 1, None, 3]):
        index.note(position, time, is_key=position % 2 == 0)
    assert index.keys_before(3) == []


def test_an_index_knows_the_nearest_key_frames_and_takes_no_frame_twice():
    index = FrameIndex()
    for position in range(30):
        index.note(position, 10 * position, is_key=position % 5 == 0)
        index.note(position, 7, is_key=True)
    assert len(index) == 30
    assert index.keys_before(23) == [20, 15, 10]
    assert index.keys_before(4) == []  # the beginning needs no seeking
    assert index.keys_before(30) == []  # not read yet


def test_folders_and_archives_begin_anywhere(tmp_path):
    folder = write_frames(tmp_path / "clip", range(1, 13))
    for source in (open_frames(folder), open_frames(write_zip(tmp_path / "clip.zip", folder))):
        assert [number for number, _ in source.undecoded(9)] == [10, 11, 12]
        assert int(at(source, 9)[1][0, 0]) == int(frame_pixels(9)[0, 0, 0])


def test_a_header_promises_frames(tmp_path):
    assert promised_frames(write_video(tmp_path / "clip.mp4", 12)) == 12
    assert promised_frames(write_video(tmp_path / "clip.webm", 12)) == 12  # by its length
    assert promised_frames(write_video(tmp_path / "clip.ts", 12)) in range(10, 14)
    (tmp_path / "no.mp4").write_bytes(b"nothing")
    with pytest.raises(ImageError, match="no video"):
        promised_frames(tmp_path / "no.mp4")
