"""A page never waits until the machine is measured, and hears of what is wrong with its settings."""

import threading
import time

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.inspection import machine

PATIENCE = 10.0


@pytest.fixture(autouse=True)
def nothing_known():
    machine._finding_out.cache_clear()
    yield
    machine._finding_out.cache_clear()


def test_a_page_that_asks_first_gets_it_under_way_and_is_not_held_up(monkeypatch):
    begun, let_go = threading.Event(), threading.Event()
    measured = []

    def measure():
        begun.set()
        assert let_go.wait(PATIENCE)
        measured.append(1)

    monkeypatch.setattr(machine, "fastest_execution", measure)
    started = time.monotonic()
    assert not machine.machine_known()
    assert not machine.machine_known(machine.PATIENCE)
    assert time.monotonic() - started < 1.0
    assert begun.wait(PATIENCE)
    let_go.set()
    machine.await_machine()
    assert machine.machine_known()
    assert measured == [1]


def test_what_an_earlier_run_measured_is_known_at_once():
    assert machine.machine_known(PATIENCE)


@pytest.mark.parametrize("ask", [lambda: machine.machine_known(PATIENCE), machine.await_machine])
def test_settings_that_name_nothing_are_refused(monkeypatch, ask):
    monkeypatch.setenv("XAI_AD_PRECISION", "float8")
    with pytest.raises(InvalidInputError, match="float8"):
        ask()
