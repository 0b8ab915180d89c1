"""Every engine runs one job of a lane at a time, shares it between owners, and stops it when the last lets go."""

import pytest

from tests.inspection.engines.conftest import ENGINES, running, until
from xai_ad.errors import BusyError
from xai_ad.inspection.engines.base import JobState, Lane
from xai_ad.inspection.engines.queued import Terms

EXPLANATIONS = Lane.EXPLANATIONS


def submit(engine, task, owner="anna", lane=EXPLANATIONS):
    return engine.submit(task, owner=owner, lane=lane)


def ended(engine, task):
    """Wait for a job's end and return how it came to it."""
    until(lambda: not engine.status(task).state.active)
    return engine.status(task)


def test_a_job_runs_and_keeps_its_result(engine, task):
    one = task("a")
    assert engine.status(one) is None
    assert submit(engine, one).state in {JobState.WAITING, JobState.RUNNING}
    one.await_begin()
    until(lambda: engine.status(one).fraction == 0.25)
    running = engine.status(one)
    assert (running.state, running.result) == (JobState.RUNNING, None)
    one.open()
    done = ended(engine, one)
    assert (done.state, done.fraction, done.error) == (JobState.DONE, 1.0, None)
    assert done.result.startswith("a in ")


def test_asking_again_does_not_work_again(engine, task):
    one = task("a", "plain")
    for _ in range(3):
        submit(engine, one)
    result = ended(engine, one).result
    assert submit(engine, one).result == result
    assert one.runs == 1


def test_only_one_job_of_a_lane_runs_at_a_time(engine, task):
    first, second = task("first"), task("second")
    submit(engine, first)
    submit(engine, second)
    first.await_begin()
    assert engine.status(second).state is JobState.WAITING
    assert second.runs == 0
    first.open()
    second.await_begin()
    assert engine.status(first).state is JobState.DONE


def test_lanes_do_not_block_one_another(engine, task):
    training, waiting = task("training"), task("next training", "plain")
    submit(engine, training, lane=Lane.TRAININGS)
    submit(engine, waiting, lane=Lane.TRAININGS)
    training.await_begin()
    for lane in set(Lane) - {Lane.TRAININGS}:
        other = task(f"one of {lane}", "plain")
        submit(engine, other, lane=lane)
        assert ended(engine, other).state is JobState.DONE
    assert engine.status(training).state is JobState.RUNNING
    assert engine.status(waiting).state is JobState.WAITING


def test_a_running_job_stops_at_its_next_report(engine, task):
    one = task("a")
    submit(engine, one)
    one.await_begin()
    assert not engine.status(one).stopping
    engine.stop(one, owner="anna")
    assert (engine.status(one).state, engine.status(one).stopping) == (JobState.RUNNING, True)
    one.open()
    stopped = ended(engine, one)
    assert (stopped.state, stopped.result, stopped.error) == (JobState.STOPPED, None, None)
    assert not stopped.stopping


def test_a_waiting_job_stops_at_once_and_never_runs(engine, task):
    first, second, last = task("first"), task("second"), task("last", "plain")
    submit(engine, first)
    first.await_begin()
    submit(engine, second)
    engine.stop(second, owner="anna")
    assert engine.status(second).state is JobState.STOPPED
    submit(engine, last)
    first.open()
    ended(engine, last)
    assert second.runs == 0


def test_nobody_stops_what_another_still_wants(engine, task):
    one = task("a")
    submit(engine, one)
    submit(engine, one, owner="ben")
    one.await_begin()
    engine.stop(one, owner="anna")
    engine.stop(one, owner="anna")
    engine.stop(one, owner="mallory")
    engine.stop(task("no such job"), owner="mallory")
    one.open()
    assert ended(engine, one).state is JobState.DONE
    assert one.runs == 1


def test_a_stopped_job_can_be_started_again_even_while_it_is_still_stopping(engine, task):
    one = task("a")
    submit(engine, one)
    one.await_begin()
    engine.stop(one, owner="anna")
    assert submit(engine, one).state is JobState.WAITING
    one.open()
    assert ended(engine, one).state is JobState.DONE
    assert one.runs == 2


def test_release_lets_go_of_everything_but_what_is_kept(engine, task):
    kept, dropped, shared = task("kept"), task("dropped"), task("shared")
    for one in (kept, dropped, shared):
        submit(engine, one)
    kept.await_begin()
    submit(engine, shared, owner="ben")
    engine.release("anna", keep={kept})
    assert engine.status(dropped).state is JobState.STOPPED
    assert engine.status(shared).state is JobState.WAITING
    kept.open()
    shared.open()
    assert ended(engine, kept).state is ended(engine, shared).state is JobState.DONE
    assert dropped.runs == 0


def test_an_expected_error_is_kept_in_its_own_words(engine, task):
    one = task("a", "refuse")
    submit(engine, one)
    failed = ended(engine, one)
    assert (failed.state, failed.error) == (JobState.FAILED, "The picture is 3 pixels wide.")


def test_an_unexpected_error_hides_its_words_and_the_lane_goes_on(engine, task, caplog):
    one, after = task("a", "break"), task("after", "plain")
    submit(engine, one)
    failed = ended(engine, one)
    assert failed.state is JobState.FAILED
    assert "secret" not in failed.error
    assert "\n" not in failed.error
    assert "ZeroDivisionError: secret" in caplog.text
    submit(engine, after)
    assert ended(engine, after).state is JobState.DONE


def test_a_failed_job_is_tried_again_only_after_it_was_forgotten(engine, task):
    one = task("a", "refuse")
    submit(engine, one)
    ended(engine, one)
    assert submit(engine, one).state is JobState.FAILED
    assert one.runs == 1
    engine.forget(one)
    submit(engine, one)
    ended(engine, one)
    assert one.runs == 2


def test_forgetting_leaves_unfinished_work_alone(engine, task):
    one = task("a")
    submit(engine, one)
    engine.forget(one)
    engine.forget(task("no such job"))
    one.open()
    assert ended(engine, one).state is JobState.DONE


def test_a_full_queue_refuses_more_work_of_its_lane_only(engine, task):
    one = task("running")
    submit(engine, one)
    one.await_begin()
    for number in range(3):
        submit(engine, task(str(number)))
    with pytest.raises(BusyError, match="3 explanations are already waiting"):
        submit(engine, task("one too many"))
    submit(engine, task("a training"), lane=Lane.TRAININGS)
    engine.release("anna")


def test_progress_never_falls_and_stays_within_one(engine, task):
    one = task("a", "reports")
    submit(engine, one)
    seen = [0.0]
    while engine.status(one).state.active:
        seen.append(engine.status(one).fraction)
    assert ended(engine, one).state is JobState.DONE
    assert (seen == sorted(seen), engine.status(one).fraction) == (True, 1.0)


@pytest.mark.parametrize("kind", ENGINES)
def test_closing_ends_running_and_waiting_work(kind, task):
    one, never = task("a"), task("never")
    with running(kind) as engine:
        submit(engine, one)
        submit(engine, never)
        one.await_begin()
        one.open()
    assert engine.status(one).state in {JobState.STOPPED, JobState.DONE}
    assert engine.status(never).state is JobState.STOPPED or never.runs == 1
    with pytest.raises(BusyError):
        submit(engine, task("too late"))


@pytest.mark.parametrize("kind", ENGINES)
def test_an_owner_who_stays_out_of_sight_loses_the_job(kind, task):
    now = [0.0]
    one, waiting = task("a"), task("waiting")
    with running(kind, terms=Terms(lease=30, clock=lambda: now[0])) as engine:
        submit(engine, one)
        submit(engine, waiting)
        one.await_begin()
        now[0] = 31.0
        one.open()
        assert ended(engine, one).state is JobState.STOPPED
        assert ended(engine, waiting).state is JobState.STOPPED
        assert waiting.runs == 0


@pytest.mark.parametrize("kind", ENGINES)
def test_asking_again_or_being_seen_renews_the_lease(kind, task):
    now, there = [0.0], {"tab"}
    asked, seen = task("asked", "silent"), task("seen")
    terms = Terms(lease=30, clock=lambda: now[0], is_present=lambda owner: owner in there)
    with running(kind, terms=terms) as engine:
        submit(engine, asked, owner="poller")
        submit(engine, seen, owner="tab")
        asked.await_begin()
        for now[0] in (20.0, 40.0, 60.0):
            submit(engine, asked, owner="poller")
        there.clear()  # in sight a moment ago: the lease begins now
        now[0] = 85.0
        asked.open()
        assert ended(engine, asked).state is JobState.DONE
        assert engine.status(seen).state is not JobState.STOPPED
        seen.await_begin()
        now[0] = 120.0
        seen.open()
        assert ended(engine, seen).state is JobState.STOPPED
