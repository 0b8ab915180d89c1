"""What tells strangers is fitted to training and validation images alone, and goes with the model."""

import pytest
import torch

from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.familiarity import fit_familiarity
from xai_ad.errors import InvalidInputError
from xai_ad.machine.execution import Precision
from xai_ad.store import load_familiarity
from xai_ad.training.compression import compress_model
from xai_ad.training.familiarity import familiarise, familiarity_from, familiarity_of
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Recipe
from xai_ad.training.svdd import SvddRecipe, finetune_model


@pytest.fixture
def trained(mvtec_folder, tmp_path):
    recipe = Recipe(epochs=1, batch_size=8, precision=Precision.FLOAT32)
    task = TrainingTask(
        network="bcae1",
        options={},
        data=mvtec_folder,
        layout="mvtec",
        protocol=Protocol.HELD_OUT,
        recipe=recipe,
    )
    return train_model(task, tmp_path / "widget-bcae1")


def same(one, other):
    return all(torch.equal(tensor, other.tensors()[name]) for name, tensor in one.tensors().items())


def test_training_fits_it_and_fine_tuning_compressing_and_fitting_anew_keep_it(
    trained, mvtec_folder, tmp_path
):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"), Protocol.HELD_OUT)
    pixels = load_pixels([*split.train, *split.validation], trained.card.preprocessing)
    expected = fit_familiarity(pixels)
    assert len(expected.distances) == 12
    assert same(load_familiarity(trained), expected)
    half = compress_model(trained, mvtec_folder, "mvtec", tmp_path / "half")
    assert same(load_familiarity(half), expected)
    child = finetune_model(trained, mvtec_folder, "mvtec", tmp_path / "child", SvddRecipe(epochs=1))
    assert same(load_familiarity(child), expected)
    again = familiarise([trained, half], mvtec_folder, "mvtec")
    assert [stored.card.id for stored in again] == ["widget-bcae1", "half"]
    assert all(same(load_familiarity(stored), expected) for stored in again)


def test_fine_tuning_fits_what_its_parent_lacks(trained, mvtec_folder):
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"), Protocol.HELD_OUT)
    assert same(familiarity_from(split, trained.card), load_familiarity(trained))


def test_of_too_few_images_there_is_none():
    few = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    assert familiarity_of(few, few) is None


def test_other_data_than_a_model_was_trained_on_are_refused(trained, mvtec_folder):
    other = mvtec_folder.rename(mvtec_folder.with_name("gadget"))
    with pytest.raises(InvalidInputError, match="was trained on 'widget', not 'gadget'"):
        familiarise([trained], other, "mvtec")
