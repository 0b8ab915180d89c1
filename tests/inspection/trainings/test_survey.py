"""What is found in somebody's pictures before anything is learnt from them."""

import shutil

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.conftest import write_picture
from xai_ad.inspection.trainings import remarks
from xai_ad.inspection.trainings.intake import take_folder
from xai_ad.inspection.trainings.remarks import PictureState
from xai_ad.inspection.trainings.survey import SurveyQuestion


def surveyed(folder):
    done = []
    found = SurveyQuestion(key=take_folder(folder).key).answer(done.append)
    assert done == sorted(done)
    assert done[-1] <= 1.0
    return found


def states(survey):
    return {
        picture.path.name: picture.state
        for picture in survey.pictures
        if picture.state is not PictureState.FINE
    }


@pytest.fixture
def parts(tmp_path):
    """Thirty grey discs of slightly different brightness and place on a grey ground."""
    folder = tmp_path / "parts"
    folder.mkdir()
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:64, :64]
    for index in range(30):
        top, left = generator.normal(32, 0.7, 2)
        disc = np.hypot(rows - top, columns - left) < 20
        pixels = 60 + 100 * disc + generator.normal(0, 4, (64, 64)) + generator.normal(0, 2)
        Pillow.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{index:03d}.png")
    return folder


def test_counts_sizes_and_colours_are_told(mvtec_folder):
    found = surveyed(mvtec_folder)
    assert (found.good, found.defects, found.masks, found.channels) == (18, 10, 5, 3)
    assert found.sizes == (((32, 32), 28),)
    assert (found.training, found.setting) == (10, 2 + 2)
    assert found.refusal is None


def test_grey_pictures_of_several_sizes_and_modes_are_told(parts):
    Pillow.open(parts / "000.png").convert("RGB").resize((96, 48)).save(parts / "big.png")
    Pillow.open(parts / "001.png").convert("1").save(parts / "bits.png")
    found = surveyed(parts)
    assert found.channels == 1
    assert found.sizes == (((64, 64), 31), ((48, 96), 1))


def test_a_corrupt_file_is_listed_and_the_rest_counted(parts):
    (parts / "broken.png").write_bytes((parts / "000.png").read_bytes()[:300])
    found = surveyed(parts)
    assert states(found)["broken.png"] is PictureState.UNREADABLE
    assert (found.good, found.refusal) == (30, None)
    (broken,) = found.of(PictureState.UNREADABLE)
    assert found.unreadable == (broken.sha256,)
    assert "broken.png" in broken.note
    assert str(parts) not in broken.note


def test_copies_are_told_to_the_byte_and_saved_anew(parts):
    shutil.copy(parts / "004.png", parts / "copy.png")
    Pillow.open(parts / "005.png").save(parts / "anew.jpg", quality=90)
    found = {picture.path.name: picture for picture in surveyed(parts).of(PictureState.DUPLICATE)}
    assert {name: picture.note for name, picture in found.items()} == {
        "copy.png": "the same as 004.png",
        "anew.jpg": "the same as 005.png",
    } or {name: picture.note for name, picture in found.items()} == {
        "copy.png": "the same as 004.png",
        "005.png": "the same as anew.jpg",
    }


def test_copies_are_sought_in_a_few_pictures_at_a_time(parts, monkeypatch):
    shutil.copy(parts / "004.png", parts / "copy.png")
    at_once, pool = [], remarks.torch.nn.functional.adaptive_avg_pool2d
    monkeypatch.setattr(remarks, "_BLOCK", 7)
    monkeypatch.setattr(
        remarks.torch.nn.functional,
        "adaptive_avg_pool2d",
        lambda images, size: (
            at_once.append(len(images)) if size == 32 and len(images) > 7 else pool(images, size)
        ),
    )
    small = [
        remarks.Glance(size=(9, 9), small=remarks.torch.full((3, 64, 64), level))
        for level in range(0, 200, 4)
    ]
    assert remarks._copies([*small, small[3]]) == {len(small): 3}
    assert at_once == []


def test_a_picture_of_something_else_among_the_good_ones_is_pointed_out_and_no_other(parts):
    write_picture(parts / "stranger.png", 3)
    assert states(surveyed(parts)) == {"stranger.png": PictureState.DIFFERENT}


def test_a_darker_one_is_pointed_out(parts):
    dark = (np.asarray(Pillow.open(parts / "007.png")) * 0.8).astype(np.uint8)
    Pillow.fromarray(dark).save(parts / "007.png")
    (found,) = surveyed(parts).of(PictureState.DIFFERENT)
    assert found.path.name == "007.png"
    assert found.note


@pytest.mark.parametrize(("count", "words"), [(9, "9 good pictures"), (1, "1 good picture.")])
def test_fewer_than_ten_are_refused(tmp_path, count, words):
    for index in range(count):
        write_picture(tmp_path / "parts" / f"{index}.png", index)
    refusal = surveyed(tmp_path / "parts").refusal
    assert words in refusal
    assert "at least 10" in refusal


def test_identical_ones_are_refused(tmp_path):
    for index in range(40):
        write_picture(tmp_path / "parts" / f"{index}.png", 1)
    assert "all are the same" in surveyed(tmp_path / "parts").refusal


def test_identical_ones_are_refused_however_their_files_differ(tmp_path):
    first = write_picture(tmp_path / "parts" / "0.png", 1)
    for index in range(1, 20):
        with Pillow.open(first) as picture:
            picture.save(first.with_name(f"{index}.png"), dpi=(72 + index, 72))
    assert len({file.read_bytes() for file in first.parent.iterdir()}) == 20
    assert "all are the same" in surveyed(tmp_path / "parts").refusal


def test_ten_of_which_one_is_corrupt_are_too_few(tmp_path):
    for index in range(9):
        write_picture(tmp_path / "parts" / f"{index}.png", index)
    (tmp_path / "parts" / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    refusal = surveyed(tmp_path / "parts").refusal
    assert "1 file cannot be read" in refusal
