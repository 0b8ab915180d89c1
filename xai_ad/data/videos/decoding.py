"""Video files into upright images, in the order they are shown, whatever the container and the frame rate (PyAV)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image as Pillow

from xai_ad.data.decoding import MAX_PIXELS, eight_bit
from xai_ad.data.fitting import MIN_SIDE
from xai_ad.errors import ImageError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm", ".gif"})
_DEMUXERS = "mov,mp4,avi,matroska,webm,gif,wav,mp3,flac,ogg,aac"
"""Nothing else opens: a playlist that calls itself a video would make the decoder read other files."""
_SHORTFALL = 0.5
"""Seconds by which frames may end before the length that a header states."""
_TURNS = {90: Pillow.Transpose.ROTATE_90, 180: Pillow.Transpose.ROTATE_180, 270: Pillow.Transpose.ROTATE_270}


def decoded(path: Path) -> Iterator["VideoFrame"]:
    """Yield a file's frames in presentation order, those that are marked corrupt included: they count.

    Raises `ImageError` for what is no video and, after the frames that decode, where the file breaks off.
    """
    with _opened(path) as container:
        stream = _image_stream(container, path)
        read, end = 0, 0.0
        for frame in _frames(container, stream, path):
            read += 1
            end = (frame.time or 0.0) + _seconds(frame)
            yield frame
        _require_all(container, stream, path, read=read, end=end)


@lru_cache(maxsize=256)
def _counted(path: Path, _size: int, _modified: int) -> int:
    with _opened(path) as container:
        count = 0
        for frame in _frames(container, _image_stream(container, path), path):
            if frame.is_corrupt:
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
        container = av.open(
            str(path),
            metadata_errors="ignore",
            options={"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"},
        )
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise ImageError(
            f"{path} is no video that can be opened ({_reason(error)}). Videos are {_list_of_suffixes()} files; one that "
            f"was cut short may have lost what describes it: export it again."
        ) from error
    with container:
        yield container


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


def _frames(container: "InputContainer", stream: "VideoStream", path: Path) -> Iterator["VideoFrame"]:
    """Yield frames; where decoding fails, those that the decoder still holds, and then raise `ImageError`."""
    import av

    read = 0
    try:
        for packet in container.demux(stream):
            for frame in packet.decode():
                read += 1
                yield frame
    except av.FFmpegError as error:
        for frame in _held(stream):
            read += 1
            yield frame
        raise ImageError(f"{path} broke off after frame {read} ({_reason(error)}).") from error
    if not read:
        raise ImageError(f"{path} holds no frames that can be decoded.")


def _held(stream: "VideoStream") -> list["VideoFrame"]:
    """Return the frames that a decoder has and did not give out yet."""
    import av

    try:
        return [frame for frame in stream.codec_context.decode(None) if not frame.is_corrupt]
    except (av.FFmpegError, EOFError):
        return []


def _require_all(
    container: "InputContainer", stream: "VideoStream", path: Path, *, read: int, end: float
) -> None:
    """Raise `ImageError` where a file ends before its header says it does."""
    if read < stream.frames:
        raise ImageError(
            f"{path} ends after frame {read}; its header promises {stream.frames}: it was cut short."
        )
    length = (container.duration or 0) / 1_000_000
    if len(container.streams) == 1 and end + _SHORTFALL < length:
        raise ImageError(
            f"{path} ends after frame {read} at {end:.1f} s; its header promises {length:.1f} s: it was cut short."
        )
    if container.format.name == "gif" and _last_byte(path) != b";":
        raise ImageError(
            f"{path} ends after frame {read} without the mark that ends a GIF: it was cut short."
        )


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read()


def _seconds(frame: "VideoFrame") -> float:
    """Return how long a frame is shown, 0 where the file does not say."""
    if not frame.duration or frame.time_base is None:
        return 0.0
    return float(frame.duration * frame.time_base)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _list_of_suffixes() -> str:
    return ", ".join(sorted(suffix[1:] for suffix in VIDEO_SUFFIXES))
