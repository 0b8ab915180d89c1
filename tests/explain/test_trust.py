"""How far an explanation can be trusted, against Quantus, and against runs that are really repeated."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.clip_networks import random_pixels, rebuilding_network
from tests.explain.conftest import SIZE, blind_network, perfect_network, picture
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.explain import (
    EXPLAINERS,
    Attribution,
    CounterfactualSearch,
    KernelShap,
    Lime,
    Lrp,
    Occlusion,
    Residual,
    build_explainer,
)
from xai_ad.explain.frames import FrameDetector
from xai_ad.explain.results import evidence_map
from xai_ad.explain.trust import measure_trust, noisy, reference_of, shuffled
from xai_ad.metrics.faithfulness import (
    STEPS,
    area,
    cell_labels,
    ordered_map,
    random_map,
    rank_correlation,
    shared_strongest,
    taken_away,
)
from xai_ad.metrics.localisation import strongest

FIGURES = ("faithfulness", "removed", "stability", "shared", "completeness", "width", "randomised")


@pytest.fixture
def blind(make_classifier):
    """A classifier whose score is the mean of what each pixel adds by itself: every order can be followed by hand."""
    return make_classifier(network=blind_network())


def trusted(explainer, classifier, image):
    explanation = explainer.explain(classifier, image)
    return measure_trust(explainer, explanation, classifier, image, reference_of(classifier, image))


def score_without(taken, image, fill):
    mixed = np.where(taken, fill.numpy(), image.numpy()).astype(np.float64)
    return ((mixed - 0.5) ** 2).mean()


def test_a_fall_is_what_replacing_pixels_by_hand_gives(blind, image):
    reference = reference_of(blind, image)
    values = np.random.default_rng(0).normal(size=(1, SIZE, SIZE)).astype(np.float32)
    given = Attribution(method="lime", relevance=values, score=1.0, baseline=0.0, evaluations=1000)
    found = measure_trust(Residual(), given, blind, image, reference)
    score, empty = (score_without(mask, image, reference.fill) for mask in (False, True))
    falls = [
        (score - score_without(taken_away(values, step), image, reference.fill)) / (score - empty)
        for step in STEPS
    ]
    assert found.fall == pytest.approx(falls, abs=1e-5)
    marked = strongest(values)
    assert found.marked == marked.mean()
    gone = (score - score_without(marked, image, reference.fill)) / (score - empty)
    assert found.removed == pytest.approx(gone, abs=1e-5)
    between = (area(falls) - area(reference.random_fall)) / (
        area(reference.ideal_fall) - area(reference.random_fall)
    )
    assert found.faithfulness == pytest.approx(between, abs=1e-4)


def test_what_it_is_measured_against_is_followed_by_hand(blind, image):
    """Random orders are two, drawn by the seed, and their mean counts; the ideal is at each step the better of two orders."""
    reference = reference_of(blind, image)
    score, empty = (score_without(mask, image, reference.fill) for mask in (False, True))

    def falls(values):
        left = [score_without(taken_away(values, step), image, reference.fill) for step in STEPS]
        return np.array([(score - one) / (score - empty) for one in left])

    rng = np.random.default_rng(0)
    by_chance = [falls(random_map((SIZE, SIZE), rng)) for _ in range(2)]
    assert reference.random_fall == pytest.approx(np.mean(by_chance, axis=0), abs=1e-5)
    cells = cell_labels((SIZE, SIZE))
    alone = [score_without(cells == cell, image, reference.fill) for cell in range(36)]
    errors = ((image.numpy() - 0.5) ** 2).mean(axis=0)
    orders = [errors, ordered_map(np.argsort(alone, kind="stable"), (SIZE, SIZE))]
    assert reference.ideal_fall == pytest.approx(np.max([falls(one) for one in orders], axis=0), abs=1e-5)


def test_where_each_pixel_counts_by_itself_its_error_is_the_ideal_order_and_its_reverse_worse_than_chance(
    blind, image
):
    reference = reference_of(blind, image)
    explanation = Residual().explain(blind, image)
    assert measure_trust(Residual(), explanation, blind, image, reference).faithfulness == pytest.approx(1.0)
    backwards = replace(explanation, relevance=explanation.relevance.max() - explanation.relevance)
    assert measure_trust(Residual(), backwards, blind, image, reference).faithfulness < 0


@pytest.mark.parametrize("method", ["residual", "kernel_shap", "lrp"])
def test_a_fall_is_quantus_pixel_flipping(make_classifier, image, method):
    """Quantus flips what it is given in steps of equal size; every twentieth of the pixels."""
    from quantus import PixelFlipping

    classifier = make_classifier()
    reference = reference_of(classifier, image)
    black = replace(reference, fill=torch.zeros_like(image))
    explainer = build_explainer(method)
    explanation = explainer.explain(classifier, image)
    # Quantus takes what is negative away, too: all evidence is made positive, in the same order.
    explanation = replace(explanation, relevance=np.exp(explanation.relevance * 1e3))
    found = measure_trust(explainer, explanation, classifier, image, black)

    class Scored(nn.Module):
        def forward(self, images):
            with torch.no_grad():
                scores = classifier(images)
            return torch.stack([scores, scores], dim=1)

    # It flips value by value; a pixel's three channels follow one another.
    flipping = PixelFlipping(features_in_step=1, normalise=False, perturb_baseline=0.0, disable_warnings=True)
    order = np.argsort(-explanation.relevance.ravel(), kind="stable")
    ranks = np.empty(SIZE * SIZE)
    ranks[order] = np.arange(SIZE * SIZE, 0, -1)
    channels = (ranks[None] + np.array([0.1, 0.2, 0.3])[:, None]).reshape(1, 3, SIZE, SIZE)
    curve = flipping(
        model=Scored().eval(),
        x_batch=image[None].numpy(),
        y_batch=np.array([0]),
        a_batch=channels,
        softmax=False,
        channel_first=True,
    )[0]
    left = [curve[3 * round(step * SIZE * SIZE) - 1] for step in STEPS]
    falls = [(reference.score - score) / (reference.score - reference.empty) for score in left]
    assert found.fall == pytest.approx(falls, rel=1e-3, abs=1e-4)


def test_a_rank_correlation_is_quantus():
    from quantus.functions.similarity_func import correlation_spearman

    one, other = np.random.default_rng(0).normal(size=(2, SIZE, SIZE))
    assert rank_correlation(one, other) == pytest.approx(correlation_spearman(one.ravel(), other.ravel()))


def test_an_image_that_scores_no_more_than_its_fill_has_nothing_to_lose(make_classifier):
    classifier = make_classifier(network=blind_network())
    reference = reference_of(classifier, torch.full((3, SIZE, SIZE), 0.5))
    assert (reference.ideal_fall, reference.random_fall) == ((), ())
    found = trusted(Residual(), classifier, torch.full((3, SIZE, SIZE), 0.5))
    assert (found.faithfulness, found.removed, found.fall) == (None, None, ())


@pytest.mark.parametrize("method", EXPLAINERS)
@pytest.mark.parametrize("network", [None, perfect_network()], ids=["tiny", "perfect"])
def test_every_method_is_trusted_to_a_degree_and_the_same_twice(make_classifier, image, method, network):
    classifier = make_classifier(network=network)
    weights = copy.deepcopy(classifier.state_dict())
    given = image.clone()
    one, other = (trusted(build_explainer(method), classifier, image) for _ in range(2))
    assert replace(one, seconds=0.0) == replace(other, seconds=0.0)
    figures = [getattr(one, name) for name in (*FIGURES, "marked")]
    assert all(figure is None or np.isfinite(figure) for figure in figures)
    assert one.stability is None or -1 <= one.stability <= 1 + 1e-9
    assert one.shared is None or 0 <= one.shared <= 1
    assert torch.equal(image, given)
    assert all(torch.equal(value, classifier.state_dict()[name]) for name, value in weights.items())


@pytest.mark.parametrize("method", ["kernel_shap", "lime"])
def test_it_takes_a_quarter_of_the_explanations_evaluations_with_all_that_it_is_measured_against(
    classifier, image, scored, method
):
    explainer = build_explainer(method, {"n_segments": 12})
    explanation = explainer.explain(classifier, image)
    scored.clear()
    reference = reference_of(classifier, image)
    assert sum(scored) <= reference.evaluations + 2  # the map of its errors, and the fill's picture
    found = measure_trust(explainer, explanation, classifier, image, reference)
    assert reference.evaluations + found.evaluations <= explanation.evaluations / 4 + 4


@pytest.mark.parametrize("explainer", [Residual(), Lrp()])
def test_a_quick_method_is_really_repeated(classifier, image, explainer):
    found = trusted(explainer, classifier, image)
    one, other = (evidence_map(explainer.explain(classifier, one)) for one in (image, noisy(image)))
    assert found.stability == rank_correlation(one, other)
    assert found.shared == shared_strongest(one, other)


@pytest.mark.parametrize("explainer", [KernelShap(n_segments=8), Lime(n_segments=8, budget=1000)])
def test_a_game_is_repeated_as_a_whole_run_repeats_it(classifier, image, explainer):
    """With 8 segments all coalitions are scored, so that nothing but noise and the cut differ."""
    found = trusted(explainer, classifier, image)
    one, other = (evidence_map(explainer.explain(classifier, one)) for one in (image, noisy(image)))
    assert found.stability == pytest.approx(rank_correlation(one, other), abs=0.05)


def test_errors_that_are_known_lower_the_stability(classifier, image):
    explainer = KernelShap(n_segments=20, budget=64)
    explanation = explainer.explain(classifier, image)
    reference = reference_of(classifier, image)
    found = measure_trust(explainer, explanation, classifier, image, reference)
    sure = replace(
        explanation,
        by_segment=replace(explanation.by_segment, standard_errors=np.zeros(20)),
    )
    assert found.stability < measure_trust(explainer, sure, classifier, image, reference).stability


def test_a_counterfactual_is_tried_again_in_noise(make_classifier, image):
    classifier = make_classifier()
    explainer = CounterfactualSearch(grid=4)
    explanation = explainer.explain(classifier, image)
    assert explanation.flipped
    found = trusted(explainer, classifier, image)
    noise = noisy(image) - image
    passed = 0
    for turn in range(8):
        copied = (explanation.image + torch.roll(noise, turn * (SIZE // 8), dims=-1)).clamp(0, 1)
        passed += float(classifier(copied[None])[0]) <= classifier.calibration.threshold
    assert found.stability == found.shared == passed / 8


def test_the_noise_is_a_grey_level_and_stays_in_range():
    image = picture()
    differences = (noisy(image) - image).numpy()
    assert differences.std() == pytest.approx(1 / 255, rel=0.1)
    assert noisy(torch.ones(3, 8, 8)).max() <= 1
    assert torch.equal(noisy(image), noisy(image))
    assert not torch.equal(noisy(image), noisy(image, seed=1))


def test_a_detector_of_one_frame_is_still_asked_about_that_frame_with_its_weights_shuffled():
    window = random_pixels(8).float() / 255
    detector = AnomalyClassifier(
        rebuilding_network(),
        Calibration(threshold=1e-6, score_max=1.0, map_scale=1.0),
        References(mean=window.mean(dim=0)),
    )
    alone = FrameDetector(detector, 5)
    other = shuffled(alone)
    assert torch.equal(other(window[None]), shuffled(detector)(window[None])[:, 5])
    reference = reference_of(alone, window)
    assert reference.score == pytest.approx(float(alone(window[None])), rel=1e-5)
    assert reference.ideal_fall


def test_a_shuffled_network_has_the_same_weights_elsewhere(classifier):
    other = shuffled(classifier)
    for name, weights in classifier.network.named_parameters():
        found = dict(other.network.named_parameters())[name]
        assert torch.equal(found.flatten().sort().values, weights.flatten().sort().values)
    assert any(
        not torch.equal(one, two)
        for one, two in zip(classifier.network.parameters(), other.network.parameters(), strict=True)
    )


def test_whether_a_map_depends_on_the_weights_is_asked_of_quick_methods(classifier, image):
    found = trusted(Lrp(), classifier, image)
    own, other = (evidence_map(Lrp().explain(one, image)) for one in (classifier, shuffled(classifier)))
    assert found.randomised == rank_correlation(np.abs(own), np.abs(other))
    assert trusted(Occlusion(window=4, stride=2), classifier, image).randomised is None


def test_what_shares_miss_is_told_of_methods_that_promise_a_sum(classifier, image):
    explanation = Lrp().explain(classifier, image)
    found = trusted(Lrp(), classifier, image)
    assert found.completeness == pytest.approx(abs(explanation.residual) / explanation.score)
    assert trusted(Occlusion(window=4, stride=2), classifier, image).completeness is None


def test_a_width_is_the_median_interval_over_the_largest_value(classifier, image):
    explainer = KernelShap(n_segments=20, budget=64)
    found = explainer.explain(classifier, image).by_segment
    expected = np.median(found.high - found.low) / np.abs(found.values).max()
    assert trusted(explainer, classifier, image).width == pytest.approx(expected)
