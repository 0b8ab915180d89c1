"""Small clips, written on the spot."""

import zipfile
from pathlib import Path

import av
import numpy as np
from PIL import Image

CODECS = {
    ".mp4": ("libx264", "yuv420p"),
    ".mov": ("libx264", "yuv420p"),
    ".avi": ("mpeg4", "yuv420p"),
    ".mkv": ("ffv1", "bgr0"),
    ".webm": ("libvpx", "yuv420p"),
    ".gif": ("gif", "rgb8"),
}


DISTINCT = 24
"""Frames that differ from all before them."""


def brightness(index):
    """The grey value of a frame, by which tests know it again; neighbours differ by more than codecs blur."""
    return 20 + 9 * (7 * index % DISTINCT)


def frame_pixels(index, *, size=(48, 32), colour=False):
    """A grey frame, (H, W, 3), or one without red."""
    pixels = np.full((size[1], size[0], 3), brightness(index), np.uint8)
    if colour:
        pixels[..., 0] = 0
    return pixels


def write_video(path, frames=12, *, codec=None, times=None, container=None, options=None, **drawn):
    """Write a video; `frames` is how many to draw, or (H, W, 3) arrays; `times` are in tenths of a second."""
    pictures = (
        [frame_pixels(index, **drawn) for index in range(frames)] if isinstance(frames, int) else frames
    )
    name, layout = codec or CODECS[path.suffix]
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=container or {}) as output:
        stream = output.add_stream(name, rate=10, options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = layout
        for index, pixels in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = index if times is None else times[index]
            for packet in stream.encode(frame):
                output.mux(packet)
        for packet in stream.encode():
            output.mux(packet)
    return path


def write_sound(path):
    """Write a second of silence."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac" if path.suffix == ".mp4" else "pcm_s16le", rate=8000)
        for start in range(0, 8000, 1000):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            frame.pts = start
            for packet in stream.encode(frame):
                output.mux(packet)
        for packet in stream.encode():
            output.mux(packet)
    return path


def write_frames(folder: Path, numbers=range(1, 13), *, suffix=".png", mode="L", **drawn):
    """Write numbered pictures; the picture of number n is the frame n - 1 that `write_video` draws."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        picture = Image.fromarray(frame_pixels(number - 1, **drawn)).convert(mode)
        picture.save(folder / f"{number:03d}{suffix}")
    return folder


def write_zip(path, folder, *, inside="clip"):
    """Write a folder's files into an archive."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{inside}/{file.name}")
    return path
