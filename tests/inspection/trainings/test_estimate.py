"""What some minutes of training buy, from a few steps."""

import pytest

from xai_ad.inspection.trainings.estimate import Estimate, EstimateQuestion
from xai_ad.inspection.trainings.saying import duration
from xai_ad.inspection.trainings.survey_words import estimate_words
from xai_ad.training import pace
from xai_ad.training.recipe import Loss


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(pace, "STEPS", 2)
    monkeypatch.setattr(pace, "WARM_UP", 1)


@pytest.mark.parametrize(("network", "of_videos"), [("bcae1", False), ("motion_cae", True)])
def test_a_network_is_timed_on_pictures_as_on_clips(network, of_videos):
    done = []
    question = EstimateQuestion(network=network, loss=Loss.MSE, channels=1, of_videos=of_videos, few=True)
    assert question.answer(done.append).images_per_second > 0
    assert done[-1] == 1.0


def test_slow_steps_are_not_all_waited_for(monkeypatch):
    monkeypatch.setattr(pace, "LONGEST", 0.0)
    done = []
    question = EstimateQuestion(network="bcae1", loss=Loss.MSE, channels=1, of_videos=False, few=True)
    question.answer(done.append)
    assert len(done) == 2


def test_how_often_each_picture_is_seen_is_speed_times_time_over_their_number():
    assert Estimate(images_per_second=40.0).times_seen(160, 10) == 150


def test_more_minutes_than_are_worth_while_are_not_sold():
    words = estimate_words(Estimate(images_per_second=400.0), 160, 10, of_videos=False)
    assert "all that is worth while" in words
    assert words.endswith(f"takes {duration(100)}.")
