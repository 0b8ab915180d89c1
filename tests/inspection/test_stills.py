"""A video, an animation or an archive of one frame is the picture that it is."""

import numpy as np
import pytest
import torch
from PIL import Image

from tests.data.videos.writing import frame_pixels, write_frames, write_video, write_zip
from xai_ad.data.videos.stills import is_still
from xai_ad.errors import InvalidInputError
from xai_ad.inspection.batch import inspect_files
from xai_ad.inspection.subject import open_still, open_subject
from xai_ad.store import load


@pytest.fixture
def stills(tmp_path):
    """One picture in several kinds of files, without loss; the PNG last."""
    pixels = frame_pixels(3)
    pixels[8:16, 8:16] = 250
    folder = tmp_path / "one"
    folder.mkdir()
    Image.fromarray(pixels).save(folder / "photo.png")
    Image.fromarray(pixels).convert("L").save(tmp_path / "one.GIF")
    video = write_video(tmp_path / "one.mkv", [pixels])
    archive = write_zip(tmp_path / "one.zip", folder)
    return [video, archive, tmp_path / "one.GIF", folder / "photo.png"]


def test_a_file_of_one_frame_is_judged_as_the_picture_that_it_is(stored_model, stills, tmp_path):
    rows = inspect_files(stored_model.path, stills, tmp_path / "out")
    assert [row.error for row in rows] == [None] * 4
    assert [row.frame for row in rows] == [None] * 4
    assert len({row.score for row in rows}) == 1
    assert not list((tmp_path / "out").glob("*.frames.csv"))


def test_a_file_of_one_frame_is_explained_as_the_picture_that_it_is(stored_model, stills):
    detector, card = load(stored_model.path)
    subjects = [open_subject(path, detector, card) for path in stills]
    assert all(torch.equal(subject.pixels, subjects[-1].pixels) for subject in subjects)
    assert [subject.source.frame for subject in subjects] == [None] * 4
    assert np.array_equal(open_still(stills[0], card).seen, subjects[0].seen)
    # As it was asked before: its only frame, by number.
    assert open_subject(stills[0], detector, card, frame=1).source.frame == 1


def test_two_frames_are_a_clip_and_so_is_one_that_is_damaged(stored_model, tmp_path):
    detector, card = load(stored_model.path)
    two = write_video(tmp_path / "two.gif", 2)
    folder = write_frames(tmp_path / "frames", [1])
    cut = tmp_path / "cut.gif"
    cut.write_bytes(write_video(tmp_path / "one.gif", 1).read_bytes()[:-1])
    (tmp_path / "none.mp4").write_bytes(b"no video")
    paths = (two, folder, cut, tmp_path / "none.mp4", tmp_path / "absent.mp4")
    assert [is_still(path) for path in paths] == [False] * 5
    with pytest.raises(InvalidInputError, match=r"is a clip\. Say which of its frames"):
        open_subject(two, detector, card)
