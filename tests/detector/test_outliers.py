"""Among normal pictures, those unlike the rest are found without being told what is normal."""

import pytest
import torch

from xai_ad.data.images import to_float
from xai_ad.detector.familiarity import outliers
from xai_ad.detector.familiarity.features import measure
from xai_ad.detector.familiarity.outliers import causes_among
from xai_ad.errors import InvalidInputError


def pictures(count, seed=0):
    """Bright squares on a dark ground, each with its own noise."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(count, 3, 64, 64, generator=generator) * 5
    images = torch.full((count, 3, 64, 64), 60.0) + noise
    images[:, :, 16:48, 16:48] += 110
    return images.clamp(0, 255).to(torch.uint8)


def found_in(images):
    return [place for place, cause in enumerate(causes_among(images)) if cause]


def test_pictures_that_differ_by_noise_alone_are_all_alike():
    assert found_in(pictures(60)) == []


@pytest.mark.parametrize("count", [12, 60])
def test_one_picture_of_something_else_is_found(count):
    images = pictures(count)
    generator = torch.Generator().manual_seed(1)
    images[7] = torch.randint(0, 256, (3, 64, 64), generator=generator).to(torch.uint8)
    assert found_in(images) == [7]


def test_the_order_of_the_pictures_does_not_matter():
    images = pictures(50)
    images[3] = 255 - images[3]
    order = torch.randperm(50, generator=torch.Generator().manual_seed(2))
    assert [int(order[place]) for place in found_in(images[order])] == [3]


def test_grey_pictures_are_compared_too():
    images = pictures(30)[:, :1]
    images[4] = 255 - images[4]
    assert found_in(images) == [4]


def test_each_is_compared_with_a_fit_that_has_not_seen_it(monkeypatch):
    fitted, images = [], pictures(23)
    original = outliers.fitted_groups

    def noted(measures):
        fitted.append(measures["thumbnail"])
        return original(measures)

    monkeypatch.setattr(outliers, "fitted_groups", noted)
    causes_among(images)
    means = measure(to_float(images))["thumbnail"]
    unseen = [
        place
        for seen in fitted
        for place, mean in enumerate(means)
        if not (seen == mean).flatten(1).all(1).any()
    ]
    assert sorted(unseen) == list(range(23))


def test_fewer_than_four_are_refused():
    with pytest.raises(InvalidInputError, match="Got 3"):
        causes_among(pictures(3))


def test_pictures_one_by_one_are_judged_as_those_in_one_array():
    images = pictures(70)
    images[66] = 255 - images[66]
    assert causes_among(list(images)) == causes_among(images)
    assert found_in(list(images)) == [66]
