"""A picture like the training pictures is none of the strangers; one that is not is named with its cause."""

from dataclasses import replace

import pytest
import torch

from xai_ad.detector.familiarity import Cause, Familiarity, fit_familiarity
from xai_ad.errors import InvalidInputError


def pictures(count, seed=0):
    """(N, 3, 32, 32) uint8: a soft disc that moves and brightens a little, and noise."""
    generator = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    moved = torch.randn(count, 2, 1, 1, generator=generator)
    apart = (
        (y - 16 - moved[:, :1, 0, :, None][:, 0]) ** 2 + (x - 16 - moved[:, 1:, 0, :, None][:, 0]) ** 2
    ).sqrt()
    grey = 0.5 + 0.02 * torch.randn(count, 1, 1, generator=generator) - 0.3 * torch.sigmoid(8 - apart)
    noisy = grey[:, None] + 0.02 * torch.randn(count, 3, 32, 32, generator=generator)
    return (noisy.clamp(0, 1) * 255).round().to(torch.uint8)


@pytest.fixture(scope="module")
def familiarity():
    return fit_familiarity(pictures(40))


def test_new_pictures_of_the_same_kind_are_no_strangers(familiarity):
    assert not any(found.is_stranger for found in familiarity.judge_many(pictures(20, seed=1) / 255))


def test_the_p_value_counts_the_training_pictures_at_least_as_far(familiarity):
    for found in familiarity.judge_many(pictures(5, seed=1) / 255):
        distance = found.distance * familiarity.limit
        farther = sum(other >= distance - 1e-6 for other in familiarity.distances.tolist())
        assert found.p_value == pytest.approx((1 + farther) / 41)


def test_a_dark_picture_is_a_stranger_for_its_light(familiarity):
    found = familiarity.judge(pictures(1, seed=1)[0] / 255 * 0.5)
    assert found.is_stranger
    assert found.cause is Cause.LIGHT


def test_it_comes_back_from_its_tensors(familiarity):
    again = Familiarity.of_tensors(familiarity.tensors())
    images = pictures(3, seed=2) / 255
    assert again.judge_many(images) == familiarity.judge_many(images)


def test_too_few_pictures_are_refused():
    with pytest.raises(InvalidInputError, match="At least 4 normal pictures"):
        fit_familiarity(pictures(3))


def test_a_squeezed_picture_is_a_stranger_for_its_shape(familiarity):
    shaped = replace(familiarity, shape=(100, 100))
    image = pictures(1, seed=1)[0] / 255
    assert not shaped.judge(image, (300, 300)).is_stranger
    found = shaped.judge(image, (300, 400))
    assert found.is_stranger
    assert found.cause is Cause.SHAPE
    assert found.p_value == pytest.approx(1 / 41)
