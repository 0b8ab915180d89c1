"""More than 8 bits a pixel: the right 8-bit picture, or one line that asks which value is white."""

import numpy as np
import pytest
from PIL import Image

from tests.data.decoding.writing import chunk, encoded, png16, tiff
from xai_ad.data.decoding import LevelsError, decode_image, open_image, parse_levels
from xai_ad.data.decoding.survey import survey
from xai_ad.errors import ImageError, InvalidInputError

RAMP = np.linspace(0, 1, 24 * 10).reshape(10, 24)
"""From black to white."""


def eight(values: np.ndarray, white: float) -> np.ndarray:
    return np.round(values.astype(np.float64) * 255 / white).astype(np.uint8)


def of(bits: int, kind=np.uint16) -> np.ndarray:
    return np.round(RAMP * (2**bits - 1)).astype(kind)


def deep_files(values: np.ndarray) -> dict[str, bytes]:
    """The same integers in every file that holds them."""
    return {
        "png": png16(values),
        "little tiff": tiff(values),
        "big tiff": tiff(values, order=">"),
        "signed tiff": tiff(values.astype(np.int16))
        if values.max() < 2**15
        else tiff(values.astype(np.int32)),
        "32 bits": tiff(values.astype(np.int32)),
        "big 32 bits": tiff(values.astype(np.int32), order=">"),
        "unsigned 32 bits": tiff(values.astype(np.uint32)),
        "float": tiff(values.astype(np.float32)),
        "deflated": encoded(Image.fromarray(values), "TIFF", compression="tiff_adobe_deflate"),
        "lzw": encoded(Image.fromarray(values), "TIFF", compression="tiff_lzw"),
    }


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_levels_that_are_given_make_the_picture_whatever_the_file(bits):
    values, white = of(bits), 2**bits - 1
    for kind, data in deep_files(values).items():
        found = open_image(data, levels=white)
        assert np.array_equal(found.pixels, eight(values, white)), kind
        assert found.levels == white


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_a_single_picture_that_may_be_any_of_several_asks(bits):
    for kind, data in deep_files(of(bits)).items():
        with pytest.raises(LevelsError, match=rf"a\.png .*{2**bits - 1}.*--levels {2**bits}") as caught:
            decode_image(data, name="a.png")
        assert "\n" not in str(caught.value), kind
        assert caught.value.choices[0] == 2**bits - 1


def test_what_is_assumed_stands_where_the_file_does_not_speak():
    dark = of(12) // 2
    found = open_image(png16(dark), assumed=4095)
    assert np.array_equal(found.pixels, eight(dark, 4095))
    assert found.note == "White is taken to be 4095, as for the model's training."
    assert open_image(png16(of(16)), assumed=65535).note is None
    assert np.array_equal(decode_image(png16(of(16)), assumed=4095), eight(of(16), 65535))
    with pytest.raises(LevelsError):
        decode_image(png16(of(14)), assumed=4095)


def test_sixteen_bits_are_seen_by_their_top_quarter():
    values = np.full((9, 9), 16_384, np.uint16)
    assert np.unique(decode_image(png16(values))).tolist() == [64]
    with pytest.raises(LevelsError):
        decode_image(png16(values - 1))


def test_black_is_black_whatever_is_white():
    for data in deep_files(np.zeros((9, 9), np.uint16)).values():
        assert not np.asarray(decode_image(data)).any()


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_the_significant_bits_of_a_png_are_believed(bits):
    said = chunk(b"sBIT", bytes([bits]))
    values = of(bits) // 3
    assert np.array_equal(decode_image(png16(values, said)), eight(values, 2**bits - 1))
    # As the standard has it, values fill the sample, whatever was significant before.
    assert np.array_equal(decode_image(png16(of(16), said)), eight(of(16), 65535))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tag", [{341: (3, [4095])}, {281: (3, [4095])}, {50717: (4, [4095])}])
def test_a_tiff_that_states_its_white_is_believed(tag, order):
    values = of(12) // 3
    assert np.array_equal(decode_image(tiff(values, tags=tag, order=order)), eight(values, 4095))


def test_a_tag_that_is_a_statistic_or_contradicts_the_values_is_not_believed():
    for stated in (3000, 1023):
        with pytest.raises(LevelsError):
            decode_image(tiff(of(12), tags={281: (3, [stated])}))


def test_ome_tiff_states_its_significant_bits():
    text = b'<OME><Image><Pixels SignificantBits="12" Type="uint16"/></Image></OME>\0'
    values = of(12) // 3
    assert np.array_equal(decode_image(tiff(values, tags={270: (2, text)})), eight(values, 4095))


def test_twelve_packed_bits_are_twelve_bits():
    values = of(12)
    pairs = values.reshape(10, -1, 2).astype(np.uint32)
    packed = np.stack(
        [pairs[..., 0] >> 4, (pairs[..., 0] & 15) << 4 | pairs[..., 1] >> 8, pairs[..., 1] & 255], -1
    )
    rows = packed.reshape(10, -1).astype(np.uint8)
    data = tiff(rows, tags={256: (4, [24]), 258: (3, [12])})
    assert np.array_equal(decode_image(data), eight(values, 4095))


@pytest.mark.parametrize("order", ["<", ">"])
def test_zero_that_is_white_is_turned(order):
    turned = {262: (3, [0])}
    eight_bits = of(8, np.uint8)
    assert np.array_equal(decode_image(tiff(eight_bits, tags=turned, order=order)), 255 - eight_bits)
    floats = RAMP.astype(np.float32)
    assert np.array_equal(decode_image(tiff(floats, tags=turned, order=order)), 255 - eight(floats, 1))
    deep = tiff(of(16), tags=turned, order=order)
    assert np.array_equal(decode_image(deep), 255 - eight(of(16), 65535))
    less = tiff(of(12), tags=turned, order=order)
    assert np.array_equal(decode_image(less, levels=4095), 255 - eight(of(12), 4095))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["f2", "f8", "u4", "i2", "i4", "i8", "u8"])
def test_numbers_of_every_kind_are_read(kind, order):
    if kind[0] == "f":
        assert (
            np.abs(
                np.asarray(decode_image(tiff(RAMP.astype(kind), order=order))).astype(int) - RAMP * 255
            ).max()
            <= 1
        )
        return
    data = tiff(of(12).astype(kind), order=order, tags={274: (3, [6])})
    assert np.array_equal(decode_image(data, levels=4095), np.rot90(eight(of(12), 4095), -1))
    with pytest.raises(LevelsError, match=r"a\.tif .*--levels 4096"):
        decode_image(data, name="a.tif")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white", [1, 255])
def test_floating_point_is_from_0_to_1_or_to_255(white, order):
    values = (RAMP * white).astype(np.float32)
    found = open_image(tiff(values, order=order))
    assert np.array_equal(found.pixels, eight(values, white))
    assert found.levels == white


def test_floats_a_rounding_error_beyond_their_range_are_no_other_range():
    values = (RAMP * 1.000001 - 1e-7).astype(np.float32)
    assert np.array_equal(decode_image(tiff(values)), np.clip(np.round(values * 255), 0, 255))


def test_floats_that_would_be_nearly_black_ask():
    with pytest.raises(LevelsError):
        decode_image(tiff((RAMP * 3).astype(np.float32)))
    assert decode_image(tiff((RAMP * 3).astype(np.float32)), levels=255).getextrema() == (0, 3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[-1.0]]), "negative values, down to -1"),
        (np.array([[np.nan]]), "no finite numbers"),
        (np.array([[np.inf]]), "no finite numbers"),
        (np.array([[-np.inf]]), "no finite numbers"),
        (np.array([[1e6]]), "values up to 1e"),
    ],
)
def test_values_without_a_brightness_are_one_line(values, message):
    whole = np.full((9, 9), 0.5, np.float32)
    whole[4, 4] = values[0, 0]
    for levels in (None, 255):
        with pytest.raises(ImageError, match=message) as caught:
            decode_image(tiff(whole), levels=levels)
        assert "\n" not in str(caught.value)


def test_negative_integers_are_one_line():
    values = of(12, np.int16)
    values[3, 3] = -7
    with pytest.raises(ImageError, match="negative values, down to -7"):
        decode_image(tiff(values), levels=4095)


@pytest.mark.parametrize(("white", "beyond"), [(255, 256), (4095, 4096), (4095, 60_000)])
def test_values_above_the_given_levels_are_never_clipped(white, beyond):
    values = of(8)
    values[2, 2] = beyond
    with pytest.raises(ImageError, match=rf"holds the value {beyond}, above {white}.*--levels"):
        decode_image(png16(values), levels=white)


def test_pictures_of_8_bits_have_the_levels_they_have():
    data = encoded(Image.fromarray(of(8, np.uint8)))
    assert np.array_equal(decode_image(data, levels=4095), of(8, np.uint8))
    assert open_image(data, levels=4095).levels is None


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("write", [png16, tiff, lambda values: tiff(values, order=">")])
def test_colours_keep_all_their_bits(bits, write):
    values = np.stack([of(bits), of(bits)[::-1], of(bits)[:, ::-1]], axis=2)
    white = 2**bits - 1
    assert np.array_equal(decode_image(write(values), levels=white), eight(values, white))
    if bits == 12:
        with pytest.raises(LevelsError):
            decode_image(write(values))
    else:
        assert np.array_equal(decode_image(write(values)), eight(values, white))


@pytest.mark.parametrize("channels", [2, 4])
def test_deep_pictures_lie_over_white_where_they_are_transparent(channels):
    planes = [of(16)] * (channels - 1)
    alpha = of(16)[::-1]
    found = np.asarray(decode_image(png16(np.stack([*planes, alpha], axis=2)))).astype(int)
    share = alpha / 65535
    expected = np.round(of(16) / 257 * share + 255 * (1 - share)).astype(int)
    assert np.abs(found[..., 0] - expected).max() <= 1
    assert np.abs(found[..., -1] - expected).max() <= 1


def test_a_deep_grey_tiff_lies_over_white_where_it_is_transparent():
    planes = np.stack([of(16), np.where(of(16) > 30_000, 65_535, 0).astype(np.uint16)], axis=2)
    expected = np.where(of(16) > 30_000, eight(of(16), 65_535), 255)
    assert np.array_equal(decode_image(tiff(planes, tags={338: (3, [2])})), expected)
    with pytest.raises(
        ImageError, match="kind that is not read"
    ):  # what the second channel means is not known
        decode_image(tiff(planes))


def test_a_transparent_colour_of_16_bits_is_white():
    values = np.stack([of(16)] * 3, axis=2)
    values[:3] = (4000, 5000, 6000)
    clear = chunk(b"tRNS", b"".join(value.to_bytes(2) for value in (4000, 5000, 6000)))
    found = np.asarray(decode_image(png16(values, clear)))
    assert (found[:3] == 255).all()
    assert np.array_equal(found[3:], eight(values[3:], 65535))


def test_a_transparent_grey_of_16_bits_is_white():
    values = of(16)
    values[:3] = 4000
    found = np.asarray(decode_image(png16(values, chunk(b"tRNS", (4000).to_bytes(2)))))
    assert (found[:3] == 255).all()
    assert np.array_equal(found[3:], eight(values[3:], 65535))


def test_premultiplied_colours_are_not_darkened_twice():
    half = np.full((9, 9, 4), 32_768, np.uint16)  # half of white, half opaque
    assert np.unique(decode_image(tiff(half, tags={338: (3, [1])}))).tolist() == [255]
    plain = np.unique(decode_image(tiff(half, tags={338: (3, [2])})))
    assert plain.tolist() == [191]


@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 8])
def test_deep_colours_are_turned_once(orientation):
    turned = {1: lambda a: a, 3: lambda a: a[::-1, ::-1], 5: lambda a: a.swapaxes(0, 1)}
    turned |= {6: lambda a: np.rot90(a, -1), 8: np.rot90}
    values = np.stack([of(16)] * 3, axis=2)
    for array in (values, of(16)):
        data = tiff(array, tags={274: (3, [orientation])})
        assert np.array_equal(decode_image(data), eight(turned[orientation](array), 65535))


@pytest.mark.parametrize(
    ("text", "white"),
    [(f"{2**bits - off}", 2**bits - 1) for bits in (8, 10, 12, 14, 16) for off in (0, 1)] + [("1", 1)],
)
def test_levels_are_a_count_or_the_white_value(text, white):
    assert parse_levels(text) == white


@pytest.mark.parametrize("text", ["", "0", "4094", "-1", "4096.0", "1.0", "full", "2"])
def test_other_levels_are_one_line_with_the_valid_ones(text):
    with pytest.raises(InvalidInputError, match="256, 1024, 4096, 16384, 65536, or 1") as caught:
        parse_levels(text)
    assert repr(text) in str(caught.value)


def test_the_bits_that_were_read_before_are_read_as_before():
    every = np.arange(65_536, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(decode_image(png16(every)), np.round(every / 257).astype(np.uint8))


def test_levels_that_contradict_the_training_of_a_model_are_told(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png16(of(12)))
    found = survey([path], levels=65535, assumed=4095)
    assert found.whites == {path: 65535}
    assert found.note == (
        "White is taken to be 65535, as --levels says; in the model's training pictures it was 4095."
    )
    assert survey([path], levels=4095, assumed=4095).note is None
    path.write_bytes(tiff(of(8).astype(np.uint8)))
    assert survey([path], levels=65535, assumed=4095).note is None
