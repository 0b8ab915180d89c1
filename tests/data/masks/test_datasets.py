"""Masks of a whole dataset: found in folders however people name them, and counted in a note where some are missing."""

import re
import shutil

import numpy as np
import pytest

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import read_dataset
from xai_ad.data.loading import load_masks, mask_notes
from xai_ad.evaluation import evaluate

LOOK = Preprocessing(size=16)


@pytest.fixture
def truth(mvtec_folder):
    return mvtec_folder / "ground_truth"


@pytest.fixture
def loaded(mvtec_folder):
    """Returns the test's masks by picture, and the notes of reading and of loading them."""

    def load():
        dataset = read_dataset(mvtec_folder, "mvtec")
        samples = [sample for sample in dataset.samples if sample.subset == "test" and sample.label]
        masks, known = load_masks(samples, LOOK)
        names = ["/".join(samples[index].path.parts[-2:]) for index in known]
        annotated = {sample.kind for sample in samples if sample.is_marked}
        notes = [*dataset.notes, *mask_notes(samples, masks, known, kinds=annotated)]
        return dict(zip(names, masks, strict=True)), notes

    return load


def renamed(folder, name_of):
    for path in sorted(folder.iterdir()):
        target = folder / name_of(path)
        target.parent.mkdir(exist_ok=True)
        path.rename(target)
    if not any(folder.iterdir()):
        folder.rmdir()


WAYS = {
    "stem": lambda truth: renamed(truth / "hole", lambda path: f"{path.stem[:3]}.png"),
    "upper case": lambda truth: renamed(truth / "hole", lambda path: f"{path.stem[:3]}_MASK.PNG"),
    "a folder a picture": lambda truth: renamed(truth / "hole", lambda path: f"{path.stem[:3]}/000.png"),
    "Hole": lambda truth: (truth / "hole").rename(truth / "Hole"),
    "masks": lambda truth: truth.rename(truth.with_name("masks")),
    "all in one folder": lambda truth: renamed(truth / "hole", lambda path: f"../{path.name}"),
    "GroundTruth": lambda truth: truth.rename(truth.with_name("GroundTruth")),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_masks_called_otherwise_are_the_same_masks(loaded, truth, way):
    expected, _ = loaded()
    if way is WAYS["all in one folder"]:
        shutil.rmtree(truth.parent / "test/stain")
    way(truth)
    found, notes = loaded()
    assert found.keys() == expected.keys() == {f"hole/00{index}.png" for index in range(5)}
    assert all(np.array_equal(found[name], expected[name]) for name in expected)
    assert not any("hole" in note for note in notes)


def test_missing_masks_are_counted_and_named_and_shift_no_other(loaded, truth):
    (truth / "hole/001_mask.png").unlink()
    found, notes = loaded()
    assert list(found) == [f"hole/00{index}.png" for index in (0, 2, 3, 4)]
    assert "1 of 5 pictures have no mask in ground_truth/hole: 001.png." in notes
    assert (
        "Pixel figures rest on 4 of 10 defective pictures; 6 of 10 have no mask: hole/001.png, stain/000.png, "
        "stain/001.png and 3 more." in notes
    )


def test_masks_of_all_classes_in_one_folder_are_used_where_names_are_their_own(loaded, truth, mvtec_folder):
    renamed(truth / "hole", lambda path: f"../{path.name}")
    found, notes = loaded()
    assert not found  # every name is that of a picture of the other class too
    assert any("000_mask.png could belong to hole/000.png and stain/000.png" in note for note in notes)
    renamed(mvtec_folder / "test/stain", lambda path: f"s{path.name}")
    found, _ = loaded()
    assert list(found) == [f"hole/00{index}.png" for index in range(5)]


def test_complete_masks_and_none_at_all_need_no_note(loaded, truth, mvtec_folder):
    shutil.rmtree(mvtec_folder / "test/stain")
    assert loaded()[1] == []
    shutil.rmtree(truth)
    assert loaded() == ({}, [])


def test_masks_that_look_inverted_are_told_of(loaded, truth):
    for path in (truth / "hole").iterdir():
        from PIL import Image, ImageOps

        ImageOps.invert(Image.open(path)).save(path)
    assert any(note.startswith("5 of 5 masks mark more than half") for note in loaded()[1])


def test_an_evaluation_says_on_how_many_masks_its_figures_rest(mvtec_folder, stored_model, truth, caplog):
    evaluated = evaluate(stored_model, mvtec_folder, "mvtec")
    assert evaluated.unmarked == ("stain",)  # a class that nobody marked is left out, and no mask is missing
    assert not caplog.messages
    for path in sorted((truth / "hole").iterdir())[1:]:
        path.unlink()
    evaluate(stored_model, mvtec_folder, "mvtec")
    assert any(
        re.search(r"figures rest on [01] of 8 .*; [78] of 8 have no mask", line) for line in caplog.messages
    )
