"""Fills: what an absent segment shows."""

import dataclasses

import numpy as np
import pytest
import torch

from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import raw_score
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import CANDIDATES, choose_fill, fill_image
from xai_ad.explain.segments import grid_segments

SEGMENTS = grid_segments(16, 16, 4)


def with_threshold(classifier, threshold, references=None):
    calibration = dataclasses.replace(classifier.calibration, threshold=threshold)
    return AnomalyClassifier(classifier.network, calibration, references or classifier.references)


def scores_of(classifier, image):
    return {fill: raw_score(classifier, fill_image(classifier, image, SEGMENTS, fill)) for fill in CANDIDATES}


@pytest.mark.parametrize("fill", [fill for fill in Fill if fill is not Fill.AUTO])
def test_a_fill_is_a_picture_like_the_image(classifier, image, fill):
    before = image.clone()
    filled = fill_image(classifier, image, SEGMENTS, fill)
    assert filled.shape == image.shape
    assert filled.dtype == torch.float32
    assert filled.min() >= 0
    assert filled.max() <= 1
    assert torch.equal(image, before)
    assert not filled.is_inference()  # or whoever differentiates it later would be refused


def test_each_fill_shows_what_its_name_says(classifier, image):
    def fill(name):
        return fill_image(classifier, image, SEGMENTS, name)

    assert torch.equal(fill(Fill.BLACK), torch.zeros(3, 16, 16))
    assert torch.equal(fill(Fill.DATASET_MEAN), classifier.references.mean)
    assert torch.equal(fill(Fill.RECONSTRUCTION), classifier.reconstruct(image[None])[0])
    assert torch.allclose(fill(Fill.MEAN)[:, 3, 5], image.mean(dim=(1, 2)))
    assert torch.allclose(fill(Fill.SEGMENT_MEAN)[:, 9, 2], image[:, 8:, :8].mean(dim=(1, 2)))
    assert fill(Fill.BLUR).std() < image.std()


def test_the_normal_fill_is_the_nearest_normal_image(classifier, image):
    normals = torch.stack([image.flip(1), image * 0.9, image.flip(2)])
    filled = fill_image(classifier.with_normals(normals), image, SEGMENTS, Fill.NORMAL)
    assert torch.equal(filled, image * 0.9)


def test_auto_takes_the_first_candidate_that_is_normal(classifier, image):
    assert [str(candidate) for candidate in CANDIDATES] == ["normal", "dataset_mean", "reconstruction"]
    scores = scores_of(classifier, image)
    for fill in CANDIDATES:
        # A threshold that this candidate just meets, and nobody before it where the scores allow that.
        chosen = choose_fill(with_threshold(classifier, scores[fill]), image, SEGMENTS, Fill.AUTO)
        expected = next(candidate for candidate in CANDIDATES if scores[candidate] <= scores[fill])
        assert chosen.fill is expected
        assert chosen.score == scores[expected]
        forwards = {
            Fill.NORMAL: 1,
            Fill.DATASET_MEAN: 2,
            Fill.RECONSTRUCTION: 4,
        }  # the last is rebuilt, then scored
        assert chosen.evaluations == forwards[expected]
        assert chosen.warning(scores[fill]) is None


@pytest.mark.parametrize("lowest", CANDIDATES)
def test_auto_takes_the_lowest_where_none_is_normal_and_says_so(classifier, image, lowest):
    with torch.no_grad():
        once = classifier.reconstruct(image[None])
        twice = classifier.reconstruct(once)  # what is rebuilt is easier to rebuild
    references = References(
        mean=twice[0] if lowest is Fill.DATASET_MEAN else image,
        normals=twice if lowest is Fill.NORMAL else image[None],
    )
    classifier = with_threshold(classifier, 1.0, references)
    scores = scores_of(classifier, image)
    threshold = min(scores.values()) / 2
    chosen = choose_fill(with_threshold(classifier, threshold), image, SEGMENTS, Fill.AUTO)
    assert chosen.fill is lowest is min(scores, key=scores.__getitem__)
    assert chosen.evaluations == 4
    warning = chosen.warning(threshold)
    assert "No fill at hand is normal by itself" in warning
    assert "scores 2 times the limit" in warning


def test_auto_passes_over_references_that_the_model_lacks(classifier, image):
    bare = with_threshold(classifier, 1e-9, References())
    assert choose_fill(bare, image, SEGMENTS, Fill.AUTO).fill is Fill.RECONSTRUCTION


def test_a_chosen_fill_that_is_not_normal_is_warned_of(classifier, image):
    chosen = choose_fill(classifier, image, SEGMENTS, Fill.BLACK)
    assert chosen.fill is Fill.BLACK
    assert "better than a blank sheet" in chosen.warning(chosen.score / 138)
    assert "138 times" in chosen.warning(chosen.score / 138)


@pytest.mark.parametrize(
    ("fill", "remedy"), [(Fill.NORMAL, "with_normals"), (Fill.DATASET_MEAN, "Store it anew")]
)
def test_a_fill_that_the_model_lacks_is_refused_with_a_remedy(classifier, image, fill, remedy):
    bare = with_threshold(classifier, 1.0, References())
    with pytest.raises(InvalidInputError, match=remedy):
        choose_fill(bare, image, SEGMENTS, fill)


def test_normal_images_of_another_size_are_refused(classifier, image):
    with pytest.raises(InvalidInputError, match="differ in shape"):
        fill_image(classifier.with_normals(torch.zeros(2, 3, 8, 8)), image, SEGMENTS, Fill.NORMAL)


@pytest.mark.parametrize("fill", [fill for fill in Fill if fill is not Fill.AUTO])
def test_a_window_of_one_image_is_filled_as_that_image(classifier, image, fill):
    window = image[None].repeat(3, 1, 1, 1)
    alone = fill_image(classifier, image, SEGMENTS, fill)
    found = fill_image(classifier, window, np.stack([SEGMENTS] * 3), fill)
    assert found.shape == window.shape
    for frame in found:
        torch.testing.assert_close(frame, alone, rtol=1e-5, atol=1e-6)
