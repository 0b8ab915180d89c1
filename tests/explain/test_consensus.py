"""The consensus of several maps."""

import numpy as np
import pytest

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain import (
    Consensus,
    CounterfactualSearch,
    Fill,
    IntegratedGradients,
    Lime,
    Lrp,
    Occlusion,
    Residual,
    build_explainer,
)
from xai_ad.explain.consensus import agreed, combine
from xai_ad.explain.results import Attribution, diagnostics
from xai_ad.machine.execution import Execution, Precision


def explained(values, score=1.0):
    return Attribution(
        method="residual",
        relevance=np.array(values, dtype=np.float32),
        score=score,
        baseline=0.5,
        evaluations=3,
    )


def by_counting(maps):
    """Rank pixels by comparing each with each; a pixel's value is the mean of the sorted values at its places."""
    flat = [[float(value) for value in one.relevance.ravel()] for one in maps]
    below = [[sum(v < w for v in one) + sum(v == w for v in one) / 2 for w in one] for one in flat]
    mean_ranks = [sum(ranks) / len(flat) for ranks in zip(*below, strict=True)]
    typical = [sum(values) / len(flat) for values in zip(*map(sorted, flat), strict=True)]
    found = []
    for rank in mean_ranks:
        first = sum(other < rank for other in mean_ranks)
        places = typical[first : first + mean_ranks.count(rank)]
        found.append(sum(places) / len(places))
    return np.array(found).reshape(maps[0].relevance.shape)


@pytest.mark.parametrize("seed", range(4))
def test_pixels_stand_in_the_order_of_their_mean_rank_and_share_the_maps_mean_values(seed):
    rng = np.random.default_rng(seed)
    maps = [explained(rng.integers(-3, 4, (4, 5)) * 2.0**power) for power in (0, 3, -2)]
    assert combine(maps) == pytest.approx(by_counting(maps), rel=1e-6)


def test_units_do_not_matter_for_the_order():
    one, other = explained([[1, 2, 3, 4]]), explained([[2, 1, 3, 4]])
    far = explained(np.float32(1000) * other.relevance)
    assert (
        np.argsort(combine([one, far])[0][2:]).tolist() == np.argsort(combine([one, other])[0][2:]).tolist()
    )
    assert combine([one, other]).tolist() == [[1.5, 1.5, 3, 4]]


def test_maps_that_agree_are_their_own_consensus():
    values = np.random.default_rng(0).normal(size=(6, 7)).astype(np.float32)
    assert combine([explained(values)] * 3) == pytest.approx(values, rel=1e-6)
    assert diagnostics(agreed([explained(values)] * 3))["agreement"] == pytest.approx(1)
    assert diagnostics(agreed([explained(values), explained(-values)]))["agreement"] == pytest.approx(-1)
    assert diagnostics(agreed([explained(values), explained(0 * values)]))["agreement"] == 0


def test_it_accounts_for_as_much_of_the_score_as_its_members_do_on_average(classifier, image):
    members = [
        Occlusion(window=4, stride=4, fill=Fill.MEAN, precision=Precision.FLOAT32).explain(classifier, image),
        IntegratedGradients(fill=Fill.MEAN).explain(classifier, image),
        Lime(budget=40, n_segments=6, fill=Fill.MEAN, precision=Precision.FLOAT32).explain(classifier, image),
    ]
    found = agreed(members)
    assert found.score == members[0].score
    assert found.residual == pytest.approx(np.mean([one.residual for one in members]), abs=1e-6 * found.score)
    assert found.evaluations == sum(one.evaluations for one in members)
    assert diagnostics(found)["members"] == "occlusion, integrated_gradients, lime"
    assert diagnostics(found)["fill"] == "mean"
    assert diagnostics(found)["precision"] == "float32"


def test_members_are_run_with_what_they_share_with_the_consensus(classifier, image):
    shared = {"fill": Fill.MEAN, "seed": 7, "precision": Precision.BFLOAT16, "batch_size": 5}
    consensus = build_explainer("consensus", {"members": ("lime", "residual"), **shared})
    assert consensus == Consensus(members=(Lime(**shared), Residual()))


def test_members_are_run_as_they_are(classifier, image):
    members = (Lime(fill=Fill.MEAN, budget=40, n_segments=6), Residual())
    found = Consensus(members=members).explain(classifier, image)
    expected = agreed([one.explain(classifier, image) for one in members])
    assert np.array_equal(found.relevance, expected.relevance)
    assert (found.baseline, found.evaluations) == (expected.baseline, expected.evaluations)
    assert diagnostics(found) == diagnostics(expected)


def test_what_answers_a_member_may_look_the_answer_up():
    answers = {Residual(): explained([[1, 2, 3]]), Lrp(): explained([[4, 6, 2]])}
    heard = []

    def answer(member, on_progress):
        on_progress(0.5)
        return answers[member]

    found = Consensus(members=tuple(answers)).gathered(answer, heard.append)
    assert np.array_equal(found.relevance, agreed(list(answers.values())).relevance)
    assert heard == [0.25, 0.75]


def test_it_is_open_until_its_members_are_resolved():
    consensus = Consensus(members=(Residual(), Occlusion(precision=Precision.AUTO)))
    chosen = Execution(precision=Precision.BFLOAT16, batch_size=3)
    assert consensus.is_open
    resolved = consensus.resolved(lambda: chosen)
    assert resolved == Consensus(members=(Residual(), Occlusion(precision=Precision.BFLOAT16, batch_size=3)))
    assert not resolved.is_open


def test_a_members_warning_is_passed_on_once(make_classifier, image):
    classifier = make_classifier(threshold=1e-9)
    members = IntegratedGradients(fill=Fill.MEAN), Occlusion(fill=Fill.MEAN)
    found = Consensus(members=members).explain(classifier, image)
    assert diagnostics(found)["warning"].count("scores") == 1


@pytest.mark.parametrize("members", [(), ("lime",), ("lime", "lime"), ["lime", "lrp"], "lime"])
def test_a_consensus_needs_two_different_methods(members):
    with pytest.raises(
        InvalidInputError, match="a tuple of two or more different methods of: integrated_grad"
    ):
        build_explainer("consensus", {"members": members})


@pytest.mark.parametrize(
    "members",
    [
        (),
        (Lime(),),
        (Lime(), Lime()),
        [Lime(), Lrp()],
        ("lime", "lrp"),
        (Lime(), CounterfactualSearch()),
        (Lime(), Consensus()),
    ],
)
def test_its_members_are_two_different_explainers_that_draw_maps(members):
    with pytest.raises(InvalidInputError, match="two or more different explainers that draw a map"):
        Consensus(members=members)


@pytest.mark.parametrize("member", ["consensus", "counterfactual", "shap"])
def test_what_draws_no_map_of_its_own_is_no_member(member):
    with pytest.raises(
        UnknownNameError, match=f"no member of a consensus called '{member}'. Choose one of: integ"
    ):
        build_explainer("consensus", {"members": ("lime", member)})


def test_explanations_of_different_images_have_no_consensus():
    with pytest.raises(
        InvalidInputError, match=r"two or more explanations of one image. Got 2 .*\[1.0, 2.0\]"
    ):
        agreed([explained([[1, 2]]), explained([[1, 2]], score=2.0)])
    with pytest.raises(InvalidInputError, match="Got 1"):
        agreed([explained([[1, 2]])])


def test_what_methods_share_is_counted_where_their_evidence_is_strongest():
    """Two maps that are unlike everywhere but where it matters."""
    one, other = np.zeros((1, 10, 10), np.float32), np.zeros((1, 10, 10), np.float32)
    one[0, 0], other[0, 0] = 9.0, 5.0 + np.arange(10) / 10
    one[0, 1:] = np.linspace(0, 1, 90).reshape(9, 10)
    other[0, 1:] = -np.linspace(0, 1, 90).reshape(9, 10)
    found = agreed([explained(one), explained(other)]).findings
    assert found.agreement < 0
    assert found.shared == 1.0
    other[0, 0, :5] = -1.0
    other[0, 5, :5] = 7.0
    assert agreed([explained(one), explained(other)]).findings.shared == 0.5


def test_methods_without_evidence_share_nothing_to_speak_of():
    flat = np.full((1, 4, 4), -1.0, np.float32)
    assert agreed([explained(flat), explained(flat)]).findings.shared is None
