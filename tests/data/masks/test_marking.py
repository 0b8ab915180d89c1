"""Whatever a mask was saved as, it marks the same pixels, or one line says why it cannot be read."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage.draw import disk

from xai_ad.data.masks.marking import marked_in
from xai_ad.errors import ImageError

TRUTH = np.zeros((96, 80), bool)
TRUTH[disk((40, 30), 17)] = True
TRUTH[70:84, 50:72] = True
CORE = np.zeros_like(TRUTH)
CORE[disk((40, 30), 8)] = True
"""A second kind of defect within the first."""


def encoded(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **options)
    return buffer.getvalue()


def grey(ground, paint, dtype, kind="PNG", **options):
    return encoded(Image.fromarray(np.where(TRUTH, paint, ground).astype(dtype)), kind, **options)


def painted(colour, ground=(0, 0, 0, 0), mode="RGBA"):
    """Paint of a colour with alpha on a ground."""
    pixels = np.where(TRUTH[..., None], colour, ground).astype(np.uint8)
    return Image.fromarray(pixels).convert(mode)


def indexed(ground, paint, *, inner=None, at=(0, 1, 2)):
    """A palette's indices, with the colours of ground, paint and inner paint at some places."""
    indices = np.where(TRUTH, at[1], at[0])
    if inner is not None:
        indices[CORE] = at[2]
    picture = Image.fromarray(indices.astype(np.uint8), mode=None).convert("L")
    picture = Image.frombytes("P", picture.size, picture.tobytes())
    palette = np.zeros((256, 3), np.uint8)
    for place, colour in zip(at, (ground, paint, inner or (0, 0, 0)), strict=True):
        palette[place] = colour
    picture.putpalette(palette.ravel().tolist())
    return picture


def png_of_wide_colours(pixels):
    """A PNG of 16 bits a channel, which Pillow does not write; pixels (h, w, 3 or 4)."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def labels(*values, dtype=np.uint8, kind="PNG"):
    """Ground, defect and inner defect of some values."""
    pixels = np.select([CORE, TRUTH], [values[2], values[1]], values[0])
    return encoded(Image.fromarray(pixels.astype(dtype)), kind)


WIDE = np.repeat(TRUTH[..., None], 3, axis=2)
ALPHA = np.dstack([WIDE, TRUTH])
SAVED = {
    "0 and 255": grey(0, 255, np.uint8),
    "0 and 1": grey(0, 1, np.uint8),
    "0 and 128": grey(0, 128, np.uint8),
    "1 bit": encoded(Image.fromarray(TRUTH)),
    "1 bit, TIFF": encoded(Image.fromarray(TRUTH), "TIFF", compression="group4"),
    "1 bit, BMP": encoded(Image.fromarray(TRUTH), "BMP"),
    "2 bits": encoded(Image.fromarray(TRUTH.astype(np.uint8)), bits=2),
    "16 bits, 0 and 1": grey(0, 1, np.uint16),
    "16 bits, 0 and 257": grey(0, 257, np.uint16),
    "16 bits, 0 and 65535": grey(0, 65_535, np.uint16),
    "16 bits, 0 and 1, TIFF": grey(0, 1, np.uint16, "TIFF"),
    "16 bits, white is 0": grey(65_535, 65_534, np.uint16, "TIFF", tiffinfo={262: 0}),
    "32 bits, 0 and 1": grey(0, 1, np.int32, "TIFF"),
    "32 bits, 0 and 70000": grey(0, 70_000, np.int32, "TIFF"),
    "float, 0 and 1": grey(0, 1, np.float32, "TIFF"),
    "float, 0 and 1e-3": grey(0, 1e-3, np.float32, "TIFF"),
    "a ground of 1": grey(1, 2, np.uint8),
    "video black": grey(16, 235, np.uint8),
    "0, 1 and 2": labels(0, 1, 2),
    "0, 2 and 1": labels(0, 2, 1),
    "0, 128 and 255": labels(0, 128, 255),
    "0, 255 and 1": labels(0, 255, 1),
    "0, 1 and 65535": labels(0, 1, 65_535, dtype=np.uint16),
    "0, 100 and 40": labels(0, 100, 40),
    "colours of 16 bits, 0 and 1": png_of_wide_colours(WIDE.astype(np.uint16)),
    "colours of 16 bits, 0 and 256": png_of_wide_colours(WIDE * np.uint16(256)),
    "16 bits, white on nothing": png_of_wide_colours(ALPHA * np.uint16(65_535)),
    "red on black": encoded(painted((255, 0, 0, 255), (0, 0, 0, 255), "RGB")),
    "dark blue on black": encoded(painted((0, 0, 1, 255), (0, 0, 0, 255), "RGB"), "BMP"),
    "CMYK": encoded(painted((255, 255, 255, 255), (0, 0, 0, 255), "RGB").convert("CMYK"), "TIFF"),
    "white on nothing": encoded(painted((255, 255, 255, 255))),
    "red on nothing": encoded(painted((255, 0, 0, 255))),
    "black on nothing": encoded(painted((0, 0, 0, 255))),
    "black on transparent white": encoded(painted((0, 0, 0, 255), (255, 255, 255, 0))),
    "black on nothing, WebP": encoded(painted((0, 0, 0, 255)), "WEBP", lossless=True),
    "translucent red on nothing": encoded(painted((255, 0, 0, 90))),
    "opaque, white on black": encoded(painted((255, 255, 255, 255), (0, 0, 0, 255))),
    "evenly translucent, white on black": encoded(painted((255, 255, 255, 200), (0, 0, 0, 200))),
    "grey on nothing": encoded(painted((77, 77, 77, 255)).convert("LA")),
    "black on nothing, grey": encoded(painted((0, 0, 0, 255)).convert("LA")),
    "a palette, its ground transparent": encoded(indexed((9, 9, 9), (0, 0, 0)), transparency=0),
    "a palette, its ground transparent, at 7": encoded(
        indexed((255, 255, 255), (0, 80, 0), at=(7, 3, 1)), transparency=7
    ),
    "a palette of labels": encoded(indexed((0, 0, 0), (128, 0, 0), inner=(0, 64, 0))),
    "a palette that hides its labels": encoded(indexed((0, 0, 0), (1, 1, 1))),
    "a palette, black at 1": encoded(indexed((0, 0, 0), (255, 255, 255), at=(1, 0, 2))),
    "a palette without black": encoded(indexed((255, 255, 255), (255, 0, 0))),
    "grey with a transparent value": grey(0, 255, np.uint8, transparency=0),
    "16 bits with a transparent value": grey(3, 9, np.uint16, transparency=3),
    "colours with a transparent one": encoded(
        painted((0, 0, 0, 255), (250, 250, 250, 255), "RGB"), transparency=(250, 250, 250)
    ),
}


@pytest.mark.parametrize("data", SAVED.values(), ids=SAVED.keys())
def test_what_is_not_background_is_marked(data):
    np.testing.assert_array_equal(marked_in(data, "mask"), TRUTH)


def test_white_and_black_beside_a_transparent_margin_are_told_apart():
    pixels = np.asarray(painted((255, 255, 255, 255), (0, 0, 0, 255))).copy()
    pixels[:, :5, 3] = 0
    np.testing.assert_array_equal(marked_in(encoded(Image.fromarray(pixels)), "mask"), TRUTH)


@pytest.mark.parametrize("quality", [30, 75, 95])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "a PNG of a JPEG"])
def test_lossy_masks_are_cut_at_half_of_their_range(kind, quality):
    picture = Image.fromarray(TRUTH.astype(np.uint8) * 255)
    data = encoded(picture, "WEBP" if kind == "WEBP" else "JPEG", quality=quality)
    if kind.startswith("a PNG"):
        data = encoded(Image.open(io.BytesIO(data)))
    wrong = marked_in(data, "mask") != TRUTH
    assert wrong.sum() <= 0.02 * TRUTH.sum()


@pytest.mark.parametrize("high", [255, 200, 65_535, 1.0])
@pytest.mark.parametrize("sigma", [0.7, 2.0, 4.0])
def test_soft_edges_are_cut_at_half_of_their_range(high, sigma):
    soft = gaussian_filter(TRUTH.astype(np.float32), sigma)
    soft *= high / soft.max()
    dtype = np.float32 if high == 1.0 else np.uint8 if high < 256 else np.uint16
    pixels = soft.astype(dtype)
    data = encoded(Image.fromarray(pixels), "TIFF")
    np.testing.assert_array_equal(
        marked_in(data, "mask"), pixels >= (float(pixels.min()) + float(pixels.max())) / 2
    )


def test_antialiased_paint_is_cut_at_half_its_opacity():
    soft = np.round(gaussian_filter(TRUTH.astype(float), 1) * 255).astype(np.uint8)
    pixels = np.dstack([np.zeros((*soft.shape, 3), np.uint8), soft])
    np.testing.assert_array_equal(marked_in(encoded(Image.fromarray(pixels)), "mask"), soft >= 127.5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_many_labels_are_no_soft_edge(dtype):
    """Forty regions of a segmentation, numbered."""
    pixels = np.zeros((120, 240), dtype)
    for number in range(1, 41):
        row, column = divmod(number - 1, 10)
        pixels[row * 30 + 4 : row * 30 + 24, column * 24 + 3 : column * 24 + 20] = number
    np.testing.assert_array_equal(marked_in(encoded(Image.fromarray(pixels)), "mask"), pixels > 0)


@pytest.mark.parametrize("side", [2, 3, 5])
def test_many_small_labels_that_touch_are_no_soft_edge(side):
    numbers = np.random.default_rng(side).permutation(400).reshape(20, 20) + 1
    pixels = np.pad(np.kron(numbers, np.ones((side, side), int)), 9).astype(np.uint16)
    np.testing.assert_array_equal(marked_in(encoded(Image.fromarray(pixels)), "mask"), pixels > 0)


def test_thin_lines_of_several_labels_stay():
    pixels = np.zeros((64, 64), np.uint8)
    pixels[10, 5:60], pixels[20, 5:60], pixels[30, 5:60] = 60, 120, 255
    np.testing.assert_array_equal(marked_in(encoded(Image.fromarray(pixels)), "mask"), pixels > 0)


@pytest.mark.parametrize(("value", "expected"), [(0, False), (1, True), (255, True)])
def test_a_mask_of_one_level_is_empty_or_full(value, expected):
    marked = marked_in(encoded(Image.new("L", (20, 20), value)), "mask")
    assert marked.all() == marked.any() == expected


def test_an_empty_layer_marks_nothing():
    assert not marked_in(encoded(Image.new("RGBA", (20, 20))), "mask").any()


BAD = {
    "negative": (grey(0, -1, np.float32, "TIFF"), "from -1.0 to 0.0"),
    "not finite": (grey(0, np.nan, np.float32, "TIFF"), "finite"),
    "labels in a JPEG": (grey(0, 9, np.uint8, "JPEG", quality=90), "lossy file, which blurs labels"),
    "no ground": (
        encoded(painted((255, 0, 0, 255), (255, 255, 255, 255), "RGB")),
        "coloured and nowhere black",
    ),
    "no ground, JPEG": (
        encoded(painted((255, 0, 0, 255), (255, 255, 255, 255), "RGB"), "JPEG"),
        "coloured and nowhere black",
    ),
    "all transparent": (encoded(painted((255, 255, 255, 0))), "all transparent"),
    "LAB": (encoded(Image.new("LAB", (20, 20)), "TIFF"), "mode 'LAB'"),
    "pages": (
        encoded(
            Image.new("L", (20, 20)), "TIFF", save_all=True, append_images=[Image.new("L", (20, 20), 255)]
        ),
        "several pages",
    ),
    "text": (b"not a mask", "is not a PNG"),
    "empty": (b"", "empty"),
    "cut short": (grey(0, 255, np.uint8)[:60], "damaged"),
}


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_a_mask_is_refused_by_name_in_one_line(data, message):
    with pytest.raises(ImageError, match=message) as caught:
        marked_in(data, "odd.png")
    assert str(caught.value).startswith("odd.png ")
    assert "\n" not in str(caught.value)
