"""Video files into upright images, in the order they are shown, whatever the container and the frame rate (PyAV)."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow

from xai_ad.data.decoding import MAX_PIXELS, eight_bit, kind_of
from xai_ad.data.fitting import MIN_SIDE
from xai_ad.data.videos.completeness import Tally
from xai_ad.data.videos.gifs import with_delays
from xai_ad.errors import ImageError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_ENDINGS = "mp4 m4v mov 3gp 3g2 avi mkv webm gif wmv asf ts mts m2ts mpg mpeg flv ogv"
VIDEO_SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split())
_DEMUXERS = "mov,mp4,avi,matroska,webm,gif,asf,mpegts,mpeg,flv,wav,mp3,flac,ogg,aac"
"""Nothing else opens: a playlist that calls itself a video would make the decoder read other files."""
_MOST_BYTES = 2**20
"""Of a file that is no video, read to see whether it is a picture."""
_TURNS = {90: Pillow.Transpose.ROTATE_90, 180: Pillow.Transpose.ROTATE_180, 270: Pillow.Transpose.ROTATE_270}


@dataclass(frozen=True, kw_only=True, eq=False)
class Decoded:
    """A frame that a decoder gave out; `is_headless` where what it builds on was cut off before the file's beginning."""

    frame: "VideoFrame"
    is_headless: bool


def decoded(path: Path) -> Iterator[Decoded]:
    """Yield a file's frames in presentation order, those that are marked corrupt included: they count.

    What an edit list hides is not shown and not yielded. Raises `ImageError` for what is no video and, after the frames
    that decode, where the file breaks off.
    """
    with _opened(path) as container:
        stream = _image_stream(container, path)
        tally = Tally(container, stream)
        read = 0
        for found in _frames(container, stream, tally, path):
            read += 1
            yield found
        if reason := tally.missing(path, read):
            raise ImageError(reason)


def decoded_from(path: Path, time: int) -> Iterator["VideoFrame"]:
    """Yield a file's frames from a key frame on, sought by its time in the stream's own unit; see `seeking.py`.

    It may begin earlier, or, in files whose times mislead, later. Raises `ImageError` where it cannot be sought.
    """
    import av

    with _opened(path) as container:
        stream = _image_stream(container, path)
        try:
            container.seek(time, stream=stream, backward=True)
            for packet in container.demux(stream):
                yield from packet.decode()
        except av.FFmpegError as error:
            raise ImageError(f"{path} cannot be read from there on ({_reason(error)}).") from error


def frame_rate(path: Path) -> Fraction | None:
    """Return how many frames a file shows a second on average, None where it does not say; raises `ImageError` for no video."""
    with _opened(path) as container:
        return _image_stream(container, path).average_rate


def promised_frames(path: Path) -> int | None:
    """Return how many frames a file's header promises, None where it says nothing: headers lie, so for progress alone.

    Raises `ImageError` for what is no video.
    """
    with _opened(path) as container:
        stream = _image_stream(container, path)
        if stream.frames > 0:
            return stream.frames
        if container.duration is None or not stream.average_rate:
            return None
        return max(1, round(container.duration / 1_000_000 * float(stream.average_rate)))


@lru_cache(maxsize=256)
def _counted(path: Path, _size: int, _modified: int) -> int:
    count = 0
    for found in decoded(path):
        if found.is_headless:
            raise ImageError(
                f"{path} begins with frames that build on others, which were cut off. Export it again."
            )
        if found.frame.is_corrupt:
            raise ImageError(f"{path} is damaged after frame {count}.")
        count += 1
    return count


def count_frames(path: Path) -> int:
    """Return how many frames a file holds, by decoding it: headers lie. Raises `ImageError` where it breaks off."""
    try:
        found = path.stat()
    except OSError as error:
        raise ImageError(f"{path} cannot be read ({error.strerror}).") from error
    return _counted(path, found.st_size, found.st_mtime_ns)


def as_image(frame: "VideoFrame", name: str) -> Pillow.Image:
    """Return a decoded frame as an upright 8-bit image of mode L or RGB; transparent pixels lie over white."""
    if frame.format.name.startswith("gray"):
        layout = "gray"
    else:
        layout = "rgba" if any(component.is_alpha for component in frame.format.components) else "rgb24"
    picture = Pillow.fromarray(frame.to_ndarray(format=layout))
    stated = abs(frame.rotation) <= 360  # a matrix without an angle gives the smallest integer
    turn = _TURNS.get(round(frame.rotation / 90) * 90 % 360) if stated else None
    return eight_bit(picture if turn is None else picture.transpose(turn), name)


@contextmanager
def _opened(path: Path) -> Iterator["InputContainer"]:
    import av

    if not path.is_file():
        raise ImageError(f"There is no file {str(path)!r}.")
    try:
        mended = with_delays(path)
        container = av.open(
            str(path) if mended is None else io.BytesIO(mended),
            "r",
            metadata_errors="ignore",
            options={"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"},
        )
    except (av.FFmpegError, ValueError, IndexError) as error:
        _refuse_others(path)
        raise ImageError(
            f"{path} is no video that can be opened ({_reason(error)}). Videos are {_list_of_suffixes()} files; one that "
            f"was cut short may have lost what describes it: export it again."
        ) from error
    with container:
        yield container


def _refuse_others(path: Path) -> None:
    """Raise `ImageError` for an empty file, and for a picture that is called like a video."""
    if not path.stat().st_size:
        raise ImageError(f"{path} is empty (0 bytes). Choose a video: {_list_of_suffixes()}.")
    with path.open("rb") as file:
        kind = kind_of(file.read(_MOST_BYTES))
    if kind:
        raise ImageError(
            f"{path} is a {kind} picture, and is called like a video. Rename it: .{kind.lower()}."
        )


def _image_stream(container: "InputContainer", path: Path) -> "VideoStream":
    """Return the stream to decode; a cover image in a sound file is none."""
    from av.stream import Disposition

    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        holds = "sound and no pictures" if container.streams.audio else "no pictures"
        raise ImageError(f"{path} holds {holds}. Choose a video: {_list_of_suffixes()}.")
    best = container.streams.best("video")
    stream = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > MAX_PIXELS:
        raise ImageError(f"{path} has frames of {width}x{height} pixels; at most {MAX_PIXELS:,} are read.")
    if 0 < min(width, height) < MIN_SIDE:
        raise ImageError(
            f"{path} has frames of {width}x{height} pixels; at least {MIN_SIDE}x{MIN_SIDE} are needed."
        )
    return stream


def _frames(
    container: "InputContainer", stream: "VideoStream", tally: Tally, path: Path
) -> Iterator[Decoded]:
    """Yield frames; where decoding fails, those that the decoder still holds, and then raise `ImageError`."""
    import av

    read = 0
    headless: bool | None = None
    try:
        for packet in container.demux():
            tally.note(packet)
            if packet.stream_index != stream.index:
                continue
            if headless is None:
                headless = not packet.is_keyframe
            for frame in _given(packet, headless=headless):
                read += 1
                headless = headless and not frame.key_frame
                yield Decoded(frame=frame, is_headless=headless)
    except av.FFmpegError as error:
        for frame in _held(stream):
            read += 1
            yield Decoded(frame=frame, is_headless=bool(headless))
        raise ImageError(f"{path} broke off after frame {read} ({_reason(error)}).") from error
    if not read:
        raise ImageError(f"{path} holds no frames that can be decoded.")


def _given(packet: "Packet[Any]", *, headless: bool) -> "list[VideoFrame]":
    """Return the frames that a packet makes complete; none where decoding fails for lack of what was cut off."""
    import av

    try:
        return packet.decode()
    except av.FFmpegError:
        if headless:
            return []
        raise


def _held(stream: "VideoStream") -> list["VideoFrame"]:
    """Return the frames that a decoder has and did not give out yet."""
    import av

    try:
        return [frame for frame in stream.codec_context.decode(None) if not frame.is_corrupt]
    except (av.FFmpegError, EOFError):
        return []


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _list_of_suffixes() -> str:
    return ", ".join(sorted(suffix[1:] for suffix in VIDEO_SUFFIXES))
