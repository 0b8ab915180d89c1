"""Arranged pictures are deleted where no training needs them, and a person's own never."""

import pytest

from tests.conftest import write_picture
from xai_ad.errors import InUseError, InvalidInputError, UnknownNameError
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.forgetting import forget_intake
from xai_ad.inspection.trainings.intake import datasets_home, take_folder


@pytest.fixture
def arranged(tmp_path):
    """Links to eight pictures in two folders."""
    for index in range(8):
        write_picture(tmp_path / "week" / f"day{index % 2}" / f"{index}.png", index)
    return take_folder(tmp_path / "week")


def test_the_links_go_and_the_originals_stay(arranged, tmp_path):
    forget_intake(arranged.key)
    assert list(datasets_home().iterdir()) == []
    assert len(list((tmp_path / "week").rglob("*.png"))) == 8


def test_what_a_training_needs_stays_until_it_is_gone(arranged, order, no_runner):
    job = jobs.submit(order(data=arranged.path))
    jobs.stop(job)
    with pytest.raises(InUseError, match=job):
        forget_intake(arranged.key)
    assert arranged.path.is_dir()
    jobs.forget(job)
    forget_intake(arranged.key)
    assert not arranged.path.exists()


def test_no_folder_of_the_persons_own_and_nothing_unknown_is_deleted(arranged, tmp_path):
    with pytest.raises(InvalidInputError, match="your own"):
        forget_intake(str(tmp_path / "week"))
    for key in ("nothing", "..", f"../{datasets_home().name}/{arranged.key}"):
        with pytest.raises(UnknownNameError):
            forget_intake(key)
    assert arranged.path.is_dir()
