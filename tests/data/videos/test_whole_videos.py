"""Videos that are whole though fewer frames are shown than are stored, and those that are not."""

import struct

import av
import numpy as np
import pytest

from tests.data.videos.test_frames import seen, stream
from tests.data.videos.writing import DISTINCT, copy_video, set_edits, write_video
from xai_ad.data.videos.decoding import VIDEO_SUFFIXES, count_frames
from xai_ad.errors import ImageError

TICKS = 1024
"""Of an MP4's track that a frame of `write_video` lasts."""
REORDERED = {"bf": "3", "b_strategy": "0", "g": "8", "sc_threshold": "0"}
PLAIN = {"bf": "0", "g": "8", "sc_threshold": "0"}


@pytest.mark.parametrize(
    ("options", "edits", "shown"),
    [
        (PLAIN, [(1500, 9 * TICKS)], range(9, 24)),
        (PLAIN, [(1000, 0)], range(10)),
        (
            REORDERED,
            [(1000, 9 * TICKS + 2 * TICKS)],
            range(9, 19),
        ),  # its first frame is shown two frames late
        (PLAIN, [(500, -1), (1500, 0)], range(15)),
        (PLAIN, [(500, 0), (500, 16 * TICKS)], [*range(5), *range(16, 21)]),
    ],
    ids=[
        "begins later",
        "ends earlier",
        "both, from a frame that is no key frame",
        "after a pause",
        "two parts",
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".M4V"])
def test_a_video_trimmed_by_an_edit_list_is_whole_and_what_it_hides_is_not_seen(
    tmp_path, suffix, options, edits, shown
):
    path = write_video(tmp_path / f"clip{suffix}", DISTINCT, options=options)
    frames = stream(set_edits(path, *edits))
    found = list(frames)
    assert seen(found) == list(shown)
    assert [frame.number for frame in found] == list(range(1, len(shown) + 1))
    assert frames.reading.broken is None
    assert count_frames(path) == len(shown)


def test_a_trimmed_video_that_was_cut_short_is_told(tmp_path):
    path = write_video(tmp_path / "clip.mp4", DISTINCT, options=PLAIN)
    data = set_edits(path, (1500, 9 * TICKS)).read_bytes()
    moov = data.rindex(b"moov") - 4
    begin = data.index(b"mdat") - 4
    # The index first, as for the web, so that a cut loses frames alone.
    shift = len(data) - moov
    index = bytearray(data[moov:])
    at = index.index(b"stco") + 12
    for place in range(at, at + 4 * struct.unpack(">I", index[at - 4 : at])[0], 4):
        index[place : place + 4] = struct.pack(">I", struct.unpack(">I", index[place : place + 4])[0] + shift)
    path.write_bytes(data[:begin] + index + data[begin:moov])
    whole = stream(path)
    assert seen(whole) == list(range(9, 24))
    assert whole.reading.broken is None
    path.write_bytes(path.read_bytes()[:-60])
    frames = stream(path)
    assert len(list(frames)) < 15
    assert str(path) in frames.reading.broken


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
@pytest.mark.parametrize("delay", [0, 7])
def test_a_video_that_begins_at_no_key_frame_is_whole_and_begins_where_viewers_do(tmp_path, suffix, delay):
    codec = ("mpeg2video", "yuv420p") if suffix == ".avi" else ("libx264", "yuv420p")
    options = {**PLAIN, "sc_threshold": "1000000000"} if suffix == ".avi" else PLAIN
    source = write_video(tmp_path / "whole.mkv", DISTINCT, codec=codec, options=options)
    frames = stream(copy_video(source, tmp_path / f"clip{suffix}", start=3, delay=delay))
    assert seen(frames) == list(range(8, DISTINCT))
    assert frames.reading.broken is None


def test_an_open_group_of_pictures_at_the_beginning_is_whole(tmp_path):
    options = {"bf": "2", "x264-params": "keyint=12:open-gop=1:scenecut=0:b-adapt=0"}
    source = write_video(tmp_path / "whole.mp4", DISTINCT, options=options)
    with av.open(str(source)) as container:
        keys = [index for index, packet in enumerate(container.demux(video=0)) if packet.is_keyframe]
    path = copy_video(source, tmp_path / "clip.mp4", start=keys[1])
    frames = stream(path)
    found = seen(frames)
    assert found == list(range(found[0], DISTINCT))
    assert len(found) == DISTINCT - keys[1] - 2  # two frames before the key frame were stored behind it
    assert frames.reading.broken is None
    assert count_frames(path) == len(found)


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "mpeg4"), (".wmv", "wmv2"), (".webm", "libvpx-vp9")])
def test_frames_that_build_on_what_was_cut_off_are_not_judged(tmp_path, suffix, codec):
    options = {"g": "8", "sc_threshold": "1000000000"} if codec != "libvpx-vp9" else {"g": "8"}
    source = write_video(tmp_path / f"whole{suffix}", DISTINCT, codec=(codec, "yuv420p"), options=options)
    path = copy_video(source, tmp_path / f"clip{suffix}", start=3)
    frames = stream(path)
    assert seen(frames) == list(range(8, DISTINCT))
    assert frames.reading.broken is None
    if codec == "libvpx-vp9":  # its decoder gives out none
        assert frames.reading.notes == ()
        return
    assert [frame.number for frame in frames] == list(range(6, 22))
    (note,) = frames.reading.notes
    assert (
        note
        == "The first 5 frames build on others that were cut off: no viewer shows them, and they are passed over."
    )
    with pytest.raises(ImageError, match="begins with frames that build on others"):
        count_frames(path)


def test_every_kind_that_is_listed_can_be_opened(tmp_path):
    lacking = VIDEO_SUFFIXES - {".ogv"}  # no encoder for it here
    for suffix in lacking:
        frames = stream(write_video(tmp_path / f"clip{suffix}", 6))
        assert len(list(frames)) == 6
        assert frames.reading.broken is None


@pytest.mark.parametrize("suffix", [".wmv", ".ts", ".m2ts", ".mpg", ".flv", ".mkv", ".webm"])
@pytest.mark.parametrize("share", [0.52, 0.93])
def test_videos_of_every_container_that_were_cut_short_are_told(tmp_path, suffix, share):
    rng = np.random.default_rng(1)
    noisy = [rng.integers(0, 256, (32, 48, 3), dtype=np.uint8) for _ in range(DISTINCT)]
    path = write_video(tmp_path / f"clip{suffix}", noisy, options={"g": "6"})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    frames = stream(path)
    list(frames)
    assert str(path) in frames.reading.broken


@pytest.mark.parametrize("flags", ["frag_every_frame+empty_moov", "frag_keyframe+delay_moov"])
def test_a_fragmented_video_is_whole_unless_it_was_cut_short(tmp_path, flags):
    path = write_video(tmp_path / "clip.mp4", DISTINCT, options=REORDERED, container={"movflags": flags})
    whole = stream(path)
    assert seen(whole) == list(range(DISTINCT))
    assert whole.reading.broken is None
    path.write_bytes(path.read_bytes()[: -path.stat().st_size // 4])
    cut = stream(path)
    assert 2 <= len(list(cut)) < DISTINCT
    assert str(path) in cut.reading.broken


def test_a_video_with_a_longer_sound_that_was_cut_short_is_told(tmp_path):
    """The file's length is the sound's, so that the pictures' end says nothing."""
    rng = np.random.default_rng(1)
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as output:
        video, sound = output.add_stream("mjpeg", rate=10), output.add_stream("pcm_s16le", rate=8000)
        video.width, video.height, video.pix_fmt = 48, 32, "yuvj420p"
        for index in range(DISTINCT):
            frame = av.VideoFrame.from_ndarray(
                rng.integers(0, 256, (32, 48, 3), dtype=np.uint8), format="rgb24"
            )
            frame.pts = index
            output.mux(video.encode(frame))
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
            silence.sample_rate, silence.pts = 8000, 800 * index
            output.mux(sound.encode(silence))
        output.mux(video.encode())
        output.mux(sound.encode())
    whole = stream(path)
    assert len(list(whole)) == DISTINCT
    assert whole.reading.broken is None
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    cut = stream(path)
    assert len(list(cut)) < DISTINCT
    assert "it was cut short" in cut.reading.broken


def test_frames_that_a_camera_dropped_are_not_missing(tmp_path):
    """Capture programs write an empty chunk for a frame that they were too slow for, and count it in the header."""
    path = write_video(tmp_path / "clip.avi", 12, codec=("mjpeg", "yuvj420p"))
    data = bytearray(path.read_bytes())
    table, movi = data.index(b"idx1") + 8, data.index(b"movi")
    rows = [list(struct.unpack("<4sIII", data[at : at + 16])) for at in range(table, table + 16 * 12, 16)]
    place, size = movi + rows[5][2], rows[5][3]
    padded = size + size % 2
    rows[5][3] = 0
    for index, row in enumerate(rows):
        row[2] -= padded * (index > 5)
        data[table + 16 * index : table + 16 * index + 16] = struct.pack("<4sIII", *row)
    for at in (4, movi - 4):
        data[at : at + 4] = struct.pack("<I", struct.unpack("<I", data[at : at + 4])[0] - padded)
    data[place + 4 : place + 8] = bytes(4)
    del data[place + 8 : place + 8 + padded]
    path.write_bytes(bytes(data))
    frames = stream(path)
    assert seen(frames) == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert frames.reading.broken is None
