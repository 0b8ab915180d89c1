"""Page Video, as a person uses it."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.browser.conftest import running_server
from tests.browser.test_accessibility import findings
from tests.data.videos.writing import write_video
from xai_ad.data.specs import Subject
from xai_ad.networks import build_network
from xai_ad.store import load_calibration, save_model

pytestmark = pytest.mark.browser

FRAMES = 60
PATIENCE = 240_000  # ms: a small machine under load takes its time for the scores


def walk():
    """A grey walkway on which a bright square goes from left to right, and for a while a second one."""
    generator = np.random.default_rng(1)
    ground = generator.integers(70, 90, (120, 180, 1)).repeat(3, axis=2)
    frames = []
    for index in range(FRAMES):
        frame = ground.copy()
        frame[50:80, 2 * index : 2 * index + 14] = 220
        if 20 <= index < 35:
            frame[10:110, 100:170] = 250
        frames.append(frame.astype(np.uint8))
    return frames


@pytest.fixture
def address(chromium, stored_model, tmp_path):
    """The page on a server that has one untrained model of scenes, and one clip for it."""
    torch.manual_seed(1)
    write_video(tmp_path / "samples" / "ped2" / "Test" / "Test001.mp4", walk(), options={"g": "10"})
    record = load_calibration(stored_model)
    card = replace(stored_model.card, id="scene-bcae1", dataset="ped2", subject=Subject.SCENE)
    save_model(
        tmp_path / "shipped" / card.id,
        card,
        network=build_network("bcae1"),
        references={},
        calibrations=(replace(record, calibration=replace(record.calibration, threshold=0.09)),),
    )
    with running_server(
        tmp_path, XAI_AD_MODELS=str(tmp_path / "shipped"), XAI_AD_SAMPLES=str(tmp_path / "samples")
    ) as found:
        yield f"{found}/video"


def scored(page):
    page.wait_for_selector(f"[data-testid=curve][data-drawn='{FRAMES}']", timeout=PATIENCE)
    page.wait_for_selector("[data-testid=verdict][data-verdict]")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def shows(page, number):
    """Wait until curve, verdict and address are at a frame."""
    expect(page.locator("[data-testid=verdict]")).to_contain_text(f"Frame {number} of {FRAMES}")
    expect(page.locator("[data-testid=curve]")).to_have_attribute("data-frame", str(number))
    expect(page.locator("[data-testid=curve]")).to_have_attribute("data-pending", "false")
    expect(page).to_have_url(re.compile(rf"[?&]frame={number}(&|$)"))


def serious(page):
    """Return what axe-core finds at rest: at every look at work Streamlit dims, for a moment, what it draws."""
    found = findings(page)
    for _ in range(8):
        if not found:
            break
        page.wait_for_timeout(1500)
        found = findings(page)
    return found


def frame_of(page):
    return int(page.locator("[data-testid=curve]").get_attribute("data-frame"))


def test_a_click_and_keys_go_through_the_clip_and_back(address, page, save_screenshot):
    page.goto(address)
    scored(page)
    page.wait_for_selector("[data-testid=panel-residual][data-state=ready]")
    save_screenshot(page, "video-1366")
    assert serious(page) == {}
    box = page.locator("[data-testid=curve-plot]").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    page.mouse.move(5, 5)
    expect(page.locator("[data-testid=curve]")).to_have_attribute("data-pending", "false")
    clicked = frame_of(page)
    assert 8 <= clicked <= 18
    shows(page, clicked)
    page.keyboard.press("Escape")
    page.locator("body").press("ArrowRight")
    shows(page, clicked + 1)
    for _ in range(4):
        page.locator("body").press("ArrowRight")  # faster than the page follows: none is lost
    shows(page, clicked + 5)
    page.locator("[data-testid=frame-number]").fill("42")
    page.locator("[data-testid=frame-number]").press("Enter")
    shows(page, 42)
    page.go_back()
    shows(page, clicked + 5)
    page.go_forward()
    shows(page, 42)
    page.reload()
    scored(page)
    shows(page, 42)
    page.get_by_role("button", name="Regularity").click()
    expect(page.locator("[data-testid=curve]")).to_contain_text("is no verdict")
    page.emulate_media(color_scheme="dark")
    assert serious(page) == {}
    for width in (820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        save_screenshot(page, f"video-{width}-dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_each_session_has_its_own_frame_and_the_video_can_be_saved(address, page, browser):
    page.goto(f"{address}?frame=7")
    scored(page)
    shows(page, 7)
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    other = context.new_page()
    other.goto(f"{address}?frame=50")
    scored(other)
    shows(other, 50)
    other.locator("body").press("ArrowLeft")
    shows(other, 49)
    shows(page, 7)
    context.close()
    page.get_by_role("button", name="Download the clip").click()
    page.get_by_role("button", name=re.compile("Make the video")).click()
    link = page.get_by_role("link", name=re.compile("Video"))
    link.filter(has_text="MP4").wait_for()
    url = link.filter(has_text="MP4").get_attribute("href")
    answer = page.request.get(f"{urlsplit(address).scheme}://{urlsplit(address).netloc}{urlsplit(url).path}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.body()[4:8] == b"ftyp"
    assert parse_qs(urlsplit(page.url).query)["frame"] == ["7"]
