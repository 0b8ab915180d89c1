"""A job's worker: what it makes, and what is left where it is stopped or killed in the middle of an epoch."""

import os

import pytest
from PIL import Image

from tests.conftest import write_picture
from tests.inspection.trainings.conftest import kill, wait_until
from xai_ad.detector.scores import Score
from xai_ad.errors import InUseError, WritingError
from xai_ad.inspection.trainings import following, jobs, performing
from xai_ad.inspection.trainings import runner as runner_module
from xai_ad.inspection.trainings.jobs import Promise, TrainingState, find_job, submit
from xai_ad.machine.places import home
from xai_ad.store import find_model, list_models, load_calibration
from xai_ad.training.checkpoint import SafetensorsCheckpointIO


def weights(name):
    return (home() / "models" / name / "weights.safetensors").read_bytes()


def test_a_job_ends_with_a_calibrated_model_among_the_others(order, no_runner):
    job_id = submit(order())
    runner_module.work_off()
    job = find_job(job_id)
    assert (job.state, job.model, job.fraction, job.error) == (TrainingState.DONE, "my-part", 1.0, None)
    assert [report.epoch for report in job.epochs] == [1, 2, 3]
    assert [path.name for path in job.reconstructions] == ["epoch-00001.png"]
    assert "my-part" in {stored.card.id for stored in list_models()}
    assert load_calibration(find_model("my-part")).calibration.threshold > 0
    assert not (home() / "trainings" / job_id / "work").exists()


def test_a_worker_killed_within_an_epoch_leaves_a_true_list_and_the_same_numbers(order, runner, monkeypatch):
    straight = submit(order(name="straight", epochs=12))
    runner_module.work_off()
    killed = submit(order(name="killed", epochs=12))
    child = runner()
    wait_until(lambda: len(find_job(killed).epochs) >= 3)
    assert find_job(killed).state is TrainingState.RUNNING
    kill(child)
    job = find_job(killed)
    assert job.state is TrainingState.INTERRUPTED
    assert 3 <= len(job.epochs) < 12
    assert job.error is None
    assert runner().wait(120) == 0
    job = find_job(killed)
    assert (job.state, job.model) == (TrainingState.DONE, "killed")
    figures = [
        [(report.epoch, report.training_loss, report.validation_loss) for report in find_job(each).epochs]
        for each in (straight, killed)
    ]
    assert figures[0] == figures[1]
    assert weights("straight") == weights("killed")


class Asking:
    """Asks something of a job at a batch of the training."""

    def __init__(self, monkeypatch, batch, ask):
        self.batches = 0
        original = following.Follower._step

        def step(follower, recipe, part):
            self.batches += 1
            if self.batches == batch:
                ask()
            original(follower, recipe, part)

        monkeypatch.setattr(following.Follower, "_step", step)


@pytest.mark.parametrize(
    ("ask", "state"), [(jobs.pause, TrainingState.PAUSED), (jobs.stop, TrainingState.STOPPED)]
)
def test_a_job_rests_within_a_batch_and_goes_on_to_the_same_numbers(
    order, no_runner, monkeypatch, ask, state
):
    submit(order(name="straight", epochs=4))
    runner_module.work_off()
    resting = submit(order(name="resting", epochs=4))
    with monkeypatch.context() as patch:
        asking = Asking(
            patch, 8, lambda: ask(resting)
        )  # 20 pictures in batches of 8: the second of the third epoch
        runner_module.work_off()
    assert asking.batches == 8
    job = find_job(resting)
    assert (job.state, len(job.epochs), job.model) == (state, 2, None)
    runner_module.work_off()
    assert find_job(resting).state is state  # nobody goes on by himself
    jobs.resume(resting)
    assert find_job(resting).state is TrainingState.WAITING
    runner_module.work_off()
    assert find_job(resting).state is TrainingState.DONE
    assert weights("straight") == weights("resting")


def test_jobs_are_worked_off_in_the_order_in_which_they_were_asked_for(order, no_runner, monkeypatch):
    first, second, third = (submit(order(name=name, epochs=1)) for name in ("a", "b", "c"))
    assert [(job.id, job.position) for job in jobs.list_jobs()] == [(third, 3), (second, 2), (first, 1)]
    jobs.pause(first)
    jobs.resume(first)
    done = []
    original = runner_module.work_on
    monkeypatch.setattr(
        runner_module, "work_on", lambda folder: (done.append(folder.path.name), original(folder))
    )
    runner_module.work_off()
    assert done == [second, third, first]
    assert {job.state for job in jobs.list_jobs()} == {TrainingState.DONE}


def test_a_job_that_keeps_ending_its_process_is_not_begun_for_ever(order, no_runner, monkeypatch):
    job_id = submit(order())

    def die(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("xai_ad.inspection.trainings.performing.perform", die)
        for _ in range(jobs.MOST_STARTS):
            with pytest.raises(SystemExit):
                runner_module.work_off()
            assert find_job(job_id).state is TrainingState.INTERRUPTED
    runner_module.work_off()
    assert "ended 3 times" in find_job(job_id).error
    jobs.resume(job_id)
    assert find_job(job_id).state is TrainingState.WAITING


def test_a_full_disk_is_one_line_and_the_checkpoint_is_kept(order, no_runner, monkeypatch):
    job_id = submit(order())
    original = SafetensorsCheckpointIO.save_checkpoint

    def full(self, checkpoint, path, storage_options=None):
        if checkpoint["epoch"] == 1:
            raise WritingError(f"'{path}' cannot be written (No space left on device). Free some space.")
        original(self, checkpoint, path, storage_options)

    with monkeypatch.context() as patch:
        patch.setattr(SafetensorsCheckpointIO, "save_checkpoint", full)
        runner_module.work_off()
    job = find_job(job_id)
    assert job.state is TrainingState.FAILED
    assert job.error.endswith(
        "(No space left on device). Free some space. What was trained is kept: resume it then."
    )
    assert "\n" not in job.error
    assert [report.epoch for report in job.epochs] == [1]
    jobs.resume(job_id)
    runner_module.work_off()
    assert find_job(job_id).state is TrainingState.DONE
    submit(order(name="straight"))
    runner_module.work_off()
    assert weights("straight") == weights("my-part")


def test_an_unreadable_file_is_skipped_listed_and_counted(order, parts, no_runner):
    (parts / "005.png").write_bytes(b"no picture")
    job_id = submit(order(epochs=1))
    runner_module.work_off()
    job = find_job(job_id)
    assert job.state is TrainingState.DONE
    assert "1 picture is skipped that cannot be read: parts/005.png." in job.notes
    card = find_model("my-part").card
    assert sum(card.split.counts[part] for part in ("train", "calibration")) == 23


def test_fine_tuning_makes_a_second_model_of_the_same_pictures(order, parts, no_runner):
    (parts / "005.png").write_bytes(b"no picture")
    job_id = submit(order(epochs=1, fine_tuning=True))
    runner_module.work_off()
    job = find_job(job_id)
    assert (job.state, job.model, job.error) == (TrainingState.DONE, "my-part-svdd", None)
    tuned, parent = find_model("my-part-svdd").card, find_model("my-part").card
    assert tuned.parent == "my-part"
    assert tuned.split == parent.split
    assert len(tuned.split.left_out) == 1


def test_a_promise_sets_the_limit_and_is_said_with_its_uncertainty(order, tmp_path, no_runner):
    for index in range(100):
        write_picture(tmp_path / "many" / f"{index:03d}.png", index)
    job_id = submit(order(data=tmp_path / "many", epochs=1, limit=Promise.ONE_IN_20, score=Score.SSIM))
    runner_module.work_off()
    job = find_job(job_id)
    record = load_calibration(find_model("my-part"))
    assert (record.protocol, record.quantile, record.calibration.scoring.score) == (
        "normal-quantile",
        0.95,
        "ssim",
    )
    scores = sorted(image.score for image in record.images)
    assert record.calibration.threshold == scores[19]  # ceil(21 x 0.95) = 20 of 20
    assert any(note.startswith("Of new good pictures about 4.76 % will be rejected") for note in job.notes)


def test_a_promise_that_cannot_be_kept_is_refused_before_the_training(order, no_runner):
    job_id = submit(order(limit=Promise.ONE_IN_100))
    runner_module.work_off()
    job = find_job(job_id)
    assert (job.state, job.epochs) == (TrainingState.FAILED, ())
    assert job.error == (
        "The promise '1-in-100' needs 99 normal pictures that set the limit, and there are 6. "
        "Choose another one, or add pictures."
    )


def test_pictures_of_mixed_sizes_and_modes_are_trained_on_together(order, parts, no_runner):
    for index in range(4):
        with Image.open(write_picture(parts / f"9{index}.png", 900 + index, size=48)) as picture:
            picture.convert("L").save(parts / f"9{index}.png")
    with Image.open(parts / "000.png") as picture:
        picture.convert("RGBA").save(parts / "000.png")
    job_id = submit(order(epochs=1))
    runner_module.work_off()
    assert find_job(job_id).state is TrainingState.DONE
    card = find_model("my-part").card
    assert card.preprocessing.channels == 3
    assert sum(card.split.counts[part] for part in ("train", "calibration")) == 28


def test_what_is_refused_is_one_line_and_the_next_one_is_trained(order, tmp_path, no_runner):
    for index in range(9):
        write_picture(tmp_path / "few" / f"{index}.png", index)
    few, gone, fine = (
        submit(order(name="few", data=tmp_path / "few")),
        submit(order(name="gone", data=tmp_path / "gone")),
        submit(order(name="fine", epochs=1)),
    )
    runner_module.work_off()
    assert [find_job(each).state for each in (few, gone, fine)] == ["failed", "failed", "done"]
    assert find_job(few).error.endswith("Got 9 pictures; add some.")
    assert "gone" in find_job(gone).error
    assert not any("\n" in (find_job(each).error or "") for each in (few, gone))


def test_a_name_that_was_taken_meanwhile_keeps_what_was_trained(order, no_runner):
    job_id = submit(order(epochs=1))
    (home() / "models" / "my-part").mkdir(parents=True)
    runner_module.work_off()
    job = find_job(job_id)
    assert (job.state, len(job.epochs)) == (TrainingState.FAILED, 1)
    assert "There is a model 'my-part' already" in job.error
    (home() / "models" / "my-part").rmdir()
    jobs.resume(job_id)
    runner_module.work_off()
    job = find_job(job_id)
    assert (job.state, len(job.epochs), job.model) == (TrainingState.DONE, 1, "my-part")


def test_an_unexpected_error_is_told_and_the_next_job_goes_on(order, no_runner, monkeypatch):
    broken, whole = (submit(order(name=name, epochs=1)) for name in ("broken", "whole"))
    original = performing.perform

    def perform(follower, ordered):
        if ordered.name == "broken":
            raise RuntimeError("size mismatch\nat dimension 1")
        return original(follower, ordered)

    monkeypatch.setattr(performing, "perform", perform)
    runner_module.main()
    job = find_job(broken)
    place = home() / "trainings" / broken / "error.txt"
    assert job.state is TrainingState.FAILED
    assert job.error == (
        "An unexpected error ended it (RuntimeError: size mismatch at dimension 1). "
        f"What was trained is kept: resume it, or see '{place}'."
    )
    assert place.read_text().startswith("Traceback")
    assert find_job(whole).state is TrainingState.DONE


def test_a_job_that_somebody_else_holds_does_not_end_the_worker(order, no_runner, monkeypatch):
    taken, free = (submit(order(name=name, epochs=1)) for name in ("taken", "free"))
    original = jobs.working_on

    def working_on(job_id):
        if job_id == taken:
            jobs.stop(taken)
            raise InUseError("It is being written by another process.")
        return original(job_id)

    monkeypatch.setattr(runner_module, "working_on", working_on)
    runner_module.main()
    assert find_job(free).state is TrainingState.DONE


def test_work_that_is_done_in_another_process_leaves_its_priority_alone(order, no_runner):
    before = os.getpriority(os.PRIO_PROCESS, 0)
    submit(order(epochs=1))
    runner_module.work_off()
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
