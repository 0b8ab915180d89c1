"""`benchmark video`: how long a person waits on page Video for another frame of a scored clip, in a real browser."""

import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult
from xai_ad.benchmarks.visiting import visited, wait_rows
from xai_ad.errors import BenchmarkError
from xai_ad.fields import whole
from xai_ad.inspection.clip_files import list_clips
from xai_ad.progress import Progress, silent
from xai_ad.store import find_model

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIMITS = {"verdict": 0.5, "residual": 0.5}
"""Seconds from the jump that each is to take at most."""
_FIRST = 300_000  # ms: a server's first visit loads the libraries and scores the clip


@dataclass(frozen=True, kw_only=True)
class VideoBenchmark(Benchmark):
    """Seconds from a number that is entered to that frame's verdict, and to its picture and residual.

    The clip is one of the model's sample clips, the first, scored as a whole before; the frames are drawn by the seed,
    and none is looked at twice.
    """

    id: ClassVar[str] = "video"
    sentence: ClassVar[str] = (
        "Page Video in a browser, seconds: from a jump to another frame to verdict and residual."
    )

    model: str = "walkway-motion_cae"
    rounds: int = whole(15, low=1)
    seed: int = whole(0, low=0)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each wait: the median, the longest, and what is asked of the median.

        Raises `BenchmarkError` where there is no browser, nothing to drive it with, no sample clip of the model's
        dataset or no page, and what `find_model` raises for a model that is not there.
        """
        dataset = find_model(self.model).card.dataset
        if not list_clips(dataset):
            raise BenchmarkError(
                f"There is no sample clip of {dataset!r}, the dataset of {self.model!r}. Choose a model of a set with clips."
            )
        waits: dict[str, list[float]] = {name: [] for name in LIMITS}
        with visited() as (page, served):
            page.goto(f"{served.address}/video?model={self.model}&method=residual", timeout=_FIRST)
            frames = _scored(page)
            for turn, frame in enumerate(_frames(frames, self.rounds, self.seed)):
                for name, seconds in _waits(page, frame).items():
                    waits[name].append(seconds)
                on_progress((turn + 1) / self.rounds)
        return BenchmarkResult(rows=wait_rows(waits, LIMITS))


def _frames(count: int, rounds: int, seed: int) -> list[int]:
    """Return different frames' numbers, drawn by the seed."""
    numbers = list(range(1, count + 1))
    random.Random(seed).shuffle(numbers)  # no secret
    return numbers[:rounds]


def _scored(page: "Page") -> int:
    """Wait until the whole clip is scored, and return how many frames it has."""
    verdict = page.locator("[data-testid=verdict][data-verdict]")
    verdict.wait_for(timeout=_FIRST)
    found = re.search(r"of (\d+)", verdict.inner_text())
    frames = int(found.group(1)) if found else 0
    page.locator(f"[data-testid=curve][data-drawn='{frames}']").wait_for(timeout=_FIRST)
    page.locator("[data-testid=panel-residual][data-state=ready]").wait_for(timeout=_FIRST)
    return frames


def _waits(page: "Page", frame: int) -> dict[str, float]:
    """Jump to a frame; return the seconds until its verdict, and until its picture and residual are seen."""
    entry = page.locator("[data-testid=frame-number]")
    entry.fill(str(frame))
    begun = time.perf_counter()
    entry.press("Enter")
    page.locator("[data-testid=verdict]").filter(has_text=re.compile(rf"Frame {frame} of ")).wait_for()
    judged = time.perf_counter()
    page.locator("[data-testid=viewer] .chip", has_text=re.compile(rf"frame {frame}$")).first.wait_for()
    page.locator("[data-testid=panel-residual][data-state=ready]").wait_for()
    return {"verdict": judged - begun, "residual": time.perf_counter() - begun}
