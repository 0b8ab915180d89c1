"""Jobs run one at a time, are shared between owners, and stop only when the last owner lets go."""

import threading

import pytest

from xai_ad.errors import BusyError, ImageError
from xai_ad.inspection.jobs import Jobs, JobState

PATIENCE = 10.0


class Gate:
    """Work that reports 0.25, says that it has begun, and goes on when it is let through."""

    def __init__(self, result="result"):
        self.begun = threading.Event()
        self.open = threading.Event()
        self.ended = threading.Event()
        self.result = result
        self.runs = 0

    def __call__(self, progress):
        """Do the work."""
        self.runs += 1
        progress(0.25)
        self.begun.set()
        assert self.open.wait(PATIENCE)
        try:
            progress(0.75)
        finally:
            self.ended.set()
        return self.result


@pytest.fixture
def jobs():
    registry = Jobs(workers=1, waiting=3, kept=4)
    yield registry
    registry.close()


def settle(jobs):
    """Run one more job to its end: with one worker, everything before it is over then."""
    done = threading.Event()
    jobs.submit(object(), lambda progress: done.set(), owner="settle")
    assert done.wait(PATIENCE)


def test_a_job_runs_and_keeps_its_result(jobs):
    gate = Gate()
    assert jobs.submit("a", gate, owner="anna").state is JobState.WAITING
    assert gate.begun.wait(PATIENCE)
    running = jobs.status("a")
    assert (running.state, running.fraction, running.result) == (JobState.RUNNING, 0.25, None)
    gate.open.set()
    settle(jobs)
    done = jobs.status("a")
    assert (done.state, done.fraction, done.result) == (JobState.DONE, 1.0, "result")


def test_asking_again_does_not_work_again(jobs):
    gate = Gate()
    gate.open.set()
    for _ in range(3):
        jobs.submit("a", gate, owner="anna")
    settle(jobs)
    assert jobs.submit("a", gate, owner="anna").result == "result"
    assert gate.runs == 1


def test_only_one_job_runs_at_a_time(jobs):
    first, second = Gate(), Gate()
    jobs.submit("first", first, owner="anna")
    jobs.submit("second", second, owner="anna")
    assert first.begun.wait(PATIENCE)
    assert jobs.status("second").state is JobState.WAITING
    assert not second.begun.is_set()
    first.open.set()
    assert second.begun.wait(PATIENCE)
    assert jobs.status("first").state is JobState.DONE
    second.open.set()


def test_two_workers_run_two_jobs_side_by_side():
    jobs = Jobs(workers=2)
    meet = threading.Barrier(2, timeout=PATIENCE)
    met = threading.Semaphore(0)

    def work(progress):
        meet.wait()
        met.release()

    jobs.submit("a", work, owner="anna")
    jobs.submit("b", work, owner="anna")
    assert met.acquire(timeout=PATIENCE)
    assert met.acquire(timeout=PATIENCE)
    jobs.close()


def test_a_running_job_stops_at_its_next_report(jobs):
    gate = Gate()
    jobs.submit("a", gate, owner="anna")
    assert gate.begun.wait(PATIENCE)
    jobs.stop("a", owner="anna")
    gate.open.set()
    settle(jobs)
    stopped = jobs.status("a")
    assert (stopped.state, stopped.result, stopped.error) == (JobState.STOPPED, None, None)


def test_a_waiting_job_stops_at_once_and_never_runs(jobs):
    first, second = Gate(), Gate()
    jobs.submit("first", first, owner="anna")
    assert first.begun.wait(PATIENCE)
    jobs.submit("second", second, owner="anna")
    jobs.stop("second", owner="anna")
    assert jobs.status("second").state is JobState.STOPPED
    first.open.set()
    settle(jobs)
    assert second.runs == 0


def test_one_owners_stop_does_not_stop_the_others_work(jobs):
    gate = Gate()
    jobs.submit("a", gate, owner="anna")
    assert gate.begun.wait(PATIENCE)
    jobs.submit("a", gate, owner="ben")
    jobs.stop("a", owner="anna")
    jobs.stop("a", owner="anna")
    gate.open.set()
    settle(jobs)
    assert jobs.status("a").state is JobState.DONE


def test_a_stranger_cannot_stop_a_job(jobs):
    gate = Gate()
    jobs.submit("a", gate, owner="anna")
    assert gate.begun.wait(PATIENCE)
    jobs.stop("a", owner="mallory")
    jobs.stop("no such job", owner="mallory")
    gate.open.set()
    settle(jobs)
    assert jobs.status("a").state is JobState.DONE


def test_a_stopped_job_can_be_started_again_even_while_it_is_still_stopping(jobs):
    gate, again = Gate("old"), Gate("new")
    again.open.set()
    jobs.submit("a", gate, owner="anna")
    assert gate.begun.wait(PATIENCE)
    jobs.stop("a", owner="anna")
    assert jobs.submit("a", again, owner="anna").state is JobState.WAITING
    gate.open.set()
    settle(jobs)
    assert (jobs.status("a").state, jobs.status("a").result) == (JobState.DONE, "new")


def test_release_lets_go_of_everything_but_what_is_kept(jobs):
    gates = {key: Gate() for key in "abc"}
    for key, gate in gates.items():
        jobs.submit(key, gate, owner="anna")
    assert gates["a"].begun.wait(PATIENCE)
    jobs.submit("c", gates["c"], owner="ben")
    jobs.release("anna", keep={"a"})
    assert jobs.status("b").state is JobState.STOPPED
    assert jobs.status("c").state is JobState.WAITING
    for gate in gates.values():
        gate.open.set()
    settle(jobs)
    assert jobs.status("a").state is JobState.DONE
    assert jobs.status("c").state is JobState.DONE
    assert gates["b"].runs == 0


def test_an_expected_error_is_kept_in_its_own_words(jobs):
    def work(progress):
        raise ImageError("The picture is 3 pixels wide.")

    jobs.submit("a", work, owner="anna")
    settle(jobs)
    assert jobs.status("a").state is JobState.FAILED
    assert jobs.status("a").error == "The picture is 3 pixels wide."


def test_an_unexpected_error_hides_its_words_and_leaves_the_worker_alive(jobs, caplog):
    def work(progress):
        raise ZeroDivisionError("secret")

    jobs.submit("a", work, owner="anna")
    settle(jobs)
    assert jobs.status("a").state is JobState.FAILED
    assert "secret" not in jobs.status("a").error
    assert "secret" in caplog.text


def test_a_failed_job_is_tried_again_only_after_it_was_forgotten(jobs):
    calls = []

    def work(progress):
        calls.append(1)
        raise ImageError("no")

    for _ in range(2):
        jobs.submit("a", work, owner="anna")
        settle(jobs)
    assert len(calls) == 1
    jobs.forget("a")
    jobs.submit("a", work, owner="anna")
    settle(jobs)
    assert len(calls) == 2


def test_forgetting_leaves_unfinished_work_alone(jobs):
    gate = Gate()
    jobs.submit("a", gate, owner="anna")
    jobs.forget("a")
    jobs.forget("no such job")
    gate.open.set()
    settle(jobs)
    assert jobs.status("a").state is JobState.DONE


def test_a_full_queue_refuses_more_work(jobs):
    gate = Gate()
    jobs.submit("running", gate, owner="anna")
    assert gate.begun.wait(PATIENCE)
    for number in range(3):
        jobs.submit(number, gate, owner="anna")
    with pytest.raises(BusyError, match="3 explanations are already waiting"):
        jobs.submit("one too many", gate, owner="anna")
    gate.open.set()


def test_the_registry_remembers_only_the_latest_finished_jobs(jobs):
    for number in range(10):
        jobs.submit(number, lambda progress: None, owner="anna")
        settle(jobs)
    assert jobs.status(0) is None
    assert sum(jobs.status(number) is not None for number in range(10)) <= 4


def test_progress_never_falls_and_stays_within_one(jobs):
    seen = []

    def work(progress):
        for fraction in (0.5, 0.2, 7.0):
            progress(fraction)
            seen.append(jobs.status("a").fraction)

    jobs.submit("a", work, owner="anna")
    settle(jobs)
    assert seen == [0.5, 0.5, 1.0]


def test_closing_ends_running_and_waiting_work():
    jobs = Jobs(workers=1)
    gate, never = Gate(), Gate()
    jobs.submit("a", gate, owner="anna")
    assert gate.begun.wait(PATIENCE)
    jobs.submit("b", never, owner="anna")
    threading.Timer(0.05, gate.open.set).start()
    jobs.close()
    assert jobs.status("a").state is JobState.STOPPED
    assert jobs.status("b").state is JobState.STOPPED
    assert never.runs == 0
    with pytest.raises(BusyError):
        jobs.submit("c", gate, owner="anna")


def test_many_sessions_asking_at_once_share_one_run():
    jobs = Jobs(workers=2, waiting=1000)
    runs = {key: [] for key in range(20)}
    start = threading.Barrier(8, timeout=PATIENCE)

    def ask(owner):
        start.wait()
        for key, calls in runs.items():
            jobs.submit(key, lambda progress, calls=calls: calls.append(1), owner=owner)

    threads = [threading.Thread(target=ask, args=(f"session {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while any((status := jobs.status(key)) and status.state.active for key in runs):
        threading.Event().wait(0.005)
    jobs.close()
    assert all(len(calls) == 1 for calls in runs.values())


def test_an_owner_who_stays_away_loses_the_job():
    now = [0.0]
    jobs = Jobs(lease=30, clock=lambda: now[0])
    slow = Gate()
    jobs.submit("slow", slow, owner="closed tab")
    jobs.submit("next", Gate(), owner="closed tab")
    assert slow.begun.wait(PATIENCE)
    now[0] = 31.0
    slow.open.set()
    settle(jobs)
    assert jobs.status("slow").state is JobState.STOPPED
    assert jobs.status("next").state is JobState.STOPPED
    jobs.close()


def test_asking_again_renews_the_lease_and_a_lasting_owner_needs_none():
    now = [0.0]
    jobs = Jobs(lease=30, clock=lambda: now[0])
    blocking, waiting = Gate(), Gate()
    waiting.open.set()
    jobs.submit("blocking", blocking, owner="server", lasting=True)
    assert blocking.begun.wait(PATIENCE)
    for now[0] in (20.0, 40.0, 60.0):
        assert jobs.submit("waiting", waiting, owner="tab").state is JobState.WAITING
    blocking.open.set()
    settle(jobs)
    assert jobs.status("blocking").state is JobState.DONE
    assert jobs.status("waiting").state is JobState.DONE
    jobs.close()
