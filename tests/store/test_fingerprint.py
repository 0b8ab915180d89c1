import json
from dataclasses import asdict, replace

import pytest

from xai_ad.data.images import Preprocessing
from xai_ad.networks import build_network
from xai_ad.store import (
    add_calibration,
    find_model,
    fingerprint,
    load_calibration,
    load_network,
    load_references,
    save_model,
)


def changed_from(stored, **card):
    """Which fields differ when the model is stored again with another card, or another network."""
    stored = find_model(stored.path)
    before = asdict(fingerprint(stored))
    network = card.pop("network", None) or load_network(stored)
    references = card.pop("references", None) or load_references(stored)
    again = save_model(
        stored.path,
        replace(stored.card, **card),
        network=network,
        references=references,
        calibrations=(load_calibration(stored),),
    )
    after = asdict(fingerprint(again))
    return {name for name, value in after.items() if value != before[name]}


def test_hashes_are_those_of_the_files(stored_model):
    found = fingerprint(stored_model)
    assert found.id == "widget-bcae1"
    assert found.weights == stored_model.card.sha256["weights.safetensors"]
    assert found.references == stored_model.card.sha256["references.safetensors"]


def test_each_part_has_a_hash_of_its_own(stored_model):
    assert changed_from(stored_model) == set()
    assert changed_from(stored_model, licence="other", metrics={"held-out": {}}) == set()
    assert changed_from(stored_model, network=build_network("bcae1")) == {"weights"}
    cropped = Preprocessing(crop=(0, 0, 9, 9))
    assert changed_from(stored_model, preprocessing=cropped) == {"network"}
    mean = load_references(stored_model)["mean"]
    assert changed_from(stored_model, references={"mean": mean / 2}) == {"references"}


def test_the_active_calibrations_figures_count_and_not_its_name(stored_model):
    before, record = fingerprint(stored_model), load_calibration(stored_model)
    renamed = add_calibration(stored_model, replace(record, id="renamed"))
    assert fingerprint(renamed) == before
    stricter = replace(record, id="stricter", calibration=replace(record.calibration, threshold=0.01))
    other = fingerprint(add_calibration(renamed, stricter))
    assert other.calibration != before.calibration
    assert replace(other, calibration=before.calibration) == before


@pytest.mark.parametrize("root", ["home", "shipped"])
def test_a_path_is_told_of_a_model_that_its_id_does_not_find(stored_model, own_home, monkeypatch, root):
    assert fingerprint(stored_model).path == str(stored_model.path)
    (own_home / "shipped").mkdir()
    monkeypatch.setenv("XAI_AD_MODELS", str(own_home / "shipped"))
    folder = (own_home / "models" if root == "home" else own_home / "shipped") / stored_model.path.name
    folder.parent.mkdir(exist_ok=True)
    moved = replace(stored_model, path=stored_model.path.rename(folder))
    assert fingerprint(moved).path is None
    assert fingerprint(find_model(json.loads((folder / "card.json").read_text())["id"])) == fingerprint(moved)
