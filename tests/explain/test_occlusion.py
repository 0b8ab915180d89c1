"""Occlusion against captum's, window by window, and on a score that is a sum."""

import numpy as np
import pytest
import torch

from tests.explain.conftest import blind_network
from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError
from xai_ad.explain import Fill, Occlusion
from xai_ad.explain.base import raw_score
from xai_ad.explain.fills import fill_image
from xai_ad.explain.occlusion import windows
from xai_ad.explain.results import diagnostics
from xai_ad.explain.segments import grid_segments
from xai_ad.machine.execution import Precision

FILLS = [Fill.MEAN, Fill.RECONSTRUCTION]


def filled(classifier, image, fill):
    return fill_image(classifier, image, grid_segments(16, 16, 4), fill)


@pytest.mark.parametrize("score", Score)
@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("steps", [(4, 4), (4, 2), (6, 5), (16, 1), (1, 1)])
def test_it_is_captums_occlusion_spread_over_the_windows_pixels(make_classifier, image, score, fill, steps):
    from captum.attr import Occlusion as ByCaptum

    window, stride = steps
    classifier = make_classifier(score=score)
    found = Occlusion(window=window, stride=stride, fill=fill).explain(classifier, image)
    with torch.no_grad():
        expected = ByCaptum(classifier).attribute(
            image[None],
            sliding_window_shapes=(3, window, window),
            strides=(3, stride, stride),
            baselines=filled(classifier, image, fill)[None],
        )[0, 0]
    assert found.relevance[0] * window**2 == pytest.approx(expected.numpy(), rel=1e-3, abs=1e-5 * found.score)
    assert found.baseline == raw_score(classifier, filled(classifier, image, fill))


def test_windows_that_do_not_divide_the_image_end_with_it(classifier, image):
    found = Occlusion(window=6, stride=4, fill=Fill.MEAN).explain(classifier, image)
    other, score = filled(classifier, image, Fill.MEAN), raw_score(classifier, image)
    sums, counts = np.zeros((16, 16)), np.zeros((16, 16))
    for top in (0, 4, 8, 10):
        for left in (0, 4, 8, 10):
            changed, inside = image.clone(), np.s_[..., top : top + 6, left : left + 6]
            changed[inside] = other[inside]
            sums[inside] += (score - raw_score(classifier, changed)) / 36
            counts[inside] += 1
    assert found.relevance[0] == pytest.approx(sums / counts, rel=1e-3, abs=1e-6 * score)
    assert diagnostics(found)["windows"] == 16
    assert found.evaluations == 16 + 3


@pytest.mark.parametrize("window", [2, 4, 8])
def test_shares_of_a_score_that_is_a_sum_add_up(make_classifier, image, window):
    classifier = make_classifier(network=blind_network())
    found = Occlusion(window=window, stride=window, fill=Fill.MEAN).explain(classifier, image)
    other = filled(classifier, image, Fill.MEAN)
    drops = ((image - 0.5) ** 2 - (other - 0.5) ** 2).sum(dim=0) / image.numel()  # (H, W)
    cells = drops.reshape(16 // window, window, 16 // window, window).sum(dim=(1, 3))
    inside = found.relevance.reshape(16 // window, window, 16 // window, window).sum(axis=(1, 3))
    assert inside == pytest.approx(cells.numpy(), rel=1e-3, abs=1e-6)
    assert abs(found.residual) < 1e-5 * found.score


def test_what_becomes_better_when_made_normal_is_positive(make_classifier):
    image = torch.full((3, 16, 16), 0.5)
    image[:, 4:8, 4:8] = 1.0
    classifier = make_classifier(network=blind_network())
    found = Occlusion(window=4, stride=4, fill=Fill.MEAN).explain(classifier, image)
    assert found.relevance[0, 4:8, 4:8].min() > 0
    assert found.relevance[0, :4].max() <= 0


def test_a_drop_is_a_difference_within_one_precision(classifier):
    image = torch.full((3, 16, 16), 0.3)
    found = Occlusion(window=4, stride=4, fill=Fill.MEAN, precision=Precision.BFLOAT16).explain(
        classifier, image
    )
    assert np.abs(found.relevance).max() * 16 < 1e-5 * found.score
    assert found.score == raw_score(classifier, image)
    assert diagnostics(found)["precision"] == "bfloat16"


def test_a_window_larger_than_the_image_is_refused(classifier, image):
    with pytest.raises(
        InvalidInputError, match=r"'window' of Occlusion must fit into the image of 16x16.* Got 17"
    ):
        Occlusion(window=17).explain(classifier, image)


def test_a_stride_that_leaves_gaps_is_refused():
    with pytest.raises(InvalidInputError, match=r"must not exceed its 'window' of 4.* Got 5"):
        Occlusion(window=4, stride=5)


def test_hours_of_windows_are_refused_saying_what_to_change():
    with pytest.raises(
        InvalidInputError, match=r"261121 windows, more than 100000. Choose a 'stride' above 1"
    ):
        windows(512, 512, window=2, stride=1)
