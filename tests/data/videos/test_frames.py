import io
import struct
import threading
import time
import zipfile

import av
import numpy as np
import pytest
import torch
from PIL import Image

from tests.data.videos.writing import (
    CODECS,
    DISTINCT,
    brightness,
    frame_pixels,
    write_frames,
    write_sound,
    write_video,
    write_zip,
)
from xai_ad.data.decoding import decode_image
from xai_ad.data.images import Preprocessing, prepare
from xai_ad.data.videos import frames as frames_module
from xai_ad.data.videos.decoding import count_frames
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import frame_number, is_clip, open_frames
from xai_ad.errors import ImageError

GREY = Preprocessing(size=16, channels=1)


def stream(path, preprocessing=GREY, **options):
    return FrameStream(open_frames(path), preprocessing, **options)


def seen(frames):
    """The drawn frames that were read, by their brightness."""
    drawn = np.array([brightness(index) for index in range(DISTINCT)])
    return [int(np.abs(drawn - frame.pixels.float().mean().item()).argmin()) for frame in frames]


@pytest.mark.parametrize("suffix", [*sorted(CODECS), ".MP4", ".TS", ".Mpg"])
def test_every_kind_of_video_gives_all_frames_in_order(tmp_path, suffix):
    path = write_video(tmp_path / f"clip{suffix}")
    frames = list(stream(path))
    assert [frame.number for frame in frames] == list(range(1, 13))
    assert [frame.position for frame in frames] == list(range(12))
    assert {(tuple(frame.pixels.shape), frame.pixels.dtype) for frame in frames} == {
        ((1, 16, 16), torch.uint8)
    }
    means = [frame.pixels.float().mean().item() for frame in frames]
    tolerance = 24 if suffix == ".gif" else 6  # a GIF has 256 colours
    assert means == pytest.approx([brightness(index) for index in range(12)], abs=tolerance)


def test_frames_are_shown_in_order_though_they_are_stored_in_another(tmp_path):
    path = write_video(tmp_path / "clip.mp4", DISTINCT, options={"bf": "3", "b_strategy": "0"})
    frames = list(stream(path))
    assert seen(frames) == list(range(DISTINCT))


def test_a_variable_frame_rate_changes_nothing(tmp_path):
    path = write_video(tmp_path / "clip.mkv", 8, times=[0, 1, 2, 30, 31, 60, 61, 100])
    frames = stream(path)
    assert seen(frames) == list(range(8))
    assert frames.reading.broken is None


@pytest.mark.parametrize(
    ("turn", "white"),
    [
        ((0, 1, -1, 0), (0, slice(None))),  # clockwise: on top
        ((0, -1, 1, 0), (-1, slice(None))),  # against the clock: at the bottom
        ((-1, 0, 0, -1), (slice(None), -1)),  # by half: at the right
        ((1, 0, 0, 1), (slice(None), 0)),
        ((0, 0, 0, 0), (slice(None), 0)),
    ],
    ids=["clockwise", "counterclockwise", "upside down", "upright", "no turn that can be read"],
)
def test_a_video_turned_by_its_metadata_is_read_upright(tmp_path, turn, white):
    pixels = frame_pixels(0)
    pixels[:, :8] = 255  # white on the left of the stored frame
    path = write_video(tmp_path / "clip.mp4", [pixels] * 3)
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 44
    a, b, c, d = (65536 * part for part in turn)
    data[matrix : matrix + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(bytes(data))
    first = next(iter(stream(path))).pixels[0].float()
    assert first[white].mean() > 200
    assert first.mean() < 120  # a sixth is white


def test_a_frame_of_a_video_becomes_what_the_same_picture_becomes(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (40, 60, 3), dtype=np.uint8) for _ in range(3)]
    path = write_video(tmp_path / "clip.mkv", pictures)  # a codec without loss
    preprocessing = Preprocessing(size=16, crop=(4, 6, 20, 30), crop_of=(40, 60))
    for frame, pixels in zip(stream(path, preprocessing), pictures, strict=True):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format="PNG")
        assert torch.equal(frame.pixels, prepare(decode_image(buffer.getvalue()), preprocessing))


def test_frames_of_8k_are_read(tmp_path):
    path = write_video(tmp_path / "clip.avi", 2, size=(7680, 4320), codec=("mjpeg", "yuvj420p"))
    assert [frame.pixels.shape for frame in stream(path)] == [(1, 16, 16)] * 2


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp"])
def test_a_folder_gives_its_pictures_by_the_numbers_in_their_names(tmp_path, suffix):
    folder = write_frames(tmp_path / "clip", range(1, 4), suffix=suffix, mode="RGB")
    for name, number in (("0cam2_frame10", 10), ("9", 9)):
        Image.fromarray(frame_pixels(number - 1)).save(folder / f"{name}{suffix}")
    (folder / "._001.png").write_bytes(b"what a Mac leaves")
    (folder / "Thumbs.db").write_bytes(b"what Windows leaves")
    frames = list(stream(folder))
    assert [frame.number for frame in frames] == [1, 2, 3, 9, 10]
    assert seen(frames) == [0, 1, 2, 8, 9]


def test_a_zip_gives_what_its_folder_gives(tmp_path):
    folder = write_frames(tmp_path / "clip", [2, 3, 5])
    path = write_zip(tmp_path / "clip.zip", folder)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/clip/001.png", b"resource fork")
    archived, plain = list(stream(path)), list(stream(folder))
    assert [frame.number for frame in archived] == [2, 3, 5]
    assert all(torch.equal(one.pixels, other.pixels) for one, other in zip(archived, plain, strict=True))


def test_an_archives_own_spelling_of_its_names_is_kept(tmp_path):
    folder = write_frames(tmp_path / "clip", [1, 2])
    with zipfile.ZipFile(tmp_path / "clip.zip", "w") as archive:
        for file in folder.iterdir():
            archive.writestr(zipfile.ZipInfo(f"./{file.name}"), file.read_bytes())
    assert seen(stream(tmp_path / "clip.zip")) == [0, 1]


def test_a_gap_is_told(tmp_path):
    frames = stream(write_frames(tmp_path / "clip", [1, 2, 5, 6, 9]))
    list(frames)
    (note,) = frames.reading.notes
    assert note.startswith("The numbering has a gap after frame 2, up to frame 5, and 1 more:")


def test_frames_of_several_sizes_are_each_resized_and_it_is_told(tmp_path):
    folder = write_frames(tmp_path / "clip", [1, 2], size=(48, 32))
    write_frames(folder, [3], size=(96, 64))
    preprocessing = Preprocessing(size=16, channels=1, crop=(8, 12, 16, 24), crop_of=(32, 48))
    frames = stream(folder, preprocessing)
    assert seen(frames) == [0, 1, 2]
    assert frames.reading.notes == (
        "The frames have several sizes (48x32, 96x64): each was resized by itself.",
    )


def test_a_range_of_a_clip_is_read_alone(tmp_path):
    path = write_video(tmp_path / "clip.mkv")
    assert [frame.number for frame in stream(path, start=4, stop=7)] == [5, 6, 7]


def test_a_stream_can_be_read_again(tmp_path):
    frames = stream(write_video(tmp_path / "clip.mkv", 5))
    assert seen(frames) == seen(frames)
    assert frames.reading.frames == 5


@pytest.fixture
def noisy_frames():
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, (32, 48, 3), dtype=np.uint8) for _ in range(24)]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".avi", ".mkv", ".webm", ".gif"])
def test_of_a_video_that_was_cut_short_what_decodes_is_read_and_the_end_is_told(
    tmp_path, suffix, noisy_frames
):
    options = {"movflags": "faststart"} if suffix in {".mp4", ".mov"} else {}
    path = write_video(tmp_path / f"clip{suffix}", noisy_frames, container=options, options={"g": "6"})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    frames = stream(path)
    read = len(list(frames))
    assert 4 <= read < 20
    assert frames.reading.frames == read
    last = read + (suffix == ".avi")  # whose last frame is damaged: cut within
    assert f"after frame {last}" in frames.reading.broken
    assert str(path) in frames.reading.broken


def test_a_video_that_lacks_its_last_frames_alone_is_noticed(tmp_path, noisy_frames):
    path = write_video(tmp_path / "clip.avi", noisy_frames)
    chunks = path.read_bytes().split(b"00dc")  # the header in two parts, a frame each, the index
    path.write_bytes(b"00dc".join(chunks[: 2 + 21]))
    frames = stream(path)
    assert len(list(frames)) == 21
    assert frames.reading.broken.endswith("ends after frame 21; its header promises 24: it was cut short.")


@pytest.mark.parametrize("options", [{"bf": "0"}, {"bf": "2", "b_strategy": "0"}])
def test_of_a_video_that_is_damaged_halfway_what_decodes_is_read(tmp_path, noisy_frames, options):
    """Those that the decoder held back to reorder them included.

    Damaged where its structure is: what a decoder makes of other bytes depends on the encoder, whose bytes vary.
    """
    path = write_video(tmp_path / "clip.mp4", noisy_frames, options=options)
    with av.open(str(path)) as container:
        place = [packet.pos for packet in container.demux(video=0) if packet.size][14]
    data = bytearray(path.read_bytes())
    data[place : place + 4] = b"\xff" * 4  # the length of the frame's first part
    path.write_bytes(bytes(data))
    frames = stream(path)
    assert len(list(frames)) == 14
    assert frames.reading.broken.startswith(f"{path} broke off after frame 14 (")
    with pytest.raises(ImageError, match="broke off after frame 14"):
        count_frames(path)


def write_damaged(path, *, at):
    """Write 24 frames, every sixth of which stands by itself, and spoil one of those."""
    still = np.random.default_rng(1).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    pictures = [still.copy() for _ in range(24)]
    for index, picture in enumerate(pictures):
        picture[8:16, index : index + 16] = 200
    write_video(path, pictures, codec=("mpeg4", "yuv420p"), options={"g": "6", "bf": "0"})
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][at]
        begin, length = packet.pos + 8 + packet.size // 3, packet.size // 3
    data = bytearray(path.read_bytes())
    data[begin : begin + length] = bytes(255 - byte for byte in data[begin : begin + length])
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".mp4"])
@pytest.mark.parametrize("at", [0, 12])
def test_a_damaged_frame_costs_those_up_to_the_next_that_stands_by_itself_and_no_numbers(
    tmp_path, suffix, at
):
    path = write_damaged(tmp_path / f"clip{suffix}", at=at)
    frames = stream(path)
    expected = [number for number in range(1, 25) if not at < number <= at + 6]
    assert [frame.number for frame in frames] == expected
    assert frames.reading.broken == f"Frame {at + 1} of {path} is damaged. 5 more could not be read."
    with pytest.raises(ImageError, match=f"is damaged after frame {at}"):
        count_frames(path)


def test_where_a_video_ends_is_told_beside_what_was_damaged_before(tmp_path):
    path = write_damaged(tmp_path / "clip.avi", at=6)
    chunks = path.read_bytes().split(b"00dc")  # the header in two parts, a frame each, the index
    path.write_bytes(b"00dc".join(chunks[: 2 + 20]))
    frames = stream(path)
    assert len(list(frames)) == 14
    damage, end = frames.reading.broken.split(" 5 more could not be read. ")
    assert damage == f"Frame 7 of {path} is damaged."
    assert end == f"{path} ends after frame 20; its header promises 24: it was cut short."


def test_what_a_video_is_called_does_not_decide_how_it_ends(tmp_path):
    film = write_video(tmp_path / "film.mp4", 3).rename(tmp_path / "film.gif")
    frames = stream(film)
    assert (len(list(frames)), frames.reading.broken) == (3, None)
    animated = write_video(tmp_path / "animated.gif", 12)
    (tmp_path / "cut.mp4").write_bytes(animated.read_bytes()[:-1])
    frames = stream(tmp_path / "cut.mp4")
    assert len(list(frames)) == 12
    assert frames.reading.broken.endswith("without the mark that ends a GIF: it was cut short.")


@pytest.mark.parametrize("options", [{}, {"duration": 100}, {"disposal": 2}, {"loop": 0}])
def test_gifs_give_all_frames_whether_or_not_they_state_delays(tmp_path, options):
    first, *others = [
        Image.fromarray(np.random.default_rng(index).integers(0, 256, (100, 100), np.uint8))
        for index in range(6)
    ]
    first.save(tmp_path / "a.gif", save_all=True, append_images=others, **options)
    source = open_frames(tmp_path / "a.gif")
    frames = FrameStream(source, Preprocessing(size=100, channels=1))
    with Image.open(tmp_path / "a.gif") as told:
        for index, frame in enumerate(frames):
            told.seek(index)
            expected = prepare(told.convert("L"), Preprocessing(size=100, channels=1))
            np.testing.assert_allclose(frame.pixels, expected, atol=2)
    assert (len(source.numbers), frames.reading.broken) == (6, None)
    (tmp_path / "cut.gif").write_bytes((tmp_path / "a.gif").read_bytes()[:30_000])
    cut = stream(tmp_path / "cut.gif")
    assert len(list(cut)) < 6
    assert cut.reading.broken.endswith("without the mark that ends a GIF: it was cut short.")


def test_an_empty_video_and_a_picture_called_like_one_say_so(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(ImageError, match=r"a\.mp4 is empty \(0 bytes\)\. Choose a video"):
        list(stream(tmp_path / "a.mp4"))
    Image.new("L", (32, 32)).save(tmp_path / "b.gif", "PNG")
    with pytest.raises(
        ImageError, match=r"b\.gif is a PNG picture, and is called like a video\. Rename it: \.png"
    ):
        list(stream(tmp_path / "b.gif"))
    film = write_video(tmp_path / "film.mp4", 3).rename(tmp_path / "film.png")
    with pytest.raises(ImageError, match="looks like a video or an archive: give it such an ending"):
        decode_image(film)


def test_a_damaged_picture_costs_only_itself(tmp_path):
    folder = write_frames(tmp_path / "clip", range(1, 7))
    for number in (3, 4):
        (folder / f"00{number}.png").write_bytes(b"no picture")
    frames = stream(folder)
    assert [(frame.number, frame.position) for frame in frames] == [(1, 0), (2, 1), (5, 4), (6, 5)]
    assert frames.reading.broken.endswith(
        "003.png is not a PNG, JPEG, BMP, TIFF, WebP, HEIC, AVIF or DICOM picture. 1 more could not be read."
    )
    assert "gap after frame 2, up to frame 5" in frames.reading.notes[0]


def test_a_picture_damaged_in_an_archive_is_named(tmp_path):
    path = write_zip(tmp_path / "clip.zip", write_frames(tmp_path / "clip", range(1, 5)))
    with zipfile.ZipFile(path) as archive:
        info = archive.infolist()[2]
    data = bytearray(path.read_bytes())
    data[info.header_offset + 60] ^= 0xFF
    path.write_bytes(bytes(data))
    frames = stream(path)
    assert [frame.number for frame in frames] == [1, 2, 4]
    assert "'clip/003.png' in" in frames.reading.broken


def test_a_video_with_nothing_whole_is_refused(tmp_path):
    path = write_video(tmp_path / "clip.mkv", 3)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(ImageError, match=r"clip\.mkv"):
        list(stream(path))


@pytest.mark.parametrize("suffix", [".mp4", ".wav"])
def test_a_sound_file_is_refused(tmp_path, suffix):
    path = write_sound(tmp_path / f"song{suffix}")
    with pytest.raises(ImageError, match="holds sound and no pictures"):
        list(stream(path))


def test_what_is_no_video_is_refused(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"just a text" * 50)
    with pytest.raises(ImageError, match="is no video that can be opened"):
        list(stream(path))


def test_a_playlist_opens_no_other_file(tmp_path):
    write_video(tmp_path / "secret.mp4", 3)
    playlist = tmp_path / "clip.mp4"
    playlist.write_text("ffconcat version 1.0\nfile secret.mp4\n")
    with pytest.raises(ImageError, match="is no video"):
        list(stream(playlist))


def test_a_video_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ImageError, match="There is no file"):
        list(stream(tmp_path / "clip.mp4"))


def test_one_frame_is_no_clip(tmp_path):
    folder = write_frames(tmp_path / "clip", [1])
    video = write_video(tmp_path / "clip.mkv", 1)
    for path in (folder, video):
        with pytest.raises(ImageError, match="has 1 frame; a clip has at least 2"):
            list(stream(path))


def test_a_folder_without_frames_is_refused(tmp_path):
    with pytest.raises(ImageError, match="holds no frames"):
        open_frames(tmp_path)


def test_frames_without_a_number_are_refused(tmp_path):
    folder = write_frames(tmp_path / "clip", [1, 2])
    (folder / "002.png").rename(folder / "cover.png")
    with pytest.raises(ImageError, match=r"'cover\.png', whose name has no number"):
        open_frames(folder)


def test_a_number_too_long_to_count_with_is_refused(tmp_path):
    folder = write_frames(tmp_path / "clip", [1, 2])
    (folder / "002.png").rename(folder / "1234567890123456789.png")
    with pytest.raises(ImageError, match=r"'1234567890123456789\.png', whose name has no number of 1 to 18"):
        open_frames(folder)
    (folder / "001.png").rename(folder / f"{10**18 - 1}.png")
    (folder / "1234567890123456789.png").rename(folder / f"{10**18 - 2}.png")
    assert [frame.number for frame in stream(folder)] == [10**18 - 2, 10**18 - 1]
    with zipfile.ZipFile(tmp_path / "clip.zip", "w") as archive:
        archive.writestr("1" * 5000 + ".png", b"")
    with pytest.raises(ImageError, match="whose name has no number of 1 to 18"):
        open_frames(tmp_path / "clip.zip")


def test_two_frames_of_one_number_are_refused(tmp_path):
    folder = write_frames(tmp_path / "clip", [1, 2])
    (folder / "002.png").rename(folder / "1.png")
    with pytest.raises(ImageError, match=r"two frames of number 1: '001\.png' and '1\.png'"):
        open_frames(folder)


def test_an_archive_of_several_clips_is_refused(tmp_path):
    folder = write_frames(tmp_path / "clip", [1, 2])
    path = write_zip(tmp_path / "clips.zip", folder, inside="a")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(folder / "001.png", "b/001.png")
    with pytest.raises(ImageError, match=r"pictures in 2 folders \(a, b\)"):
        open_frames(path)


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "clip.zip").write_bytes(b"PK but no archive")
    with pytest.raises(ImageError, match="is no ZIP archive"):
        open_frames(tmp_path / "clip.zip")


def test_a_clip_is_a_video_an_archive_or_a_folder_of_pictures(tmp_path):
    folder = write_frames(tmp_path / "frames", [1])
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no clip")
    assert is_clip(folder)
    assert is_clip(tmp_path / "a.MP4")
    assert is_clip(tmp_path / "a.zip")
    assert not is_clip(tmp_path / "empty")
    assert not is_clip(tmp_path / "notes.txt")
    assert not is_clip(tmp_path / "._a.avi")


def test_the_last_number_in_a_name_counts():
    names = ("cam2_0017.jpg", "7.mp4.png", "12.jp2", "none.png")
    assert [frame_number(name) for name in names] == [17, 4, 12, None]


@pytest.mark.parametrize("kind", ["folder", "zip", "video"])
def test_large_frames_are_decoded_by_threads_and_are_what_small_ones_would_be(tmp_path, monkeypatch, kind):
    folder = write_frames(tmp_path / "clip", [1, 2, 3, 5, 6, 7, 8])
    (folder / "003.png").write_bytes(b"no picture")
    path = {
        "folder": lambda: folder,
        "zip": lambda: write_zip(tmp_path / "clip.zip", folder),
        "video": lambda: write_video(tmp_path / "clip.mp4"),
    }[kind]()
    one_by_one = stream(path)
    expected = list(one_by_one)
    threads = set()

    def noted(picture, preprocessing, seen=None):
        threads.add(threading.current_thread().name)
        time.sleep(0.02 if len(threads) == 1 else 0)  # those that began later are not ready sooner
        return prepare(picture, preprocessing, seen)

    monkeypatch.setattr(frames_module, "LARGE", 1)
    monkeypatch.setattr(frames_module, "READERS", 3)
    monkeypatch.setattr(frames_module, "prepare", noted)
    ahead = stream(path)
    found = list(ahead)
    assert [(frame.number, frame.position) for frame in found] == [
        (frame.number, frame.position) for frame in expected
    ]
    assert all(torch.equal(one.pixels, other.pixels) for one, other in zip(found, expected, strict=True))
    assert ahead.reading == one_by_one.reading
    assert len(threads) > 1


def test_no_more_than_one_frame_of_a_long_clip_is_decoded_at_a_time(tmp_path):
    alive = []

    class Endless:
        path = tmp_path / "endless"
        numbers = ()
        sha256 = ""

        def undecoded(self, start=0):
            for number in range(1 + start, 501):
                yield number, lambda: Image.new("L", (16, 16), 7)

    frames = FrameStream(Endless(), GREY)
    import weakref

    most = 0
    for frame in frames:
        alive = [reference for reference in alive if reference() is not None]
        alive.append(weakref.ref(frame.pixels))
        most = max(most, len(alive))
    assert frames.reading.frames == 500
    assert most <= 4
