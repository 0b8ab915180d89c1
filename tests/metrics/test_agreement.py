"""How far maps agree, against enumeration, SciPy and scikit-learn; ties and flat maps by hand."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import jaccard_score, roc_auc_score

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.agreement import (
    agreement,
    correlations,
    disagreement,
    overlaps,
    placed,
    places,
    rank_correlations,
    ranks,
    strongest_parts,
)


def maps(seed, count=4, shape=(6, 7), levels=9):
    """Maps with many ties, of which about a third of the values push towards normal."""
    rng = np.random.default_rng(seed)
    return list(rng.integers(-levels // 3, levels, (count, *shape)) * 0.5)


def by_counting(values):
    """The share of the picture that each place exceeds, and half of what equals it."""
    flat = values.ravel().tolist()
    found = [(sum(v < w for v in flat) + sum(v == w for v in flat) / 2) / len(flat) for w in flat]
    return np.array(found).reshape(values.shape)


@pytest.mark.parametrize("seed", range(3))
def test_agreement_is_the_mean_rank_and_disagreement_its_spread(seed):
    found = maps(seed)
    shares = [by_counting(one) for one in found]
    np.testing.assert_allclose(agreement(places(found)), sum(shares) / len(shares), rtol=1e-12)
    squares = sum((one - sum(shares) / len(shares)) ** 2 for one in shares) / len(shares)
    np.testing.assert_allclose(disagreement(places(found)), 2 * squares**0.5, atol=1e-12)


def test_units_and_equal_orders_do_not_matter():
    one = maps(0)[0]
    np.testing.assert_allclose(disagreement(places([one, 1000 * one, np.exp(one)])), 0, atol=1e-12)
    opposite = disagreement(places([np.arange(100.0).reshape(10, 10), -np.arange(100.0).reshape(10, 10)]))
    assert opposite.max() == pytest.approx(0.99)


def test_a_flat_map_ranks_every_place_in_the_middle():
    assert (agreement(places([np.zeros((3, 4))])) == 0.5).all()
    assert (agreement(places([np.full((3, 4), 7.0)])) == 0.5).all()


def test_maps_of_different_shapes_are_refused():
    with pytest.raises(InvalidInputError, match=r"one shape. Got \[\(2, 3\), \(3, 2\)\]"):
        agreement(places([np.zeros((2, 3)), np.zeros((3, 2))]))
    with pytest.raises(InvalidInputError, match="Got no maps"):
        disagreement(places([]))


@pytest.mark.parametrize("seed", range(3))
def test_rank_correlations_are_spearmans(seed):
    flat = np.stack([one.ravel() for one in maps(seed)])
    np.testing.assert_allclose(rank_correlations(flat), spearmanr(flat, axis=1).statistic, atol=1e-12)


def test_the_correlation_of_ranked_places_is_spearmans():
    found = maps(5)
    flat = np.stack([one.ravel() for one in found])
    ranked = places(found).reshape(len(found), -1)
    np.testing.assert_allclose(correlations(ranked), rank_correlations(flat), atol=1e-12)


def test_a_flat_map_correlates_with_nothing():
    found = rank_correlations(np.array([[1.0, 2, 3], [4, 4, 4]]))
    assert found.tolist() == [[pytest.approx(1), 0], [0, 0]]


def test_equal_values_share_the_mean_of_their_ranks():
    assert ranks(np.array([[3, 1, 3, 3, 2]])).tolist() == [[4, 1, 4, 4, 2]]


@pytest.mark.parametrize("seed", range(3))
def test_without_ties_the_overlap_of_the_strongest_is_that_of_sets(seed):
    rng = np.random.default_rng(seed)
    flat = rng.permuted(np.tile(np.arange(1.0, 41), (5, 1)), axis=1)
    top = np.array([[value in sorted(one)[-8:] for value in one] for one in flat])  # a fifth of 40
    expected = [[jaccard_score(one, other) for other in top] for one in top]
    np.testing.assert_allclose(overlaps(strongest_parts(flat, share=0.2)), expected, atol=1e-12)


def by_parts(values, share):
    """How far each value belongs to the strongest: how much room is left for its equals, dealt out evenly."""
    values = values.tolist()
    if len(set(values)) == 1:
        return [0.0] * len(values)
    room = [share * len(values) - sum(other > value for other in values) for value in values]
    equals = [sum(other == value for other in values) for value in values]
    return [
        min(1.0, max(0.0, left / same)) if value > 0 else 0.0
        for left, same, value in zip(room, equals, values, strict=True)
    ]


@pytest.mark.parametrize(("seed", "share"), list(product(range(3), [0.05, 0.2, 0.7])))
def test_equal_values_belong_to_the_strongest_in_equal_parts(seed, share):
    flat = np.stack([one.ravel() for one in maps(seed, levels=4)])
    parts = [by_parts(one, share) for one in flat]
    expected = [
        [
            sum(map(min, one, other)) / sum(map(max, one, other)) if sum(map(max, one, other)) else 0.0
            for other in parts
        ]
        for one in parts
    ]
    np.testing.assert_allclose(overlaps(strongest_parts(flat, share)), expected, atol=1e-12)


def test_a_region_of_twice_the_share_belongs_by_half():
    region = np.zeros(100)
    region[:10] = 1
    spot = np.zeros(100)
    spot[:5] = 3
    found = overlaps(strongest_parts(np.stack([region, spot])))
    assert found[0, 1] == pytest.approx(2.5 / 7.5)
    assert np.diag(found).tolist() == [1, 1]


def test_what_has_no_evidence_or_is_flat_shares_nothing():
    spot = np.zeros(100)
    spot[:5] = 3
    found = overlaps(strongest_parts(np.stack([spot, np.full(100, 2.0), np.zeros(100), -spot])))
    assert found.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("seed", range(4))
def test_a_map_is_placed_as_enumeration_and_scikit_learn_say(seed):
    values = maps(seed, count=1)[0]
    mask = np.zeros(values.shape, bool)
    mask[1:4, 2:5] = True
    evidence = np.maximum(values, 0).ravel()
    best = max(jaccard_score(mask.ravel(), evidence >= level) for level in set(evidence) - {0.0})
    found = placed(values, mask)
    assert found.iou == pytest.approx(best, abs=1e-12)
    assert found.pixel_auc_roc == pytest.approx(roc_auc_score(mask.ravel(), evidence), abs=1e-12)
    assert found.pointing == pytest.approx(mask[values == values.max()].mean())


def test_a_map_that_is_the_mask_is_placed_perfectly():
    mask = np.zeros((8, 8), bool)
    mask[2:4, 5:7] = True
    found = placed(mask.astype(np.float32), mask)
    assert (found.iou, found.pixel_auc_roc, found.pointing) == (1, 1, 1)


@pytest.mark.parametrize("values", [np.zeros((4, 4)), np.full((4, 4), -1.0)])
def test_a_map_without_evidence_points_nowhere(values):
    mask = np.eye(4, dtype=bool)
    found = placed(values, mask)
    assert (found.iou, found.pixel_auc_roc, found.pointing) == (0, 0.5, None)


def test_a_flat_map_is_placed_by_chance():
    mask = np.eye(4, dtype=bool)
    found = placed(np.ones((4, 4)), mask)
    assert (found.iou, found.pixel_auc_roc, found.pointing) == (0.25, 0.5, 0.25)


@pytest.mark.parametrize("marked", [False, True])
def test_a_mask_of_nothing_or_everything_tells_nothing(marked):
    assert placed(np.eye(3), np.full((3, 3), marked)) is None


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(InvalidInputError, match=r"Got \(3, 3\) and \(4, 3\)"):
        placed(np.eye(3), np.ones((4, 3), bool))
