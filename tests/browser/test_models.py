"""Page Models in a browser: the limit is dragged and stepped, everything follows it at once, and counts are Python's."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.browser.conftest import running_server
from tests.browser.test_accessibility import findings
from xai_ad.store import JudgedImage, find_model, load_calibration, load_evaluation, load_network, save_model
from xai_ad.training.calibration import gmean_threshold
from xai_ad.ui.components.mounting import FOLDER

pytestmark = pytest.mark.browser

HANDLE = "[data-testid=limit-handle]"
QUICK = 200
"""Milliseconds in which everything follows the limit."""
TIMED = """(steps) => {
  const find = (root) => root.querySelector("[data-testid=limit-handle]")
    ?? [...root.querySelectorAll("*")].map((each) => each.shadowRoot && find(each.shadowRoot)).find(Boolean);
  const handle = find(document);
  const plot = handle.parentElement;
  const { left, width, top } = plot.getBoundingClientRect();
  const at = (share) => ({ clientX: left + share * width, clientY: top + 90, bubbles: true, pointerId: 1, button: 0 });
  plot.setPointerCapture = () => {};
  plot.dispatchEvent(new PointerEvent("pointerdown", at(0.5)));
  return new Promise((resolve) => {
    const took = [];
    const step = (place) => {
      if (place === steps) {
        plot.dispatchEvent(new PointerEvent("pointerup", at(0.5)));
        resolve(took);
        return;
      }
      const begun = performance.now();
      plot.dispatchEvent(new PointerEvent("pointermove", at(0.1 + (0.8 * place) / steps)));
      requestAnimationFrame(() => setTimeout(() => {
        took.push(performance.now() - begun);
        step(place + 1);
      }));
    };
    step(0);
  });
}"""


@pytest.fixture
def counting(browser):
    """Runs an expression of the scripts that count, on `scored` made of the given scores."""
    page = browser.new_page()
    source = (FOLDER / "limit" / "counting.js").read_text()

    def run(expression, scores, labels, kinds=None):
        given = {"scores": scores, "labels": labels, "kinds": kinds or labels, "names": ["good", "bad"]}
        body = f"{source}; const scored = new Scored({json.dumps(given)}); return {expression};"
        return page.evaluate(f"() => {{ {body} }}")

    yield run
    page.close()


@pytest.mark.parametrize("seed", range(3))
def test_counts_and_areas_are_those_of_the_metrics(counting, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 60)
    scores = np.round(rng.normal(2, 0.4, 60) + 0.5 * labels, 1)  # many are equal
    given = scores.tolist(), labels.tolist()
    assert counting("scored.curves.area", *given) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert counting("scored.curves.average", *given) == pytest.approx(
        average_precision_score(labels, scores), abs=1e-12
    )
    assert counting("scored.balanced()", *given) == gmean_threshold(scores, labels)
    limit = float(np.median(scores))
    assert counting(f"scored.confusion({limit})", *given) == {
        "hits": int(((scores > limit) & (labels == 1)).sum()),
        "falseAlarms": int(((scores > limit) & (labels == 0)).sum()),
        "misses": int(((scores <= limit) & (labels == 1)).sum()),
        "passes": int(((scores <= limit) & (labels == 0)).sum()),
    }


def test_a_limit_that_rejects_one_in_twenty_rejects_no_more(counting):
    normals = [float(score) for score in range(1, 41)]
    assert counting("scored.rejectingAtMost(1 / 20)", normals, [0] * 40) == 38.0
    assert counting("rates(scored.confusion(38)).falseAlarm", normals, [0] * 40) == 0.05


def test_of_equally_good_limits_the_highest_is_the_balanced_one(counting):
    scores, labels = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0, 0, 1, 0, 1, 1]  # 2.5 and 4.5 are equally good
    assert counting("scored.balanced()", scores, labels) == gmean_threshold(
        np.array(scores), np.array(labels)
    )
    assert counting("scored.balanced()", scores, labels) == 4.5


def test_what_stands_to_either_side_of_the_limit_in_force_is_what_it_does(browser):
    page = browser.new_page()
    scripts = "".join((FOLDER / "limit" / name).read_text() for name in ("counting.js", "histogram.js"))
    rng = np.random.default_rng(0)
    scores = [
        0.0,
        2.0,
        2.0,
        *np.exp(rng.normal(0.7, 0.5, 300)).tolist(),
    ]  # some of nothing, some at the limit itself
    body = f"""{scripts}
      const scored = new Scored({{ scores: {scores}, labels: {[0] * len(scores)}, kinds: [], names: [] }});
      const axis = new RatioAxis(scored, 2, 800);
      const bins = countBins(scored.normal, axis, 2);
      return [bins.slice(axis.before).reduce((sum, count) => sum + count, 0), axis.x(1), axis.x(Math.exp(axis.low + axis.before * axis.step))];"""
    above, limit, edge = page.evaluate(f"() => {{ {body} }}")
    assert above == sum(score > 2 for score in scores)
    assert limit == pytest.approx(edge)
    page.close()


def open_models(page, server, query):
    page.goto(f"{server}/models?{query}")
    page.wait_for_selector(f"{HANDLE}[aria-valuenow]")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def figure(page, name):
    return page.locator(f"[data-figure={name}] b").inner_text()


def test_the_limit_is_stepped_by_keys_dragged_and_set(page, tmp_path, save_screenshot):
    with running_server(tmp_path) as server:
        open_models(page, server, "model=washer-bcae1")
        assert (figure(page, "rejected"), figure(page, "caught")) == ("3 of 24", "25 of 30")
        assert page.get_by_role("button", name="Use as the limit").is_disabled()
        handle = page.locator(HANDLE)
        handle.focus()
        for _ in range(3):
            page.keyboard.press("PageUp")
        assert handle.get_attribute("aria-valuenow") == "1.33"
        limit = 1.33 * load_calibration("washer-bcae1").calibration.threshold
        above = [
            sum(one.score > limit for one in load_evaluation("washer-bcae1") if one.label == label)
            for label in (0, 1)
        ]
        assert (figure(page, "rejected"), figure(page, "caught")) == (
            f"{above[0]} of 24",
            f"{above[1]} of 30",
        )
        assert handle.get_attribute("aria-valuetext").startswith(
            "1.33 times the limit in force; Good parts rejected: 1 of 24"
        )
        page.get_by_role("button", name="At most 1 in 20 rejected").click()
        assert figure(page, "rejected") == "1 of 24"
        box = page.locator(".plot").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 60, steps=5)
        page.mouse.up()
        times = float(handle.get_attribute("aria-valuenow"))
        assert times < 1.33
        page.get_by_role("button", name="Use ").click()
        page.get_by_label("Why is it moved?").fill("Tried out")
        page.get_by_label("Your name").fill("Ada")
        page.get_by_role("button", name="Set the limit", exact=True).click()
        page.get_by_text("The limit of washer-bcae1 is set").wait_for()
        page.wait_for_selector(f"{HANDLE}[aria-valuenow='1.00']")
        assert page.get_by_text("Tried out (Ada)").is_visible()
        save_screenshot(page, "models-set")
        page.goto("about:blank")  # it would miss its server


def test_everything_follows_the_limit_of_5000_scores_within_200_ms(page, tmp_path):
    write_model(tmp_path / "home" / "models" / "many", 5000)
    with running_server(tmp_path) as server:
        open_models(page, server, "model=many")
        assert figure(page, "rejected").endswith("of 2,500")
        took = page.evaluate(TIMED, 40)
        page.goto("about:blank")
        (tmp_path / "redrawn.json").write_text(json.dumps(took))
        assert max(took) < QUICK, took


def write_model(path, count):
    """Store a model of one's own whose limit was placed by so many images."""
    stored = find_model("washer-bcae1")
    record = load_calibration(stored)
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 2
    scores = record.calibration.threshold * np.exp(rng.normal(-0.2 + 0.6 * labels, 0.3))
    kinds = ["good", "dent", "good", "scratch"]
    images = tuple(
        JudgedImage(score=float(score), label=int(label), kind=kinds[place % 4], sha256=f"{place:064x}")
        for place, (score, label) in enumerate(zip(scores, labels, strict=True))
    )
    record = replace(record, images=images)
    card = replace(stored.card, id=path.name, dataset="widget", calibration=record.id, metrics={})
    save_model(
        path,
        card,
        network=load_network(stored),
        references={"mean": torch.full((3, 128, 128), 0.5)},
        calibrations=(record,),
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_on_the_page(page, server, scheme, save_screenshot):
    page.emulate_media(color_scheme=scheme)
    for model in ("lesion-bcae1-svdd&compare=lesion-bcae1", "washer-bcae1"):
        open_models(page, server, f"model={model}")
        page.wait_for_selector("[data-testid=scatter][data-drawn]")
        save_screenshot(page, f"models-{model.partition('&')[0]}-{scheme}")
        assert findings(page) == {}


def test_the_page_fits_a_phone(page, server, save_screenshot):
    page.set_viewport_size({"width": 390, "height": 844})
    open_models(page, server, "model=washer-bcae1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("(element) => element.scrollWidth - element.clientWidth") == 0
    save_screenshot(page, "models-phone")


def test_what_was_chosen_to_be_counted_stays_for_other_models(page, server):
    open_models(page, server, "model=washer-bcae1")
    page.get_by_role("button", name="28 pictures that set the limit").click()
    assert figure(page, "rejected") == "1 of 18"
    assert page.get_by_text("No measurement: the limit was placed by 28 pictures").is_visible()
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="Skin lesions (generated)").click()
    page.locator("[aria-pressed=true]", has_text="27 pictures that set the limit").wait_for()
    assert page.locator("[data-testid=limit]").get_attribute("data-set") == "setting"
