"""A photo of another shape in a real browser: the rectangle that is judged is drawn, moved and resized on it."""

from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser
GOOD = ROOT / "sample_data/washer/test/good/003.jpg"
MODEL = "washer-bcae1"


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A good washer whose ground goes on to both sides, so that it is 4:3."""
    with Image.open(GOOD) as photo:
        pixels = np.asarray(photo.convert("RGB"))
    height, width = pixels.shape[:2]
    more = (height * 4 // 3 - width) // 2
    path = tmp_path_factory.mktemp("photos") / "wide.png"
    Image.fromarray(np.pad(pixels, ((0, 0), (more, more), (0, 0)), mode="edge")).save(path)
    return path


def settled(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(400)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def after(page, act):
    """Do something, and wait until the address asks for something else."""
    before = page.url
    act()
    page.wait_for_url(lambda url: url != before)
    settled(page)


def address(page):
    """What the address asks for: a rule, or a rectangle as numbers."""
    (text,) = parse_qs(urlparse(page.url).query).get("fit", ["crop"])
    return [int(part) for part in text.split(",")] if "," in text else text


def score(page):
    return float(page.locator(".verdict").get_attribute("data-score"))


def drag(page, scale, start, end):
    """Press, move and let go of the mouse, in the photo's pixels; return what the address asked for in between."""
    stage = page.locator(".cropper .stage").bounding_box()
    (x, y), (to_x, to_y) = ((stage["x"] + x / scale, stage["y"] + y / scale) for x, y in (start, end))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=4)
    held = address(page)
    after(page, page.mouse.up)
    return held


def test_what_is_judged_of_a_wide_photo_is_drawn_on_it(server, page, wide, save_screenshot):
    page.goto(f"{server}/?model={MODEL}&sample=good/003")
    page.wait_for_selector(".verdict[data-verdict]")
    square = score(page)
    settled(page)
    page.get_by_role("button", name="Upload").first.click()
    page.locator("input[type=file]").first.set_input_files(wide)
    page.wait_for_selector(".cropper")
    settled(page)
    assert score(page) == pytest.approx(square, rel=0.02)  # its middle is the sample, but for a column
    save_screenshot(page, "a_wide_photo")
    after(page, page.get_by_role("radio", name="Stretch").click)
    assert address(page) == "stretch"
    assert score(page) > 2 * square

    after(page, page.get_by_role("radio", name="Draw a crop").click)
    with Image.open(wide) as photo:
        width, height = photo.size
    assert address(page) == [0, (width - height) // 2, height, height]
    scale = width / page.locator(".cropper .stage").bounding_box()["width"]

    before = address(page)
    assert drag(page, scale, (5, 5), (105, 65)) == before  # nothing is told while it moves
    top, left, high, wide_ = address(page)
    assert (high, wide_) == (high, high)
    assert (top, left, high) == pytest.approx((5, 5, 100), abs=2 * scale)
    drag(page, scale, (left + 50, top + 50), (left + 80, top + 70))  # it is taken along
    assert address(page) == pytest.approx([top + 20, left + 30, high, high], abs=2 * scale)
    top, left, high, _ = address(page)
    drag(page, scale, (left + high - 2, top + high - 2), (left + high + 38, top + high + 8))  # by a corner
    assert address(page) == pytest.approx([top, left, high + 40, high + 40], abs=3 * scale)
    top, left, high, _ = address(page)
    drag(page, scale, (left + 50, top + 50), (left - 500, top + 50))  # not out of the photo
    assert address(page) == [top, 0, high, high]

    place = parse_qs(urlparse(page.url).query)["upload"]
    page.locator(".cropper .rectangle").focus()
    after(page, lambda: page.keyboard.press("ArrowRight"))
    assert address(page) == pytest.approx([top, round(width / 100), high, high], abs=1)
    after(page, lambda: page.keyboard.press("-"))
    assert address(page)[2] == round(high / 1.05)
    assert parse_qs(urlparse(page.url).query)["upload"] == place  # the arrow key stepped to no other photo
    save_screenshot(page, "a_drawn_crop")
