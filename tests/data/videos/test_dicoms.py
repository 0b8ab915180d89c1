"""A DICOM file of several frames is a clip."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.uid import RLELossless

from tests.data.decoding.writing import PATIENT, dicom
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.data.videos.stills import is_still, open_picture
from xai_ad.errors import ImageError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # as the package has it

FRAMES = np.random.default_rng(0).integers(0, 256, (4, 12, 10)).astype(np.uint8)


@pytest.mark.parametrize("name", ["a.dcm", "A.DICOM", "IM0001"])
@pytest.mark.parametrize("packed", [False, True])
def test_each_frame_is_the_picture_that_was_stored(tmp_path, name, packed):
    data = dicom(FRAMES, frames=4)
    if packed:
        dataset = pydicom.dcmread(io.BytesIO(data))
        dataset.compress(RLELossless)
        buffer = io.BytesIO()
        dataset.save_as(buffer)
        data = buffer.getvalue()
    path = tmp_path / name
    path.write_bytes(data)
    assert is_clip(path)
    assert not is_still(path)
    source = open_frames(path)
    assert source.numbers == (1, 2, 3, 4)
    for index, (number, decode) in enumerate(source.undecoded()):
        assert number == index + 1
        assert np.array_equal(decode(), FRAMES[index])
    assert np.array_equal(open_picture(path).pixels, FRAMES[0])


def test_a_dicom_picture_is_no_clip(tmp_path):
    for name in ("a.dcm", "IM0001"):
        (tmp_path / name).write_bytes(dicom(FRAMES[0]))
        assert not is_clip(tmp_path / name)
    (tmp_path / "notes").write_text("no picture at all")
    assert not is_clip(tmp_path / "notes")
    assert not is_clip(tmp_path / "absent.dcm")


def test_a_clip_that_is_cut_short_names_its_frame_and_nobody(tmp_path):
    path = tmp_path / "a.dcm"
    path.write_bytes(dicom(FRAMES, frames=4)[:-150])
    told = []
    for _, decode in open_frames(path).undecoded():
        try:
            decode()
        except ImageError as error:
            told.append(str(error))
    assert told
    assert PATIENT not in " ".join(told)
