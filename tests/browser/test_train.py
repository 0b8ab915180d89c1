"""Page Train in a real browser: from a ZIP to a training in a few clicks, and the training outlives the page."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.app.conftest import picture
from tests.browser.conftest import running_server
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.browser

UPLOADER = "[data-testid=stFileUploader] input[type=file]"
PATIENCE = 240_000  # ms
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def address(chromium, tmp_path_factory):
    """The page, on a server with a home of its own."""
    with running_server(tmp_path_factory.mktemp("train")) as found:
        yield f"{found}/train"


@pytest.fixture
def photographs():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for index in range(24):
            archive.writestr(f"parts/{index:03d}.png", picture(index, size=(64, 64)))
        archive.writestr("parts/broken.png", b"\x89PNG\r\n\x1a\n")
    return {"name": "bolts.zip", "mimeType": "application/zip", "buffer": content.getvalue()}


def at_rest(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def test_a_training_is_two_steps_from_a_zip_and_outlives_the_page(
    address, page, photographs, save_screenshot
):
    clicks = []
    page.goto(address)
    page.set_input_files(UPLOADER, photographs)  # a click, and the system's own window
    clicks.append("upload")
    page.get_by_text("24 good pictures").wait_for(timeout=PATIENCE)
    page.get_by_text("cannot be read").first.wait_for()
    page.get_by_text(re.compile("This computer trains on")).wait_for(timeout=PATIENCE)
    at_rest(page)
    save_screenshot(page, "train-new")
    assert findings(page) == {}
    page.get_by_role("button", name="Start training").click()
    clicks.append("start")
    assert len(clicks) <= 6
    page.locator("[data-testid=losses]").wait_for()
    page.reload()
    page.locator("[data-testid=losses]").wait_for()
    row = page.locator("[class*=st-key-row_]").filter(has_text="bolts")
    expect(row).to_contain_text(re.compile("waiting|running"))
    save_screenshot(page, "train-running")
    row.get_by_role("button", name="Stop").click()
    expect(row).to_contain_text("stopped", timeout=PATIENCE)
    at_rest(page)
    assert findings(page) == {}
    row.get_by_role("button", name="Remove").click()
    expect(page.locator("[class*=st-key-row_]")).to_have_count(0)


def test_another_training_is_looked_at_and_followed_by_the_address(address, page, photographs):
    page.goto(address)
    page.set_input_files(UPLOADER, photographs)
    for name in ("first", "second"):
        page.get_by_text("24 good pictures").wait_for(timeout=PATIENCE)
        field = page.get_by_role("textbox", name="Name of the model")
        field.fill(name)
        field.press("Tab")
        at_rest(page)
        page.get_by_role("button", name="Start training").click()
        page.locator("[data-testid=losses]").wait_for()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        if name == "first":
            page.get_by_text("New training").click()
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_role("heading", name="first", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"job=[^&]*first"))
    for name in ("first", "second"):
        row = page.locator("[class*=st-key-row_]").filter(has_text=name)
        row.get_by_role("button", name="Stop").click()
        expect(row).to_contain_text("stopped", timeout=PATIENCE)
        row.get_by_role("button", name="Remove").click()
        expect(row).to_have_count(0)


def test_what_is_left_out_in_one_browser_is_not_in_another(address, page, browser, photographs):
    page.goto(address)
    page.set_input_files(UPLOADER, photographs)
    page.get_by_text("24 good pictures").wait_for(timeout=PATIENCE)
    page.get_by_text("All others").click()
    box = page.get_by_role("checkbox", name="Leave out: 003.png")
    box.check()
    page.get_by_text("1 left out by you").wait_for()
    other = browser.new_page()
    other.goto(page.url)
    other.get_by_text("24 good pictures").wait_for(timeout=PATIENCE)
    at_rest(other)
    assert other.get_by_text("left out by you").count() == 0
    other.close()
    expect(box).to_be_checked()


def test_the_page_holds_on_a_phone(address, page, photographs, save_screenshot):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    page.set_input_files(UPLOADER, photographs)
    page.get_by_text("24 good pictures").wait_for(timeout=PATIENCE)
    at_rest(page)
    save_screenshot(page, "train-390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("button", name="Start training")).to_be_attached()
