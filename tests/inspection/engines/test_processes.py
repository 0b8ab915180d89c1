"""A job's own process: it computes elsewhere, and whatever becomes of it, the job ends."""

import os
import sys
import time

import pytest

from tests.inspection.engines.conftest import perform, until
from xai_ad.inspection.engines.base import JobState, Lane
from xai_ad.inspection.engines.processes import ProcessEngine


@pytest.fixture
def make_engine():
    made = []

    def make(work=perform, **options):
        made.append(ProcessEngine(work, **options))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def ended(engine, question):
    engine.submit(question, owner="anna", lane=Lane.TRAININGS)
    until(lambda: not engine.status(question).state.active)
    return engine.status(question)


def threads_of_torch(question, progress):
    """Return how many threads torch computes with."""
    import torch

    return torch.get_num_threads()


def noisy_echo(question, progress):
    """Return the question, and print."""
    sys.stdout.write("this is no message\n")
    return question


def no_pickle(question, progress):
    """Return what cannot be sent."""
    return lambda: None


def test_the_work_is_done_in_another_process(make_engine, task):
    result = ended(make_engine(), task("a", "plain")).result
    assert int(result.rpartition(" ")[2]) != os.getpid()


def test_a_process_that_ends_by_itself_is_a_failed_job_and_the_lane_goes_on(make_engine, task):
    engine = make_engine()
    failed = ended(engine, task("a", "end"))
    assert failed.state is JobState.FAILED
    assert "ended without a result (exit code 3)" in failed.error
    assert "\n" not in failed.error
    assert ended(engine, task("b", "plain")).state is JobState.DONE


def test_work_that_reports_nothing_is_ended_when_it_was_stopped_for_long_enough(make_engine, task):
    engine, silent = make_engine(patience=0.3), task("a", "silent")
    engine.submit(silent, owner="anna", lane=Lane.TRAININGS)
    silent.await_begin()
    started = time.monotonic()
    engine.stop(silent, owner="anna")
    until(lambda: not engine.status(silent).state.active)
    assert engine.status(silent).state is JobState.STOPPED
    assert time.monotonic() - started < 10


def test_a_child_computes_with_the_threads_it_was_given(make_engine):
    assert ended(make_engine(threads_of_torch, torch_threads=1), "one").result == 1
    assert ended(make_engine(threads_of_torch, torch_threads=2), "two").result == 2


def test_an_answer_that_cannot_be_sent_is_a_failed_job(make_engine, caplog):
    assert ended(make_engine(no_pickle), "a").state is JobState.FAILED
    assert "In its own process" in caplog.text


def test_large_questions_and_answers_arrive_whole_and_what_is_printed_is_no_answer(make_engine):
    question = os.urandom(5_000_000)
    assert ended(make_engine(noisy_echo), question).result == question
