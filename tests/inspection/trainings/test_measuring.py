"""A model whose pictures have a test of their own is measured on it; one of good pictures alone says that it was not."""

import shutil

import pytest

from tests.conftest import write_picture
from xai_ad.detector.scores import Score
from xai_ad.inspection.trainings import jobs, performing
from xai_ad.inspection.trainings import runner as runner_module
from xai_ad.inspection.trainings.jobs import Promise, find_job, submit
from xai_ad.machine.places import home
from xai_ad.store import find_model, load_calibration, load_calibrations, load_evaluation


def test_a_model_is_measured_on_what_took_no_part_in_making_it(order, no_runner, mvtec_folder):
    job_id = submit(order(data=mvtec_folder, layout="mvtec", epochs=1, fine_tuning=True))
    runner_module.work_off()
    assert find_job(job_id).error is None
    for name in ("my-part", "my-part-svdd"):
        stored = find_model(name)
        judged = {image.sha256 for image in load_evaluation(stored)}
        used = {image.sha256 for image in load_calibration(stored).images}
        assert len(judged) == 4 + 4 + 4
        assert not judged & used
        assert 0 <= stored.card.metrics["held-out"]["auc_roc"] <= 1


def test_a_corrupt_test_picture_does_not_end_it(order, no_runner, mvtec_folder):
    (mvtec_folder / "test/hole/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    job_id = submit(order(data=mvtec_folder, layout="mvtec", epochs=1))
    runner_module.work_off()
    assert find_job(job_id).error is None
    assert find_model("my-part").card.metrics["held-out"]["n_anomalous"] == 8


@pytest.mark.parametrize("better", [Score.SSIM, Score.SQUARED_ERROR])
def test_the_score_judges_that_tells_the_limits_own_defects_apart_best(
    order, no_runner, mvtec_folder, monkeypatch, better
):
    asked = []

    def area(scores, labels):
        record = next(one for one in load_calibrations(model()) if one.images[0].score == scores[0])
        asked.append(set(labels))
        return 0.9 if record.calibration.scoring.score is better else 0.6

    def model():
        (place,) = (home() / "trainings").glob("*/work/my-part")
        return place

    monkeypatch.setattr(performing, "auc_roc", area)
    job_id = submit(order(data=mvtec_folder, layout="mvtec", epochs=1))
    runner_module.work_off()
    assert find_job(job_id).error is None
    assert load_calibration(find_model("my-part")).calibration.scoring.score is better
    assert asked == [{0, 1}] * 2


def test_a_model_that_had_too_few_minutes_is_said_to_be_poor(order, no_runner):
    job_id = submit(order(epochs=500, minutes=0.001))
    runner_module.work_off()
    job = find_job(job_id)
    assert job.error is None
    (said,) = [note for note in job.notes if "worth while" in note]
    assert "of 500" in said
    submit(order(name="other", epochs=2))
    runner_module.work_off()
    assert not [note for note in jobs.list_jobs()[0].notes if "worth while" in note]


def test_good_ones_alone_are_judged_by_what_is_recommended(order, no_runner):
    submit(order(epochs=1))
    runner_module.work_off()
    assert load_calibration(find_model("my-part")).calibration.scoring.score is Score.SSIM


def test_the_limit_that_training_leaves_behind_is_not_spoken_of(order, no_runner, parts):
    for index in range(24, 50):  # ten set the limit: one in ten can be promised, and one in a hundred cannot
        write_picture(parts / f"{index:03d}.png", index)
    job_id = submit(order(epochs=1, limit=Promise.ONE_IN_10))
    runner_module.work_off()
    job = find_job(job_id)
    assert job.error is None
    assert not [note for note in job.notes if "0.99 was asked for" in note]
    assert any("will be rejected" in note for note in job.notes)


def test_good_pictures_alone_measure_nothing(order, no_runner, mvtec_folder):
    shutil.rmtree(mvtec_folder / "test")
    job_id = submit(order(data=mvtec_folder, layout="mvtec", epochs=1))
    runner_module.work_off()
    assert find_job(job_id).error is None
    assert find_model("my-part").card.metrics == {}
