"""Page Compare, as a person uses it."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.browser

GRID = ".st-key-grid [data-testid=grid]"
ROWS = f"{GRID} [data-testid^=row-] .heading"
PATIENCE = 240_000  # ms: a small machine under load takes its time
THREE = "washer-bcae1,washer-bcae2,washer-se_cae"
QUICK = {"models": "washer-bcae1,washer-se_cae", "methods": "residual,lrp", "sample": "dent/001"}
expect.set_options(timeout=60_000)


def at(server, **query):
    return f"{server}/compare?{urlencode(query)}"


def asked(page):
    """Return what the address asks for."""
    return dict(parse_qsl(urlsplit(page.url).query))


def cell(page, model, method):
    return page.locator(f"{GRID} [data-testid='cell-{model}/{method}']")


def wait_for(page, model, method, state):
    expect(cell(page, model, method)).to_have_attribute("data-state", state, timeout=PATIENCE)


def at_rest(page):
    """Wait until nothing more will come."""
    page.get_by_text(re.compile("Click a cell|are computed")).first.wait_for(timeout=PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def wait_for_all(page, models, methods):
    for model in models.split(","):
        for method in methods.split(","):
            wait_for(page, model, method, "ready")
    at_rest(page)


def test_a_deep_link_on_a_fresh_server_shows_just_that(fresh_server, page, save_screenshot):
    page.goto(at(fresh_server, **QUICK))
    wait_for_all(page, QUICK["models"], QUICK["methods"])
    names = page.locator(f"{ROWS} .name")
    expect(names).to_have_text(["Baseline autoencoder", re.compile("[Ss]queeze")])
    expect(page.locator(f"{ROWS} .score").first).to_have_text(re.compile("the limit"))
    page.wait_for_url(re.compile("direction=repair"))
    assert asked(page) == {**QUICK, "dataset": "washer", "direction": "repair"}
    save_screenshot(page, "compare_deep_link")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 820])
def test_the_grid_in_both_themes_and_widths(server, page, save_screenshot, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    methods = "residual,lrp,integrated_gradients"
    page.goto(at(server, models=THREE, methods=methods, sample="contamination/006"))
    wait_for_all(page, THREE, methods)
    save_screenshot(page, f"compare_{scheme}_{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert findings(page) == {}


def test_from_inspect_and_back_by_a_cell_with_the_picture_at_hand(server, page):
    page.goto(f"{server}/?dataset=washer&model=washer-se_cae&sample=dent/001&method=lrp")
    page.wait_for_selector("[data-testid=verdict][data-verdict]")
    page.get_by_role("link", name="Compare models and methods").click()
    expect(page.locator(GRID)).to_be_visible()
    page.wait_for_url(re.compile("/compare?.*models=washer-se_cae"))
    assert asked(page)["sample"] == "dent/001"
    assert asked(page)["models"].split(",")[0] == "washer-se_cae"
    wait_for(page, "washer-se_cae", "residual", "ready")
    page.locator(".st-key-stop_all button").click()
    cell(page, "washer-se_cae", "residual").click()
    page.wait_for_selector("[data-testid=verdict][data-verdict]")
    page.wait_for_url(re.compile("method=residual"))
    found = asked(page)
    assert (found["model"], found["sample"]) == ("washer-se_cae", "dent/001")
    expect(page.locator("[data-testid=verdict] .file-name")).to_have_text("washer/dent/001")
    page.go_back()
    page.wait_for_url(re.compile("/compare?.*models=washer-se_cae"))
    wait_for(page, "washer-se_cae", "residual", "ready")
    page.go_forward()
    page.wait_for_selector("[data-testid=panel-residual][aria-checked=true]")
    assert asked(page)["model"] == "washer-se_cae"


def test_the_tab_takes_the_picture_along(server, page):
    page.goto(f"{server}/?dataset=washer&model=washer-bcae1&sample=dent/003&method=residual")
    page.wait_for_selector("[data-testid=verdict][data-verdict]")
    page.wait_for_url(re.compile("direction"))
    page.get_by_role("link", name="Compare", exact=True).click()
    page.wait_for_url(re.compile("/compare?.*sample=dent%2F003"))
    page.locator(".st-key-stop_all button").click()
    at_rest(page)
    assert asked(page)["sample"] == "dent/003"
    assert asked(page)["models"].split(",")[0] == "washer-bcae1"


def test_a_cell_can_be_stopped_alone_and_run_again(server, page, save_screenshot):
    page.goto(at(server, models="washer-ks_cae", methods="residual,counterfactual,lime", sample="dent/004"))
    wait_for(page, "washer-ks_cae", "residual", "ready")
    slow = cell(page, "washer-ks_cae", "counterfactual")
    slow.get_by_role("button", name="Stop").click()
    expect(slow).to_have_attribute("data-state", "stopped")
    expect(cell(page, "washer-ks_cae", "lime")).not_to_have_attribute("data-state", "stopped")
    page.locator(".st-key-stop_all button").click()
    wait_for(page, "washer-ks_cae", "lime", "stopped")
    at_rest(page)
    save_screenshot(page, "compare_stopped")
    slow.get_by_role("button", name="Run again").click()
    expect(slow).to_have_attribute("data-state", re.compile("waiting|running|ready"))
    expect(cell(page, "washer-ks_cae", "lime")).to_have_attribute("data-state", "stopped")
    page.locator(".st-key-stop_all button").click()
    at_rest(page)


def test_two_sessions_keep_their_own_choices(server, page, browser):
    other = browser.new_context().new_page()
    page.goto(at(server, **QUICK))
    other.goto(at(server, **{**QUICK, "models": "washer-sa_cae", "methods": "lrp"}))
    wait_for_all(page, QUICK["models"], QUICK["methods"])
    wait_for_all(other, "washer-sa_cae", "lrp")
    other.locator(".st-key-methods_menu button").first.click()
    other.get_by_test_id("stPopoverBody").get_by_role("button", name="Residual").click()
    wait_for(other, "washer-sa_cae", "residual", "ready")
    assert asked(other)["methods"] == "lrp,residual"
    assert asked(page)["methods"] == QUICK["methods"]
    expect(page.locator(ROWS)).to_have_count(2)
    expect(other.locator(ROWS)).to_have_count(1)
    other.context.close()


def test_models_and_methods_are_chosen_in_menus_that_stay_open(server, page, save_screenshot):
    page.goto(at(server, **QUICK))
    wait_for_all(page, QUICK["models"], QUICK["methods"])
    page.locator(".st-key-models_menu button").first.click()
    menu = page.get_by_test_id("stPopoverBody")
    menu.get_by_role("button", name=re.compile("Soft")).first.click()
    wait_for(page, "washer-sa_cae", "lrp", "ready")
    expect(menu).to_be_visible()
    save_screenshot(page, "compare_menu")
    menu.get_by_role("button", name="Baseline autoencoder", exact=True).click()
    expect(page.locator(ROWS)).to_have_count(2)
    assert asked(page)["models"] == "washer-se_cae,washer-sa_cae"
    page.go_back()
    expect(page.locator(ROWS)).to_have_count(3)


def test_another_dataset_is_shown_at_once(server, page):
    page.goto(at(server, **QUICK))
    wait_for_all(page, QUICK["models"], QUICK["methods"])
    page.locator(".st-key-dataset input").click()
    page.get_by_role("option", name="Skin lesions (generated)").click()
    expect(page.locator(f"{ROWS} .verdict").first).to_have_text(
        re.compile("TYPICAL|ATYPICAL|LOOK"), timeout=60_000
    )
    page.wait_for_url(re.compile("dataset=lesion"))
    page.locator(".st-key-stop_all button").click()
    at_rest(page)
