"""The explanations' own marks on the screen: the hatch of what is not sure, the two questions of a counterfactual."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.test_inspect import panel, settled, wait_for_panel

pytestmark = pytest.mark.browser

STEP = 14  # device pixels between two of the hatch's lines on a large panel, rounded up
NUMBER = "[\N{MINUS SIGN}]?[0-9.e+-]+"
INTERVAL = re.compile(f"sure: ({NUMBER}) to ({NUMBER})")
VALUE = re.compile(f"({NUMBER}) of the limit")


def pixels(page, which):
    """Return what a large panel shows once everything asked for is painted, (S, S, 3)."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    canvas = page.locator(f"[data-testid=viewer-{which}] canvas")
    for _ in range(100):  # one that was never drawn on is 300 x 150
        if canvas.evaluate("c => c.width === c.height"):
            break
        page.wait_for_timeout(100)
    side, data = canvas.evaluate(
        "c => [c.width, Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)]"
    )
    return np.array(data, dtype=int).reshape(side, side, 4)[:, :, :3]


def read_at(page, x, y):
    """Return the words under the pointer at a place of the large map."""
    page.locator("[data-testid=viewer-overlay]").hover(position={"x": x, "y": y})
    value = page.locator("[data-testid=readout]")
    expect(value).to_have_text(INTERVAL)
    return value.inner_text()


def number(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_only_regions_whose_interval_holds_zero_are_hatched(server, page, save_screenshot):
    page.goto(f"{server}/?model=lesion-bcae1&sample=good+%2F+010&method=kernel_shap")
    settled(page)
    wait_for_panel(page, "kernel_shap", "ready")
    expect(page.locator("[data-testid=hatch-legend]")).to_be_visible()
    page.locator("[data-testid=outlines-toggle]").click()
    page.locator("[data-testid=threshold]").fill("100")  # hides the map; the hatch stays
    limit = number(page.locator("[data-testid=viewer] .numbers span").last.inner_text())
    page.locator("[data-testid=opacity]").fill("100")
    read_at(page, 20, 20)  # the regions are there
    save_screenshot(page, "inspect_hatch")
    page.mouse.move(0, 0)
    expect(page.locator("[data-testid=readout]")).to_be_hidden()
    changed = np.abs(pixels(page, "overlay") - pixels(page, "photo")).max(axis=2) > 20
    side = len(changed)
    kinds = []
    for x, y in np.ndindex(7, 7):
        column, row = (round((place + 0.5) / 7 * side) for place in (x, y))
        words = read_at(page, column, row)
        if abs(number(VALUE.search(words).group(1))) > 0.95 * limit:
            continue  # at the scale's very end, which no threshold hides
        low, high = map(number, INTERVAL.search(words).groups())
        assert low <= number(VALUE.search(words).group(1)) <= high
        near = changed[max(0, row - STEP) : row + STEP, max(0, column - STEP) : column + STEP]
        if not low <= 0 <= high:
            assert not changed[row, column], words
        kinds.append(bool(near.any()))
    assert {True, False} == set(kinds)
    panel(page, "lrp").click()
    expect(page.locator("[data-testid=hatch-legend]")).to_be_hidden()


def test_a_picture_that_passes_offers_to_paste_its_parts_into_a_normal_one(server, page):
    page.goto(f"{server}/?sample=good+%2F+000&method=counterfactual")
    settled(page)
    wait_for_panel(page, "counterfactual", "ready")
    expect(page.locator("[data-testid=viewer-overlay] .empty")).to_have_text("Nothing to repair")
    expect(page.locator("[data-testid=change-toggle]")).to_be_hidden()
    page.get_by_role("button", name="Paste parts of it into a normal picture").click()
    expect(panel(page, "counterfactual").locator(".chip")).to_have_text("Transplant")
    expect(panel(page, "counterfactual")).to_have_attribute("data-state", re.compile("waiting|running|ready"))
    page.get_by_role("button", name="Back: repair this picture").click()
    expect(panel(page, "counterfactual").locator(".chip")).to_have_text("Counterfactual")
    wait_for_panel(page, "counterfactual", "ready")


def test_a_transplant_shows_the_normal_picture_with_the_part_that_makes_it_fail(
    server, page, save_screenshot
):
    page.goto(f"{server}/?method=counterfactual")
    settled(page)
    page.get_by_role("button", name="Paste parts of it into a normal picture").click()
    expect(panel(page, "counterfactual").locator(".chip")).to_have_text("Transplant")
    wait_for_panel(page, "counterfactual", "ready")
    toggle = page.locator("[data-testid=change-toggle]")
    expect(toggle).to_be_checked()
    expect(page.locator("[data-testid=viewer] .notes")).to_contain_text("Pasting")
    save_screenshot(page, "inspect_transplant")
    pasted = np.abs(pixels(page, "overlay") - pixels(page, "photo")).max(axis=2)
    toggle.uncheck()
    alone = np.abs(pixels(page, "overlay") - pixels(page, "photo")).max(axis=2)
    assert (pasted > 3).mean() > 0.5  # another picture
    assert (alone > 3).mean() < 0.1  # the photograph itself, and an outline


def test_a_further_method_is_computed_when_it_is_clicked(server, page):
    page.goto(f"{server}/?sample=scratch/005&method=lrp")  # which no other test computes anything further for
    settled(page)
    chosen = panel(page, "integrated_gradients")
    expect(chosen).to_have_attribute("data-state", "idle")
    expect(chosen).to_contain_text("Click to compute")
    more = page.locator("[data-testid=viewer] .more[data-side=after]")
    expect(more).to_have_text(re.compile("[0-9] more"))
    more.click()
    expect(page.locator("[data-testid=viewer] .more[data-side=before]")).to_be_visible()
    expect(
        more
    ).to_be_hidden() if more.is_hidden() else more.click()  # the last one may be a second step away
    expect(more).to_be_hidden()
    chosen.click()
    wait_for_panel(page, "integrated_gradients", "ready")
    expect(panel(page, "consensus")).to_have_attribute("data-state", "idle")
