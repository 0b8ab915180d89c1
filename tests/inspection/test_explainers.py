"""Explainers by name, on the machine at hand; a page never waits until that is measured, and hears of wrong settings."""

import threading
import time

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.explain import EXPLAINERS, Consensus, Lime, Lrp, Residual
from xai_ad.inspection import explainers
from xai_ad.inspection.explainers import explainer_here
from xai_ad.machine.execution import Precision

PATIENCE = 10.0
ROUNDED = {"precision": Precision.BFLOAT16, "batch_size": 8}


def test_what_is_left_out_is_what_the_machine_is_fastest_with(monkeypatch):
    monkeypatch.setenv("XAI_AD_PRECISION", "bfloat16")
    monkeypatch.setenv("XAI_AD_BATCH_SIZE", "8")
    assert explainer_here("lime") == Lime(**ROUNDED)
    assert explainer_here("lime", {"precision": Precision.AUTO, "seed": 3}) == Lime(seed=3, **ROUNDED)
    assert explainer_here("lime", {"precision": Precision.FLOAT32}) == Lime(batch_size=8)
    assert explainer_here("lime", {"batch_size": 3}) == Lime(precision=Precision.BFLOAT16, batch_size=3)
    assert explainer_here("consensus", {"members": ("lime", "lrp")}) == Consensus(
        members=(Lime(**ROUNDED), Lrp())
    )


def test_nothing_is_asked_for_what_scores_no_copies(monkeypatch):
    monkeypatch.setenv("XAI_AD_PRECISION", "half")
    assert explainer_here("residual") == Residual()


@pytest.fixture(autouse=True)
def nothing_known():
    explainers._finding_out.cache_clear()
    yield
    explainers._finding_out.cache_clear()


def test_a_page_that_asks_first_gets_it_under_way_and_is_not_held_up(monkeypatch):
    begun, let_go = threading.Event(), threading.Event()
    measured = []

    def measure():
        begun.set()
        assert let_go.wait(PATIENCE)
        measured.append(1)

    monkeypatch.setattr(explainers, "fastest_execution", measure)
    started = time.monotonic()
    assert not explainers.machine_known()
    assert not explainers.machine_known(explainers.PATIENCE)
    assert time.monotonic() - started < 1.0
    assert begun.wait(PATIENCE)
    let_go.set()
    explainers.await_machine()
    assert explainers.machine_known()
    assert measured == [1]


def test_what_an_earlier_run_measured_is_known_at_once():
    assert explainers.machine_known(PATIENCE)


@pytest.mark.parametrize("ask", [lambda: explainers.machine_known(PATIENCE), explainers.await_machine])
def test_settings_that_name_nothing_are_refused(monkeypatch, ask):
    monkeypatch.setenv("XAI_AD_PRECISION", "float8")
    with pytest.raises(InvalidInputError, match="float8"):
        ask()


def test_the_explainers_of_a_page_come_first_and_every_other_behind_them():
    found = explainers.explainers()
    assert list(found)[: len(explainers.MAIN)] == list(explainers.MAIN)
    assert set(found) == set(EXPLAINERS)
