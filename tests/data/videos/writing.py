"""Small clips, written on the spot."""

import struct
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
    ".m4v": ("libx264", "yuv420p"),
    ".3gp": ("mpeg4", "yuv420p"),
    ".3g2": ("mpeg4", "yuv420p"),
    ".wmv": ("wmv2", "yuv420p"),
    ".asf": ("wmv2", "yuv420p"),
    ".ts": ("libx264", "yuv420p"),
    ".mts": ("libx264", "yuv420p"),
    ".m2ts": ("libx264", "yuv420p"),
    ".mpg": ("mpeg1video", "yuv420p"),
    ".mpeg": ("mpeg2video", "yuv420p"),
    ".flv": ("libx264", "yuv420p"),
}


RATES = {"mpeg1video": 25, "mpeg2video": 25}
"""Frames a second of codecs that know few rates."""

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
    name, layout = codec or CODECS[path.suffix.lower()]
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=container or {}) as output:
        stream = output.add_stream(name, rate=RATES.get(name, 10), options=options or {})
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


def copy_video(source, path, *, start=0, stop=None, delay=0):
    """Copy a video's packets from one to before another without encoding them anew, as cutting tools do."""
    with av.open(str(source)) as whole, av.open(str(path), "w") as output:
        stream = whole.streams.video[0]
        copied = output.add_stream_from_template(stream)
        packets = [packet for packet in whole.demux(stream) if packet.size][start:stop]
        base = min(packet.dts for packet in packets) - round(delay / stream.time_base)
        for packet in packets:
            packet.dts -= base
            packet.pts -= base
            packet.stream = copied
            output.mux(packet)
    return path


def set_edits(path, *edits):
    """Give an MP4's only track the edit list of (milliseconds, first time of the track's, -1 for a pause)."""
    data = path.read_bytes()
    begin = data.rindex(b"moov") - 4

    def with_edits(boxes):
        out, at = b"", 0
        while at < len(boxes):
            size, kind = struct.unpack(">I4s", boxes[at : at + 8])
            body = boxes[at + 8 : at + size]
            at += size
            if kind in {b"moov", b"trak"}:
                body = with_edits(body)
            if kind != b"edts":
                out += struct.pack(">I4s", len(body) + 8, kind) + body
            if kind == b"tkhd":
                rows = b"".join(struct.pack(">Iihh", length, first, 1, 0) for length, first in edits)
                table = struct.pack(">I4sII", len(rows) + 16, b"elst", 0, len(edits)) + rows
                out += struct.pack(">I4s", len(table) + 8, b"edts") + table
        return out

    path.write_bytes(data[:begin] + with_edits(data[begin:]))
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
