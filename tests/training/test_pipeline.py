from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from xai_ad.data.decoding import sha256_of
from xai_ad.data.fitting import Proportions
from xai_ad.data.layouts import Protocol, read_dataset
from xai_ad.data.reading import read_image
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import ImageError, InvalidInputError, UnknownNameError, WritingError
from xai_ad.evaluation import evaluate
from xai_ad.machine.execution import Precision
from xai_ad.metrics.detection import class_auc_roc
from xai_ad.store import StoredModel, find_model, load, load_calibration, load_network, read_card
from xai_ad.training.calibration import calibrate
from xai_ad.training.compression import compress_model
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Loss, Recipe, Selection
from xai_ad.training.svdd import SvddRecipe, finetune_model


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
    assert card.photograph == Proportions(width=1, height=1)
    assert classifier.calibration == load_calibration(stored).calibration
    assert classifier.references.mean is not None
    assert len(classifier.references.normals) == 0  # not ours to store
    assert sorted(path.name for path in tmp_path.iterdir()) == ["widget", "widget-bcae1"]


def test_normal_images_of_a_generated_set_are_stored(mvtec_folder, tmp_path):
    (mvtec_folder / "generated.json").write_text('{"set": "washer", "seed": 7}')
    stored = train_model(task(mvtec_folder), tmp_path / "washer-bcae1")
    classifier, card = load(stored.path)
    assert card.dataset == "washer"
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


def test_unreadable_pictures_are_skipped_where_that_is_asked_for_and_the_card_says_so(
    mvtec_folder, tmp_path, caplog
):
    (mvtec_folder / "train/good/003.png").write_bytes(b"broken")
    (mvtec_folder / "test/hole/002.png").write_bytes(b"broken too")
    with pytest.raises(ImageError, match=r"003\.png"):
        train_model(task(mvtec_folder), tmp_path / "model")
    stored = train_model(replace(task(mvtec_folder), skip_unreadable=True), tmp_path / "model")
    assert "2 pictures are skipped that cannot be read: good/003.png, hole/002.png." in caplog.messages
    assert sum(stored.card.split.counts[part] for part in ("train", "validation")) == 11
    assert len(stored.card.split.left_out) == 2
    evaluate(stored, mvtec_folder, "mvtec")  # what was skipped stays out of it
    assert "left_out" not in (find_model("washer-bcae1").path / "card.json").read_text()


def test_pictures_that_are_left_out_are_neither_learnt_nor_split(mvtec_folder, tmp_path):
    gone = tuple(sha256_of(mvtec_folder / "train/good" / f"00{index}.png") for index in (0, 1))
    stored = train_model(replace(task(mvtec_folder), left_out=gone), tmp_path / "model")
    assert stored.card.split.left_out == tuple(sorted(gone))
    for name in ("000.png", "001.png"):
        (mvtec_folder / "train/good" / name).unlink()
    plain = train_model(task(mvtec_folder), tmp_path / "plain")
    names = load_network(stored).state_dict(), load_network(plain).state_dict()
    assert all(torch.equal(names[0][name], names[1][name]) for name in names[0])
    tuned = finetune_model(stored, mvtec_folder, "mvtec", tmp_path / "tuned", SvddRecipe(epochs=1))
    assert tuned.card.split == stored.card.split


def test_fewer_than_ten_pictures_and_identical_ones_are_refused(mvtec_folder, tmp_path):
    folder = mvtec_folder / "train/good"
    for index in range(3):
        (folder / f"{index:03d}.png").unlink()
    with pytest.raises(
        InvalidInputError, match=r"at least 10 different normal pictures\. Got 9 pictures; add some\.$"
    ):
        train_model(task(mvtec_folder), tmp_path / "model")
    data = (folder / "005.png").read_bytes()
    for index in range(12):
        (folder / f"{index:03d}.png").write_bytes(data)
    with pytest.raises(InvalidInputError, match=r"Got 12 pictures, of which 1 is different; add some\.$"):
        train_model(task(mvtec_folder), tmp_path / "model")
    with Image.open(folder / "005.png") as picture:
        for index in range(12):
            picture.save(folder / f"{index:03d}.png", dpi=(72 + index, 72))
    with pytest.raises(InvalidInputError, match="All 10 training pictures show the very same"):
        train_model(task(mvtec_folder), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_what_was_trained_survives_a_failure_after_training(mvtec_folder, tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise WritingError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr("xai_ad.training.pipeline.save_model", fail)
        kept = r"^The disk is full\. What was trained is kept: go on with --resume\.$"
        with pytest.raises(WritingError, match=kept):
            train_model(task(mvtec_folder), tmp_path / "model")
    epochs = []
    stored = train_model(task(mvtec_folder), tmp_path / "model", resume=True, on_epoch=epochs.append)
    assert epochs == []
    assert stored.card.training.epochs == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "widget"]


@pytest.mark.parametrize(
    ("loss", "score"),
    [
        (Loss.MSE, Score.SQUARED_ERROR),
        (Loss.MAE, Score.ABSOLUTE_ERROR),
        (Loss.COMPOUND, Score.COMPOUND),
    ],
)
def test_a_model_is_scored_with_the_loss_that_it_was_trained_with(mvtec_folder, tmp_path, loss, score):
    plain = task(mvtec_folder)
    recipe = replace(plain.recipe, loss=loss, eta=0.3, window=7)
    stored = train_model(replace(plain, recipe=recipe), tmp_path / "model")
    classifier, card = load(stored.path)
    assert card.loss == loss
    assert classifier.calibration.scoring == Scoring(score=score, eta=0.3, window=7)


def test_kernel_strengthened_models_are_stored_fused(mvtec_folder, tmp_path):
    stored = train_model(task(mvtec_folder, network="ks_cae"), tmp_path / "model")
    assert stored.card.options == {"fused": True}
    assert {type(layer[0]) for layer in load_network(stored).encoder} == {torch.nn.Conv2d}


def test_the_network_is_kept_after_every_so_many_epochs(mvtec_folder, tmp_path):
    two = replace(task(mvtec_folder), recipe=replace(task(mvtec_folder).recipe, epochs=2))
    final = train_model(two, tmp_path / "model", keep_every=1)
    kept = [read_card(tmp_path / "model.epochs" / f"model-{epoch:04d}") for epoch in (1, 2)]
    assert [card.training.epochs for card in kept] == [1, 2]
    best = load_network(final).state_dict()
    states = [load_network(find_model(tmp_path / "model.epochs" / card.id)).state_dict() for card in kept]
    assert any(all(torch.equal(state[name], best[name]) for name in best) for state in states)


def test_the_epoch_that_detects_best_is_kept_where_the_recipe_says_so(mvtec_folder, tmp_path):
    recipe = replace(task(mvtec_folder).recipe, epochs=3, selection=Selection.CALIBRATION)
    reports = []
    stored = train_model(
        replace(task(mvtec_folder), recipe=recipe), tmp_path / "model", keep_every=1, on_epoch=reports.append
    )
    figures = [report.detection for report in reports]
    assert [report.is_best for report in reports] == [
        figure > max(figures[:place], default=-1) for place, figure in enumerate(figures)
    ]
    chosen = tmp_path / "model.epochs" / f"model-{figures.index(max(figures)) + 1:04d}"
    best, found = load_network(find_model(chosen)).state_dict(), load_network(stored).state_dict()
    assert all(torch.equal(best[name], found[name]) for name in best)
    record = load_calibration(stored)
    scores, labels, kinds = zip(*((i.score, i.label, i.kind) for i in record.images), strict=True)
    expected = class_auc_roc(np.array(scores), np.array(labels), kinds)
    assert max(figures) == pytest.approx(np.mean(list(expected.values())))


def test_selecting_by_the_images_that_report_is_refused(mvtec_folder, tmp_path):
    recipe = replace(task(mvtec_folder).recipe, selection=Selection.CALIBRATION)
    with pytest.raises(InvalidInputError, match="would choose the figures"):
        train_model(replace(task(mvtec_folder), recipe=recipe, protocol=Protocol.THESIS), tmp_path / "model")


def test_a_plain_network_does_not_pass_for_a_strengthened_one(mvtec_folder, tmp_path):
    plain = replace(task(mvtec_folder, network="ks_cae"), options={"fused": True})
    with pytest.raises(InvalidInputError, match="Train with fused=False"):
        train_model(plain, tmp_path / "model")


def test_networks_of_an_earlier_training_are_not_mixed_with_those_of_another(mvtec_folder, tmp_path):
    train_model(task(mvtec_folder), tmp_path / "model", keep_every=1)
    with pytest.raises(InvalidInputError, match="networks of an earlier training"):
        train_model(task(mvtec_folder), tmp_path / "model", keep_every=1)


def test_selecting_by_calibration_needs_anomalies_to_calibrate_on(mvtec_folder, tmp_path):
    alone = task(mvtec_folder / "train/good", layout="folder")
    recipe = replace(alone.recipe, selection=Selection.CALIBRATION)
    with pytest.raises(InvalidInputError, match="normal and anomalous calibration images"):
        train_model(replace(alone, recipe=recipe), tmp_path / "model")


def test_a_compressed_model_is_rounded_before_it_is_calibrated(mvtec_folder, tmp_path):
    stored = train_model(task(mvtec_folder), tmp_path / "model")
    half = compress_model(stored, mvtec_folder, "mvtec", tmp_path / "half")
    assert (half.card.id, half.card.weights_dtype, half.card.training) == (
        "half",
        "float16",
        stored.card.training,
    )
    classifier, card = load(half.path)
    samples = {sample.sha256: sample for sample in read_dataset(mvtec_folder, "mvtec").samples}
    for image in load_calibration(half).images:
        score = float(classifier(read_image(samples[image.sha256].path, card)[None])[0])
        assert image.score == pytest.approx(score, rel=1e-5)
    assert torch.equal(classifier.references.mean, load(stored.path)[0].references.mean)


def test_the_network_that_compression_calibrates_has_rounded_kernels(mvtec_folder, tmp_path, monkeypatch):
    stored = train_model(task(mvtec_folder), tmp_path / "model")
    calibrated = []

    def listen(network, *arguments, **options):
        calibrated.append(network)
        return calibrate(network, *arguments, **options)

    monkeypatch.setattr("xai_ad.training.compression.calibrate", listen)
    compress_model(stored, mvtec_folder, "mvtec", tmp_path / "half")
    kernels = [value for value in calibrated[0].state_dict().values() if value.ndim > 1]
    assert all(torch.equal(value, value.half().float()) for value in kernels)
    exact = [value for value in load_network(stored).state_dict().values() if value.ndim > 1]
    assert not all(map(torch.equal, kernels, exact))


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"weights_dtype": "float16"}, "nothing to gain"), ({"parent": "other"}, "Compress its parent")],
)
def test_a_model_that_rounding_does_not_suit_is_not_compressed(
    stored_model, mvtec_folder, tmp_path, fields, said
):
    unfit = StoredModel(path=stored_model.path, card=replace(stored_model.card, **fields))
    with pytest.raises(InvalidInputError, match=said):
        compress_model(unfit, mvtec_folder, "mvtec", tmp_path / "half")


def test_a_model_is_not_compressed_over_itself_or_on_other_images(stored_model, mvtec_folder, tmp_path):
    with pytest.raises(InvalidInputError, match="is the model itself"):
        compress_model(stored_model, mvtec_folder, "mvtec", stored_model.path)
    other = mvtec_folder.rename(mvtec_folder.with_name("gadget"))
    with pytest.raises(InvalidInputError, match="trained on 'widget', not 'gadget'"):
        compress_model(stored_model, other, "mvtec", tmp_path / "half")


def test_an_unfinished_training_is_not_overwritten(mvtec_folder, tmp_path):
    (tmp_path / "model.training").mkdir()
    (tmp_path / "model.training" / "checkpoint.safetensors").write_bytes(b"hours of work")
    with pytest.raises(InvalidInputError, match="unfinished training"):
        train_model(task(mvtec_folder), tmp_path / "model")


def test_a_model_of_images_of_another_size_is_trained_and_its_card_says_so_once(mvtec_folder, tmp_path):
    stored = train_model(replace(task(mvtec_folder), options={"size": 80}), tmp_path / "small")
    detector, card = load(stored.path)
    assert (card.preprocessing.size, dict(card.options), detector.network.size) == (80, {}, 80)
    assert detector.references.mean.shape == (3, 80, 80)


def test_a_size_that_the_network_cannot_have_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(InvalidInputError, match="Choose the size 224 or 272"):
        train_model(
            replace(task(tmp_path / "nowhere", network="bcae2"), options={"size": 256}), tmp_path / "model"
        )


def test_a_shipped_model_is_not_replaced(mvtec_folder, stored_model, tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    before = {path.name: path.read_bytes() for path in stored_model.path.iterdir()}
    with pytest.raises(InvalidInputError, match="is a shipped model"):
        train_model(task(mvtec_folder), stored_model.path)
    assert {path.name: path.read_bytes() for path in stored_model.path.iterdir()} == before
