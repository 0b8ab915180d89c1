"""A verdict is asked of an engine as any other work: it is judged once, and its file may go by another name."""

from dataclasses import replace

import pytest

from tests.inspection.test_cases import photograph
from xai_ad.data.fitting import Fit
from xai_ad.errors import ImageError
from xai_ad.inspection import opening as module
from xai_ad.inspection.cases import open_case, perform
from xai_ad.inspection.engines.base import JobState, Lane
from xai_ad.inspection.engines.mock import MockEngine
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.models import open_model
from xai_ad.inspection.opening import ask_opening, opened, opening
from xai_ad.inspection.results import BoundedCache


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch):
    """Forgets what other tests opened."""
    monkeypatch.setattr(module, "_OPENED", BoundedCache(8))


def test_a_verdict_is_the_case_that_opening_it_at_once_gives(stored_model):
    engine = MockEngine(perform)
    question = opening(stored_model, photograph(0))
    assert ask_opening(question, engine=engine, owner="anna").state is JobState.WAITING
    assert opened(question) is None
    answer = engine.run_next(Lane.VERDICTS).result
    assert answer.score == open_case(open_model(stored_model), photograph(0)).score
    assert ask_opening(question, engine=engine, owner="anna").result.prediction is answer.prediction


def test_equal_bytes_are_one_question_under_any_name_and_each_gets_its_own(stored_model):
    one, two = (opening(stored_model, photograph(1, name)) for name in ("one", "two"))
    assert one == two
    one.answer(lambda _: None)
    assert opened(one).image_file.name == "one"
    assert opened(two).image_file.name == "two"


def test_what_is_judged_of_a_picture_and_with_which_normal_one_is_part_of_the_question(stored_model):
    first = opening(stored_model, photograph(2))
    others = [
        opening(stored_model, photograph(3)),
        opening(stored_model, photograph(2), Fit.STRETCH),
        opening(stored_model, photograph(2), normal=photograph(4)),
        opening(stored_model, photograph(2), normal=photograph(4), insists=True),
        replace(first, model=replace(first.model, calibration="another")),
    ]
    assert len({first, *others}) == 6


def test_a_normal_photograph_that_fails_is_used_only_by_who_insists(stored_model, monkeypatch):
    monkeypatch.setattr("xai_ad.detector.calibration.Calibration.is_anomalous", lambda *_: True)
    normal = photograph(6)
    cases = [
        opening(stored_model, photograph(5), normal=normal, insists=insists).answer(lambda _: None)
        for insists in (False, True)
    ]
    assert [case.model.normal for case in cases] == [None, normal.source]


def test_a_picture_that_cannot_be_read_fails_in_one_line(stored_model):
    engine = MockEngine(perform)
    question = opening(stored_model, make_image_file("broken.png", b"no picture"))
    ask_opening(question, engine=engine, owner="anna")
    failed = engine.run_next()
    assert failed.state is JobState.FAILED
    assert "broken.png" in failed.error
    with pytest.raises(ImageError):
        question.answer(lambda _: None)
