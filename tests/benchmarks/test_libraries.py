"""The libraries' pipelines on a score that is linear in the pixels, whose Shapley values are plain sums."""

import numpy as np
import pytest
import torch

from xai_ad.benchmarks.libraries import PIPELINES, Library, PlainScore
from xai_ad.detector.scores import Scoring
from xai_ad.explain.segments import Slic
from xai_ad.networks import build_network

PLAYERS = 5


class LinearScore:
    """The sum of the weighted pixels of each image; counts like `PlainScore`."""

    def __init__(self, image):
        self.weights = torch.rand(image.shape, generator=torch.Generator().manual_seed(1))
        self.evaluations = 0
        self.batches = []

    def __call__(self, images):
        """Return (N,)."""
        self.evaluations += len(images)
        self.batches.append(len(images))
        assert images.is_contiguous()
        return (images * self.weights).sum(dim=(1, 2, 3))

    def values(self, image, filled):
        """Return each segment's exact Shapley value: what its pixels add to the score."""
        segments = torch.from_numpy(Slic(n_segments=PLAYERS)(image))
        added = ((image - filled) * self.weights).sum(dim=0)
        return np.array([float(added[segments == player].sum()) for player in range(PLAYERS)])


@pytest.fixture(params=[3, 1], ids=["colour", "grey"])
def image(request):
    generator = torch.Generator().manual_seed(0)
    blocks = torch.rand(request.param, 4, 4, generator=generator)
    return blocks.repeat_interleave(6, 1).repeat_interleave(6, 2).contiguous()


@pytest.fixture
def score(image):
    return LinearScore(image)


def mean_colours(image):
    """Fill as lime does, each segment with its own mean colour."""
    segments = torch.from_numpy(Slic(n_segments=PLAYERS)(image))
    filled = image.clone()
    for player in range(PLAYERS):
        inside = segments == player
        filled[:, inside] = image[:, inside].mean(dim=1, keepdim=True)
    return filled


def mean_colour(image):
    return image.mean(dim=(1, 2), keepdim=True).expand_as(image)


@pytest.mark.parametrize("library", Library)
def test_each_scores_exactly_as_many_images_as_asked_for(library, score, image):
    found = PIPELINES[library](score, image, PLAYERS, 24)
    assert score.evaluations == 24
    assert found.shape == (PLAYERS,)


@pytest.mark.parametrize("library", [Library.SHAP, Library.CAPTUM_KERNEL_SHAP])
def test_shapley_values_are_those_of_the_game_filled_with_the_mean_colour(library, score, image):
    found = PIPELINES[library](score, image, PLAYERS, 30)
    exact = score.values(image, mean_colour(image))
    assert found == pytest.approx(exact, abs=2e-3 * np.abs(exact).max())


@pytest.mark.parametrize(
    ("library", "fill"), [(Library.LIME, mean_colours), (Library.CAPTUM_LIME, mean_colour)]
)
def test_surrogates_weigh_the_segments_by_what_they_add(library, fill, score, image):
    # Ridge and lasso shrink the weights, but not one segment's against another's.
    found = PIPELINES[library](score, image, PLAYERS, 200)
    assert np.corrcoef(found, score.values(image, fill(image)))[0, 1] > 0.95


def test_batches_are_the_libraries_own_and_shaps_32(image):
    batches = {}
    for library in Library:
        score = LinearScore(image)
        PIPELINES[library](score, image, 10, 100)
        batches[library] = max(score.batches)
    assert batches == {
        Library.LIME: 10,
        Library.SHAP: 32,
        Library.CAPTUM_LIME: 1,
        Library.CAPTUM_KERNEL_SHAP: 1,
    }


def test_the_plain_score_is_the_networks_and_counts():
    network = build_network("bcae1").eval()
    images = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(2))
    score = PlainScore(network, Scoring())
    with torch.no_grad():
        alone = (network(images) - images).square().mean(dim=(1, 2, 3))
    assert score(images) == pytest.approx(alone)
    assert score.evaluations == 2
    assert not score(images).requires_grad
