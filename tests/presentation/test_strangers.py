"""A picture that is not like the training pictures is told why, and what to do."""

import pytest
import torch

from xai_ad.data.specs import dataset_spec
from xai_ad.detector.familiarity import Cause, Likeness
from xai_ad.presentation.strangers import advice, rank

GREY = torch.full((3, 4, 4), 0.5)
BOTTLE = dataset_spec("bottle")


def stranger(cause=Cause.OBJECT, p_value=0.01):
    return Likeness(p_value=p_value, is_stranger=True, cause=cause, distance=2.0)


@pytest.mark.parametrize(
    ("others_at_least_as_unlike", "told"), [(0, "every one of the 188"), (8, "180 of the 188")]
)
def test_the_rank_counts_the_training_pictures_that_are_more_like_the_others(others_at_least_as_unlike, told):
    assert told in rank(stranger(p_value=(1 + others_at_least_as_unlike) / 189), 188)


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_its_words_and_a_remedy(cause):
    why, remedy = advice(stranger(cause), BOTTLE, GREY, GREY)
    assert why.startswith("Probably the" if cause is not Cause.OBJECT else "Probably another object")
    assert "{" not in why + remedy


@pytest.mark.parametrize(("shift", "told"), [(-0.2, "darker"), (0.2, "brighter"), (0.0, "contrast")])
def test_light_is_said_to_be_off_to_the_side_it_is_off_to(shift, told):
    assert told in advice(stranger(Cause.LIGHT), BOTTLE, GREY + shift, GREY)[0]


def test_without_a_mean_training_picture_no_side_is_named():
    assert "contrast" in advice(stranger(Cause.LIGHT), BOTTLE, GREY, None)[0]


def test_another_object_asks_for_the_dataset():
    assert "MVTec bottle" in advice(stranger(Cause.OBJECT), BOTTLE, GREY, GREY)[1]
