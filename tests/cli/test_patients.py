"""Nothing of a patient is in what commands print and write."""

import numpy as np
import pytest

from tests.data.decoding.writing import PATIENT, dicom

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # as the package has it


@pytest.fixture
def folder(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (3, 32, 32)).astype(np.uint8)
    for name, data in {
        "one.dcm": dicom(values[0]),
        "IM0002": dicom(values[1]),
        "clip.dcm": dicom(values, frames=3),
        "broken.dcm": dicom(values[0])[:-300],
        "report.dcm": dicom(values[0], Rows=0),
    }.items():
        path = tmp_path / "patients" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return path.parent


def test_nothing_of_the_patient_is_printed_or_written(folder, stored_model, tmp_path, run):
    output = tmp_path / "out"
    told = run("inspect", "--model", stored_model.path, "--output", output, folder)
    assert told[0] == 0
    assert "5 files" in told[1]
    assert "2 unreadable" in told[1]
    for image, rest in (("one.dcm", []), ("clip.dcm", ["--frame", "2"])):
        wanted = ["--model", stored_model.path, "--image", folder / image, "--method", "residual"]
        told += run("explain", *wanted, "--output", output / image, *rest)
    assert (output / "clip.dcm/explanation.json").is_file()
    family = PATIENT.partition("^")[0]
    assert family not in str(told)
    written = [path for path in output.rglob("*") if path.is_file()]
    assert len(written) >= 8
    for path in written:
        assert family.encode() not in path.read_bytes(), path
