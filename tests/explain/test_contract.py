"""What every explainer promises, whatever it computes."""

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.clip_networks import RECURRENT, SIDE, SIDE_OF_ALL, clip_network, random_pixels, rebuilding_network
from tests.explain.conftest import picture
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.detector.scores import Score
from xai_ad.errors import Cancelled, InvalidInputError
from xai_ad.explain import EXPLAINERS, Attribution, Explainer, build_explainer, explainer_options
from xai_ad.explain.base import raw_score
from xai_ad.explain.results import diagnostics, to_json
from xai_ad.machine.execution import Execution, Precision

OPTIONS = {
    "lime": {"budget": 70, "n_segments": 9},
    "kernel_shap": {"budget": 40, "n_segments": 9},
    "counterfactual": {"grid": 4},
    "integrated_gradients": {"steps": 9},
    "occlusion": {"window": 4, "stride": 3},
    "owen": {"budget": 40},
    "consensus": {"members": ("residual", "integrated_gradients", "occlusion")},
}


@pytest.fixture(params=EXPLAINERS)
def explainer(request) -> Explainer:
    return build_explainer(request.param, OPTIONS.get(request.param, {}))


def content(explanation):
    """Return an explanation as bytes."""
    return to_json(explanation)


def check_whole(explanation, image):
    """Check that an explanation is finite and of the image's size."""
    if isinstance(explanation, Attribution):
        assert explanation.relevance.shape == (1, *image.shape[1:])
        assert explanation.relevance.dtype == np.float32
        assert np.isfinite(explanation.relevance).all()
        assert np.isfinite([explanation.score, explanation.baseline, explanation.residual]).all()
    else:
        assert explanation.image.shape == image.shape
        assert explanation.image.dtype == torch.float32
        assert torch.isfinite(explanation.image).all()
        assert np.isfinite([explanation.score_before, explanation.score_after]).all()
        assert 0 <= explanation.area <= 1
    numbers = [value for value in diagnostics(explanation).values() if not isinstance(value, str)]
    assert np.isfinite(numbers).all()
    assert explanation.evaluations > 0


@pytest.mark.parametrize("channels", [1, 3])
def test_an_explanation_is_finite_and_of_the_images_size(explainer, make_classifier, image, channels):
    classifier = make_classifier(channels)
    explanation = explainer.explain(classifier, image[:channels])
    check_whole(explanation, image[:channels])
    assert explanation.method == explainer.id
    assert explanation.score == raw_score(classifier, image[:channels])


@pytest.mark.parametrize("score", Score)
def test_every_score_is_explained(explainer, make_classifier, image, score):
    classifier = make_classifier(score=score)
    explanation = explainer.explain(classifier, image)
    check_whole(explanation, image)
    assert explanation.score == raw_score(classifier, image)
    if isinstance(explanation, Attribution) and explainer.id in {"residual", "kernel_shap"}:
        says_so = "note" in diagnostics(explanation)
        assert abs(explanation.residual) < 1e-5 * explanation.score or says_so
        assert says_so == (explainer.id == "residual" and not classifier.calibration.scoring.adds_up)


def test_the_same_configuration_gives_the_same_bytes(explainer, classifier, image):
    twin = copy.deepcopy(explainer)
    assert content(explainer.explain(classifier, image)) == content(twin.explain(classifier, image))
    assert hash(twin) == hash(explainer)


def test_global_random_numbers_are_neither_read_nor_moved(explainer, classifier, image):
    first = content(explainer.explain(classifier, image))
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002  # the state that a library might use
    states = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    assert content(explainer.explain(classifier, image)) == first
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002


def test_progress_never_falls_and_goes_from_nought_to_one(explainer, classifier, image):
    heard = []
    explainer.explain(classifier, image, on_progress=heard.append)
    assert heard == sorted(heard)
    assert heard[0] == 0
    assert heard[-1] == 1
    assert heard.count(0) == 1
    assert heard.count(1) == 1


def test_image_and_classifier_are_untouched_even_after_being_stopped(explainer, classifier, image):
    state = copy.deepcopy(classifier.state_dict())
    modules = {name: set(vars(module)) for name, module in classifier.named_modules()}
    pixels = image.clone()

    def stop_at(limit):
        def report(fraction):
            if fraction >= limit:
                raise Cancelled

        return report

    for limit in (0.0, 0.3, 2.0):
        if limit <= 1:
            with pytest.raises(Cancelled):
                explainer.explain(classifier, image, on_progress=stop_at(limit))
        else:
            explainer.explain(classifier, image)
        assert torch.equal(image, pixels)
        assert not image.requires_grad
        assert all(torch.equal(value, state[name]) for name, value in classifier.state_dict().items())
        assert {name: set(vars(module)) for name, module in classifier.named_modules()} == modules
        for module in classifier.network.modules():
            assert not module._forward_hooks
            assert not module._backward_hooks
            assert not module.training
        assert not any(parameter.requires_grad for parameter in classifier.parameters())


def test_every_picture_scored_is_counted(explainer, make_classifier, image, scored):
    classifier = make_classifier()
    scored.clear()
    found = explainer.explain(classifier, image)
    # LRP walks the layers of its second pass by itself.
    assert found.evaluations == sum(scored) + (explainer.id == "lrp")


def test_image_and_classifier_are_untouched_after_the_network_failed(explainer, make_classifier, image):
    classifier = make_classifier()
    state, pixels = copy.deepcopy(classifier.state_dict()), image.clone()
    calls = []

    def fail(*_):
        calls.append(1)
        if len(calls) == failing:
            raise MemoryError

    for failing in (1, 2):
        calls.clear()
        handle = classifier.network.decoder.register_forward_hook(fail)
        try:
            explainer.explain(classifier, image)
        except MemoryError:
            pass
        else:
            assert len(calls) < failing or explainer.id == "lrp"
        handle.remove()
        assert torch.equal(image, pixels)
        assert all(torch.equal(value, state[name]) for name, value in classifier.state_dict().items())
    assert content(explainer.explain(classifier, image)) == content(
        explainer.explain(make_classifier(), image)
    )


def test_threads_share_a_classifier(explainer, classifier, image):
    expected = content(explainer.explain(classifier, image))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: content(explainer.explain(classifier, image)), range(8)))
    assert found == [expected] * 8


def test_a_window_of_one_frame_is_an_image(explainer, classifier, image):
    one, other = explainer.explain(classifier, image), explainer.explain(classifier, image[None])
    assert content(one) == content(other)


def test_a_frame_of_a_window_is_explained_as_it_is_by_itself(explainer, classifier, image):
    """A network that sees frames one by one says the same of a frame whatever stands around it."""
    window = torch.stack([image.flip(1), image, image.flip(2)])
    alone, found = explainer.explain(classifier, image), explainer.explain(classifier, window, frame=1)
    assert (found.score, found.evaluations) == (alone.score, alone.evaluations)
    assert diagnostics(found) == diagnostics(alone)
    if isinstance(alone, Attribution):
        assert np.array_equal(found.relevance[1], alone.relevance[0])
        assert not found.relevance[[0, 2]].any()
        assert (found.baseline, found.residual) == (alone.baseline, alone.residual)
        if alone.by_segment:
            assert np.array_equal(found.by_segment.segments[1], alone.by_segment.segments[0])
            assert np.array_equal(found.by_segment.values[:-1], alone.by_segment.values)
            assert set(found.by_segment.segments[[0, 2]].ravel()) == {len(alone.by_segment.values)}
            assert found.by_segment.values[-1] == 0
    else:
        assert torch.equal(found.image[1], alone.image)
        assert torch.equal(found.image[[0, 2]], window[[0, 2]])
        assert found.rectangles == tuple(replace(one, first=1) for one in alone.rectangles)


@pytest.mark.parametrize("frame", [-1, 2, True, 0.5, "0", None])
def test_a_frame_that_a_window_does_not_have_is_refused(explainer, classifier, image, frame):
    with pytest.raises(InvalidInputError, match=f"the frames 0 to 1. Got the frame {frame!r}"):
        explainer.explain(classifier, image[None].repeat(2, 1, 1, 1), frame=frame)


CLIPS = {
    "lime": {"budget": 40, "n_segments": 6},
    "kernel_shap": {"budget": 40, "n_segments": 5},
    "counterfactual": {"grid": 2},
    "integrated_gradients": {"steps": 4},
    "occlusion": {"window": 6, "stride": 6},
    "consensus": {"members": ("residual", "integrated_gradients")},
}


@pytest.mark.parametrize("method", EXPLAINERS)
def test_a_frame_of_a_clip_is_explained_in_its_window(method):
    """A network with a memory: frames before the one that is explained may have their share in its score."""
    window = random_pixels(8).float() / 255  # (T, C, H, W)
    detector = AnomalyClassifier(
        rebuilding_network(),
        Calibration(threshold=1e-6, score_max=1.0, map_scale=1.0),
        References(mean=window.mean(dim=0)),
    )
    frame = 5
    found = build_explainer(method, CLIPS.get(method, {})).explain(detector, window, frame=frame)
    assert found.score == pytest.approx(float(detector(window[None])[0, frame]), rel=1e-6)
    if isinstance(found, Attribution):
        assert found.relevance.shape == (8, SIDE, SIDE)
        assert np.isfinite(found.relevance).all()
        assert found.relevance[frame].any()
        if method in {"kernel_shap", "integrated_gradients"}:
            assert abs(found.residual) < 0.02 * abs(found.score - found.baseline)
        if method in {"occlusion", "integrated_gradients", "lrp"}:  # what comes later has no part in it
            assert np.abs(found.relevance[frame + 1 :]).max() < 1e-6 * np.abs(found.relevance).max()
    else:
        assert found.image.shape == window.shape
        assert all((one.first, one.frames) == (0, 8) for one in found.rectangles)


@pytest.mark.parametrize("network", RECURRENT)
@pytest.mark.parametrize("method", EXPLAINERS)
def test_every_recurrent_network_is_explained(method, network):
    window = random_pixels(8, side=SIDE_OF_ALL).float() / 255
    detector = AnomalyClassifier(
        clip_network(network, 2, "recurrent"),
        Calibration(threshold=1e-6, score_max=1.0, map_scale=1.0),
        References(mean=window.mean(dim=0)),
    )
    before = copy.deepcopy(detector.state_dict())
    options = {**CLIPS, "counterfactual": {"grid": 1}}
    explainer = build_explainer(method, options.get(method, {}))
    found = explainer.explain(detector, window, frame=6)
    assert found.score == pytest.approx(float(detector(window[None])[0, 6]), rel=1e-6)
    if isinstance(found, Attribution):
        assert found.relevance.shape == (8, SIDE_OF_ALL, SIDE_OF_ALL)
        assert np.isfinite(found.relevance).all()
        assert found.relevance.any()
    else:
        assert found.image.shape == window.shape
    assert content(explainer.explain(detector, window, frame=6)) == content(found)
    assert all(torch.equal(value, before[name]) for name, value in detector.state_dict().items())


def test_what_the_machine_is_like_is_not_asked(explainer, classifier, image, monkeypatch):
    """The same configuration gives the same numbers everywhere: only a shell asks what a machine is fastest with."""
    expected = content(explainer.explain(classifier, image))
    monkeypatch.setattr("xai_ad.machine.speeds.machine_speeds", pytest.fail)
    monkeypatch.setenv("XAI_AD_PRECISION", "bfloat16")
    monkeypatch.setenv("XAI_AD_BATCH_SIZE", "1")
    assert content(explainer.explain(classifier, image)) == expected
    assert not explainer.is_open


@pytest.mark.parametrize(
    "method", [method for method in EXPLAINERS if "precision" in explainer_options(method)]
)
def test_auto_is_for_those_to_resolve_who_know_the_machine(classifier, image, method):
    left_open = build_explainer(method, {**OPTIONS.get(method, {}), "precision": Precision.AUTO})
    assert left_open.is_open
    with pytest.raises(InvalidInputError, match="resolve it first"):
        left_open.explain(classifier, image)
    chosen = Execution(precision=Precision.BFLOAT16, batch_size=5)
    said = {"precision": Precision.BFLOAT16, "batch_size": 5}
    assert left_open.resolved(lambda: chosen) == build_explainer(method, {**OPTIONS.get(method, {}), **said})
    assert build_explainer(method, said).resolved(pytest.fail) == build_explainer(method, said)


@pytest.mark.parametrize("budget", [8, 9, 33, 70])
@pytest.mark.parametrize(
    ("threshold", "precision"),
    [(None, Precision.FLOAT32), (1e-9, Precision.FLOAT32), (1e-9, Precision.BFLOAT16)],
    ids=["a fill is normal", "none is", "none is, in bfloat16"],
)
@pytest.mark.parametrize("method", [method for method in EXPLAINERS if "budget" in explainer_options(method)])
def test_the_budget_is_kept(make_classifier, scored, method, budget, threshold, precision):  # noqa: PLR0917  # five cases of one sentence
    classifier, image = make_classifier(threshold=threshold), picture()
    scored.clear()
    options = {"budget": budget, "precision": precision}
    options |= {"n_segments": 9} if "n_segments" in explainer_options(method) else {}
    found = build_explainer(method, options).explain(classifier, image)
    assert found.evaluations == sum(scored) <= budget


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: image.masked_fill(image > image.median(), float("nan")),
        lambda image: image.masked_fill(image > image.median(), float("inf")),
        lambda image: image * 255,
        lambda image: image[None, None],
        lambda image: image[:2],
        lambda image: image[0],
        lambda image: image.double(),
        lambda image: image[:, :3, :3],
        lambda image: image[:, :15],
        lambda image: image.repeat(1, 2, 2)[:, :19, :19],
    ],
    ids=["nan", "inf", "bytes", "batch", "channels", "flat", "double", "tiny", "oblong", "large"],
)
def test_what_is_no_image_of_the_networks_is_refused(explainer, classifier, image, spoil):
    with pytest.raises(InvalidInputError):
        explainer.explain(classifier, spoil(image))


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_constant_image_is_explained(explainer, classifier, value):
    image = torch.full((3, 16, 16), value)
    check_whole(explainer.explain(classifier, image), image)


def test_a_perfect_reconstruction_has_nothing_to_explain(explainer, make_classifier, perfect, image):
    classifier = make_classifier(network=perfect)
    explanation = explainer.explain(classifier, image)
    check_whole(explanation, image)
    assert explanation.score == 0
    if isinstance(explanation, Attribution):
        assert not explanation.relevance.any()
    else:
        assert not explanation.flipped
        assert explanation.rectangles == ()
