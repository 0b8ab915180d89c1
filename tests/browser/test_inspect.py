"""Page Inspect, as a person uses it."""

import base64
import io
import re
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image as Pillow
from playwright.sync_api import expect

from xai_ad.machine.places import samples

pytestmark = pytest.mark.browser

SLOW = ("lime", "kernel_shap", "counterfactual")
METHODS = ("reconstruction", "residual", "ssim", "lrp", *SLOW)
PATIENCE = 240_000  # ms: a small machine under load takes its time for the slow explainers
expect.set_options(timeout=30_000)  # likewise for all that waits for a verdict


def settled(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("[data-testid=verdict][data-verdict]")


def panel(page, method):
    return page.locator(f"[data-testid=panel-{method}]")


def wait_for_panel(page, method, state):
    page.wait_for_selector(f"[data-testid=panel-{method}][data-state={state}]", timeout=PATIENCE)


def score(page):
    return float(page.locator("[data-testid=verdict]").get_attribute("data-score"))


def photograph(seed=0, size=(300, 200)):
    """A picture no model was trained on, as the bytes of a PNG."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def washer():
    """A washer's photograph that is no sample, as the bytes of a PNG: a sample of which a column is repeated."""
    with Pillow.open(samples() / "washer/test/dent/001.jpg") as sample:
        pixels = np.asarray(sample).copy()
    pixels[:, 0] = pixels[:, 1]
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def upload(page, name, content):
    page.get_by_role("button", name="Upload a photo").click()
    page.locator(".st-key-uploaders").wait_for()
    settled(page)
    page.locator(".st-key-uploaders input[type=file]").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": content}
    )


def test_it_opens_on_a_sample_already_judged_and_all_explanations_stream_in(server, page, save_screenshot):
    page.goto(server)
    settled(page)
    card = page.locator("[data-testid=verdict]")
    assert card.get_attribute("data-verdict") == "FAIL"
    assert score(page) > float(card.get_attribute("data-limit"))
    for method in ("reconstruction", "residual", "ssim", "lrp"):
        wait_for_panel(page, method, "ready")
    save_screenshot(page, "inspect_streaming")
    for method in SLOW:
        wait_for_panel(page, method, "ready")
    page.get_by_text("every panel follows").wait_for()
    assert page.locator("h1").count() == 1
    save_screenshot(page, "inspect_light")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("[data-testid=stApp]")).to_have_css("background-color", "rgb(14, 18, 23)")
    save_screenshot(page, "inspect_dark")


def test_an_uploaded_picture_is_judged_and_a_bad_file_leaves_it_in_place(server, page, save_screenshot):
    page.goto(server)
    settled(page)
    card = page.locator("[data-testid=verdict]")
    before = card.get_attribute("data-score")
    upload(page, "../../<b>dent</b>.png", washer())
    expect(card).not_to_have_attribute("data-score", before, timeout=30_000)
    settled(page)
    uploaded = score(page)
    for method in METHODS:
        wait_for_panel(page, method, "ready")
    page.get_by_text("every panel follows").wait_for()  # polling has ended
    settled(page)
    save_screenshot(page, "inspect_upload")
    upload(page, "broken.png", b"this is no picture")
    page.get_by_text("is not a PNG, JPEG, BMP, TIFF, WebP, HEIC, AVIF or DICOM picture").wait_for()
    assert score(page) == uploaded
    expect(page.locator("[data-testid=stPopoverBody]")).to_have_count(0)
    page.wait_for_selector("[data-testid=viewer]")
    save_screenshot(page, "inspect_bad_upload")


def test_a_slow_explanation_can_be_stopped_and_run_again(server, page, save_screenshot):
    page.goto(f"{server}/?sample=dent+%2F+006")  # no other test looks at it: nothing of it is known
    settled(page)
    page.get_by_text("Computing").wait_for()
    page.locator(".st-key-stop button").click()
    page.locator("[data-testid^=panel-][data-state=stopped]").first.wait_for(timeout=PATIENCE)
    page.get_by_text("not computed").wait_for()
    save_screenshot(page, "inspect_stopped")
    page.get_by_role("button", name="Run again").click()
    for method in SLOW:
        wait_for_panel(page, method, "ready")
    assert page.get_by_role("button", name="Run again").count() == 0


@pytest.mark.slow
def test_zoom_and_opacity_stay_in_the_browser_and_a_click_chooses_a_panel(server, page):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page.goto(f"{server}/?method=kernel_shap")
    settled(page)
    for method in SLOW:
        wait_for_panel(page, method, "ready")
    page.get_by_text("every panel follows").wait_for()  # polling has ended
    page.wait_for_selector("[data-testid=panel-kernel_shap][aria-checked=true]")
    viewer = page.locator("[data-testid=viewer]")
    assert viewer.get_attribute("data-zoom") == "1"
    before = len(sent)
    page.locator("[data-testid=zoom-in]").click()
    page.wait_for_selector("[data-testid=viewer][data-zoom='1.5']")
    page.locator("[data-testid=viewer-overlay]").hover()
    page.locator("[data-testid=readout]").wait_for()
    assert len(sent) == before
    page.locator("[data-testid=opacity]").fill("30")  # told once, for downloads as shown
    panel(page, "lrp").click()
    page.wait_for_selector("[data-testid=panel-lrp][aria-checked=true]")
    page.wait_for_url(re.compile(r"method=lrp"))
    assert len(sent) > before
    assert viewer.get_attribute("data-zoom") == "1.5"


def place(page):
    """Return which of how many pictures is shown, once the page has followed all steps."""
    place = page.locator(".stepper[data-pending=false] [data-testid=stepper-place]")
    return int(place.inner_text().split(" of ")[0])


def test_ten_presses_in_a_second_move_ten_by_key_and_by_button(server, page):
    page.goto(f"{server}/?dataset=washer&sample=contamination/000&method=residual")
    settled(page)
    sample = page.locator(".st-key-sample input")
    names = page.locator("[data-testid=stepper-place]")
    start = place(page)
    for _ in range(10):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    expect(names).to_have_text(re.compile(f"^{start + 10} of "), timeout=20_000)
    assert place(page) == start + 10
    shown = sample.input_value()
    expect(page.locator("[data-testid=verdict] .file-name")).to_have_text(f"washer/{shown.replace(' ', '')}")
    for _ in range(5):
        page.get_by_role("button", name="Previous").click()
    expect(names).to_have_text(re.compile(f"^{start + 5} of "), timeout=20_000)
    sample.focus()
    page.keyboard.press("ArrowRight")  # in a field it means something else
    page.locator("[data-testid=panel-residual]").focus()
    page.keyboard.press("ArrowRight")  # and in the strip another
    page.wait_for_timeout(600)
    assert place(page) == start + 5


def asked(page):
    """Return what the address asks for."""
    return dict(parse_qsl(urlsplit(page.url).query))


@pytest.mark.slow
def test_back_and_forward_bring_back_what_was_seen(server, page):
    page.goto(f"{server}/?method=kernel_shap")
    settled(page)
    page.wait_for_url(
        re.compile("direction=repair")
    )  # all of it stands in the address, and is no step of its own
    assert set(asked(page)) == {"dataset", "model", "score", "sample", "method", "direction"}
    sample = page.locator(".st-key-sample input")
    seen = [asked(page)]
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
        expect(page.locator(".stepper")).to_have_attribute("data-pending", "false")
        page.wait_for_function(
            "before => !location.search.includes(before)", arg=f"{seen[-1]['sample'].replace('/', '%2F')}&"
        )
        settled(page)
        seen.append(asked(page))
    panel(page, "residual").click()
    page.wait_for_url(re.compile("method=residual"))
    seen.append(asked(page))
    assert len({one["sample"] for one in seen}) == 3

    def agrees(state):
        expect(sample).to_have_value(state["sample"].replace("/", " / "))
        expect(page.locator("[data-testid=verdict] .file-name")).to_have_text(f"washer/{state['sample']}")
        page.wait_for_selector(f"[data-testid=panel-{state['method']}][aria-checked=true]")
        settled(page)
        assert asked(page) == state

    for state in seen[-2::-1]:
        page.go_back()
        agrees(state)
    for state in seen[1:]:
        page.go_forward()
        agrees(state)
    page.go_back()
    agrees(seen[-2])
    panel(page, "residual").click()  # what was chosen before can be chosen again
    page.wait_for_url(re.compile("method=residual"))
    agrees(seen[-1])


def test_uploads_have_names_and_a_reload_shows_nobody_elses_verdict(server, page):
    page.goto(f"{server}/?method=residual")
    settled(page)
    page.evaluate(
        """(content) => {
            const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
            const files = new DataTransfer();
            files.items.add(new File([bytes], "part7.png", { type: "image/png" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
        }""",
        base64.b64encode(photograph()).decode(),
    )
    expect(page.locator("[data-testid=verdict] .file-name")).to_have_text("part7.png", timeout=20_000)
    settled(page)
    assert asked(page)["upload"].endswith("-part7.png")
    page.get_by_role("button", name="Upload a photo").click()
    page.locator(".st-key-uploaders input[type=file]").set_input_files(
        [
            {"name": name, "mimeType": "image/png", "buffer": content}
            for name, content in (("a.png", photograph(1)), ("b.png", photograph(2)), ("notes.png", b"no"))
        ]
    )
    expect(page.locator("[data-testid=verdict] .file-name")).to_have_text("a.png", timeout=20_000)
    expect(
        page.get_by_text(
            "notes.png is not a PNG, JPEG, BMP, TIFF, WebP, HEIC, AVIF or DICOM picture. Now shown: a.png."
        )
    ).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("[data-testid=verdict] .file-name")).to_have_text("b.png")
    page.wait_for_url(re.compile("-b.png"))
    page.reload()
    page.get_by_text("The upload b.png is no longer here").wait_for()
    expect(page.locator("[data-testid=verdict]")).to_have_count(0)
    assert asked(page)["upload"].endswith("-b.png")


@pytest.mark.parametrize("sample", ["scratch/003", "scratch%20/%20003"])
def test_an_address_opens_the_same_view_on_a_fresh_server(fresh_server, page, sample):
    page.goto(f"{fresh_server}/?model=washer-bcae1&sample={sample}&method=lrp")
    settled(page)
    expect(page.locator(".st-key-sample input")).to_have_value("scratch / 003")
    page.wait_for_selector("[data-testid=panel-lrp][aria-checked=true]")
    assert "method=lrp" in page.url


@pytest.mark.slow
def test_the_pickers_speak_in_words_and_the_address_in_ids(server, page):
    page.goto(server)
    settled(page)
    dataset, model = (page.locator(f".st-key-{key} input") for key in ("dataset", "model"))
    expect(dataset).to_have_value("Washers (generated)")
    expect(model).to_have_value("Baseline autoencoder")
    dataset.click()
    page.get_by_role("option", name="MVTec bottle").click()
    page.wait_for_url(re.compile(r"dataset=bottle&"))
    assert asked(page)["model"] == "bottle-bcae1"
    page.get_by_text("Upload a photograph to inspect").wait_for()
    page.reload()
    expect(dataset).to_have_value("MVTec bottle")
    page.go_back()
    expect(dataset).to_have_value("Washers (generated)")
    settled(page)


@pytest.mark.slow
def test_the_ssim_map_is_read_on_a_scale_of_its_own(server, page, save_screenshot):
    page.goto(f"{server}/?method=ssim")
    settled(page)
    wait_for_panel(page, "ssim", "ready")
    unit = page.locator("[data-testid=viewer] .unit")
    expect(unit).to_contain_text("not in units of the limit")
    ends = page.locator("[data-testid=viewer] .numbers")
    expect(ends).to_have_text("00.11.0")
    overlay = page.locator("[data-testid=viewer-overlay]")
    box = overlay.bounding_box()  # the defect of this sample lies at the lower right of the ring's middle
    overlay.hover(position={"x": 0.6 * box["width"], "y": 0.73 * box["height"]})
    value = page.locator("[data-testid=readout]")
    expect(value).to_have_text(re.compile(r"0\.\d+$"))
    assert 0.3 < float(value.inner_text().rpartition("\N{MIDDLE DOT}")[2]) <= 1
    save_screenshot(page, "inspect_ssim")
    panel(page, "residual").click()
    expect(unit).to_contain_text("1 = at the limit")
    assert float(ends.inner_text().split()[-1]) > 1


def test_every_answer_carries_the_security_headers(server, page):
    answer = page.goto(server)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    settled(page)


@pytest.mark.slow
def test_a_download_holds_the_chosen_explanation(server, page, tmp_path):
    page.goto(f"{server}/?method=residual")
    settled(page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Picture (PNG)").click()
    target = tmp_path / "overlay.png"
    caught.value.save_as(target)
    with Pillow.open(target) as overlay:
        assert overlay.format == "PNG"
    assert caught.value.suggested_filename.endswith(".washer-bcae1.residual.png")
