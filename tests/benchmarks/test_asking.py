"""What is asked about a sample: its picture, or its frame in the window in which a clip is scored."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.clip_networks import SIDE, picture_network, predicting_network, random_pixels, rebuilding_network
from xai_ad.benchmarks.asking import asked_about
from xai_ad.benchmarks.maps import Own, Picture
from xai_ad.benchmarks.measuring import figures_of
from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import Sample
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.detector.streams import as_frames
from xai_ad.errors import InvalidInputError
from xai_ad.explain import Consensus, Lrp, Residual
from xai_ad.explain.base import raw_score

PREPROCESSING = Preprocessing(size=SIDE, channels=1, frames=8)
PIXELS = random_pixels(19)


def detector_of(network):
    calibration = Calibration(threshold=1e-6, score_max=1.0, map_scale=1.0)
    return AnomalyClassifier(network, calibration, References(mean=to_float(PIXELS).mean(dim=0)))


@pytest.fixture
def clip(tmp_path):
    """Two clips of frames, the first of 19, in no order."""
    samples = []
    for group, count in (("one", 19), ("two", 8)):
        for number in range(count):
            path = tmp_path / group / f"{number:03d}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(PIXELS[number, 0].numpy()).save(path)
            samples.append(
                Sample(
                    path=path, label=1, kind="x", subset="test", sha256=path.name, group=group, number=number
                )
            )
    return samples[::-1]


@pytest.mark.parametrize("network", [rebuilding_network, predicting_network])
@pytest.mark.parametrize("number", [0, 5, 9, 18])
def test_a_frame_is_asked_about_in_the_window_in_which_it_is_scored(clip, network, number):
    detector = detector_of(network())
    scores = [each.score for each in detector.score_frames(as_frames(PIXELS))]
    sample = next(each for each in clip if (each.group, each.number) == ("one", number))
    asked = asked_about(detector, sample, clip, PREPROCESSING)
    assert asked.image.shape == (8, 1, SIDE, SIDE)
    assert raw_score(asked.classifier, asked.image) == pytest.approx(scores[number], rel=1e-5)


def test_of_a_network_of_pictures_the_picture_is_asked_about(clip):
    detector = detector_of(picture_network())
    asked = asked_about(detector, clip[0], clip, Preprocessing(size=SIDE, channels=1))
    assert asked.classifier is detector
    assert torch.equal(asked.image, to_float(PIXELS)[clip[0].number])


def test_a_picture_is_none_of_a_clips_frames():
    picture = Sample(path=Path("part.png"), label=1, kind="x", subset="test", sha256="0")
    with pytest.raises(InvalidInputError, match=r"part\.png is a picture"):
        asked_about(detector_of(rebuilding_network()), picture, [picture], PREPROCESSING)


def test_where_a_map_of_a_window_points_is_read_off_the_frame_that_is_asked_about(
    clip, tmp_path, monkeypatch
):
    monkeypatch.setenv("XAI_AD_HOME", str(tmp_path))
    asked = asked_about(detector_of(rebuilding_network()), clip[0], clip, PREPROCESSING)
    picture = Picture(*asked, name="a frame", seed=0)
    values = Residual().explain(*asked).relevance
    frame = asked.classifier.frame
    assert values[frame].any()
    mask = values[frame] >= np.quantile(values[frame], 0.95)
    for explainer in (Residual(), Lrp(), Consensus(members=(Residual(), Lrp()))):
        found = figures_of(picture, Own.of(explainer), mask, repeated=True, randomised=True)
        assert found.keys() >= {"localisation", "hits", "faithfulness", "noise", "randomised"}
        if explainer == Residual():
            assert (found["localisation"], found["hits"], found["pointing"]) == (1.0, 1.0, 1.0)
    assert not values[[place for place in range(8) if place != frame]].any()
