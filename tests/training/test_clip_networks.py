"""Networks of clips on sets of videos: trained, resumed, calibrated, evaluated and loaded."""

import shutil

import numpy as np
import pytest
import torch

from tests.clip_networks import frames_of, random_pixels, rebuilding_network
from tests.data.videos.writing import write_frames, write_video
from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol, read_dataset, split_clips
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.scores import Score
from xai_ad.errors import Cancelled, InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.inspection.calibrating import recalibrate
from xai_ad.machine.execution import Precision
from xai_ad.metrics.regularity import Normalisation, video_figures
from xai_ad.networks import CLIP_NETWORKS, build_autoencoder
from xai_ad.store import CalibrationProtocol, find_model, load, load_calibration, load_network
from xai_ad.training.compression import compress_model
from xai_ad.training.initialisation import fit_output, logit_moments
from xai_ad.training.loop import fit
from xai_ad.training.material import ClipPixels
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Recipe
from xai_ad.training.svdd import SvddRecipe, finetune_model

SIZE = (36, 24)


def recipe(**changes) -> Recipe:
    return Recipe(**{"epochs": 4, "batch_size": 4, "precision": Precision.FLOAT32, "noise": 0.1} | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"largest_stride": 12}, r"'largest_stride' of a recipe must be a power of two\. Got 12"),
        ({"largest_stride": 0}, r"'largest_stride' of a recipe must be an int in \[1"),
        ({"step": 0}, r"'step' of a recipe must be an int in \[1"),
        (
            {"quickest": 3},
            r"'largest_stride' of a recipe must be 1 where 'quickest' is 3: frames .* Got 16",
        ),
        (
            {"quickest": 17, "largest_stride": 1},
            r"'quickest' of a recipe must be an int in \[1, 16\]\. Got 17",
        ),
        ({"noise": -0.1}, r"'noise' of a recipe must be a number in \[0, inf\)\. Got -0\.1"),
    ],
)
def test_a_recipe_that_makes_no_windows_or_no_noise_is_refused(changes, said):
    with pytest.raises(InvalidInputError, match=said):
        Recipe(**changes)


def test_strides_double_up_to_the_largest():
    assert (Recipe().strides, Recipe(largest_stride=1).strides) == ((1, 2, 4, 8, 16), (1,))


def test_pseudo_anomalies_go_twice_as_fast_or_faster():
    assert (Recipe().paces, Recipe(quickest=4, largest_stride=1).paces) == ((), (2, 3, 4))


def windows(count, begin=0):
    return np.arange(begin, begin + count)[:, None] + np.arange(8)


def train(directory, *, stop_after=None, resume=False, **changes):
    reports = []

    def listen(report):
        reports.append(report)
        if report.epoch == stop_after:
            raise Cancelled("enough")

    pixels = random_pixels(40)
    parts = ClipPixels(pixels, windows(11)), ClipPixels(pixels, windows(6, 20))
    outcome = fit(
        rebuilding_network(),
        *parts,
        recipe(**changes),
        directory=directory,
        resume=resume,
        on_epoch=listen,
    )
    return outcome, reports


def test_the_validation_loss_is_the_clean_windows_mean_error_and_frames_are_counted(tmp_path):
    outcome, reports = train(tmp_path)
    best = min(report.validation_loss for report in reports)
    frames = random_pixels(40)[windows(6, 20)] / 255
    with torch.inference_mode():
        error = float((outcome.network(frames) - frames).square().mean())
    assert error == pytest.approx(best, rel=1e-5)
    assert (outcome.epochs, outcome.images_seen) == (4, 4 * 11 * 8)


def test_an_interrupted_training_with_noise_resumes_to_the_same_numbers(tmp_path):
    whole, reports = train(tmp_path / "whole")
    with pytest.raises(Cancelled):
        train(tmp_path / "parts", stop_after=2)
    resumed, rest = train(tmp_path / "parts", resume=True)
    assert [report.training_loss for report in rest] == [report.training_loss for report in reports[2:]]
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name


def test_noise_changes_what_is_learnt(tmp_path):
    _, noisy = train(tmp_path / "noisy")
    _, clean = train(tmp_path / "clean", noise=0.0)
    assert noisy[0].training_loss > clean[0].training_loss


@pytest.mark.parametrize("network", sorted(set(CLIP_NETWORKS) - {"motion_cae"}))
def test_the_output_of_every_network_starts_at_the_frames_moments(network):
    built, pixels = build_autoencoder(network, channels=1), random_pixels(4)
    fit_output(built, pixels)
    mean, deviation = logit_moments(pixels)
    norm = built.decoder[-1][1]
    assert isinstance(norm, torch.nn.BatchNorm2d)
    torch.testing.assert_close(norm.bias, mean.float())
    torch.testing.assert_close(norm.weight, deviation.float())


@pytest.fixture(scope="module")
def ped2_folder(tmp_path_factory):
    """Three training clips of 12 frames, one of them a video, and two of test, of 17 and of 8 and 3 frames."""
    root = tmp_path_factory.mktemp("set") / "UCSDped2"
    write_video(root / "Train/Train001.mkv", 12, size=SIZE)
    for clip, numbers in ((2, range(3, 15)), (3, range(5, 17))):
        write_frames(root / f"Train/Train00{clip}", numbers, size=SIZE)
    write_frames(root / "Test/Test001", range(1, 18), size=SIZE)
    write_frames(root / "Test/Test002", [*range(8, 16), *range(18, 21)], size=SIZE)
    (root / "Test/labels.m").write_text("a.gt_frame = [5:9];\nb.gt_frame = [8:11];")
    return root


def task(folder, network, **changes):
    return TrainingTask(
        network=network,
        options={},
        data=folder,
        layout="ucsd",
        protocol=Protocol.HELD_OUT,
        recipe=recipe(**{"epochs": 1, "largest_stride": 1} | changes),
    )


@pytest.fixture(scope="module", params=["cgru", "seq2seq_crnn", "motion_cae"])
def trained(ped2_folder, tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("models")
    return train_model(task(ped2_folder, request.param), folder / f"ped2-{request.param}")


def test_the_card_says_that_the_network_takes_clips(trained):
    card = trained.card
    assert card.preprocessing == Preprocessing(
        channels=1, crop=(80, 0, 160, 360), crop_of=(240, 360), frames=8
    )
    assert card.split.counts == {"train": 24, "validation": 12, "calibration": 12, "test": 28}
    assert card.training.images_seen == 2 * 2 * 8  # two clips' windows of 8 frames that begin 4 apart
    assert card.training.recipe["noise"] == 0.1


def test_every_frame_calibrates_or_is_reported_with_the_score_that_its_clips_stream_gives(
    trained, ped2_folder
):
    scorer, card = load(trained.path)
    split = split_clips(read_dataset(ped2_folder, "ucsd"))

    def streamed(clips):
        return [
            (clip.frame_hashes[place], frame.score)
            for clip in clips
            for place, frame in enumerate(scorer.score_frames(clip.stream(card.preprocessing)))
        ]

    result, record = evaluate(trained, ped2_folder, "ucsd"), load_calibration(trained)
    for found, clips in ((result.images, split.test), (record.images, split.validation)):
        expected = streamed(clips)
        assert [image.sha256 for image in found] == [sha256 for sha256, _ in expected]
        assert [image.score for image in found] == pytest.approx([score for _, score in expected], rel=1e-5)


def test_an_evaluation_has_the_figures_of_frame_wise_networks(trained, ped2_folder):
    result = evaluate(trained, ped2_folder, "ucsd", components=True)
    scores = np.array([image.score for image in result.images])
    labels = np.array([image.label for image in result.images])
    figures = video_figures([scores[:17], scores[17:]], [labels[:17], labels[17:]])
    assert result.metrics["auc_roc"] == figures[Normalisation.PER_VIDEO].auc_roc
    assert result.metrics["eer"] == figures[Normalisation.PER_VIDEO].eer
    assert result.metrics["auc_roc_global"] == figures[Normalisation.GLOBAL].auc_roc
    assert set(result.metrics) == {
        "model", "dataset", "layout", "protocol", "n_normal", "n_anomalous", "auc_roc", "auc_pr", "eer", "threshold",
        "score_max", "f1", "precision", "recall", "specificity", "weighted", "per_class", "pixel_auc_roc", "aupro", "auc_roc_ssim",
        "pixel_auc_roc_ssim", "aupro_ssim", "auc_roc_global", "eer_global",
    }  # fmt: skip
    assert result.components.shape == (28, 16)
    limit = load_calibration(trained).calibration.threshold
    assert result.metrics["specificity"] == np.mean(scores[labels == 0] <= limit)
    assert result.metrics["recall"] == np.mean(scores[labels == 1] > limit)


def test_a_stored_network_is_the_one_that_was_saved(trained):
    network = load_network(trained)
    frames = frames_of(torch.zeros(8, 1, 128, 128, dtype=torch.uint8), range(8))
    scorer, _ = load(trained.path)
    calibration = load_calibration(trained).calibration
    expected = list(AnomalyClassifier(network, calibration).score_frames(frames))
    assert list(scorer.score_frames(frames)) == expected


def test_a_model_of_clips_says_what_to_do_with_a_single_image(trained):
    detector, _ = load(trained.path)
    with pytest.raises(InvalidInputError, match=r"scores clips of 8 frames and no single pictures\. Inspect"):
        detector.predict(torch.zeros(2, 1, 128, 128))


def test_a_recurrent_model_is_not_fine_tuned(trained, ped2_folder, tmp_path):
    with pytest.raises(InvalidInputError, match="takes clips; SVDD draws the embeddings of single pictures"):
        finetune_model(trained, ped2_folder, "ucsd", tmp_path / "tuned", SvddRecipe())
    assert not (tmp_path / "tuned").exists()


def test_a_frame_wise_model_of_videos_is_fine_tuned(ped2_folder, tmp_path):
    parent = train_model(task(ped2_folder, "bcae1", noise=0.0), tmp_path / "ped2-bcae1")
    stored = finetune_model(parent, ped2_folder, "ucsd", tmp_path / "ped2-bcae1-svdd", SvddRecipe(epochs=1))
    assert (stored.card.parent, stored.card.training.images_seen) == ("ped2-bcae1", 24)
    assert stored.card.photograph == parent.card.photograph == Proportions(width=3, height=2)
    assert evaluate(stored, ped2_folder, "ucsd").metrics["n_anomalous"] == 9


def test_a_recurrent_model_is_compressed(trained, ped2_folder, tmp_path):
    half = compress_model(trained, ped2_folder, "ucsd", tmp_path / f"{trained.card.id}-half")
    scores = [[image.score for image in load_calibration(stored).images] for stored in (trained, half)]
    assert scores[1] == pytest.approx(scores[0], rel=2e-2)
    assert scores[1] != scores[0]
    assert half.card.photograph == trained.card.photograph == Proportions(width=3, height=2)


def test_a_limit_by_whole_clips_is_recorded_with_the_clips_that_set_it(trained, ped2_folder, tmp_path):
    copy = shutil.copytree(trained.path, tmp_path / trained.card.id)
    record = recalibrate(
        copy, ped2_folder, "ucsd", protocol=CalibrationProtocol.CLIP_QUANTILE, score=Score.WORST_PATCH
    )
    split = split_clips(read_dataset(ped2_folder, "ucsd"))
    assert record.clips == tuple(len(clip.numbers) for clip in split.validation) == (12,)
    scores = np.array([image.score for image in record.images])
    assert record.calibration.threshold == np.sort(scores)[9]  # 10 of 12 pass, at least four in five
    assert (record.quantile, record.id.startswith("worst_patch-clip-quantile-")) == (0.5, True)
    assert load_calibration(copy) == record
    half = compress_model(find_model(copy), ped2_folder, "ucsd", tmp_path / "half")
    assert load_calibration(half).clips == (12,)
    with pytest.raises(InvalidInputError, match=r"1 normal clip allows quantiles up to 0\.5\. Got 0\.9"):
        recalibrate(copy, ped2_folder, "ucsd", protocol=CalibrationProtocol.CLIP_QUANTILE, quantile=0.9)


def test_pseudo_anomalies_are_half_of_what_is_learnt_from(tmp_path):
    for clip in (1, 2):
        write_frames(tmp_path / f"UCSDped2/Train/Train00{clip}", range(clip, clip + 30), size=SIZE)
    training = task(tmp_path / "UCSDped2", "motion_cae", quickest=3, step=2)
    stored = train_model(training, tmp_path / "ped2-motion_cae")
    # Of 30 frames windows of 8 begin at 0, 2 ... 22; twice as fast at 0, 4 ... 12, and three times as fast at 0, 4, 8.
    assert stored.card.training.images_seen == (12 + 4 + 3) * 8
    assert stored.card.training.recipe["quickest"] == 3


def test_clips_that_are_too_short_for_pseudo_anomalies_are_refused(ped2_folder, tmp_path):
    with pytest.raises(InvalidInputError, match="learns from 15 consecutive frames, and no clip has as many"):
        train_model(task(ped2_folder, "motion_cae", quickest=2), tmp_path / "ped2-motion_cae")


def test_clips_that_are_too_short_to_learn_from_are_refused(tmp_path):
    for clip in (1, 2):
        write_frames(tmp_path / f"UCSDped2/Train/Train00{clip}", range(clip, clip + 5), size=SIZE)
    with pytest.raises(InvalidInputError, match="learns from 8 consecutive frames"):
        train_model(task(tmp_path / "UCSDped2", "cgru"), tmp_path / "model")
    assert not (tmp_path / "model").exists()
