"""What the page lets take away of a DICOM picture is its pixels, and nothing of the patient."""

import io
import json
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from tests.data.decoding.heif import heic
from tests.data.decoding.writing import PATIENT, dicom, png16
from xai_ad.errors import ImageError
from xai_ad.explain import Residual
from xai_ad.inspection.cases import explain, open_case
from xai_ad.inspection.files import archive_zip
from xai_ad.inspection.image_files import decoded, make_image_file, settled
from xai_ad.inspection.models import open_model
from xai_ad.inspection.pictures import View
from xai_ad.inspection.repeating import reopen

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # as the package has it

VIEW = View(opacity=0.5, starts={"region": 0.02, "density": 0.1}, at=datetime(2026, 11, 29, tzinfo=UTC))
GREY = np.random.default_rng(0).integers(0, 256, (32, 32)).astype(np.uint8)


def archive_of(stored_model, name, content):
    case = open_case(open_model(stored_model), settled(make_image_file(name, content)))
    timed = {Residual(): explain(case, Residual())}
    return zipfile.ZipFile(io.BytesIO(archive_zip(case, timed, VIEW)))


def test_an_archive_has_the_pixels_of_a_dicom_file_and_not_the_file(stored_model):
    archive = archive_of(stored_model, "scan.dcm", dicom(GREY))
    assert np.array_equal(Image.open(io.BytesIO(archive.read("photo.png"))), GREY)
    assert not [name for name in archive.namelist() if name.endswith((".dcm", ".bin"))]
    for name in archive.namelist():
        assert PATIENT.partition("^")[0].encode() not in archive.read(name), name
    readme = archive.read("README.txt").decode()
    assert (
        "The pixels of the DICOM file, which may name a patient and is not here itself. Records repeat with that file."
        in readme
    )


def test_a_record_repeats_with_the_coloured_dicom_file_itself(stored_model, tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    content = dicom(colours, "RGB")
    archive_of(stored_model, "scan.dcm", content).extractall(tmp_path)
    (tmp_path / "scan.dcm").write_bytes(content)
    again = reopen(tmp_path / "residual.json", image=tmp_path / "scan.dcm")
    assert np.array_equal(again.question.subject.seen.convert("RGB"), Image.open(tmp_path / "photo.png"))


def test_an_archive_has_a_heic_as_it_was_given(stored_model):
    content = heic(GREY)
    assert archive_of(stored_model, "IMG_1.HEIC", content).read("photo.heic") == content


def test_a_record_from_the_page_repeats_the_levels(stored_model, tmp_path):
    deep = np.round(GREY / 255 * 4095).astype(np.uint16)
    image_file = settled(make_image_file("deep.png", png16(deep)), 4095)
    assert image_file.levels == 4095
    case = open_case(open_model(stored_model), image_file)
    archive = zipfile.ZipFile(io.BytesIO(archive_zip(case, {Residual(): explain(case, Residual())}, VIEW)))
    archive.extractall(tmp_path)
    record = json.loads((tmp_path / "residual.json").read_text())
    assert record["request"]["source"]["levels"] == 4095
    again = reopen(tmp_path / "residual.json", image=tmp_path / "photo.png")
    assert np.array_equal(again.question.subject.seen.convert("L"), GREY)


def test_equal_bytes_at_other_levels_are_other_pixels():
    content = png16(GREY.astype(np.uint16))
    bright, dark = (decoded(settled(make_image_file("a.png", content), white)) for white in (255, 4095))
    assert np.array_equal(bright.pixels, GREY)
    assert np.asarray(dark.pixels).max() <= 16


def test_errors_name_the_file():
    with pytest.raises(ImageError, match=r"^notes\.txt is not a"):
        decoded(make_image_file("notes.txt", b"no picture"))
