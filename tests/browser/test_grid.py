"""The grid of page Compare on the screen: one view for all cells, what keys and pointers do, what Python is told."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import running_server
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.browser

CANVAS = """canvas => {
  const { width, height } = canvas;
  return [width, height, [...canvas.getContext("2d").getImageData(0, 0, width, height).data]];
}"""


@pytest.fixture(scope="module")
def address(chromium, tmp_path_factory):
    """A server that shows the grid alone."""
    with running_server(tmp_path_factory.mktemp("grid"), script="tests/browser/grid_app.py") as found:
        yield found


@pytest.fixture
def show(address, page):
    """Opens a scene and waits until its pictures are drawn."""

    def opened(scene, size=(1366, 768), scheme="light"):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}/?scene={scene}")
        page.wait_for_selector("[data-testid=grid] .cell")
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        page.wait_for_timeout(700)
        return page

    return opened


def cell(page, name):
    return page.locator(f"[data-testid='cell-{name}']")


def pixels(page, name):
    width, height, values = cell(page, name).locator("canvas").evaluate(CANVAS)
    return np.asarray(values).reshape(height, width, 4)[..., :3].astype(int)


def told(page):
    """What Python was told, by name."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    return json.loads(page.locator("[data-testid=told]").inner_text())


def await_told(page, words):
    page.wait_for_function(
        "words => document.querySelector('[data-testid=told]').innerText.includes(words)", arg=words
    )
    return told(page)


def test_zoom_and_place_are_one_for_all_cells(show):
    page = show("usual")
    before = pixels(page, "1/KernelSHAP")
    box = cell(page, "0/LRP").locator(".panel").bounding_box()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"])
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(page.locator("[data-testid=grid]")).to_have_attribute("data-zoom", "2.72")
    page.wait_for_timeout(200)
    zoomed = pixels(page, "1/KernelSHAP")
    assert (zoomed != before).any()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert (pixels(page, "1/KernelSHAP") != zoomed).any()
    assert told(page)["asked"] == []  # the end of a drag opens nothing
    page.locator("[data-testid=zoom-reset]").click()
    page.mouse.move(5, 5)
    page.wait_for_timeout(200)
    np.testing.assert_array_equal(pixels(page, "1/KernelSHAP"), before)


def test_a_wheel_without_a_key_scrolls_the_page(show):
    page = show("usual")
    cell(page, "0/LRP").locator(".panel").hover()
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(300)
    expect(page.locator("[data-testid=grid]")).to_have_attribute("data-zoom", "1")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") > 0
    page.mouse.wheel(0, -300)  # which, with Ctrl, would zoom in
    page.wait_for_timeout(300)
    expect(page.locator("[data-testid=grid]")).to_have_attribute("data-zoom", "1")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0


def test_a_colour_means_the_same_in_every_row(show):
    """Three models whose scales end at 60, 20 and 44, with peaks of 60, 14 and 15.4: the last two look alike."""
    page = show("usual")
    page.locator("[data-testid=opacity]").fill("100")
    cell(page, "2/Residual").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    strongest, middle, last = (
        pixels(page, f"{row}/Residual")[round(0.66 * 209), round(0.68 * 209)] for row in range(3)
    )
    assert strongest.tolist() == pytest.approx([0xFC, 0xFD, 0xBF], abs=12)
    assert middle.tolist() == pytest.approx(last.tolist(), abs=14)
    assert abs(middle - strongest).max() > 50


def test_the_value_at_one_place_is_read_in_every_cell(show):
    page = show("usual")
    box = cell(page, "0/Residual").locator(".panel").bounding_box()
    page.mouse.move(box["x"] + 0.68 * box["width"], box["y"] + 0.66 * box["height"])
    readout = cell(page, "1/Residual").locator(".readout")
    expect(readout).to_be_visible()
    assert float(readout.inner_text()) == pytest.approx(0.7 * 20, rel=0.05)
    exact = cell(page, "0/KernelSHAP").locator(".readout").inner_text()
    assert (
        exact == cell(page, "0/LIME").locator(".readout").inner_text()
    )  # one region's value, not a layer's step
    expect(cell(page, "0/LRP").locator(".cross")).to_be_visible()
    expect(cell(page, "0/Residual").locator(".cross")).to_be_hidden()  # the pointer itself is there
    expect(cell(page, "0/Counterfactual").locator(".readout")).to_be_hidden()
    ticks = page.locator("[data-testid=grid] .head .tick:visible")
    expect(ticks).to_have_count(4)
    page.mouse.move(5, 5)
    expect(readout).to_be_hidden()
    expect(ticks).to_have_count(0)


def test_what_is_hidden_is_hidden_of_every_map_of_the_unit_and_said(show):
    page = show("usual")
    regions = pixels(page, "0/KernelSHAP")
    page.locator("[data-testid=threshold-density]").fill("90")
    expect(cell(page, "1/Residual").locator(".empty")).to_have_text(re.compile("^Nothing above "))
    expect(cell(page, "0/Residual").locator(".empty")).to_be_hidden()
    page.wait_for_timeout(200)
    np.testing.assert_array_equal(pixels(page, "0/KernelSHAP"), regions)
    assert await_told(page, "density")["start"]["density"] == pytest.approx(61**0.9 - 1, rel=1e-6)
    page.locator("[data-testid=opacity]").fill("40")
    assert await_told(page, '"map": 0.4')["opacity"]["map"] == 0.4
    page.locator("[data-testid=outlines-toggle]").click()
    assert await_told(page, '"outlined": true')["outlined"] is True
    expect(page.locator("[data-testid=threshold-density]")).to_have_value("90")  # the view outlives new data


def test_arrows_move_between_cells_and_enter_opens_one(show):
    page = show("usual")
    order = page.locator("[data-testid=grid] [role=gridcell][tabindex='0']")
    expect(order).to_have_count(1)
    order.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(cell(page, "2/LRP")).to_be_focused()
    top = cell(page, "2/LRP").bounding_box()["y"]
    heads = page.locator("[data-testid=grid] .heads").bounding_box()
    assert top >= heads["y"] + heads["height"] - 1  # what stays at the top does not cover it
    page.keyboard.press("Home")
    expect(cell(page, "2/Residual")).to_be_focused()
    page.keyboard.press("Control+End")
    expect(cell(page, "2/Counterfactual")).to_be_focused()
    page.keyboard.press("+")
    expect(page.locator("[data-testid=grid]")).to_have_attribute("data-zoom", "1.5")
    page.keyboard.press("Enter")
    assert await_told(page, "open")["asked"] == [["open", "2/Counterfactual"]]
    cell(page, "2/KernelSHAP").locator(".panel").click()
    assert await_told(page, "2/KernelSHAP")["asked"][-1] == ["open", "2/KernelSHAP"]


def test_work_is_stopped_and_run_again_cell_by_cell(show):
    page = show("states")
    running = cell(page, "0/LRP")
    expect(running.locator(".veil")).to_contain_text("43\N{NO-BREAK SPACE}%")
    assert told(page)["visible"][:3] == ["0/Residual", "0/LRP", "0/LIME"]
    running.get_by_role("button", name="Stop: LRP of conv-AE v3").click()
    expect(running).to_have_attribute("data-state", "stopped")
    running.get_by_role("button", name="Run again").click()
    expect(running).to_have_attribute("data-state", "waiting")
    cell(page, "0/Counterfactual").get_by_role("button", name="Compute").click()
    expect(cell(page, "0/Counterfactual")).to_have_attribute("data-state", "waiting")
    assert told(page)["asked"] == [["stop", "0/LRP"], ["again", "0/LRP"], ["again", "0/Counterfactual"]]
    expect(cell(page, "1/Residual")).to_have_attribute("aria-label", re.compile("needs 2.1 GiB"))


def test_python_hears_of_the_cells_in_sight_once_they_rest(show):
    page = show("states")
    cell(page, "4/LIME").scroll_into_view_if_needed()
    found = await_told(page, "4/LIME")["visible"]
    assert "0/Residual" not in found
    assert found == sorted(found, key=lambda ident: int(ident.split("/")[0]))


@pytest.mark.parametrize("size", [(1366, 768), (820, 1180), (390, 844)])
def test_the_page_never_scrolls_sideways_and_headings_stay(show, size, save_screenshot):
    for scene in ("states", "many", "one", "wide"):
        page = show(scene, size)
        save_screenshot(page, f"grid-{scene}-{size[0]}")
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= size[0]
    page = show("many", size)
    last = cell(page, "11/Occlusion")
    last.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    heads = page.locator("[data-testid=grid] .head")
    assert heads.last.bounding_box()["x"] == pytest.approx(last.bounding_box()["x"], abs=1)
    assert 0 <= heads.last.bounding_box()["y"] < 200
    heading = page.locator("[data-testid='row-model-11'] .heading").bounding_box()
    assert 0 <= heading["x"] < 60
    assert (pixels(page, "11/Occlusion") > 0).any()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_in_any_state(show, scheme, save_screenshot):
    for scene in ("states", "many"):
        page = show(scene, (1366, 1800), scheme)
        save_screenshot(page, f"grid-{scene}-{scheme}")
        assert findings(page) == {}


def test_columns_out_of_sight_leave_one_cut(show):
    page = show("many", (820, 1180))
    rows = page.locator("[data-testid=grid] .rows").bounding_box()
    boxes = [
        page.locator(f"[data-testid='row-model-0'] .cell >> nth={place}").bounding_box() for place in range(8)
    ]
    edge = rows["x"] + rows["width"]
    cut = [box for box in boxes if box["x"] < edge < box["x"] + box["width"]]
    assert len(cut) == 1
    assert 0.2 < (edge - cut[0]["x"]) / cut[0]["width"] < 0.6
