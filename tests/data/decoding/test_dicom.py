"""DICOM pictures are what a screen shows of them; nothing of the patient gets out."""

import io
import subprocess
import sys

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import (
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from tests.data.decoding.writing import PATIENT, dicom, encoded
from xai_ad.data.decoding import decode_image, open_image
from xai_ad.errors import ImageError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # as the package has it

RAMP = np.linspace(0, 1, 24 * 10).reshape(10, 24)


def of(bits: int, kind=np.uint16) -> np.ndarray:
    return np.round(RAMP * (2**bits - 1)).astype(kind)


def eight(values: np.ndarray, white: float) -> np.ndarray:
    return np.round(values * (255 / white)).astype(np.uint8)


@pytest.mark.parametrize(("bits", "kind"), [(8, np.uint8), (10, np.uint16), (12, np.uint16), (16, np.uint16)])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_without_a_window_the_stored_bits_are_the_range(bits, kind, photometric):
    dark = of(bits, kind) // 2
    found = np.asarray(decode_image(dicom(dark, photometric, BitsStored=bits)))
    expected = eight(dark, 2**bits - 1)
    assert np.array_equal(found, expected if photometric == "MONOCHROME2" else 255 - expected)


def oracle(data: bytes) -> np.ndarray:
    """The library's own window, over the range that it maps windows to."""
    dataset = pydicom.dcmread(io.BytesIO(data))
    shown = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset).astype(np.float64)
    bits, signed = dataset.BitsStored, dataset.PixelRepresentation
    ends = np.array([-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]) if signed else np.array([0, 2**bits - 1])
    ends = ends * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0))
    return np.round(255 * (shown - ends[0]) / (ends[1] - ends[0]))


@pytest.mark.parametrize("function", [None, "LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("signed", [False, True])
def test_the_first_window_is_applied_after_the_slope(function, signed):
    values = of(12) if not signed else (of(12).astype(np.int16) - 1000)
    said = {"BitsStored": 12 if not signed else 16, "RescaleSlope": "2", "RescaleIntercept": "-1024"}
    said |= {"WindowCenter": ["400", "40"], "WindowWidth": ["1500", "80"]}
    data = dicom(values, **said, **({} if function is None else {"VOILUTFunction": function}))
    found = np.asarray(decode_image(data)).astype(int)
    assert np.abs(found - oracle(data)).max() <= 1
    assert found.min() <= 6
    assert found.max() >= 249


def test_a_table_of_values_of_interest_is_applied():
    item = Dataset()
    item.LUTDescriptor = [256, 0, 16]
    item.LUTData = np.array([65535 * (step / 255) ** 2 for step in range(256)]).astype("<u2").tobytes()
    data = dicom(of(8), VOILUTSequence=[item], BitsStored=8)
    assert np.abs(np.asarray(decode_image(data)).astype(int) - 255 * RAMP**2).max() <= 2


def test_a_window_of_no_width_is_no_window():
    data = dicom(of(12), BitsStored=12, WindowCenter="0", WindowWidth="0")
    assert np.array_equal(decode_image(data), eight(of(12), 4095))


def test_windows_of_enhanced_pictures_lie_in_groups():
    window, group = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = "1024", "2048"
    group.FrameVOILUTSequence = [window]
    data = dicom(of(12), BitsStored=12, SharedFunctionalGroupsSequence=[group])
    flat = dicom(of(12), BitsStored=12, WindowCenter="1024", WindowWidth="2048")
    assert np.array_equal(decode_image(data), decode_image(flat))


def test_padding_is_black():
    values = of(12).astype(np.int16) + 100
    values[:2] = -2000
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        said = {"WindowCenter": "2000", "WindowWidth": "3000", "PixelPaddingValue": -2000}
        assert not np.asarray(decode_image(dicom(values, photometric, **said)))[:2].any()


@pytest.mark.parametrize("planar", [0, 1])
def test_colours_come_in_either_order(planar):
    colours = np.stack([of(8, np.uint8), of(8, np.uint8)[::-1], of(8, np.uint8)[:, ::-1]], axis=2)
    stored = colours if planar == 0 else np.ascontiguousarray(colours.transpose(2, 0, 1))
    data = dicom(stored.reshape(colours.shape), "RGB", PlanarConfiguration=planar)
    assert np.array_equal(decode_image(data), colours)


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_luminance_and_chrominance_are_turned_into_colours(photometric):
    grey = np.stack([of(8, np.uint8), *[np.full((10, 24), 128, np.uint8)] * 2], axis=2)
    if photometric == "YBR_FULL_422":
        pairs = grey.reshape(10, 12, 2, 3)
        stored = np.stack(
            [pairs[:, :, 0, 0], pairs[:, :, 1, 0], pairs[:, :, 0, 1], pairs[:, :, 0, 2]], axis=-1
        )
        data = dicom(stored, photometric, SamplesPerPixel=3, PlanarConfiguration=0, Rows=10, Columns=24)
    else:
        data = dicom(grey, photometric)
    assert np.abs(np.asarray(decode_image(data)).astype(int) - of(8)[..., None]).max() <= 1


def test_palettes_are_looked_up():
    tables = {}
    for colour, ramp in (("Red", range(256)), ("Green", range(255, -1, -1)), ("Blue", [7] * 256)):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tables[f"{colour}PaletteColorLookupTableData"] = np.array(
            [257 * step for step in ramp], "<u2"
        ).tobytes()
    found = np.asarray(decode_image(dicom(of(8, np.uint8), "PALETTE COLOR", **tables)))
    assert np.array_equal(found[..., 0], of(8))
    assert np.array_equal(found[..., 1], 255 - of(8))
    assert (found[..., 2] == 7).all()


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless])
def test_transfer_syntaxes_that_are_built_in(syntax):
    dataset = pydicom.dcmread(io.BytesIO(dicom(of(8, np.uint8))))
    if syntax == RLELossless:
        dataset.compress(RLELossless)
    else:
        dataset.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    assert np.array_equal(decode_image(buffer.getvalue()), of(8))


def test_big_endian_is_read():
    dataset = Dataset()
    dataset.update(pydicom.dcmread(io.BytesIO(dicom(of(16)))))
    dataset.PixelData = of(16).astype(">u2").tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    buffer = io.BytesIO()
    dataset.save_as(buffer, implicit_vr=False, little_endian=False)
    assert np.array_equal(decode_image(buffer.getvalue()), eight(of(16), 65535))


def test_a_jpeg_inside_is_read():
    inside = encoded(Image.fromarray(of(8, np.uint8)), "JPEG", quality=100)
    data = dicom(of(8, np.uint8), syntax=JPEGBaseline8Bit, compressed=inside)
    assert np.abs(np.asarray(decode_image(data)).astype(int) - of(8)).max() <= 4


def test_a_compression_that_is_not_read_is_named():
    with pytest.raises(ImageError, match=r"a\.dcm is compressed .*JPEG-LS Lossless") as caught:
        decode_image(dicom(of(8, np.uint8), syntax=JPEGLSLossless), name="a.dcm")
    assert "\n" not in str(caught.value)


def test_of_several_frames_the_first_is_judged_and_said():
    frames = np.stack([of(8, np.uint8), of(8, np.uint8)[::-1], of(8, np.uint8)])
    found = open_image(dicom(frames, frames=3))
    assert np.array_equal(found.pixels, frames[0])
    assert found.note == "It has 3 frames; the first is judged."


def test_a_file_without_the_mark_is_read(tmp_path):
    whole = dicom(of(8, np.uint8))
    for implicit in (True, False):
        dataset = Dataset()
        dataset.update(pydicom.dcmread(io.BytesIO(whole)))
        buffer = io.BytesIO()
        pydicom.dcmwrite(buffer, dataset, implicit_vr=implicit, little_endian=True)
        assert buffer.getvalue()[128:132] != b"DICM"
        assert np.array_equal(decode_image(buffer.getvalue()), of(8))
    (tmp_path / "IM000001").write_bytes(whole)
    assert np.array_equal(decode_image(tmp_path / "IM000001"), of(8))


def report() -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(dicom(of(8, np.uint8))))
    del dataset.PixelData, dataset.Rows
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


BROKEN = {
    "a report": report(),
    "no rows": dicom(of(8, np.uint8), Rows=0),
    "tiny": dicom(of(8, np.uint8)[:4, :4]),
    "cut short": dicom(of(8, np.uint8))[:-50],
    "cut in its header": dicom(of(8, np.uint8))[:400],
    "only a mark": dicom(of(8, np.uint8))[:132],
    "huge": dicom(of(8, np.uint8), Rows=60_000, Columns=60_000),
    "another photometric": dicom(of(8, np.uint8)).replace(b"MONOCHROME2 ", PATIENT[:12].encode()),
    "patient as syntax": dicom(of(8, np.uint8), syntax=JPEGLSLossless).replace(
        b"1.2.840.10008.1.2.4.80", PATIENT.encode().ljust(22, b"\0")
    ),
    "a slope of nothing": dicom(of(8, np.uint8), RescaleSlope=0, RescaleIntercept=0),
    "32 bits without a window": dicom(of(16).astype(np.uint32)),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_read_is_one_line(kind):
    with pytest.raises(ImageError, match=r"^a\.dcm ") as caught:
        decode_image(BROKEN[kind], name="a.dcm")
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_neither_errors_nor_warnings_nor_the_log_tell_of_the_patient(tmp_path):
    for number, data in enumerate([*BROKEN.values(), dicom(of(8, np.uint8), BitsStored=7)]):
        (tmp_path / f"{number}.dcm").write_bytes(data)
    program = f"""
import logging, pathlib
logging.basicConfig(level=logging.DEBUG)
from xai_ad.data.decoding import decode_image
from xai_ad.errors import ImageError
for path in sorted(pathlib.Path({str(tmp_path)!r}).iterdir()):
    try:
        decode_image(path)
    except ImageError as error:
        print(error, error.__cause__, error.__context__)
"""
    ran = subprocess.run(
        [sys.executable, "-W", "always", "-c", program], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0
    assert ran.stdout.count("\n") >= len(BROKEN)
    assert PATIENT[:9] not in ran.stdout + ran.stderr


def test_the_patient_is_not_even_read():
    from xai_ad.data.decoding.dicom import open_dicom

    assert PATIENT not in str(open_dicom(dicom(of(8, np.uint8)), "a.dcm").dataset)


WHOLE = dicom(of(8, np.uint8))


def test_without_its_library_a_dicom_file_is_to_be_exported(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(ImageError, match=r"a\.dcm is a DICOM picture.*Export it as PNG"):
        decode_image(WHOLE, name="a.dcm")
