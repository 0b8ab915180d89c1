"""A case is judged once, and belongs to the model and the photograph it was asked for."""

from dataclasses import replace

import pytest
import torch

from xai_ad.explain import Residual
from xai_ad.render import encode_png, to_picture
from xai_ad.ui.cases import ask, explain, explainers, open_case
from xai_ad.ui.jobs import Jobs, JobState
from xai_ad.ui.models import open_model, with_normal
from xai_ad.ui.photos import make_photo


def photograph(seed, name="part"):
    image = torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(seed))
    return make_photo(name, encode_png(to_picture(image)))


@pytest.fixture
def model(stored_model):
    return open_model(stored_model)


def test_the_same_bytes_under_another_name_are_another_case_with_the_same_verdict(model):
    one, two = open_case(model, photograph(0, "one")), open_case(model, photograph(0, "two"))
    assert (one.photo.name, two.photo.name) == ("one", "two")
    assert one.prediction is two.prediction


def test_the_same_weights_under_another_card_keep_their_own_words(stored_model, model):
    renamed = open_model(replace(stored_model, card=replace(stored_model.card, id="renamed")))
    assert renamed.fingerprint == model.fingerprint
    open_case(model, photograph(1))
    assert open_case(renamed, photograph(1)).model.card.id == "renamed"
    assert open_case(model, photograph(1)).model.card.id == "widget-bcae1"


def test_a_model_is_loaded_once(stored_model, model):
    assert open_model(stored_model).classifier is model.classifier


def test_a_normal_photograph_makes_another_model_of_the_same_verdict(model):
    changed = with_normal(model, photograph(2))
    assert changed.fingerprint != model.fingerprint
    assert changed.has_normals
    assert not model.has_normals
    assert open_case(changed, photograph(3)).score == open_case(model, photograph(3)).score
    assert with_normal(model, photograph(2)).classifier is changed.classifier


def test_an_explanation_is_computed_once_and_then_remembered(model):
    case = open_case(model, photograph(4))
    timed = explain(case, Residual())
    jobs = Jobs()
    assert ask(case, Residual(), jobs=jobs, owner="anna").result is timed
    jobs.close()


def test_quick_explainers_need_no_job_and_the_others_get_one(model):
    case = open_case(model, photograph(5))
    jobs = Jobs(workers=0)
    states = {e.id: ask(case, e, jobs=jobs, owner="anna").state for e in explainers().values()}
    jobs.close()
    assert {method for method, state in states.items() if state is JobState.DONE} == {"residual", "lrp"}
    assert set(states.values()) == {JobState.DONE, JobState.WAITING}


def test_a_full_queue_is_told_in_the_panel(model):
    case = open_case(model, photograph(6))
    jobs = Jobs(workers=0, waiting=0)
    outcome = ask(case, explainers()["lime"], jobs=jobs, owner="anna")
    jobs.close()
    assert outcome.state is JobState.FAILED
    assert "already waiting" in outcome.message
