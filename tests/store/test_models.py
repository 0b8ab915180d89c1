import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from xai_ad.data.decoding import sha256_of
from xai_ad.data.layouts import Protocol
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import InvalidInputError, StoreError, UnknownNameError
from xai_ad.store import (
    EvaluatedScores,
    EvaluationRecord,
    JudgedImage,
    MeasuredExplanations,
    MeasuredMethod,
    add_calibration,
    default_models,
    files,
    find_model,
    has_components,
    list_models,
    load,
    load_calibration,
    load_calibrations,
    load_evaluation,
    load_evaluation_record,
    load_measured,
    load_network,
    models,
    read_card,
    record_calibration,
    record_choice,
    record_default,
    record_evaluation,
    record_explanations,
    save_model,
)
from xai_ad.store.files import write_folder_whole
from xai_ad.store.records import SCHEMA


def stricter(stored):
    """The model's calibration with a lower threshold, under another name."""
    record = load_calibration(stored)
    return replace(record, id="stricter", calibration=replace(record.calibration, threshold=0.01))


def evaluated(**scores):
    """An evaluation of one image, scored by each score so."""
    return EvaluationRecord(
        label=(1,),
        kind=("hole",),
        sha256=("a" * 64,),
        scores=tuple(
            EvaluatedScores(score=Score(name), eta=0.5, window=11, values=values)
            for name, values in scores.items()
        ),
    )


def measured(score):
    """What one method is worth under a score, on one image."""
    return MeasuredExplanations(
        calibration=f"{score}-held-out",
        score=Score(score),
        seed=0,
        images=("a" * 64,),
        kinds=("hole",),
        groups=("a" * 64,),
        methods=(
            MeasuredMethod(
                method="lrp",
                seconds=(0.5,),
                localisation=(0.9,),
                hits=(1.0,),
                pointing=(0.0,),
                iou=(0.2,),
                faithfulness=(-0.25,),
            ),
        ),
    )


def write_beside(stored, name, data):
    """Write a file of a model, and its hash into the card."""
    (stored.path / name).write_bytes(data)
    change_card(stored, lambda card: card["sha256"].update({name: sha256_of(data)}))


def change_card(stored, change):
    path = stored.path / "card.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_a_stored_model_loads_to_the_same_card_and_judges(stored_model):
    classifier, card = load(stored_model.path)
    assert card == stored_model.card
    assert classifier.calibration.threshold == 0.05
    prediction = classifier.predict(torch.zeros(1, 3, 128, 128))
    assert float(prediction.scores[0]) > 0


def test_every_weight_survives_the_store(stored_model, tmp_path):
    network = load_network(stored_model)
    again = save_model(
        tmp_path / "again",
        stored_model.card,
        network=network,
        references={},
        calibrations=(load_calibration(stored_model),),
    )
    for name, tensor in load_network(again).state_dict().items():
        assert torch.equal(tensor, network.state_dict()[name]), name


def test_float16_weights_load_as_float32(stored_model, tmp_path):
    card = replace(stored_model.card, weights_dtype="float16")
    network = load_network(stored_model)
    half = save_model(
        tmp_path / "half",
        card,
        network=network,
        references={},
        calibrations=(load_calibration(stored_model),),
    )
    weight = load_network(half).encoder[0][0].weight
    assert weight.dtype == torch.float32
    assert torch.equal(weight, network.encoder[0][0].weight.half().float())


@pytest.mark.parametrize("name", ["weights.safetensors", "references.safetensors", "calibrations.json"])
def test_a_changed_file_fails_its_hash(stored_model, name):
    path = stored_model.path / name
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(StoreError, match=f"{name}' does not match the hash"):
        load(stored_model.path)


def test_a_missing_file_is_named(stored_model):
    (stored_model.path / "weights.safetensors").unlink()
    with pytest.raises(StoreError, match=r"weights\.safetensors' cannot be read"):
        load(stored_model.path)


def test_an_unknown_key_in_the_card_is_an_error(stored_model):
    change_card(stored_model, lambda data: data.update(colour="red"))
    with pytest.raises(StoreError, match=r"'colour'"):
        load(stored_model.path)


def test_a_missing_key_in_the_card_is_an_error(stored_model):
    change_card(stored_model, lambda data: data.pop("licence"))
    with pytest.raises(StoreError, match=r"'licence'.*required"):
        read_card(stored_model.path)


def test_an_unknown_key_deep_in_the_card_is_an_error(stored_model):
    change_card(stored_model, lambda data: data["preprocessing"].update(blur=3))
    with pytest.raises(StoreError, match=r"preprocessing\.blur"):
        read_card(stored_model.path)


@pytest.mark.parametrize("schema", [SCHEMA + 1, None, "1", []])
def test_another_schema_says_which_one_is_read(stored_model, schema):
    change_card(stored_model, lambda data: data.update(schema=schema))
    with pytest.raises(StoreError, match=f"this version of xai_ad reads {SCHEMA}"):
        read_card(stored_model.path)


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_a_model_of_an_older_schema_does_not_know_what_shape_its_images_had(stored_model, schema):
    def older(data):
        data["schema"] = schema
        del data["photograph"]

    change_card(stored_model, older)
    card = read_card(stored_model.path)
    assert card.photograph is None
    assert card.schema == SCHEMA


def test_a_model_of_the_second_schema_is_still_read_with_a_crop_that_does_not_scale(stored_model):
    def second(data):
        data["schema"] = 2
        del data["preprocessing"]["crop_of"]

    change_card(stored_model, second)
    card = read_card(stored_model.path)
    assert card.preprocessing.crop_of is None
    assert card.schema == SCHEMA


def test_a_model_of_the_first_schema_is_still_read_with_the_squared_error(stored_model):
    def first(data):
        data["schema"] = 1

    path = stored_model.path / "calibrations.json"
    records = json.loads(path.read_bytes())
    for record in records:
        del record["eta"], record["window"]
    path.write_text(json.dumps(records))
    change_card(stored_model, first)
    change_card(stored_model, lambda data: data["sha256"].update({path.name: sha256_of(path.read_bytes())}))
    assert load_calibration(stored_model.path).calibration.scoring == Scoring()
    assert read_card(stored_model.path).schema == SCHEMA


def test_half_precision_rounds_the_kernels_and_no_batch_norm(stored_model, tmp_path):
    card = replace(stored_model.card, weights_dtype="float16")
    network = load_network(stored_model)
    half = save_model(
        tmp_path / "half",
        card,
        network=network,
        references={},
        calibrations=(load_calibration(stored_model),),
    )
    for name, tensor in load_network(half).state_dict().items():
        exact = network.state_dict()[name]
        assert torch.equal(tensor, exact.half().float() if exact.ndim > 1 else exact)


def test_a_card_that_is_no_json_is_refused(stored_model):
    (stored_model.path / "card.json").write_text("{")
    with pytest.raises(StoreError, match="not a readable card"):
        read_card(stored_model.path)


def test_weights_of_another_architecture_are_refused(stored_model):
    change_card(stored_model, lambda data: data["preprocessing"].update(channels=1))
    with pytest.raises(StoreError, match="do not fit 'bcae1'"):
        load_network(find_model(stored_model.path))


def test_an_unknown_model_names_the_ones_there_are(own_home, stored_model):
    target = own_home / "models" / "widget-bcae1"
    target.parent.mkdir()
    stored_model.path.rename(target)
    with pytest.raises(UnknownNameError, match=r"no model 'nothing'.*widget-bcae1"):
        find_model("nothing")
    assert find_model("widget-bcae1").path == target


def test_a_broken_model_does_not_hide_the_others(own_home):
    broken = own_home / "models" / "broken"
    broken.mkdir(parents=True)
    (broken / "card.json").write_text("{}")
    with pytest.raises(StoreError):
        list_models()
    problems = []
    assert "broken" not in [stored.card.id for stored in list_models(on_broken=problems.append)]
    assert len(problems) == 1


def test_a_new_calibration_becomes_active_and_the_old_one_is_kept(stored_model):
    record = stricter(stored_model)
    changed = add_calibration(stored_model, record)
    assert load_calibration(changed).calibration.threshold == 0.01
    assert load(stored_model.path)[0].calibration.threshold == 0.01
    kept = json.loads((stored_model.path / "calibrations.json").read_text())
    assert [entry["id"] for entry in kept] == ["squared_error-held-out", "stricter"]


def test_a_model_is_found_where_the_setting_says(stored_model, monkeypatch):
    with pytest.raises(UnknownNameError, match="widget-bcae1"):
        load("widget-bcae1")
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    assert load("widget-bcae1")[1] == stored_model.card
    assert list_models() == (stored_model,)


@pytest.mark.parametrize("place", ["set", "linked", "in the checkout"])
def test_a_shipped_models_files_stay_untouched(place, stored_model, own_home, tmp_path, monkeypatch):
    if place == "linked":
        (tmp_path / "links").mkdir()
        (tmp_path / "links" / stored_model.card.id).symlink_to(stored_model.path)
        stored_model = replace(stored_model, path=tmp_path / "links" / stored_model.card.id)
    if place == "in the checkout":
        monkeypatch.setattr(models, "CHECKOUT", tmp_path)
        monkeypatch.setenv("XAI_AD_MODELS", str(own_home))
    else:
        monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    before = {path.name: path.read_bytes() for path in stored_model.path.iterdir()}
    add_calibration(stored_model, stricter(stored_model))
    assert {path.name: path.read_bytes() for path in stored_model.path.iterdir()} == before
    assert load(stored_model.path)[0].calibration.threshold == 0.01
    own = own_home / "calibrations" / "widget-bcae1.json"
    data = json.loads(own.read_text())
    own.write_text(json.dumps({**data, "weights_sha256": "0" * 64}))
    assert load(stored_model.path)[0].calibration.threshold == 0.05  # made for other weights


def test_an_evaluation_is_recorded_beside_the_model(stored_model):
    images = (JudgedImage(score=0.1, label=1, kind="hole", sha256="a" * 64),)
    evaluation = evaluated(squared_error=(0.1,), ssim=(0.7,))
    changed = record_evaluation(
        stored_model,
        protocol=Protocol.HELD_OUT,
        metrics={"auc_roc": 0.9},
        images=evaluation,
        components=torch.ones(1, 16),
    )
    assert load_evaluation_record(changed) == evaluation
    assert load_evaluation(changed) == images  # by the active score
    assert read_card(stored_model.path).metrics == {"held-out": {"auc_roc": 0.9}}
    assert load(stored_model.path)[0].references.mean is not None


def test_an_evaluation_of_an_older_version_counts_for_any_score(stored_model):
    old = [{"score": 0.1, "label": 1, "kind": "hole", "sha256": "a" * 64}]
    write_beside(stored_model, "evaluation.json", json.dumps(old).encode())
    assert load_evaluation(find_model(stored_model.path)) == (
        JudgedImage(score=0.1, label=1, kind="hole", sha256="a" * 64),
    )


def test_scores_of_another_calibration_are_those_of_its_score(stored_model):
    ssim = replace(
        load_calibration(stored_model),
        id="ssim-held-out",
        calibration=replace(load_calibration(stored_model).calibration, scoring=Scoring(score=Score.SSIM)),
    )
    stored = record_calibration(stored_model, ssim)
    assert stored.card.calibration == stored_model.card.calibration  # it stays the active one
    assert [record.id for record in load_calibrations(stored)] == ["squared_error-held-out", "ssim-held-out"]
    stored = record_evaluation(
        stored,
        protocol=Protocol.HELD_OUT,
        metrics={"auc_roc": 0.9},
        images=evaluated(squared_error=(0.1,), ssim=(0.7,)),
        components=None,
    )
    assert [image.score for image in load_evaluation(stored)] == [0.1]
    assert [image.score for image in load_evaluation(stored, "ssim-held-out")] == [0.7]
    chosen = record_choice(stored, "ssim-held-out")
    assert chosen.card.metrics == {}  # they were the other's
    assert [image.score for image in load_evaluation(find_model(stored.path))] == [0.7]
    assert load(stored.path)[0].calibration.scoring.score is Score.SSIM
    assert load(stored.path, calibration="squared_error-held-out")[0].calibration.scoring == Scoring()
    with pytest.raises(
        UnknownNameError, match=r"no calibration 'compound'\. Choose one of: squared_error-held-out"
    ):
        load(stored.path, calibration="compound")


def test_an_evaluation_by_no_such_score_is_none(stored_model):
    stored = record_evaluation(
        stored_model, protocol=Protocol.HELD_OUT, metrics={}, images=evaluated(ssim=(0.7,)), components=None
    )
    assert load_evaluation(stored) == ()


def test_components_of_so_many_images_are_known(stored_model):
    assert not has_components(stored_model, 1)
    changed = record_evaluation(
        stored_model,
        protocol=Protocol.HELD_OUT,
        metrics={},
        images=evaluated(squared_error=(0.1,)),
        components=torch.ones(1, 16),
    )
    assert has_components(changed, 1)
    assert not has_components(changed, 2)


def test_measured_explanations_are_kept_by_their_score(stored_model):
    assert load_measured(stored_model) == ()
    one, other = measured("squared_error"), measured("ssim")
    stored = record_explanations(record_explanations(stored_model, one), other)
    assert load_measured(stored) == (one, other)
    again = replace(one, seed=5)
    assert load_measured(record_explanations(stored, again)) == (other, again)
    assert find_model(stored.path).card.sha256.keys() >= {"explanations.json"}


def test_a_dataset_opens_with_the_model_that_was_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(tmp_path))
    assert default_models() == {}
    record_default("widget", "widget-bcae1")
    record_default("gadget", "gadget-bcae1")
    assert default_models() == {"gadget": "gadget-bcae1", "widget": "widget-bcae1"}


def test_a_failed_save_leaves_the_old_folder(tmp_path):
    write_folder_whole(tmp_path / "model", {"a": b"old"})
    with pytest.raises(TypeError):
        write_folder_whole(tmp_path / "model", {"a": b"new", "b": None})
    assert (tmp_path / "model" / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_saving_again_replaces_the_whole_folder(tmp_path):
    write_folder_whole(tmp_path / "model", {"a": b"old", "b": b"old"})
    write_folder_whole(tmp_path / "model", {"a": b"new"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == {"a": b"new"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_failed_swap_puts_the_old_folder_back(tmp_path, monkeypatch):
    write_folder_whole(tmp_path / "model", {"a": b"old"})
    rename = Path.rename

    def fail_for_the_model(path, target):
        if Path(target).name == "model":
            raise OSError("no")
        return rename(path, target)

    monkeypatch.setattr(files, "_exchanged", lambda *_: False)
    monkeypatch.setattr(Path, "rename", fail_for_the_model)
    with pytest.raises(OSError, match="no"):
        write_folder_whole(tmp_path / "model", {"a": b"new"})
    assert (tmp_path / "model" / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("change", ["calibration", "evaluation"])
def test_a_change_that_fails_half_way_leaves_a_model_that_loads(stored_model, monkeypatch, change):
    write = Path.write_bytes

    def fail_for_the_card(path, data):
        if path.name == "card.json":
            raise OSError("disk full")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", fail_for_the_card)
    changes = {
        "calibration": lambda: add_calibration(stored_model, stricter(stored_model)),
        "evaluation": lambda: record_evaluation(
            stored_model,
            protocol=Protocol.HELD_OUT,
            metrics={},
            images=evaluated(ssim=(0.7,)),
            components=torch.ones(1, 16),
        ),
    }
    with pytest.raises(OSError, match="disk full"):
        changes[change]()
    assert load(stored_model.path)[0].calibration.threshold == 0.05


def test_figures_at_a_users_own_threshold_are_not_recorded_as_shipped(stored_model, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    add_calibration(stored_model, stricter(stored_model))
    with pytest.raises(StoreError, match="your own calibration"):
        record_evaluation(
            stored_model,
            protocol=Protocol.HELD_OUT,
            metrics={},
            images=evaluated(ssim=(0.7,)),
            components=torch.ones(1, 16),
        )


def test_a_folder_named_unlike_its_model_is_not_listed(own_home, stored_model):
    target = own_home / "models" / "another-name"
    target.parent.mkdir()
    stored_model.path.rename(target)
    problems = []
    list_models(on_broken=problems.append)
    assert "Name it like its model" in str(problems[0])


def test_a_score_that_is_no_number_is_refused(stored_model):
    path = stored_model.path / "calibrations.json"
    data = path.read_bytes().replace(b'"score":[0.02]', b'"score":[NaN]')
    path.write_bytes(data)
    change_card(stored_model, lambda card: card["sha256"].update({path.name: sha256_of(data)}))
    with pytest.raises(StoreError, match=r"calibrations\.json"):
        load(stored_model.path)


def test_a_card_nested_too_deep_is_refused(stored_model):
    (stored_model.path / "card.json").write_text("[" * 100_000)
    with pytest.raises(StoreError, match="not a readable card"):
        read_card(stored_model.path)


def test_a_model_of_larger_images_loads_and_judges(stored_model):
    change_card(stored_model, lambda data: data["preprocessing"].update(size=256))
    detector, card = load(stored_model.path)
    assert (card.preprocessing.size, detector.network.size) == (256, 256)
    assert detector.predict(torch.full((2, 3, 256, 256), 0.5)).scores.shape == (2,)
    with pytest.raises(InvalidInputError, match="256"):
        detector.predict(torch.full((2, 3, 128, 128), 0.5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"preprocessing": {"size": 250}},
            "'bcae1' gives back 240 pixels for 250. Choose the size 240 or 256.",
        ),
        (
            {"preprocessing": {"size": 256}, "options": {"size": 128}},
            "say images of 128 pixels, and here they have 256",
        ),
        ({"options": {"size": 256}}, "say images of 256 pixels, and here they have 128"),
    ],
)
def test_a_card_of_another_size_than_its_network_is_refused_when_it_is_read(stored_model, change, message):
    change_card(stored_model, lambda data: [data[key].update(value) for key, value in change.items()])
    with pytest.raises(StoreError) as refusal:
        read_card(stored_model.path)
    assert "of another size than its network" in str(refusal.value)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("frames", [8, 2])
def test_a_card_of_another_length_than_its_network_is_refused(stored_model, frames):
    path = stored_model.path / "card.json"
    card = json.loads(path.read_text())
    card["preprocessing"]["frames"] = frames
    path.write_text(json.dumps(card))
    with pytest.raises(StoreError, match=f"of another length than its network: {frames} frames, .+ sees 1"):
        load(stored_model.path)


def test_a_home_that_nobody_may_read_hides_its_models_alone(stored_model, own_home, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    monkeypatch.setattr(Path, "iterdir", refused_below(own_home, Path.iterdir))
    broken = []
    assert [model.card.id for model in list_models(on_broken=broken.append)] == [stored_model.card.id]
    (line,) = map(str, broken)
    assert line == f"'{own_home / 'models'}' cannot be read (Permission denied): its models are not listed."
    with pytest.raises(StoreError, match="Permission denied"):
        list_models()
    assert find_model(stored_model.card.id).card == stored_model.card


def test_a_limit_of_ones_own_that_nobody_may_read_is_not_passed_over(stored_model, own_home, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    assert load_calibration(stored_model)
    monkeypatch.setattr(Path, "read_bytes", refused_below(own_home, Path.read_bytes))
    with pytest.raises(
        StoreError, match=r"cannot be read \(Permission denied\), and it may hold your own limit"
    ):
        load_calibration(stored_model)


def refused_below(folder, act):
    """An act on a path that the system refuses below a folder: tests may run as a user whom it refuses nothing."""

    def refusing(path, *args):
        if path.is_relative_to(folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return act(path, *args)

    return refusing
