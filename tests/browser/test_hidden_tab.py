"""A tab that nobody sees asks for nothing, and what it asked for goes on; a closed one's work ends."""

import re

import pytest

from tests.browser.conftest import running_server
from tests.browser.test_inspect import panel, settled, wait_for_panel

pytestmark = pytest.mark.browser

LEASE = 1.0  # seconds; a visible page asks once a second
HIDDEN = 4.0
LONG = "method=lime&options=lime.budget=8192"
"""The largest budget, half a minute at least on any machine: it must not be done before the tab is closed."""


@pytest.fixture
def slow_server(chromium, tmp_path):
    """The address of a server of a short lease, that computes slowly and reports often."""
    settings = {"XAI_AD_LEASE": str(LEASE), "XAI_AD_PRECISION": "float32", "XAI_AD_BATCH_SIZE": "1"}
    with running_server(tmp_path, **settings) as address:
        yield address


def percent(page, method):
    """Return how much of an explanation is done."""
    found = re.search(r"(\d+)\W*%", panel(page, method).inner_text())
    return int(found[1]) if found else 0


def begun(page, address, sample):
    """Open a sample's long explanation and return how much of it is done once that can be told from a fresh start."""
    page.goto(f"{address}/?sample={sample}&{LONG}")
    settled(page)
    wait_for_panel(page, "lime", "running")
    while percent(page, "lime") < 2:
        page.wait_for_timeout(200)
    return percent(page, "lime")


def test_a_job_goes_on_while_its_tab_is_hidden_and_ends_when_it_is_closed(slow_server, page):
    before = begun(page, slow_server, "dent+%2F+003")
    # As a browser freezes a tab that has long been hidden: no timer of it runs.
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    other = page.context.new_page()
    other.wait_for_timeout(HIDDEN * 1000)
    browser.send("Page.setWebLifecycleState", {"state": "active"})
    page.wait_for_timeout(2500)  # it has asked again by now
    assert percent(page, "lime") >= before
    before = percent(page, "lime")
    page.close()
    other.wait_for_timeout(HIDDEN * 1000)
    other.goto(f"{slow_server}/?sample=dent+%2F+003&{LONG}")
    settled(other)
    wait_for_panel(other, "lime", "running")
    assert percent(other, "lime") < before  # it begins anew
