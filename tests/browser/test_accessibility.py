"""axe-core finds nothing serious on the page, in any of the verdict's states, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.app.conftest import picture

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}
FAILING, LESION = "/?dataset=washer&sample=contamination/006", "/?dataset=lesion"
UPLOADER = "[data-testid=stFileUploader] input[type=file]"


def settle(page):
    """Wait for the verdict, and end what is at work: at every look at it Streamlit dims, for a moment, what it draws."""
    page.wait_for_selector("[data-testid=verdict]")
    stop, again = page.locator(".st-key-stop button"), page.locator(".st-key-again button")
    at_rest = again.or_(
        page.get_by_text("every panel follows")
    )  # that: another test let all of it be computed
    stop.or_(at_rest).first.wait_for()
    if stop.is_visible():
        stop.click()
    at_rest.first.wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def findings(page):
    """Return what axe-core calls serious or worse: each rule with the elements that break it."""
    violations = Axe().run(page).response["violations"]
    return {
        found["id"]: [node["target"] for node in found["nodes"]]
        for found in violations
        if found["impact"] in SERIOUS
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_in_any_state(page, server, scheme, save_screenshot):
    page.emulate_media(color_scheme=scheme)
    for name, address in {"failing": FAILING, "lesion": LESION}.items():
        page.goto(server + address)
        settle(page)
        save_screenshot(page, f"accessible-{name}-{scheme}")
        assert findings(page) == {}
    page.locator(".st-key-upload button").first.click()
    page.set_input_files(UPLOADER, {"name": "noise.png", "mimeType": "image/png", "buffer": picture()})
    page.get_by_text("CANNOT JUDGE").wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    save_screenshot(page, f"accessible-stranger-{scheme}")
    assert findings(page) == {}
