"""A picture that is a stranger to one dataset's model is offered to the dataset whose pictures it is like."""

from dataclasses import replace

import pytest

from tests.app.conftest import picture
from xai_ad.detector.familiarity import Likeness
from xai_ad.inspection import other_datasets as module
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.other_datasets import find_other_model
from xai_ad.inspection.results import BoundedCache
from xai_ad.store import StoredModel

IMAGE = make_image_file("a.png", picture())


class Knows:
    """A familiarity that finds every picture equally like its own."""

    def __init__(self, p_value):
        self.p_value = p_value

    def judge(self, image, source_size=None):
        """Return the same of every image."""
        return Likeness(p_value=self.p_value, is_stranger=self.p_value < 0.02, cause=None, distance=1.0)


@pytest.fixture
def models(stored_model, monkeypatch):
    """One model of each dataset, whose pictures the image is like by the given shares; None: it cannot tell."""

    def make(**shares):
        monkeypatch.setattr(module, "_FOUND", BoundedCache(4))
        monkeypatch.setattr(
            module,
            "load_familiarity",
            lambda stored: None if (share := shares[stored.card.dataset]) is None else Knows(share),
        )
        return [
            StoredModel(path=stored_model.path, card=replace(stored_model.card, id=f"{name}-1", dataset=name))
            for name in shares
        ]

    return make


def test_the_dataset_it_is_most_like_is_found(models):
    washer, *others = models(washer=0.9, bottle=0.1, lesion=0.5, ped2=None)
    assert find_other_model(IMAGE, washer, [washer, *others]).card.dataset == "lesion"


def test_where_no_dataset_knows_it_none_is_offered(models):
    washer, *others = models(washer=0.9, bottle=0.001, ped2=None)
    assert find_other_model(IMAGE, washer, [washer, *others]) is None


def test_a_file_that_no_model_can_read_is_like_nothing(models):
    washer, bottle = models(washer=0.9, bottle=0.9)
    assert find_other_model(make_image_file("a.png", b"no"), washer, [washer, bottle]) is None
