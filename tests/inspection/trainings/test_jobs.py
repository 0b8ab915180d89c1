"""The list of trainings, and what can be asked of each."""

import pytest

from tests.holding import held
from xai_ad.errors import InUseError, InvalidInputError, UnknownNameError
from xai_ad.inspection.trainings import jobs, starting
from xai_ad.inspection.trainings.folders import ORDER_FILE, Folder, Result, trainings_home
from xai_ad.inspection.trainings.jobs import (
    TrainingState,
    find_job,
    forget,
    list_jobs,
    pause,
    resume,
    stop,
    submit,
)


def test_an_order_is_kept_as_it_was_given(order, no_runner):
    given = order(left_out=("a" * 64,), limit=jobs.Promise.ONE_IN_20, minutes=3.5, levels=4096)
    job = find_job(submit(given))
    assert job.order == given
    assert (job.state, job.position, job.epochs, job.error) == (TrainingState.WAITING, 1, (), None)
    assert no_runner == [1]


def test_a_name_that_is_taken_is_refused(order, no_runner):
    submit(order(fine_tuning=True))
    for name in ("my-part", "My-Part", "my-part-svdd"):
        with pytest.raises(InvalidInputError, match="has the name 'my-part'"):
            submit(order(name=name))
    with pytest.raises(InvalidInputError, match="There is a model 'washer-bcae1' already"):
        submit(order(name="washer-bcae1"))
    with pytest.raises(InvalidInputError, match="A model's name has"):
        submit(order(name="../escape"))
    with pytest.raises(InvalidInputError, match=r"Got 0\.0"):
        order(minutes=0.0)
    assert len(list_jobs()) == 1


def test_a_job_that_waits_rests_at_once_and_keeps_its_place_for_nobody(order, no_runner):
    first, second = submit(order(name="a")), submit(order(name="b"))
    pause(first)
    assert (find_job(first).state, find_job(first).position) == (TrainingState.PAUSED, None)
    assert find_job(second).position == 1
    resume(first)
    assert (find_job(first).state, find_job(first).position) == (TrainingState.WAITING, 2)
    stop(first)
    assert find_job(first).state is TrainingState.STOPPED
    assert no_runner == [1, 1, 1]


def test_a_job_is_forgotten_but_not_while_it_runs(order, no_runner):
    job_id = submit(order())
    with held(trainings_home() / job_id):
        assert find_job(job_id).state is TrainingState.RUNNING
        with pytest.raises(InUseError, match="or stop it first"):
            forget(job_id)
        pause(job_id)
        assert find_job(job_id).stopping
    assert find_job(job_id).state is TrainingState.PAUSED
    forget(job_id)
    assert list_jobs() == ()
    with pytest.raises(UnknownNameError, match=f"no training '{job_id}'"):
        find_job(job_id)


def test_what_is_done_cannot_be_resumed(order, no_runner):
    job_id = submit(order())
    Folder(trainings_home() / job_id).end(Result(model="my-part"))
    with pytest.raises(InvalidInputError, match="is done: its model is 'my-part'"):
        resume(job_id)
    pause(job_id)
    assert find_job(job_id).state is TrainingState.DONE


def test_what_is_no_job_or_was_cut_short_in_writing_harms_no_list(order, no_runner):
    job_id = submit(order())
    (trainings_home() / "notes").mkdir()
    (trainings_home() / "broken").mkdir()
    (trainings_home() / "broken" / ORDER_FILE).write_text('{"created": 1, "ord')
    folder = Folder(trainings_home() / job_id)
    (folder.path / "epochs.jsonl").write_text('{"epoch": 1, "training_lo')
    assert [job.id for job in list_jobs()] == [job_id]
    assert find_job(job_id).epochs == ()


def test_a_worker_is_asked_for_only_where_something_waits_and_none_works(order, no_runner):
    jobs.ensure_runner()
    assert no_runner == []
    submit(order())
    jobs.ensure_runner()
    assert len(no_runner) == 2
    with held(trainings_home() / jobs.RUNNER):
        jobs.ensure_runner()
    assert len(no_runner) == 2


def test_a_worker_is_a_process_of_its_own_session_that_works_the_queue_off(own_home, monkeypatch):
    begun = []

    class Worker:
        def __init__(self, command, **options):
            begun.append((command[1:], options["start_new_session"]))

        def poll(self):
            return None

        def wait(self):
            return 0

    monkeypatch.setattr(starting.subprocess, "Popen", Worker)
    starting.start_runner()
    starting.start_runner()  # the first is still about to begin
    assert begun == [(["-m", "xai_ad.inspection.trainings.runner"], True)]


def test_the_worker_itself_needs_no_screen():
    import subprocess
    import sys

    program = (
        "import sys, xai_ad.inspection.trainings.runner, xai_ad.inspection.trainings.performing;"
        "print([name for name in sys.modules if name.split('.')[0] == 'streamlit'])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
