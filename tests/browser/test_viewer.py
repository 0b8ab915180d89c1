"""The viewer on the screen: what is large when, how it uses the screen, what keys and pointers do, what is read."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.test_explanations import number, pixels
from tests.browser.test_inspect import PATIENCE, panel, settled, wait_for_panel
from xai_ad.data.reading import read_image
from xai_ad.explain import Residual
from xai_ad.inspection.image_files import list_samples
from xai_ad.presentation.scales import shown_map
from xai_ad.store import find_model, load

pytestmark = pytest.mark.browser

SIZES = [(1366, 768), (1920, 1080), (2560, 1440)]


def chip(page):
    return page.locator("[data-testid=viewer-overlay] > .chip")


def test_the_residual_is_shown_large_until_the_chosen_one_is_ready(server, page, save_screenshot):
    page.goto(f"{server}/?model=washer-bcae1&sample=wrong_bore+%2F+003&method=kernel_shap")
    settled(page)
    expect(chip(page)).to_have_text("Residual, until KernelSHAP is ready")
    expect(page.locator(".about .title")).to_have_text("Residual")  # of what is seen, as its scale is
    expect(page.locator("[data-testid=awaited]")).to_be_visible()
    expect(page.locator(".large .veil:visible")).to_have_count(0)
    assert (np.abs(pixels(page, "overlay") - pixels(page, "photo")).max(axis=2) > 20).any()
    expect(panel(page, "kernel_shap")).to_have_attribute("aria-checked", "true")
    save_screenshot(page, "inspect_stand_in")
    wait_for_panel(page, "kernel_shap", "ready")
    expect(chip(page)).to_have_text("KernelSHAP")
    expect(page.locator(".about .title")).to_have_text("KernelSHAP")
    expect(page.locator("[data-testid=awaited]")).to_be_hidden()


def test_the_photo_uses_the_screen_and_no_note_is_cut(server, page):
    page.goto(f"{server}/?sample=wrong_bore+%2F+003&method=residual")
    settled(page)
    wait_for_panel(page, "residual", "ready")
    sizes = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        sizes.append(page.locator("[data-testid=viewer-photo]").bounding_box()["width"])
        notes = page.locator("[data-testid=viewer] .notes li")
        assert notes.count() >= 1
        cut = page.locator("[data-testid=viewer] .side").evaluate(
            "side => [side, ...side.querySelectorAll('*')].filter("
            "e => getComputedStyle(e).overflowY !== 'visible' && e.scrollHeight > e.clientHeight + 1).length"
        )
        assert cut == 0
        last = notes.last.bounding_box()
        side = page.locator("[data-testid=viewer]").bounding_box()
        assert last["y"] + last["height"] <= side["y"] + side["height"] + 1
    assert sizes[0] >= 300
    assert sizes[1] > 1.3 * sizes[0]
    assert sizes[2] > 1.2 * sizes[1]
    page.set_viewport_size({"width": 1366, "height": 650})
    page.wait_for_timeout(300)
    box = panel(page, "residual").bounding_box()
    assert box["y"] + box["height"] <= 650


def test_the_photo_is_swiped_to_its_reconstruction_without_the_server(server, page):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(f"{server}/?sample=wrong_bore/004&method=reconstruction")
    settled(page)
    page.locator(".st-key-stop button").click()
    page.get_by_text("not computed").wait_for(timeout=PATIENCE)  # polling has ended
    settled(page)
    before, plain = len(sent), pixels(page, "photo")
    page.locator("[data-testid=swipe-toggle]").click()
    divider = page.get_by_role("slider", name=re.compile("right of it the reconstruction"))
    expect(divider).to_have_attribute("aria-valuenow", "50")
    middle = plain.shape[1] // 2
    swiped = pixels(page, "photo")
    np.testing.assert_array_equal(swiped[:, : middle - 2], plain[:, : middle - 2])
    np.testing.assert_array_equal(swiped[:, middle + 2 :], pixels(page, "overlay")[:, middle + 2 :])
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "52")
    divider.press("Home")
    expect(divider).to_have_attribute("aria-valuenow", "0")
    divider.press("End")
    np.testing.assert_array_equal(pixels(page, "photo"), plain)
    box = page.locator("[data-testid=viewer-photo]").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", re.compile("^2[456]$"))
    assert len(sent) == before
    sample = page.locator(".st-key-sample input").input_value()
    chosen = panel(page, "reconstruction")
    chosen.focus()
    chosen.press("ArrowRight")  # within the strip, and only there
    expect(page.locator("[role=radio][aria-checked=true]")).not_to_have_attribute(
        "data-testid", "panel-reconstruction"
    )
    settled(page)
    expect(page.locator(".st-key-sample input")).to_have_value(sample)


def test_what_is_read_is_what_was_computed_and_goes_with_the_pointer(server, page):
    page.goto(f"{server}/?model=washer-bcae1&sample=scratch+%2F+006&method=residual")
    settled(page)
    wait_for_panel(page, "residual", "ready")
    detector, card = load(find_model("washer-bcae1"))
    image = read_image(list_samples("washer")["scratch/006"], card)
    values = shown_map(Residual().explain(detector, image), detector.calibration).values
    overlay = page.locator("[data-testid=viewer-overlay]")
    readout = page.locator("[data-testid=readout]")
    box = overlay.bounding_box()
    for x, y in ((0.3, 0.76), (0.5, 0.1), (0.62, 0.7)):
        overlay.hover(position={"x": x * box["width"], "y": y * box["height"]})
        expect(readout).to_be_visible()
        column, row, told = re.findall(r"[0-9.]+", readout.inner_text())
        assert number(told) == pytest.approx(float(values[int(row), int(column)]), rel=0.01, abs=0.02)
    label = overlay.locator("canvas").get_attribute("aria-label")
    assert re.match(r"Residual: (\d+ spots?, |The evidence)", label)
    overlay.click(position={"x": 40, "y": 40})
    page.mouse.move(5, 5)
    expect(readout).to_be_hidden()
    marked = pixels(page, "overlay")
    page.locator("[data-testid=outlines-toggle]").click()
    assert np.abs(pixels(page, "overlay") - marked).any()
    page.locator("[data-testid=truth-toggle]").click()
    expect(page.locator("[data-testid=truth-toggle]")).to_have_attribute("aria-pressed", "true")


def test_the_strip_begins_with_the_first_panel_for_every_new_photo(server, page):
    page.goto(f"{server}/?method=residual")
    settled(page)
    strip = page.locator("[data-testid=viewer] .strip")
    last = page.locator("[data-testid=viewer] [role=radio]").last
    last.scroll_into_view_if_needed()
    assert strip.evaluate("strip => strip.scrollLeft") > 0
    page.get_by_role("button", name="Next").click()
    expect(page.locator("[data-testid=viewer-photo] > .chip").first).not_to_have_text("contamination/006")
    page.wait_for_timeout(300)
    assert strip.evaluate("strip => strip.scrollLeft") == 0
