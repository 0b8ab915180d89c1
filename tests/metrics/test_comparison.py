"""A paired bootstrap of two scores' AUC-ROC."""

import numpy as np
import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.metrics import comparison
from xai_ad.metrics.comparison import advantage
from xai_ad.metrics.detection import auc_roc

LABELS = np.repeat([0, 1], [30, 20])


def scores(seed, apart, ties=False):
    found = np.random.default_rng(seed).normal(apart * LABELS, 1.0)
    return np.round(found) if ties else found


@pytest.mark.parametrize("ties", [False, True])
def test_the_difference_is_that_of_the_two_areas(ties):
    one, other = scores(0, 2.0, ties), scores(1, 1.0, ties)
    found = advantage(one, other, LABELS)
    assert found.difference == pytest.approx(auc_roc(one, LABELS) - auc_roc(other, LABELS))


def test_the_standard_error_is_that_of_redrawn_images():
    one, other = scores(0, 1.5), scores(1, 1.0)
    rng = np.random.default_rng(5)
    redrawn = []
    for _ in range(400):
        drawn = np.concatenate(
            [rng.choice(np.flatnonzero(kind == LABELS), (kind == LABELS).sum()) for kind in (0, 1)]
        )
        redrawn.append(auc_roc(one[drawn], LABELS[drawn]) - auc_roc(other[drawn], LABELS[drawn]))
    assert advantage(one, other, LABELS).standard_error == pytest.approx(np.std(redrawn), rel=0.1)


def test_a_pair_is_compared_image_by_image():
    one = scores(0, 1.0)
    alike = one + 0.01 * scores(2, 0.0)
    assert (
        advantage(one, alike, LABELS).standard_error
        < 0.2 * advantage(one, scores(3, 1.0), LABELS).standard_error
    )


def test_a_score_ties_with_itself_and_its_like_but_not_with_noise():
    one = scores(0, 3.0)
    assert advantage(one, 10 * one + 3, LABELS) == advantage(one, one, LABELS)
    assert advantage(one, one, LABELS).is_tie
    assert not advantage(one, scores(1, 0.0), LABELS).is_tie


def test_of_videos_whole_clips_are_redrawn():
    clips = np.repeat([f"clip {number}" for number in range(5)], 10)
    counts = comparison.redrawn(LABELS == 1, clips)
    assert counts.shape == (comparison.DRAWS, 50)
    assert (counts.reshape(-1, 5, 10) == counts.reshape(-1, 5, 10)[:, :, :1]).all()
    assert (counts.sum(axis=1) == 50).all()


def test_images_are_redrawn_kind_by_kind():
    counts = comparison.redrawn(LABELS == 1, None)
    assert (counts[:, LABELS == 1].sum(axis=1) == 20).all()
    assert (counts[:, LABELS == 0].sum(axis=1) == 30).all()


def test_one_kind_alone_is_no_comparison():
    with pytest.raises(InvalidInputError, match="one kind alone"):
        advantage(scores(0, 1), scores(1, 1), np.zeros(50, dtype=int))
