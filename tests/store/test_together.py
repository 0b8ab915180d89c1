"""Several processes and one model: nothing that was stored is lost, and nothing whole is called damaged."""

import subprocess
import sys
from dataclasses import replace

import pytest

from tests.holding import held
from xai_ad.data.layouts import Protocol
from xai_ad.errors import InUseError, StoreError
from xai_ad.store import (
    EvaluationRecord,
    add_calibration,
    find_model,
    list_models,
    load,
    load_calibration,
    load_calibrations,
    load_network,
    load_references,
    record_calibration,
    record_evaluation,
    recording,
    require_unclaimed,
    save_model,
)
from xai_ad.store import files as store_files

WRITER = """
import sys
from dataclasses import replace
from xai_ad.store import add_calibration, find_model, load_calibration
stored = find_model(sys.argv[1])
record = load_calibration(stored)
print("ready", flush=True)
for number in range(5):
    add_calibration(stored, replace(record, id=f"number-{number}"))
print("done", flush=True)
"""
EVALUATED = EvaluationRecord(label=(), kind=(), sha256=(), scores=())


def ids(stored):
    return {record.id for record in load_calibrations(find_model(stored.path))}


def test_calibrations_made_at_once_are_all_kept(stored_model):
    """Both began with the card as it was before."""
    record = load_calibration(stored_model)
    add_calibration(stored_model, replace(record, id="one"))
    after = add_calibration(stored_model, replace(record, id="two"))
    record_calibration(stored_model, replace(record, id="three"))
    assert ids(stored_model) == {record.id, "one", "two", "three"}
    assert find_model(stored_model.path).card.calibration == after.card.calibration == "two"


def test_calibrations_of_a_shipped_model_made_at_once_are_all_kept(stored_model, own_home, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    record = load_calibration(stored_model)
    for name in ("one", "two"):
        add_calibration(stored_model, replace(record, id=name))
    assert ids(stored_model) == {record.id, "one", "two"}
    assert [path.name for path in (own_home / "calibrations").iterdir()] == [f"{stored_model.card.id}.json"]


def test_a_model_read_while_another_process_calibrates_it_is_never_damaged_nor_missing(stored_model):
    expected = load(stored_model.path)[0].calibration
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(stored_model.path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        seen = set()
        while process.poll() is None:
            detector, card = load(stored_model.path)
            assert detector.calibration == expected
            assert len(list_models()) >= 1
            seen.add(card.calibration)
        assert process.stdout.readline() == "done\n"
    assert len(ids(stored_model)) == 6
    assert seen <= ids(stored_model)


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_card_read_before_another_process_wrote_still_finds_its_files(
    stored_model, monkeypatch, in_one_step
):
    if not in_one_step:
        monkeypatch.setattr(store_files, "_exchanged", lambda *_: False)
    before = find_model(stored_model.path)
    record = load_calibration(before)
    add_calibration(before, replace(record, id="newer"))
    assert load_calibration(before) == record  # its own active one
    assert {each.id for each in load_calibrations(before)} == {record.id, "newer"}
    assert load_references(before).keys() == load_references(find_model(stored_model.path)).keys()


def test_a_folder_that_is_being_replaced_is_waited_for(stored_model, monkeypatch):
    """Where a system cannot exchange two folders in one step, there is none for a moment."""
    away = stored_model.path.with_name(f".{stored_model.path.name}-old-abc")
    stored_model.path.rename(away)
    monkeypatch.setattr(store_files.time, "sleep", lambda _: away.exists() and away.rename(stored_model.path))
    assert find_model(stored_model.path).card == stored_model.card


def test_a_model_with_other_weights_is_another_one(stored_model):
    network = load_network(stored_model)
    next(network.parameters()).data.add_(1.0)
    record = load_calibration(stored_model)
    save_model(stored_model.path, stored_model.card, network=network, references={}, calibrations=(record,))
    with pytest.raises(StoreError, match="was replaced while it was read"):
        load_network(stored_model)
    with pytest.raises(StoreError, match="was replaced meanwhile"):
        add_calibration(stored_model, record)


def test_figures_of_a_calibration_that_is_active_no_more_are_not_recorded(stored_model):
    add_calibration(stored_model, replace(load_calibration(stored_model), id="newer"))
    with pytest.raises(StoreError, match="was calibrated anew while it was evaluated"):
        record_evaluation(
            stored_model, protocol=Protocol.HELD_OUT, metrics={}, images=EVALUATED, components=None
        )


def test_damage_is_still_damage(stored_model):
    (stored_model.path / "references.safetensors").write_bytes(b"other bytes")
    with pytest.raises(StoreError, match="does not match the hash in its card: damaged or changed"):
        load_references(stored_model)


def test_a_model_that_another_process_holds_is_refused_by_name(stored_model, monkeypatch):
    monkeypatch.setattr(recording, "WAIT", 0.0)
    with held(stored_model.path) as process:
        load(stored_model.path)  # reading needs no lock
        for act in (require_unclaimed, lambda stored: add_calibration(stored, load_calibration(stored))):
            with pytest.raises(InUseError, match=rf"another process \(pid {process.pid}, since"):
                act(stored_model)
    assert [path.name for path in stored_model.path.parent.iterdir()] == [stored_model.path.name]
