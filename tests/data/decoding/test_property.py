"""Whatever Pillow writes comes in as a viewer shows it, or is refused in one line; nothing else is raised."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.data.decoding.heif import heic
from tests.data.decoding.writing import dicom, encoded, png16, tiff
from xai_ad.data.decoding import decode_image
from xai_ad.errors import ImageError

pytestmark = pytest.mark.filterwarnings(
    "ignore::PIL.Image.DecompressionBombWarning", "ignore::UserWarning:pydicom", "ignore::UserWarning:PIL"
)
DERANDOMISED = settings(derandomize=True, database=None, max_examples=250, deadline=timedelta(seconds=5))

READ = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "AVIF")
CONTAINERS = (*READ, *READ, "GIF", "PPM", "ICO", "TGA", "PCX", "SGI", "JPEG2000", "DDS")
Make: TypeAlias = Callable[[np.ndarray], Image.Image]
Show: TypeAlias = Callable[[np.ndarray], np.ndarray]
DEEP = ("I", "F", "I;16", "I;16B")
COMPRESSIONS = (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4")


def smooth(height: int, width: int, seed: int) -> np.ndarray:
    """A picture (H, W, 3) that codecs keep: three ramps."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(3):
        down, across, start = rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0, 1)
        ramp = start + down * rows / height + across * columns / width
        planes.append((ramp - ramp.min()) / max(np.ptp(ramp), 1e-9))
    return np.round(np.stack(planes, axis=2) * 255).astype(np.uint8)


def turned(array: np.ndarray, orientation: int) -> np.ndarray:
    """What a viewer makes of an EXIF orientation, by rotations and flips."""
    flipped = np.fliplr(array) if orientation in {2, 4, 5, 7} else array
    return np.rot90(flipped, {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: -1, 7: -1, 8: 1}[orientation])


def shapes_of(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How opaque each pixel is, (H, W), all or nothing; and the array, (H, W, 3), where it lies over white."""
    alpha = np.where(array[..., 2] > 127, 255, 0).astype(np.uint8)
    return alpha, np.where(alpha[..., None] == 255, array, 255)


def with_palette(grey: np.ndarray) -> Image.Image:
    picture = Image.fromarray(grey // 8).convert("P")
    picture.putpalette([value for step in range(32) for value in (8 * step, 255 - 8 * step, step)])
    return picture


def palette_with_alpha(array: np.ndarray) -> Image.Image:
    picture = with_palette(array[..., 0])
    picture.putalpha(Image.fromarray(shapes_of(array)[0]))
    assert picture.mode == "PA"
    return picture


def palette_colours(grey: np.ndarray) -> np.ndarray:
    step = (grey // 8).astype(int)
    return np.stack([8 * step, 255 - 8 * step, step], axis=2)


def with_alpha(array: np.ndarray, mode: str) -> Image.Image:
    own = [Image.fromarray(band) for band in np.moveaxis(array, 2, 0)]
    return Image.merge(mode, [*own, Image.fromarray(shapes_of(array)[0])])


def grey_with_alpha(array: np.ndarray) -> Image.Image:
    return Image.merge("LA", [Image.fromarray(array[..., 0]), Image.fromarray(shapes_of(array)[0])])


def converted(mode: str) -> tuple[Make, Show]:
    """A mode that Pillow makes of colours, and the colours that it makes of that again."""
    return (
        lambda array: Image.fromarray(array).convert(mode),
        lambda array: np.asarray(Image.fromarray(array).convert(mode).convert("RGB")),
    )


WRITTEN: dict[str, tuple[Make, Show]] = {
    "1": (lambda array: Image.fromarray(array[..., 0] > 127), lambda array: (array[..., 0] > 127) * 255),
    "L": (lambda array: Image.fromarray(array[..., 0]), lambda array: array[..., 0]),
    "LA": (grey_with_alpha, lambda array: shapes_of(array[..., [0, 0, 2]])[1][..., 0]),
    "PA": (
        palette_with_alpha,
        lambda array: np.where(shapes_of(array)[0][..., None] == 255, palette_colours(array[..., 0]), 255),
    ),
    "P": (lambda array: with_palette(array[..., 0]), lambda array: palette_colours(array[..., 0])),
    "RGB": (Image.fromarray, lambda array: array),
    "RGBA": (lambda array: with_alpha(array, "RGBA"), lambda array: shapes_of(array)[1]),
    "RGBX": (lambda array: Image.fromarray(array).convert("RGBX"), lambda array: array),
    "CMYK": (
        lambda array: Image.frombytes(
            "CMYK", array.shape[1::-1], np.dstack([255 - array, 0 * array[..., 0]]).tobytes()
        ),
        lambda array: array,
    ),
    "YCbCr": converted("YCbCr"),
    "HSV": converted("HSV"),
    "I": (lambda array: Image.fromarray(array[..., 0].astype(np.int32) * 257), lambda array: array[..., 0]),
    "F": (lambda array: Image.fromarray((array[..., 0] / 255).astype("f4")), lambda array: array[..., 0]),
    "I;16": (lambda array: Image.fromarray(array[..., 0].astype("<u2") * 257), lambda array: array[..., 0]),
    "I;16B": (
        lambda array: Image.frombytes(
            "I;16B", array.shape[1::-1], (array[..., 0].astype(">u2") * 257).astype(">u2").tobytes()
        ),
        lambda array: array[..., 0],
    ),
}
"""How a picture of a mode is made of an array, (H, W, 3), and what of the array it shows."""


def options_of(container: str, orientation: int, compression: str | None) -> dict[str, object]:
    """What a container is written with: an orientation where it has one, and no more loss than must be."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    found: dict[str, object] = {"exif": exif} if container in READ and container != "BMP" else {}
    if container == "TIFF" and compression is not None:
        found["compression"] = compression
    if container in {"JPEG", "AVIF"}:
        found |= {"quality": 100, "subsampling": "4:4:4"}
    if container == "WEBP":
        found |= {"lossless": True, "exact": True}
    return found


def is_refused(data: bytes) -> bool:
    """Whether bytes are refused, in one line; every other error is raised."""
    try:
        decode_image(data)
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017  # it may come or not
        return True
    return False


@given(
    mode=st.sampled_from(sorted(WRITTEN)),
    container=st.sampled_from(CONTAINERS),
    size=st.tuples(st.integers(8, 40), st.integers(8, 40)),
    seed=st.integers(0, 99),
    turn=st.tuples(st.integers(1, 8), st.sampled_from(COMPRESSIONS)),
)
@DERANDOMISED
def test_what_pillow_writes_is_what_a_viewer_shows(mode, container, size, seed, turn):
    array = smooth(*size, seed)
    make, show = WRITTEN[mode]
    options = options_of(container, *turn)
    if mode in DEEP and container not in {"PNG", "TIFF"}:
        return  # what else Pillow writes of them is no longer the picture
    try:
        data = encoded(make(array), container, **options)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SystemError):
        return  # Pillow does not write it
    if is_refused(data):
        assert container not in READ
        return
    assert container in READ
    found = np.asarray(decode_image(data).convert("RGB")).astype(int)
    if (mode, container) == ("RGBA", "BMP"):
        show = WRITTEN["RGB"][1]  # its fourth byte means nothing
    expected = turned(show(array), turn[0]) if "exif" in options else show(array)
    whole = expected if expected.ndim == 3 else np.repeat(expected[..., None], 3, axis=2)
    assert found.shape == whole.shape
    missed = np.abs(found - whole)
    if "jpeg" in (turn[1], container.lower()) or container == "AVIF" or mode == "YCbCr":
        assert missed.mean() <= 6  # where transparency ends, codecs ring
    else:
        assert missed.max() <= 1


@given(
    bits=st.sampled_from([8, 10, 12, 14, 16]),
    kind=st.sampled_from(["png", "colour png", "tiff", "big tiff", "colour tiff", "32 bits", "float"]),
    is_given=st.booleans(),
    seed=st.integers(0, 99),
    orientation=st.integers(1, 8),
)
@DERANDOMISED
def test_depths_are_the_same_picture_or_one_line(bits, kind, is_given, seed, orientation):
    array = smooth(20, 30, seed)
    array[0, 0] = 255  # it uses all levels
    deep = np.round(array / 255 * (2**bits - 1)).astype(np.uint16)
    grey = deep[..., 0]
    tags = {274: (3, [orientation])}
    data = {
        "png": lambda: png16(grey),
        "colour png": lambda: png16(deep),
        "tiff": lambda: tiff(grey, tags=tags),
        "big tiff": lambda: tiff(grey, tags=tags, order=">"),
        "colour tiff": lambda: tiff(deep, tags=tags),
        "32 bits": lambda: tiff(grey.astype(np.int32), tags=tags),
        "float": lambda: tiff(grey.astype(np.float32) / (2**bits - 1), tags=tags),
    }[kind]()
    expected = array if "colour" in kind else array[..., 0]
    shown = turned(expected, orientation) if "png" not in kind else expected
    white = 1 if kind == "float" else 2**bits - 1
    if not is_given and is_refused(data):
        assert bits < 16
        return
    found = decode_image(data, levels=white if is_given else None)
    assert np.abs(np.asarray(found).astype(int) - shown).max() <= 1


WHOLE = {
    kind: encoded(Image.fromarray(smooth(24, 24, 0)), kind)
    for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "AVIF")
} | {
    "deep PNG": png16(smooth(24, 24, 0).astype(np.uint16) * 257),
    "deep TIFF": tiff(smooth(24, 24, 0)[..., 0].astype(np.uint16) * 257),
    "double TIFF": tiff(smooth(24, 24, 0)[..., 0] / 255),
    "LZW": encoded(Image.fromarray(smooth(24, 24, 0)), "TIFF", compression="tiff_lzw"),
    "pages": tiff(smooth(24, 24, 0), smooth(24, 24, 1)),
    "palette": encoded(Image.fromarray(smooth(24, 24, 0)).quantize(), "PNG"),
    "HEIC": heic(smooth(24, 24, 0)[..., 0]),
    "DICOM": dicom(smooth(24, 24, 0)[..., 0]),
    "DICOM frames": dicom(np.stack([smooth(24, 24, 0)[..., 0]] * 2), frames=2),
    "DICOM window": dicom(smooth(24, 24, 0)[..., 0], WindowCenter="100", WindowWidth="90"),
}


@given(
    kind=st.sampled_from(sorted(WHOLE)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=6),
    early=st.booleans(),
    kept=st.floats(0, 1) | st.just(1.0),
)
@settings(DERANDOMISED, max_examples=500)
def test_damage_is_one_line_or_a_picture(kind, flips, early, kept):
    data = bytearray(WHOLE[kind])
    for place, change in flips:
        reach = min(len(data), 400) if early else len(data)
        data[int(place * reach)] ^= change
    is_refused(bytes(data[: int(kept * len(data))]))


@given(
    data=st.binary(max_size=300),
    head=st.sampled_from([b"", b"II*\0", b"\x89PNG\r\n\x1a\n", b"\0" * 128 + b"DICM", b"RIFF"]),
)
@DERANDOMISED
def test_any_bytes_are_one_line_or_a_picture(data, head):
    is_refused(head + data)
