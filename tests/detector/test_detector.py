import math

import pytest
import torch

from tests.clip_networks import (
    SIDE,
    frames_of,
    picture_network,
    predicting_network,
    random_pixels,
    rebuilding_network,
)
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import InvalidInputError, StoreError
from xai_ad.machine.execution import Precision
from xai_ad.networks import build_network

CALIBRATION = Calibration(threshold=0.05, score_max=0.2, map_scale=4.0)


@pytest.fixture
def classifier(calibration):
    torch.manual_seed(0)
    return AnomalyClassifier(build_network("bcae1"), calibration)


@pytest.fixture
def images():
    return torch.rand(3, 3, 128, 128, generator=torch.Generator().manual_seed(1))


def test_the_score_is_the_mean_squared_error_of_all_pixels_and_channels(classifier, images):
    expected = [
        float((classifier.reconstruct(image[None])[0].double() - image.double()).square().mean())
        for image in images
    ]
    assert classifier(images).tolist() == pytest.approx(expected, rel=1e-5)


def test_the_error_map_averages_to_the_score(classifier, images):
    assert torch.allclose(classifier.error_map(images).mean(dim=(1, 2)), classifier(images))


def test_classify_returns_clamped_probabilities_that_sum_to_one(classifier, images):
    probabilities = classifier.classify(images)
    scores = classifier(images)
    expected = [min(1.0, float(score) / 0.2) for score in scores]
    assert probabilities.shape == (3, 2)
    assert probabilities[:, 1].tolist() == pytest.approx(expected)
    assert probabilities.sum(dim=1).tolist() == pytest.approx([1, 1, 1])


def test_classify_saturates_where_the_score_exceeds_the_largest_calibrated(images):
    strict = AnomalyClassifier(
        build_network("bcae1"), Calibration(threshold=1e-7, score_max=1e-6, map_scale=1.0)
    )
    assert strict.classify(images)[:, 1].tolist() == [1, 1, 1]


def test_predict_judges_by_the_raw_score_and_the_threshold(images):
    torch.manual_seed(0)
    network = build_network("bcae1")
    scores = AnomalyClassifier(network, Calibration(threshold=1, score_max=2, map_scale=1))(images)
    between = float(scores.sort().values[1])  # an image at the threshold itself is normal
    prediction = AnomalyClassifier(network, Calibration(threshold=between, score_max=1, map_scale=1)).predict(
        images
    )
    assert int(prediction.is_anomalous.sum()) == 1
    assert prediction.is_anomalous[prediction.scores.argmax()]


def test_the_score_is_differentiable_by_the_image_and_not_by_the_network(classifier, images):
    images.requires_grad_()
    classifier(images).sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in classifier.parameters())


def test_building_a_classifier_leaves_the_network_as_it_was(calibration):
    network = build_network("bcae1").train()
    AnomalyClassifier(network, calibration)
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_a_classifier_cannot_return_to_training(classifier):
    with pytest.raises(InvalidInputError, match="frozen"):
        classifier.train()
    assert not classifier.training
    assert not classifier.eval().network.training


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(128, 128), r"shape \(N, 3, 128, 128\). Got \(128, 128\)"),
        (torch.zeros(1, 1, 128, 128), r"Got \(1, 1, 128, 128\)"),
        (torch.zeros(1, 3, 64, 64), r"Got \(1, 3, 64, 64\)"),
        (torch.zeros(1, 3, 128, 128, dtype=torch.float64), "float64"),
        (torch.full((1, 3, 128, 128), math.nan), "NaN"),
        (torch.full((1, 3, 128, 128), 255.0), "from 255 to 255"),
    ],
)
def test_what_is_no_image_is_refused_at_the_door(classifier, images, message):
    with pytest.raises(InvalidInputError, match=message):
        classifier.predict(images)


def test_a_network_of_damaged_weights_judges_nothing(calibration, images):
    network = build_network("bcae1")
    network.decoder[-1][0].bias.data[:] = math.nan
    with pytest.raises(StoreError, match="weights are damaged"):
        AnomalyClassifier(network, calibration).predict(images)


@pytest.mark.parametrize("score", Score)
def test_fast_scores_are_the_scores(score, images):
    torch.manual_seed(0)
    calibration = Calibration(scoring=Scoring(score=score), threshold=0.05, score_max=0.2, map_scale=4.0)
    classifier = AnomalyClassifier(build_network("bcae1"), calibration)
    expected = classifier(images).tolist()
    assert classifier.score_fast(images).tolist() == pytest.approx(expected, rel=1e-5)
    rough = classifier.score_fast(images, Precision.BFLOAT16).tolist()
    assert rough == pytest.approx(expected, rel=0.02)
    assert rough != expected


def test_fast_scores_leave_the_classifier_as_it_was(classifier, images):
    names, modules = list(classifier.state_dict()), len(list(classifier.modules()))
    classifier.score_fast(images)
    assert list(classifier.state_dict()) == names
    assert len(list(classifier.modules())) == modules


CLIPS = [rebuilding_network, predicting_network]


@pytest.mark.parametrize("leading", [(), (5,), (2, 3), (1, 2, 2)], ids=str)
def test_images_keep_their_leading_dimensions(leading):
    detector = AnomalyClassifier(picture_network(), CALIBRATION)
    images = torch.rand(*leading, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(3))
    flat = images.reshape(-1, 1, SIDE, SIDE)
    expected = detector(flat)  # (N,)
    for scores in (detector(images), detector.score_fast(images), detector.predict(images).scores):
        assert scores.shape == leading
        torch.testing.assert_close(scores.flatten(), expected, rtol=1e-5, atol=0)
    assert torch.equal(detector.reconstruct(images).reshape(flat.shape), detector.reconstruct(flat))
    assert detector.error_map(images).shape == (*leading, SIDE, SIDE)
    torch.testing.assert_close(detector.shares(images).sum(dim=(-3, -2, -1)), detector(images))
    assert detector.classify(images).shape == (*leading, 2)


@pytest.mark.parametrize("build", CLIPS)
def test_each_frame_of_a_window_has_the_score_that_it_has_in_a_clip(build):
    detector, pixels = AnomalyClassifier(build(), CALIBRATION), random_pixels(16)
    windows = (pixels / 255).reshape(2, 8, 1, SIDE, SIDE)
    expected = torch.tensor(
        [
            [frame.score for frame in detector.score_frames(frames_of(part, range(8)))]
            for part in pixels.split(8)
        ]
    )
    prediction = detector.predict(windows)
    for scores in (detector(windows), detector.score_fast(windows), prediction.scores):
        torch.testing.assert_close(scores, expected)
    torch.testing.assert_close(detector(windows[1]), expected[1])
    assert prediction.error_maps.shape == (2, 8, SIDE, SIDE)
    torch.testing.assert_close(detector.shares(windows).sum(dim=(-3, -2, -1)), expected)


def test_a_window_is_scored_by_a_network_of_images_frame_by_frame():
    detector, pixels = AnomalyClassifier(picture_network(), CALIBRATION), random_pixels(8)
    expected = [frame.score for frame in detector.score_frames(frames_of(pixels, range(8)))]
    assert detector((pixels / 255)[None])[0].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(1, SIDE, SIDE), (8, 1, SIDE, SIDE + 1), (3, 7, 1, SIDE, SIDE)])
def test_a_network_of_clips_refuses_what_is_no_window(shape):
    detector = AnomalyClassifier(rebuilding_network(), CALIBRATION)
    told = r"^The model scores clips of 8 frames [^\n]* shape \(N, 8, 1, 12, 12\)\. Got [^\n]*$"
    for method in (detector, detector.predict, detector.score_fast):
        with pytest.raises(InvalidInputError, match=told):
            method(torch.zeros(shape))


def test_what_holds_arrays_is_compared_by_identity(classifier, images):
    references = [References(mean=images[0]), References(mean=images[0])]
    predictions = [classifier.predict(images), classifier.predict(images)]
    for first, second in (references, predictions):
        assert first == first  # noqa: PLR0124
        assert first != second
        assert len({first, second, first}) == 2
