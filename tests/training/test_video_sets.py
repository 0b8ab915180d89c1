"""Frame-wise networks on a set of videos: trained, calibrated and evaluated as on pictures."""

import numpy as np
import pytest

from tests.data.videos.writing import write_frames, write_video
from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Protocol, read_dataset, split_clips, split_dataset
from xai_ad.data.specs import Subject, dataset_spec
from xai_ad.evaluation import evaluate
from xai_ad.machine.execution import Precision
from xai_ad.metrics.detection import precision_recall
from xai_ad.metrics.regularity import Normalisation, video_figures
from xai_ad.store import CalibrationProtocol, load_calibration
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Recipe

SIZE = (36, 24)


@pytest.fixture(scope="module")
def ped2_folder(tmp_path_factory):
    """Three training clips of 8 frames, one of them a video, and two of test, of 16 and 8 frames."""
    root = tmp_path_factory.mktemp("set") / "UCSDped2"
    write_video(root / "Train/Train001.mkv", 8, size=SIZE)
    for clip, numbers in ((2, range(3, 11)), (3, range(5, 13))):
        write_frames(root / f"Train/Train00{clip}", numbers, size=SIZE)
    write_frames(root / "Test/Test001", range(1, 17), size=SIZE)
    write_frames(root / "Test/Test002", range(8, 16), size=SIZE)
    (root / "Test/labels.m").write_text("a.gt_frame = [5:9];\nb.gt_frame = [8:11];")
    return root


@pytest.fixture(scope="module")
def trained(ped2_folder, tmp_path_factory):
    task = TrainingTask(
        network="bcae1",
        options={},
        data=ped2_folder,
        layout="ucsd",
        protocol=Protocol.HELD_OUT,
        recipe=Recipe(epochs=1, batch_size=8, precision=Precision.FLOAT32),
    )
    return train_model(task, tmp_path_factory.mktemp("models") / "ped2-bcae1")


def test_a_frame_wise_network_trains_on_the_frames_of_a_set_of_videos(trained):
    card = trained.card
    assert (card.dataset, card.layout, card.subject) == ("ped2", "ucsd", Subject.SCENE)
    assert card.preprocessing == Preprocessing(channels=1, crop=(80, 0, 160, 360), crop_of=(240, 360))
    assert card.photograph == Proportions(width=3, height=2)  # that of the frames, not of the crop
    assert card.split.counts == {"train": 16, "validation": 8, "calibration": 8, "test": 24}
    assert "research use" in card.licence


def test_the_threshold_is_a_quantile_of_the_validating_clips_frames(trained, ped2_folder):
    record = load_calibration(trained)
    (clip,) = split_clips(read_dataset(ped2_folder, "ucsd")).validation
    assert [image.sha256 for image in record.images] == list(clip.frame_hashes)
    assert not any(image.label for image in record.images)
    assert record.protocol is CalibrationProtocol.NORMAL_QUANTILE


def test_both_normalisations_are_reported_and_verdicts_use_raw_scores(trained, ped2_folder):
    result = evaluate(trained, ped2_folder, "ucsd")
    scores = np.array([image.score for image in result.images])
    labels = np.array([image.label for image in result.images])
    figures = video_figures([scores[:16], scores[16:]], [labels[:16], labels[16:]])
    per_video, overall = figures[Normalisation.PER_VIDEO], figures[Normalisation.GLOBAL]
    found = {name: result.metrics[name] for name in ("auc_roc", "eer", "auc_roc_global", "eer_global")}
    assert found == {
        "auc_roc": per_video.auc_roc,
        "eer": per_video.eer,
        "auc_roc_global": overall.auc_roc,
        "eer_global": overall.eer,
    }
    threshold = load_calibration(trained).calibration.threshold
    raw = precision_recall(scores, labels, threshold=threshold, average="binary")
    assert (result.metrics["f1"], result.metrics["threshold"]) == (raw.f1, threshold)
    samples = split_dataset(read_dataset(ped2_folder, "ucsd")).test
    assert [image.sha256 for image in result.images] == [sample.sha256 for sample in samples]
    assert (result.metrics["n_normal"], result.metrics["n_anomalous"]) == (15, 9)


def test_clips_of_ones_own_show_a_scene():
    assert dataset_spec("yard", subject=Subject.SCENE).subject is Subject.SCENE
    assert dataset_spec("yard").subject is Subject.PART
