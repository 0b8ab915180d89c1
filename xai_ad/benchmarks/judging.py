"""What judging takes, from files to verdicts, against the bare forwards of the network that judges: `benchmark speed`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np
import torch
from PIL import Image as Photograph
from torch import Tensor, nn

from xai_ad.benchmarks.base import BenchmarkResult, CasesBenchmark, Figure, Row
from xai_ad.data.layouts import read_dataset
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.frames import FrameStream
from xai_ad.errors import InvalidInputError
from xai_ad.fields import whole
from xai_ad.inspection.batch import judge_files
from xai_ad.inspection.clips import judge_clip
from xai_ad.machine.timing import interleave, median_ratio, seconds_of
from xai_ad.progress import Progress, each, silent
from xai_ad.store import load

MOST_FRAMES = 1024
"""Of a longer clip the first ones are measured: the forwards' inputs lie in memory."""
FILES, SIDE = 200, 900
"""How many images are inspected, and their side in pixels: those of MVTec AD's bottles."""
DRAWN = 8
"""How many of them differ; drawing more would take longer than judging them."""


@dataclass(frozen=True, kw_only=True)
class VideoScoringBenchmark(CasesBenchmark):
    """Frames a second of a clip's whole way to its regularity, and of the network's forwards alone, in turns.

    The way is reading, decoding, cropping, resizing, forwards, scores and smoothing, of the first `images` test clips.
    """

    id: ClassVar[str] = "speed"
    sentence: ClassVar[str] = "Scoring videos, frames a second: the whole way against the network's forwards."

    images: int = whole(3, low=1)
    rounds: int = whole(5, low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each clip; `ratio` is the whole way's time over the forwards', and below over all clips."""
        detector, card = load(self.model)
        measured = []
        rows: list[Row] = []
        for clip, part in each(self._clips(), on_progress):
            stop = clip.start + min(len(clip.numbers), MOST_FRAMES)
            stream = FrameStream(clip.source, card.preprocessing, start=clip.start, stop=stop)
            judge = partial(judge_clip, detector, stream)
            way, forwards = measure_way(judge, detector.network, rounds=self.rounds, on_progress=part)
            measured.append((way, forwards))
            frames = stream.reading.frames
            rows.append(
                {
                    "model": card.id,
                    "clip": clip.name,
                    "frames": frames,
                    "seconds": median(way),
                    "frames_per_second": frames / median(way),
                    "forward_frames_per_second": frames / median(forwards),
                    "ratio": median_ratio(way, forwards),
                }
            )
        # Each round's seconds of all clips together.
        ratio = median_ratio(*(np.sum(sides, axis=0).tolist() for sides in zip(*measured, strict=True)))
        remark = f"Scoring the clips takes {ratio:.2f} times what the network's forwards alone take."
        return BenchmarkResult(rows=tuple(rows), figures={"ratio": ratio}, remarks=(remark,))

    def _clips(self) -> list[Clip]:
        clips = [clip for clip in read_dataset(self.data, self.layout).clips if clip.subset == "test"]
        if len(clips) < self.images:
            raise InvalidInputError(
                f"{str(self.data)!r} has {len(clips)} test clips to measure on. Got 'images' = {self.images}; ask for "
                "fewer."
            )
        return clips[: self.images]


def inspecting_rates(model: Path, *, rounds: int) -> dict[str, Figure]:
    """Return how many images a second are judged, files of many pixels, and the network's forwards alone compute.

    `ratio` is the first over the second, the median of the rounds' ratios.
    """
    detector, card = load(model)
    with TemporaryDirectory() as folder:
        paths = draw_bottles(Path(folder))
        way, forwards = measure_way(
            lambda: list(judge_files(detector, card, paths)), detector.network, rounds=rounds
        )
    return {
        "images": len(paths),
        "images_per_second": len(paths) / median(way),
        "forward_images_per_second": len(paths) / median(forwards),
        "ratio": median_ratio(forwards, way),
    }


def draw_bottles(folder: Path) -> list[Path]:
    """Write files like MVTec AD's bottles from above, a dark ring on a bright ground, with a camera's noise."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    distance = np.hypot(rows, columns)[:, :, None]
    grey = np.where(distance > 0.43, 245, np.where(distance > 0.3, 45, 25 + 300 * distance))
    clean = grey * (1.0, 0.95, 0.9)
    paths = [folder / f"{number:03d}.png" for number in range(FILES)]
    for path in paths[:DRAWN]:
        noisy = clean + rng.normal(scale=1.5, size=clean.shape)
        Photograph.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path)
    for path, drawn in zip(paths[DRAWN:], paths * (FILES // DRAWN), strict=False):
        path.write_bytes(drawn.read_bytes())
    return paths


def measure_way(
    way: Callable[[], object], network: nn.Module, *, rounds: int, on_progress: Progress = silent
) -> tuple[list[float], list[float]]:
    """Return each round's seconds of a whole way, and of the forwards of its network on what it gives the network."""
    inputs = network_inputs(way, network)
    sides = {"way": lambda: seconds_of(way), "forwards": lambda: forward_seconds(network, inputs)}
    interleave(sides, rounds=1)  # the first forward allocates, and chooses kernels
    times = interleave(sides, rounds=rounds, on_progress=on_progress)
    return times["way"], times["forwards"]


def network_inputs(way: Callable[[], object], network: nn.Module) -> list[Tensor]:
    """Return what work gives a network, in its own batches, (N, C, H, W) or (N, T, C, H, W)."""
    inputs: list[Tensor] = []
    handle = network.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    try:
        way()
    finally:
        handle.remove()
    return inputs


@torch.inference_mode()
def forward_seconds(network: nn.Module, inputs: Sequence[Tensor]) -> float:
    """Return what a network's forwards take alone."""
    return seconds_of(lambda: [network(given) for given in inputs])
