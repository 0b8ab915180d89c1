import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from xai_ad.data.decoding import decode_image, open_image, sha256_of
from xai_ad.data.images import Preprocessing
from xai_ad.data.reading import read_image
from xai_ad.errors import ImageError


class Card:
    """What read_image asks of a card."""

    preprocessing = Preprocessing(size=16)
    photograph = None


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **options)
    return buffer.getvalue()


RED = Image.new("RGB", (20, 12), (200, 30, 10))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_every_format_becomes_a_tensor_in_unit_range(kind):
    image = read_image(encoded(RED, kind), Card)
    assert image.shape == (3, 16, 16)
    assert image.dtype == torch.float32
    assert image.mean(dim=(1, 2)).tolist() == pytest.approx([200 / 255, 30 / 255, 10 / 255], abs=0.02)


def test_the_exif_rotation_is_honoured():
    picture = Image.new("RGB", (20, 10), "black")
    picture.paste("white", (0, 0, 5, 10))  # white on the left of the stored picture
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate by 90 degrees clockwise to view": left becomes top
    upright = np.asarray(decode_image(encoded(picture, "JPEG", exif=exif, quality=95)).convert("L"))
    assert upright.shape == (20, 10)
    assert upright[:4].mean() > 240
    assert upright[8:].mean() < 15


def test_alpha_lies_over_white():
    clear = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    assert read_image(encoded(clear), Card).min() == 1


def test_a_transparent_palette_lies_over_white():
    picture = Image.new("P", (16, 16), 0)
    picture.putpalette([255, 0, 0])
    assert read_image(encoded(picture, transparency=0), Card).min() == 1


def test_sixteen_bits_keep_their_brightness():
    grey = Image.fromarray(np.full((16, 16), 32_768, np.uint16))
    assert read_image(encoded(grey), Card).unique().tolist() == pytest.approx([128 / 255])
    assert read_image(encoded(grey, "TIFF"), Card).unique().tolist() == pytest.approx([128 / 255])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr"])
def test_uncommon_modes_are_read(mode):
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    picture = Image.new("RGB", (16, 16), "white").convert(mode)
    assert read_image(encoded(picture, kind), Card).min() > 0.98


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + body
        + struct.pack(">I", zlib.crc32(body))
        + struct.pack(">I", 9)
        + b"IDAT"
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # as the package has it
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"I am a text file\n" * 20, "not a PNG, JPEG"),
        (encoded(RED, "GIF"), "not a PNG, JPEG"),
        (encoded(Image.effect_noise((200, 200), 50), "PNG")[:900], "damaged or cut short"),
        (encoded(Image.effect_noise((200, 200), 50), "JPEG")[:900], "damaged or cut short"),
        (encoded(Image.new("RGB", (1, 1))), "1x1 pixels; at least 8x8"),
        (png_header(50_000, 50_000), "too many pixels"),
        (png_header(10_000, 10_000), "10000x10000 pixels; at most"),
        (encoded(Image.fromarray(np.full((16, 16), 70_000, np.int32)), "TIFF"), "values up to 70000"),
    ],
    ids=["zero bytes", "text", "gif", "cut png", "cut jpeg", "1x1", "bomb", "large", "32-bit"],
)
def test_bad_files_get_one_plain_line(data, message):
    with pytest.raises(ImageError, match=message) as caught:
        read_image(data, Card)
    assert "\n" not in str(caught.value)


def test_what_was_decoded_once_is_not_read_again(tmp_path, monkeypatch):
    path = tmp_path / "part.png"
    path.write_bytes(encoded(RED))
    expected = read_image(path, Card)
    opened = []
    whole = Image.open
    monkeypatch.setattr(Image, "open", lambda *args, **options: opened.append(1) or whole(*args, **options))
    decoded = open_image(path)
    path.unlink()
    assert torch.equal(read_image(decoded, Card), expected)
    assert decoded.sha256 == sha256_of(encoded(RED))
    assert decoded.pixels.size == RED.size
    assert len(opened) == 1


def test_decoding_leaves_the_filters_of_warnings_alone(monkeypatch):
    """They are the whole process's, and images are decoded in threads."""
    seen = []
    whole = Image.open
    monkeypatch.setattr(
        Image, "open", lambda *args, **options: seen.append(list(warnings.filters)) or whole(*args, **options)
    )
    before = list(warnings.filters)
    decode_image(encoded(RED))
    assert seen == [before]


def test_a_file_is_named_in_its_error(tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"nonsense")
    with pytest.raises(ImageError, match=r"broken\.png is not"):
        read_image(path, Card)
    with pytest.raises(ImageError, match=r"absent\.png cannot be read"):
        read_image(tmp_path / "absent.png", Card)


def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="no regular file"):
        decode_image(tmp_path / "pipe.png")


def test_a_tiff_whose_tags_have_other_types_is_refused():
    data = bytearray(encoded(RED, "TIFF"))
    # The type of every tag set to ASCII: Pillow meets text where it computes.
    start = int.from_bytes(data[4:8], "little")
    for tag in range(int.from_bytes(data[start : start + 2], "little")):
        data[start + 2 + 12 * tag + 2] = 2
    with pytest.raises(ImageError):
        decode_image(bytes(data))
