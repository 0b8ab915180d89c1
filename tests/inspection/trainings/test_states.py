"""A folder's state follows what lies in it, and nothing else."""

import os
import shutil

import pytest

from tests.conftest import write_picture
from xai_ad.inspection.trainings.states import state_of


@pytest.fixture
def folder(tmp_path):
    """Two pictures, one of them deeper, and one of another place that is linked to."""
    write_picture(tmp_path / "other" / "c.png", 3)
    write_picture(tmp_path / "parts" / "a.png", 1)
    write_picture(tmp_path / "parts" / "deep" / "b.png", 2)
    (tmp_path / "parts" / "c.png").symlink_to(tmp_path / "other" / "c.png")
    (tmp_path / "parts" / "deep" / "around").symlink_to(tmp_path / "parts")
    return tmp_path / "parts"


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a.png").unlink(),
        lambda folder: (folder / "a.png").rename(folder / "z.png"),
        lambda folder: (folder / "deep" / "b.png").write_bytes(b"1"),
        lambda folder: os.utime(folder / "a.png", ns=(1, 1)),
        lambda folder: os.utime(folder.parent / "other" / "c.png", ns=(1, 1)),
        lambda folder: shutil.copy(folder / "a.png", folder / "d.png"),
        lambda folder: (folder.parent / "other" / "c.png").unlink(),
    ],
)
def test_every_change_of_a_file_changes_the_state(folder, change):
    before = state_of(folder)
    assert state_of(folder) == before
    change(folder)
    assert state_of(folder) != before


def test_hidden_files_change_nothing_and_a_folder_that_is_gone_has_a_state(folder):
    before = state_of(folder)
    (folder / ".lock").write_text("1")
    assert state_of(folder) == before
    assert state_of(folder / "gone") == state_of(folder / "nowhere")
