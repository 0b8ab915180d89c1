"""A photograph that is chosen in the moment in which the page runs anew is judged like any other."""

import base64

import pytest

from tests.app.conftest import picture

pytestmark = pytest.mark.browser

ROUNDS = 3
CHOOSE_WHILE_THE_PAGE_RUNS = """content => {
  const bytes = Uint8Array.from(atob(content), sign => sign.charCodeAt(0));
  const chosen = new DataTransfer();
  chosen.items.add(new File([bytes], "noise.png", {type: "image/png"}));
  const uploader = document.querySelector(".st-key-uploaders input[type=file]");
  document.querySelector(".st-key-uploader_camera_on input").click();
  uploader.files = chosen.files;
  uploader.dispatchEvent(new Event("change", {bubbles: true}));
}"""


def test_a_photograph_is_not_lost_where_a_run_begins_in_the_moment_in_which_it_is_chosen(server, page):
    for place in range(ROUNDS):
        page.goto(f"{server}/?dataset=washer&method=residual")
        page.wait_for_selector("[data-testid=verdict]")
        page.locator(".st-key-upload button").first.click()
        page.locator(".st-key-uploader_camera_on input").wait_for(state="attached")
        page.evaluate(CHOOSE_WHILE_THE_PAGE_RUNS, base64.b64encode(picture(place)).decode())
        page.wait_for_url(lambda url: "upload=" in url)
