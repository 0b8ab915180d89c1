import pytest

from xai_ad.data.layouts import Protocol
from xai_ad.errors import ImageError, InvalidInputError, UnknownNameError
from xai_ad.store import load, load_calibration
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Precision, Recipe


def task(folder, network="bcae1", layout="mvtec") -> TrainingTask:
    return TrainingTask(
        network=network,
        options={},
        data=folder,
        layout=layout,
        protocol=Protocol.HELD_OUT,
        recipe=Recipe(epochs=1, batch_size=8, precision=Precision.FLOAT32),
    )


def test_training_stores_a_calibrated_model_that_says_how_it_was_made(mvtec_folder, tmp_path):
    stored = train_model(task(mvtec_folder), tmp_path / "widget-bcae1")
    classifier, card = load(stored.path)
    assert (card.id, card.dataset, card.network, card.layout) == ("widget-bcae1", "widget", "bcae1", "mvtec")
    assert card.split.counts == {"train": 10, "validation": 2, "calibration": 6, "test": 12}
    assert card.training.images_seen == 10
    assert classifier.calibration == load_calibration(stored).calibration
    assert classifier.references.mean is not None
    assert len(classifier.references.normals) == 0  # not ours to store
    assert sorted(path.name for path in tmp_path.iterdir()) == ["widget", "widget-bcae1"]


def test_normal_images_of_a_generated_set_are_stored(mvtec_folder, tmp_path):
    folder = mvtec_folder.rename(mvtec_folder.with_name("washer"))
    (folder / "generated.json").write_text("{}")
    stored = train_model(task(folder), tmp_path / "washer-bcae1")
    classifier, card = load(stored.path)
    assert classifier.references.normals.shape == (10, 3, 128, 128)
    assert card.licence == "MIT"


def test_a_folder_of_something_else_is_not_overwritten(mvtec_folder, tmp_path):
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "chapter1.txt").write_text("three years of work")
    with pytest.raises(InvalidInputError, match="holds other files"):
        train_model(task(mvtec_folder), target)
    assert (target / "chapter1.txt").read_text() == "three years of work"


def test_an_unknown_network_leaves_nothing_behind(mvtec_folder, tmp_path):
    with pytest.raises(UnknownNameError):
        train_model(task(mvtec_folder, network="nothing"), tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["widget"]


def test_photographs_in_a_folder_of_a_generated_sets_name_stay_private(mvtec_folder, tmp_path):
    folder = mvtec_folder.rename(mvtec_folder.with_name("washer"))
    classifier, card = load(train_model(task(folder), tmp_path / "washer-bcae1").path)
    assert len(classifier.references.normals) == 0
    assert card.licence != "MIT"


def test_an_unreadable_calibration_image_is_found_before_training(mvtec_folder, tmp_path):
    for path in (mvtec_folder / "test/hole").iterdir():
        path.write_bytes(b"broken")
    epochs = []
    with pytest.raises(ImageError):
        train_model(task(mvtec_folder), tmp_path / "model", on_epoch=epochs.append)
    assert epochs == []


def test_what_was_trained_survives_a_failure_after_training(mvtec_folder, tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("xai_ad.training.pipeline.save_model", fail)
        with pytest.raises(OSError, match="disk full"):
            train_model(task(mvtec_folder), tmp_path / "model")
    epochs = []
    stored = train_model(task(mvtec_folder), tmp_path / "model", resume=True, on_epoch=epochs.append)
    assert epochs == []
    assert stored.card.training.epochs == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "widget"]


def test_an_unfinished_training_is_not_overwritten(mvtec_folder, tmp_path):
    (tmp_path / "model.training").mkdir()
    (tmp_path / "model.training" / "checkpoint.safetensors").write_bytes(b"hours of work")
    with pytest.raises(InvalidInputError, match="unfinished training"):
        train_model(task(mvtec_folder), tmp_path / "model")
