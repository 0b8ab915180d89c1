"""`benchmark compare`: how long a person waits on page Compare, and what its explanations take beside their evaluations."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

import torch

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult
from xai_ad.benchmarks.visiting import browser_here, visited, wait_rows
from xai_ad.detector.fast.measuring import fastest_execution, images_a_second
from xai_ad.detector.fast.network import InferenceNetwork
from xai_ad.errors import UnknownNameError
from xai_ad.inspection.cases import perform
from xai_ad.inspection.comparing import Row as Comparing
from xai_ad.inspection.engines.threads import ThreadEngine
from xai_ad.inspection.explainers import MAIN, explainers
from xai_ad.inspection.image_files import list_samples, make_image_file
from xai_ad.inspection.opening import opening
from xai_ad.inspection.streaming import Line, Stream, is_active
from xai_ad.machine.places import CHECKOUT
from xai_ad.progress import Progress, silent
from xai_ad.store import find_model, load

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIMITS = {"verdict": 1.5, "reaction": 0.3}
"""Seconds that each is to take at most."""
RATIO = 1.25
"""How many times what its evaluations take at the floor the whole comparison is to take at most."""
_FIRST, _ALL = 180_000, 900_000  # ms
_ROUNDS = 5
_POLL = 1.0  # seconds, as the page
_DATASET = "washer"
_SIZE = 32
"""Images that the floor is measured on at once."""

_APP = """
import json, sys
sys.path.insert(0, {checkout!r})
import streamlit as st
from xai_ad.inspection.cases import RESULTS
from xai_ad.ui.layers import ROUTE
from xai_ad.ui.server import MIDDLEWARE, lifespan

kept = RESULTS.put


def put(request, timed):
    with open({record!r}, "a") as file:
        line = {{"question": request.record(), "evaluations": timed.explanation.evaluations}}
        file.write(json.dumps(line) + "\\n")
    return kept(request, timed)


RESULTS.put = put
app = st.App({shell!r}, routes=[ROUTE], middleware=MIDDLEWARE, lifespan=lifespan)
"""
"""The app, which also writes down every explanation that it computes."""


@dataclass(frozen=True, kw_only=True)
class CompareBenchmark(Benchmark):
    """Seconds until the first verdict, until the page answers a choice while it computes, and until all is there.

    The server is warm: it has compared another picture by quick methods. What all takes is held against the
    evaluations of its explanations at the floor, which is measured before and after. Nothing is to be computed twice. A
    browser on the same cores takes its share of them: so three pictures are compared without one, too.
    """

    id: ClassVar[str] = "compare"
    sentence: ClassVar[str] = (
        "Page Compare in a browser: first verdict, reaction while it computes, and all against its evaluations."
    )

    models: str = "washer-bcae1,washer-bcae2,washer-ks_cae"
    methods: str = ",".join(MAIN)
    sample: str = "dent/003"
    warm: str = "dent/001"
    alone: str = "dent/002,scratch/002,contamination/002"
    """Pictures that are compared without a browser."""

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each wait, and the figures of all of it.

        Raises `BenchmarkError` where there is no browser or no page, what `find_model` raises, and `UnknownNameError`
        for a sample that there is not.
        """
        models = self.models.split(",")
        for name in models:
            find_model(name)
        samples = list_samples(_DATASET)
        for name in (self.sample, self.warm, *self.alone.split(",")):
            if name not in samples:
                raise UnknownNameError("sample", name, samples)
        browser_here()
        before = floors(models)
        on_progress(0.1)
        with tempfile.TemporaryDirectory() as folder:
            record, app = Path(folder) / "computed", Path(folder) / "app.py"
            app.write_text(_recording(record))
            with visited(app) as (page, served):
                waits = self._waits(page, served.address)
            computed = [json.loads(line) for line in record.read_text().splitlines()]
        on_progress(0.9)
        between = floors(models)
        alone = [engine_seconds(models, self.methods.split(","), sample) for sample in self.alone.split(",")]
        after = floors(models)
        speeds = {name: mean([before[name], between[name], after[name]]) for name in models}
        figures = summary(computed, waits["all"], speeds, self.sample)
        figures["engine_ratio"] = median(
            seconds / floor_seconds(by_model, speeds) for seconds, by_model in alone
        )
        on_progress(1.0)
        return BenchmarkResult(rows=wait_rows(waits, LIMITS), figures=figures)

    def _waits(self, page: "Page", address: str) -> dict[str, list[float]]:
        page.goto(f"{address}/compare?{self._query(self.warm, 'residual,lrp')}", timeout=_FIRST)
        _await_all(page, 2 * len(self.models.split(",")))
        begun = time.perf_counter()
        page.goto(f"{address}/compare?{self._query(self.sample, self.methods)}")
        page.locator(f"{_GRID} .verdict[data-look]:not([data-look=''])").first.wait_for(timeout=_FIRST)
        judged = time.perf_counter() - begun
        page.locator(".st-key-methods_menu button").first.click()
        reactions = [seconds for _ in range(_ROUNDS) for seconds in _reactions(page)]
        page.keyboard.press("Escape")
        _await_all(page, len(self.methods.split(",")) * len(self.models.split(",")))
        return {"verdict": [judged], "reaction": reactions, "all": [time.perf_counter() - begun]}

    def _query(self, sample: str, methods: str) -> str:
        return urlencode({"models": self.models, "methods": methods, "sample": sample})


_GRID = ".st-key-grid [data-testid=grid]"


def floors(models: Sequence[str]) -> dict[str, float]:
    """Return how many images a second the inference copy of each model's network computes, as this machine does best."""
    best = fastest_execution()
    way = best.precision, best.batch_size
    found = {}
    for name in models:
        classifier, card = load(find_model(name).path)
        side = card.preprocessing.size
        images = torch.rand(_SIZE, card.preprocessing.channels, side, side)
        found[name] = images_a_second(InferenceNetwork(classifier.network), images, [way], rounds=3)[way]
    return found


def engine_seconds(
    models: Sequence[str], methods: Sequence[str], sample: str
) -> tuple[float, Mapping[str, int]]:
    """Compare a washer in this process as the page does, without a browser.

    Return the seconds until every explanation is there, and each model's evaluations.
    """
    picture = make_image_file(f"{_DATASET}/{sample}", list_samples(_DATASET)[sample].read_bytes())
    asked = tuple(explainers()[name] for name in methods)
    lines = [Line(opening=opening(find_model(name), picture), explainers=asked) for name in models]
    engine, stream = ThreadEngine(perform), Stream(stopped=set(), wanted=set())
    begun = time.perf_counter()
    try:
        while any(map(is_active, rows := stream.look(lines, seen=(), engine=engine, owner="benchmark"))):
            time.sleep(_POLL)
        return time.perf_counter() - begun, {row.stored.card.id: _evaluations(row) for row in rows}
    finally:
        engine.close()


def _evaluations(row: Comparing) -> int:
    return sum(cell.outcome.result.explanation.evaluations for cell in row.cells if cell.outcome.result)


def floor_seconds(evaluations: Mapping[str, int], speeds: Mapping[str, float]) -> float:
    """Return what each model's evaluations take at its floor, in images a second, together."""
    return sum(count / speeds[name] for name, count in evaluations.items())


def summary(
    computed: Sequence[Mapping[str, Any]], waited: Sequence[float], speeds: Mapping[str, float], sample: str
) -> dict[str, Any]:
    """Return what became of one picture's explanations, and how often one was computed once more than needed.

    `waited` holds the seconds until all were there, `speeds` images a second at the floor, by model.
    """
    own = [one for one in computed if one["question"]["source"]["path"].endswith(sample)]
    times = Counter(json.dumps(one["question"], sort_keys=True) for one in own)
    by_model: Counter[str] = Counter()
    for one in own:
        by_model[one["question"]["model"]["id"]] += one["evaluations"]
    floor = floor_seconds(by_model, speeds)
    return {
        "explanations": len(times),
        "computed_twice": sum(times.values()) - len(times),
        "evaluations": sum(one["evaluations"] for one in own),
        "seconds": waited[0],
        "floor_seconds": floor,
        "ratio": waited[0] / floor if floor else None,
        "ratio_aim": RATIO,
    }


def _recording(record: Path) -> str:
    shell = CHECKOUT / "xai_ad" / "ui" / "shell.py"
    return _APP.format(checkout=str(CHECKOUT), record=str(record), shell=str(shell))


def _reactions(page: "Page") -> tuple[float, float]:
    """Take the first method out and put it in again; return the seconds until the grid has followed."""
    heads = page.locator(f"{_GRID} .head")
    count = heads.count()
    found = []
    for expected in (count - 1, count):
        begun = time.perf_counter()
        page.get_by_test_id("stPopoverBody").get_by_role("button", name="LRP", exact=True).click()
        page.wait_for_function(
            "([grid, count]) => [...document.querySelectorAll('*')].some((one) => one.shadowRoot?.querySelector(grid) "
            "&& one.shadowRoot.querySelectorAll('.head').length === count)",
            arg=["[data-testid=grid]", expected],
        )
        found.append(time.perf_counter() - begun)
    return found[0], found[1]


def _await_all(page: "Page", count: int) -> None:
    """Wait until so many cells are there."""
    ready = page.locator(f"{_GRID} [data-testid^='cell-'][data-state=ready]")
    ready.nth(count - 1).wait_for(state="attached", timeout=_ALL)
