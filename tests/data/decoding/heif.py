"""HEIC pictures as bytes: one frame of HEVC in the boxes of ISO/IEC 23008-12."""

import re
import struct
from fractions import Fraction

import av
import numpy as np


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, *content: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def coded(grey: np.ndarray, bits: int) -> tuple[bytes, bytes]:
    """The decoder's configuration, and the frame, of a grey picture (H, W) coded without loss."""
    height, width = grey.shape
    kind, layout = (np.uint8, "yuv420p") if bits == 8 else (np.uint16, "yuv420p10le")
    planes = np.full((height * 3 // 2, width), 2 ** (bits - 1), kind)
    planes[:height] = grey
    encoder = av.CodecContext.create("libx265", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, layout, Fraction(1, 1)
    encoder.options = {"x265-params": "lossless=1:log-level=none:range=full:repeat-headers=1:info=0"}
    packets = [*encoder.encode(av.VideoFrame.from_ndarray(planes, format=layout)), *encoder.encode()]
    units = [unit for unit in re.split(b"\0\0\0?\1", b"".join(map(bytes, packets))) if unit]
    kinds = {unit[0] >> 1 & 63: unit for unit in units}
    arrays = b"".join(
        struct.pack(">BHH", 0x80 | kind, 1, len(kinds[kind])) + kinds[kind] for kind in (32, 33, 34)
    )
    # Profile and level are in the arrays too; of the fixed part 4:2:0, the depths and 4-byte lengths count.
    fixed = bytes(
        [1, 4, *bytes(10), 30, 0xF0, 0, 0xFC, 0xFD, 0xF8 | bits - 8, 0xF8 | bits - 8, 0, 0, 0x0F, 3]
    )
    pictures = [unit for unit in units if unit[0] >> 1 & 63 < 32]
    sample = b"".join(struct.pack(">I", len(unit)) + unit for unit in pictures)
    return box(b"hvcC", fixed, arrays), sample


def heic(
    grey: np.ndarray, *, turns: int = 0, bits: int = 8, exif: bytes | None = None, count: int = 1
) -> bytes:
    """A grey picture (H, W) of even sides; `turns` by 90 degrees counter-clockwise, as `irot` has them."""
    configuration, sample = coded(grey, bits)
    height, width = grey.shape
    properties = [
        configuration,
        full(b"ispe", struct.pack(">II", width, height)),
        box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80)),
        *([box(b"irot", bytes([turns]))] if turns else []),
    ]
    numbers = bytes(range(1, len(properties) + 1))
    pictures = list(range(1, count + 1))
    infos = [full(b"infe", struct.pack(">HH4s", item, 0, b"hvc1"), b"\0", version=2) for item in pictures]
    references = b""
    blobs = [sample] * count
    if exif is not None:
        infos.append(full(b"infe", struct.pack(">HH4s", count + 1, 0, b"Exif"), b"\0", version=2))
        references = full(b"iref", box(b"cdsc", struct.pack(">HHH", count + 1, 1, 1)))
        blobs.append(struct.pack(">I", 0) + exif)

    def meta(start: int) -> bytes:
        places, where = [], start
        for item, blob in enumerate(blobs, 1):
            places.append(struct.pack(">HHHII", item, 0, 1, where, len(blob)))
            where += len(blob)
        association = [struct.pack(">HB", item, len(numbers)) + numbers for item in pictures]
        return full(
            b"meta",
            full(b"hdlr", struct.pack(">I4s", 0, b"pict"), bytes(13)),
            full(b"pitm", struct.pack(">H", 1)),
            full(b"iloc", struct.pack(">BBH", 0x44, 0, len(blobs)), *places),
            full(b"iinf", struct.pack(">H", len(infos)), *infos),
            references,
            box(
                b"iprp",
                box(b"ipco", *properties),
                full(b"ipma", struct.pack(">I", len(association)), *association),
            ),
        )

    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", *blobs)
