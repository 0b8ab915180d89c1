"""The mock does nothing until it is told to."""

from xai_ad.inspection.engines.base import JobState, Lane
from xai_ad.inspection.engines.mock import MockEngine


def test_nothing_runs_until_it_is_told_and_then_one_job_of_the_lane():
    ran = []
    engine = MockEngine(lambda question, progress: ran.append(question))
    for question, lane in (("first", Lane.BATCHES), ("second", Lane.BATCHES), ("other", Lane.TRAININGS)):
        engine.submit(question, owner="anna", lane=lane)
    assert (ran, engine.status("first").state) == ([], JobState.WAITING)
    assert engine.run_next(Lane.BATCHES).state is JobState.DONE
    assert ran == ["first"]
    engine.run_next()
    engine.run_next()
    assert ran == ["first", "other", "second"]
    assert engine.run_next() is None
