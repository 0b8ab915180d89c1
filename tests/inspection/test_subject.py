from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.conftest import write_picture
from tests.data.videos.writing import write_frames, write_video, write_zip
from xai_ad.data.decoding import sha256_of
from xai_ad.data.images import Preprocessing
from xai_ad.data.reading import read_image
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import open_frames
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import ImageError, InvalidInputError
from xai_ad.inspection.subject import content_sha256, open_subject
from xai_ad.networks import build_autoencoder
from xai_ad.store import load


@pytest.fixture
def detector(stored_model):
    return load(stored_model.path)[0]


@pytest.fixture
def card(stored_model):
    return replace(stored_model.card, preprocessing=Preprocessing(size=16, crop=(2, 4, 20, 24)))


def test_an_image_is_itself_with_its_place_in_the_source(card, detector, tmp_path):
    path = write_picture(tmp_path / "part.png", 1)
    subject = open_subject(path, detector, card)
    assert torch.equal(subject.image, read_image(path, card))
    assert (subject.source.path, subject.source.sha256) == (str(path), sha256_of(path))
    assert subject.source.frame is None
    placement = subject.placement
    assert (placement.top, placement.left, placement.height, placement.width) == (2, 4, 20, 24)
    assert subject.seen.size == (24, 20)


@pytest.mark.parametrize("kind", ["folder", "archive", "video"])
def test_a_frame_of_a_clip_is_what_the_stream_of_frames_has(card, detector, tmp_path, kind):
    path = write_frames(tmp_path / "walk", range(1, 9))
    if kind == "archive":
        path = write_zip(tmp_path / "walk.zip", path)
    elif kind == "video":
        path = write_video(tmp_path / "walk.mkv", 8)
    frames = {frame.number: frame.pixels for frame in FrameStream(open_frames(path), card.preprocessing)}
    subject = open_subject(path, detector, card, frame=5)
    assert torch.equal((subject.image * 255).round().to(torch.uint8), frames[5])
    assert not torch.equal(frames[5], frames[4])
    assert (subject.source.frame, subject.placement.frames) == (5, (5,))
    assert subject.source.sha256 == content_sha256(path) == open_frames(path).sha256
    assert np.asarray(subject.seen).shape[:2] == (20, 24)


def test_a_frame_that_is_not_there_is_said_with_those_that_are(card, detector, tmp_path):
    path = write_frames(tmp_path / "walk", range(3, 9))
    with pytest.raises(ImageError, match=r"has no frame 9; its frames' numbers are from 3 to 8"):
        open_subject(path, detector, card, frame=9)


def test_a_clip_needs_a_frame_and_an_image_has_none(card, detector, tmp_path):
    clip = write_frames(tmp_path / "walk", range(1, 4))
    with pytest.raises(InvalidInputError, match="is a clip"):
        open_subject(clip, detector, card)
    with pytest.raises(InvalidInputError, match="has no frames"):
        open_subject(write_picture(tmp_path / "part.png", 1), detector, card, frame=1)


@pytest.mark.parametrize("network", ["cgru", "seq2seq_cgru"])
def test_a_frame_among_those_a_network_sees_with_it(card, calibration, tmp_path, network):
    torch.manual_seed(0)
    card = replace(card, preprocessing=Preprocessing(channels=1, frames=8))
    detector = AnomalyClassifier(build_autoencoder(network, channels=1), calibration)
    path = write_video(tmp_path / "walk.mkv", 11)
    scored = {
        frame.number: frame.score
        for frame in detector.score_frames(FrameStream(open_frames(path), card.preprocessing))
    }
    for number in (2, 7, 11):
        subject = open_subject(path, detector, card, frame=number)
        assert subject.placement.frames[subject.place] == number
        assert detector(subject.image)[subject.place].item() == pytest.approx(scored[number], rel=1e-5)


def test_a_model_that_sees_frames_together_takes_no_image(card, calibration, tmp_path):
    detector = AnomalyClassifier(build_autoencoder("cgru", channels=1), calibration)
    with pytest.raises(InvalidInputError, match="scores clips of 8 frames and no single pictures"):
        open_subject(tmp_path / "absent.png", detector, card)
