"""What is said of a model is counted on evaluated images, class by class, in its subject's words."""

from dataclasses import replace

import numpy as np
import pytest

from xai_ad.data.specs import Subject
from xai_ad.metrics.detection import auc_roc
from xai_ad.metrics.intervals import auc_roc_interval
from xai_ad.presentation.about import NORMAL, UNKNOWN, about
from xai_ad.store import JudgedImage

SCORES = {"nv": [0.1, 0.4, 0.9, 1.2], "mel": [0.8, 1.5, 2.0], "bkl": [0.2, 1.0]}


def images():
    return [
        JudgedImage(score=score, label=int(kind != "nv"), kind=kind, sha256="0")
        for kind, scores in SCORES.items()
        for score in scores
    ]


@pytest.fixture
def card(stored_model):
    return replace(stored_model.card, dataset="ham10000", subject=Subject.LESION)


def test_each_class_is_measured_against_all_normal_images(card):
    found = about(card, 1.0, images()).classes
    assert [(one.name, one.images, one.missed) for one in found] == [
        ("all other lesions", 5, 3),
        ("benign keratoses", 2, 2),
        ("melanomas", 3, 1),
    ]
    scores, labels = np.array(SCORES["nv"] + SCORES["mel"]), np.array([0] * 4 + [1] * 3)
    assert found[2].auc_roc == pytest.approx(auc_roc(scores, labels))
    assert (found[2].low, found[2].high) == pytest.approx(auc_roc_interval(scores, labels))


def test_one_class_is_not_told_twice(card):
    found = about(card, 1.0, [image for image in images() if image.kind != "bkl"])
    assert [one.name for one in found.classes] == ["all other lesions"]


def test_of_lesions_naevi_are_typical_and_it_is_no_diagnosis(card):
    found = about(card, 1.0, images())
    assert found.normal == NORMAL[Subject.LESION]
    assert "Naevi alone count as typical" in found.normal
    assert found.disclaimer == "A reconstruction error, not a diagnosis."
    assert found.against.startswith("Measured against 4 naevi that set no limit.")
    assert found.rates.startswith("At this limit it misses 1 of 3 melanomas")


def test_frames_are_counted_with_their_clips(card):
    scene = replace(card, subject=Subject.SCENE, dataset="ped2")
    frames = [replace(image, kind="anomalous" if image.label else "normal") for image in images() * 4]
    clips = [f"clip {at % 3}" for at in range(len(frames))]
    found = about(scene, 1.0, frames, clips)
    assert "16 normal frames in 3 clips" in found.against
    scores, labels = np.array([one.score for one in frames]), np.array([one.label for one in frames])
    (every,) = found.classes
    assert (every.low, every.high) == pytest.approx(auc_roc_interval(scores, labels, clips))
    assert (every.low, every.high) != pytest.approx(auc_roc_interval(scores, labels))


def test_what_it_learned_from(card):
    split = replace(card.split, counts={"train": 4500, "validation": 500})
    assert about(replace(card, split=split), 1.0, []).trained == (
        'It learned from 4,500 pictures of naevi in the set "HAM10000 skin lesions"; 500 more told when to stop. '
        "It has seen nothing else."
    )
    assert "told when to stop" not in about(card, 1.0, []).trained


@pytest.mark.parametrize("label", [None, 0, 1])
def test_without_both_kinds_nothing_is_measured(card, label):
    found = about(card, 1.0, [image for image in images() if image.label == label])
    assert (found.against, found.classes, found.rates) == (UNKNOWN, (), "")
