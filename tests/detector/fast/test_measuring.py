"""The measurement that the choice of precision and batch size rests on."""

import time

import torch

from xai_ad.detector.fast import measuring
from xai_ad.detector.fast.measuring import BATCH_SIZES, fastest_execution, measure
from xai_ad.detector.fast.network import InferenceNetwork
from xai_ad.machine import speeds as machine
from xai_ad.machine.execution import Execution, Precision


def test_the_real_measurement_times_every_case():
    speeds = measure()
    assert set(speeds) == {Precision.FLOAT32, Precision.BFLOAT16}
    assert all(set(by_batch) == set(BATCH_SIZES) for by_batch in speeds.values())
    assert all(speed > 0 for by_batch in speeds.values() for speed in by_batch.values())


def test_where_bfloat16_is_hopeless_a_few_images_tell(monkeypatch):
    """Without it in hardware each image takes seconds, and all of them minutes."""
    asked = []

    def reconstruct(self, images, precision):
        if precision is Precision.BFLOAT16:
            asked.append(len(images))
            time.sleep(0.02 * len(images))
        return images

    monkeypatch.setattr(InferenceNetwork, "reconstruct", reconstruct)
    speeds = measure()
    assert sum(asked) == 3
    assert set(speeds[Precision.BFLOAT16]) == set(speeds[Precision.FLOAT32]) == set(BATCH_SIZES)
    assert max(speeds[Precision.BFLOAT16].values()) < 51 < min(speeds[Precision.FLOAT32].values())


def test_a_measurement_moves_nobodys_random_numbers():
    before = torch.get_rng_state()
    measure()
    assert torch.equal(torch.get_rng_state(), before)


def test_the_fastest_way_is_what_was_measured(monkeypatch):
    monkeypatch.delenv("XAI_AD_PRECISION")
    monkeypatch.delenv("XAI_AD_BATCH_SIZE")
    monkeypatch.setattr(machine, "_known", {})
    found = {Precision.FLOAT32: {8: 250.0}, Precision.BFLOAT16: {8: 500.0, 32: 900.0}}
    monkeypatch.setattr(measuring, "measure", lambda: found)
    assert fastest_execution() == Execution(precision=Precision.BFLOAT16, batch_size=32)
    assert fastest_execution(Precision.FLOAT32) == Execution(precision=Precision.FLOAT32, batch_size=8)


def test_a_measurement_is_told_of_and_what_is_known_or_named_is_not(monkeypatch):
    monkeypatch.delenv("XAI_AD_PRECISION")
    monkeypatch.delenv("XAI_AD_BATCH_SIZE")
    monkeypatch.setattr(machine, "_known", {})
    monkeypatch.setattr(machine, "_stored", dict)
    monkeypatch.setattr(machine, "_store", lambda _, speeds: speeds)
    found = {Precision.FLOAT32: {8: 250.0}, Precision.BFLOAT16: {8: 500.0}}
    monkeypatch.setattr(measuring, "measure", lambda: found)
    told = []
    fastest_execution(Precision.FLOAT32, 8, on_measure=lambda: told.append("named"))
    fastest_execution(Precision.FLOAT32, on_measure=lambda: told.append("measured"))
    fastest_execution(on_measure=lambda: told.append("known"))
    assert told == ["measured"]
