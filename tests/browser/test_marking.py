"""Page Compare in a real browser: a defect is painted on an upload, and every explanation is compared with it."""

import re

import pytest

from tests.browser.conftest import ROOT
from tests.browser.test_accessibility import UPLOADER, findings

pytestmark = pytest.mark.browser
DEFECT = ROOT / "sample_data/washer/test/contamination/006.jpg"
AROUND = (0.53, 0.68), (0.66, 0.79)
"""Opposite corners of what is painted, as shares of the photograph: around the contamination."""


def settled(page):
    for _ in range(2):
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        page.wait_for_timeout(400)


def opened(page, server):
    """Open page Compare on an upload of which nobody knows where the defect is, and the popover to mark it."""
    page.goto(f"{server}/compare?dataset=washer&models=washer-bcae1,washer-bcae2&methods=residual,lrp")
    page.locator(".st-key-upload button").first.click()
    page.set_input_files(
        UPLOADER, {"name": "part.jpg", "mimeType": "image/jpeg", "buffer": DEFECT.read_bytes()}
    )
    page.wait_for_url(lambda url: "upload=" in url)
    page.get_by_text("Where they agree").wait_for()
    settled(page)
    page.get_by_role("button", name="Mark the defect").click()
    page.locator(".marker .stage").wait_for()
    return page.locator(".marker .stage")


def place(stage, share):
    box = stage.bounding_box()
    return box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"]


def drag(page, stage, start, end):
    page.mouse.move(*place(stage, start))
    page.mouse.down()
    page.mouse.move(*place(stage, end), steps=4)
    page.mouse.up()


def told(page):
    return page.locator(".marker .told").inner_text()


def figures(page):
    """What stands under the first cell of the grid."""
    return page.locator(".comparison .placed").first.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_defect_is_painted_and_every_cell_is_compared_with_it(page, server, scheme, save_screenshot):
    page.emulate_media(color_scheme=scheme)
    stage = opened(page, server)
    assert figures(page) == ""
    drag(page, stage, *AROUND)
    page.locator(".comparison .placed", has_text="IoU").first.wait_for()
    settled(page)
    found = re.fullmatch(r"points at the mask: IoU \.(\d\d), AUC (1\.00|\.9\d)", figures(page))
    assert found
    assert int(found[1]) > 40
    assert told(page).startswith("1 place is marked")
    save_screenshot(page, f"marking-{scheme}")
    assert findings(page) == {}
    page.keyboard.press("Escape")
    page.mouse.click(5, 400)
    page.locator(".matrix").scroll_into_view_if_needed()
    settled(page)
    save_screenshot(page, f"agreement-{scheme}")
    assert findings(page) == {}


def test_shapes_are_drawn_by_keys_and_taken_back(page, server):
    stage = opened(page, server)
    stage.focus()
    for key in ("Enter", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    settled(page)
    assert told(page).startswith("1 place is marked")
    page.get_by_role("button", name="Polygon").click()
    stage.focus()
    for key in ("Enter", "Shift+ArrowLeft", "Enter", "Shift+ArrowUp", "Enter", "Enter"):
        page.keyboard.press(key)
    settled(page)
    assert told(page).startswith("2 places are marked")
    page.keyboard.press("Backspace")
    settled(page)
    assert told(page).startswith("1 place is marked")
    page.locator(".marker").get_by_role("button", name="Clear").click()
    settled(page)
    assert told(page) == "Nothing is marked."
    assert figures(page) == ""


def test_a_polygon_is_clicked_and_a_mere_click_draws_no_rectangle(page, server):
    stage = opened(page, server)
    page.mouse.click(*place(stage, (0.5, 0.5)))
    assert told(page) == "A rectangle needs two opposite corners."
    page.get_by_role("button", name="Polygon").click()
    for corner in ((0.5, 0.6), (0.7, 0.6), (0.6, 0.85), (0.5, 0.6)):
        page.mouse.click(*place(stage, corner))
        page.wait_for_timeout(100)
    settled(page)
    assert told(page).startswith("1 place is marked")
