"""What the machine is fastest with: measured once, remembered, and overruled."""

import json

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.machine import speeds as machine
from xai_ad.machine.execution import Execution, Precision

FLOAT32, BFLOAT16 = Precision.FLOAT32, Precision.BFLOAT16
GAINS = {FLOAT32: {8: 250.0, 16: 200.0, 32: 190.0}, BFLOAT16: {8: 500.0, 16: 890.0, 32: 900.0}}
LOSES = {FLOAT32: {8: 190.0, 16: 200.0, 32: 250.0}, BFLOAT16: {8: 260.0, 16: 270.0, 32: 274.0}}


MEASUREMENTS = []


def measure():
    MEASUREMENTS.append(GAINS)
    return GAINS


def resolve(precision=Precision.AUTO, batch_size=None):
    return machine.resolve(precision, batch_size, measure=measure)


@pytest.fixture
def measured(monkeypatch):
    """Forget this process's answer and the environment's; count the measurements."""
    monkeypatch.delenv("XAI_AD_PRECISION")
    monkeypatch.delenv("XAI_AD_BATCH_SIZE")
    monkeypatch.setattr(machine, "_known", {})
    MEASUREMENTS.clear()
    return MEASUREMENTS


def test_auto_is_bfloat16_only_where_it_gains_noticeably():
    assert machine.choose(GAINS, precision=Precision.AUTO, batch_size=None).precision is BFLOAT16
    assert machine.choose(LOSES, precision=Precision.AUTO, batch_size=None).precision is FLOAT32


def test_the_smallest_batch_that_is_nearly_as_fast_is_taken():
    assert machine.choose(GAINS, precision=BFLOAT16, batch_size=None).batch_size == 16
    assert machine.choose(GAINS, precision=FLOAT32, batch_size=None).batch_size == 8
    assert machine.choose(GAINS, precision=FLOAT32, batch_size=5).batch_size == 5


def test_it_is_measured_once_and_stored_for_later_runs(measured, own_home, monkeypatch):
    assert resolve() == resolve() == Execution(precision=BFLOAT16, batch_size=16)
    assert len(measured) == 1
    stored = json.loads((own_home / "machine.json").read_text())
    assert stored[machine.machine_name()]["bfloat16"]["16"] == 890
    monkeypatch.setattr(machine, "_known", {})  # as a new process
    assert resolve(Precision.FLOAT32) == Execution(precision=FLOAT32, batch_size=8)
    assert len(measured) == 1


@pytest.mark.parametrize("content", ["", "{}", '{"another machine": {}}', '{"x": {"float32": "fast"}}', "\0"])
def test_what_is_stored_for_another_machine_or_damaged_is_measured_anew(measured, own_home, content):
    (own_home / "machine.json").write_text(content)
    resolve()
    assert len(measured) == 1
    assert machine.machine_name() in json.loads((own_home / "machine.json").read_text())


@pytest.mark.parametrize("half", [{}, {"float32": {"8": 9.0}}, {"float32": {"8": 9.0}, "bfloat16": {}}])
def test_half_a_measurement_is_none(measured, own_home, half):
    (own_home / "machine.json").write_text(json.dumps({machine.machine_name(): half}))
    assert resolve() == Execution(precision=BFLOAT16, batch_size=16)
    assert len(measured) == 1


def test_machines_that_share_a_folder_leave_each_other_what_they_measured(measured, own_home, monkeypatch):
    for name in ("one thread", "two threads", "one thread"):
        monkeypatch.setattr(machine, "_known", {})  # as a new process
        monkeypatch.setattr(machine, "machine_name", lambda name=name: name)
        resolve()
    assert len(measured) == 2


def test_a_home_that_cannot_be_written_to_costs_only_the_memory(measured, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XAI_AD_HOME", str(tmp_path / "file" / "home"))
    assert resolve() == resolve()
    assert len(measured) == 1


def test_the_environment_overrules_the_measurement_and_an_argument_the_environment(measured, monkeypatch):
    monkeypatch.setenv("XAI_AD_PRECISION", "float32")
    monkeypatch.setenv("XAI_AD_BATCH_SIZE", "3")
    assert resolve() == Execution(precision=FLOAT32, batch_size=3)
    assert resolve(BFLOAT16, 4) == Execution(precision=BFLOAT16, batch_size=4)
    assert not measured


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PRECISION", "float16"),
        ("PRECISION", ""),
        ("BATCH_SIZE", "0"),
        ("BATCH_SIZE", "many"),
        ("BATCH_SIZE", "1000"),
        ("BATCH_SIZE", "9" * 5000),
    ],
)
def test_a_wrong_environment_is_told(measured, monkeypatch, name, text):
    monkeypatch.setenv(f"XAI_AD_{name}", text)
    with pytest.raises(InvalidInputError, match=f"XAI_AD_{name}.*{text!r}"):
        resolve()


@pytest.mark.parametrize(("precision", "batch_size"), [(Precision.AUTO, 8), (FLOAT32, 0), (FLOAT32, 257)])
def test_an_execution_is_resolved_and_within_bounds(precision, batch_size):
    with pytest.raises(InvalidInputError):
        Execution(precision=precision, batch_size=batch_size)
