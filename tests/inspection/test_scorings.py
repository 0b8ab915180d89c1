"""Which of a model's scores judges, and which model a dataset opens with."""

from dataclasses import replace

import numpy as np
import pytest

from xai_ad.data.layouts import Protocol
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import UnknownNameError
from xai_ad.inspection.models import evaluated, open_model
from xai_ad.inspection.scorings import (
    best_calibration,
    best_model,
    best_of,
    find_calibration,
    score_choices,
    thesis_score,
)
from xai_ad.store import (
    EvaluatedScores,
    EvaluationRecord,
    find_model,
    load_calibration,
    record_calibration,
    record_choice,
    record_evaluation,
)

LABELS = np.repeat([0, 1], [40, 40])


def drawn(apart, seed=0):
    """Scores that tell anomalous images the better, the farther they are apart."""
    return np.random.default_rng(seed).normal(apart * LABELS, 1.0) + 10


def evaluation(groups=None, **scores):
    return EvaluationRecord(
        label=tuple(LABELS.tolist()),
        kind=tuple(np.where(LABELS, "hole", "good").tolist()),
        sha256=tuple(str(number) for number in range(len(LABELS))),
        groups=groups,
        scores=tuple(
            EvaluatedScores(score=Score(name), eta=0.5, window=11, values=tuple(values.tolist()))
            for name, values in scores.items()
        ),
    )


def with_scores(stored, *, loss="mse", **scores):
    """The model with a calibration for each score, evaluated by all of them."""
    stored = find_model(stored.path)
    record = load_calibration(stored)
    for name in scores:
        if name != record.calibration.scoring.score:
            calibration = replace(record.calibration, scoring=Scoring(score=Score(name)))
            stored = record_calibration(
                stored, replace(record, id=f"{name}-held-out", calibration=calibration)
            )
    stored = record_evaluation(
        stored, protocol=Protocol.HELD_OUT, metrics={}, images=evaluation(**scores), components=None
    )
    return replace(stored, card=replace(stored.card, loss=loss))


def test_a_better_score_is_the_best_and_one_no_better_than_by_chance_is_not(stored_model):
    worse = with_scores(stored_model, squared_error=drawn(0.5), ssim=drawn(3.0, seed=1))
    assert best_calibration(worse).id == "ssim-held-out"
    tied = with_scores(stored_model, squared_error=drawn(2.0), ssim=drawn(2.05, seed=1))
    assert best_calibration(tied).id == "squared_error-held-out"


def test_a_tie_goes_to_the_score_of_the_loss_before_the_simpler(stored_model):
    alike = {name: drawn(2.0) for name in ("squared_error", "compound", "ssim")}
    assert best_calibration(with_scores(stored_model, **alike)).id == "squared_error-held-out"
    assert best_calibration(with_scores(stored_model, loss="compound", **alike)).id == "compound-held-out"
    assert (
        thesis_score(replace(stored_model, card=replace(stored_model.card, loss="else")))
        is Score.SQUARED_ERROR
    )


def test_without_an_evaluation_nothing_is_best(stored_model):
    assert best_calibration(stored_model) is None
    assert best_model([stored_model]) is None


def test_the_more_candidates_the_clearer_the_best_must_be():
    one, other = drawn(1.9, seed=3), drawn(1.05, seed=4)  # 1.4 standard errors apart
    near = drawn(1.7, seed=3)  # 0.9 apart
    images = evaluation(squared_error=one)
    assert best_of([other, one], images) == best_of([other, other, one], images) - 1 == 1
    assert best_of([other, near], images) == 0
    assert best_of([*[other] * 9, one], images) == 0
    assert best_of([one], images) == 0


def test_of_videos_regularity_within_the_clip_is_measured(stored_model):
    groups = tuple(f"clip {number}" for number in range(8) for _ in range(10))
    marks = np.tile([0] * 5 + [1] * 5, 8)
    within = marks + 100.0 * np.repeat(np.arange(8), 10)  # each clip has its own level
    record = replace(
        evaluation(squared_error=within, ssim=within % 100), label=tuple(marks.tolist()), groups=groups
    )
    stored = with_scores(stored_model, squared_error=within, ssim=within)
    stored = record_evaluation(stored, protocol=Protocol.HELD_OUT, metrics={}, images=record, components=None)
    by_clip = score_choices(stored)
    assert by_clip[0].auc_roc == pytest.approx(by_clip[1].auc_roc)
    assert by_clip[0].auc_roc > 0.9


def test_choices_are_one_for_each_score_the_active_one_first(stored_model):
    stored = with_scores(stored_model, squared_error=drawn(1.0), ssim=drawn(2.0, seed=1))
    told = [(one.id, one.is_default, one.is_thesis) for one in score_choices(stored)]
    assert told == [("squared_error-held-out", True, True), ("ssim-held-out", False, False)]
    chosen = record_choice(stored, "ssim-held-out")
    told = [(one.id, one.is_default, one.is_thesis) for one in score_choices(chosen)]
    assert told == [("ssim-held-out", True, False), ("squared_error-held-out", False, True)]
    assert [one.title for one in score_choices(chosen)] == ["Structure (SSIM)", "Squared error"]
    assert score_choices(chosen)[0].auc_roc == pytest.approx(
        np.mean(drawn(2.0, 1)[LABELS == 1][:, None] > drawn(2.0, 1)[LABELS == 0])
    )


def test_a_calibration_is_found_by_its_id_and_by_its_score(stored_model):
    stored = with_scores(stored_model, squared_error=drawn(1.0), ssim=drawn(2.0))
    assert find_calibration(stored, None).id == "squared_error-held-out"
    assert (
        find_calibration(stored, "ssim").id == find_calibration(stored, "ssim-held-out").id == "ssim-held-out"
    )
    newer = replace(load_calibration(stored, "ssim-held-out"), id="ssim-newer")
    assert find_calibration(record_calibration(stored, newer), "ssim").id == "ssim-newer"
    stored = find_model(stored.path)
    with pytest.raises(UnknownNameError, match=r"no calibration 'loss'.* squared_error"):
        find_calibration(stored, "loss")


def test_a_model_opens_under_any_of_its_calibrations(stored_model):
    stored = with_scores(stored_model, squared_error=drawn(1.0), ssim=drawn(2.0))
    active, other = open_model(stored), open_model(stored, "ssim-held-out")
    assert other.record.id == "ssim-held-out"
    assert other.classifier.calibration.scoring.score is Score.SSIM
    assert active.classifier.calibration.scoring.score is Score.SQUARED_ERROR
    assert other.fingerprint.weights == active.fingerprint.weights
    assert other.fingerprint != active.fingerprint


def test_the_best_model_is_measurably_better_than_those_before_it(stored_model, tmp_path):
    def named(network, apart, seed):
        stored = with_scores(stored_model, squared_error=drawn(apart, seed))
        return replace(stored, card=replace(stored.card, network=network), path=copied(stored.path, network))

    def copied(path, name):
        target = tmp_path / "copies" / name
        target.mkdir(parents=True)
        for file in path.iterdir():
            (target / file.name).write_bytes(file.read_bytes())
        return target

    plain, better = named("bcae1", 0.5, 0), named("ssa_cae", 3.0, 1)
    assert best_model([better, plain]) is better
    alike = named("bcae2", 3.1, 2)
    assert best_model([better, alike, plain]) is alike  # it stands before


def test_an_open_model_knows_the_images_that_set_none_of_its_limits(stored_model):
    stored = with_scores(stored_model, squared_error=drawn(1.0), ssim=drawn(2.0))
    assert [image.score for image in open_model(stored).evaluated] == drawn(1.0).tolist()
    assert [image.score for image in open_model(stored, "ssim-held-out").evaluated] == drawn(2.0).tolist()
    record = load_calibration(stored)
    leaking = replace(record, images=(replace(record.images[0], sha256="7"),))
    assert evaluated(stored, record) == open_model(stored).evaluated
    assert evaluated(stored, leaking) == ()
