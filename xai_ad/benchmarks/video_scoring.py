"""`benchmark speed` on a set of videos: scoring clips against the bare forwards of the network that scores them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import ClassVar

import torch
from torch import Tensor, nn

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Row
from xai_ad.benchmarks.cases import LAYOUT, MODEL, washers
from xai_ad.benchmarks.interleaving import interleave, median_ratio
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import read_dataset
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.frames import FrameStream
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.streams import reconstructed_frames
from xai_ad.errors import InvalidInputError, require_int
from xai_ad.inspection.clips import judge_clip
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import load

MOST_FRAMES = 1024
"""Of a longer clip the first ones are measured: the forwards' frames lie in memory."""


@dataclass(frozen=True, kw_only=True)
class VideoScoringBenchmark(Benchmark):
    """Frames a second of a clip's whole way to its regularity, and of the network's forwards alone, in turns.

    The way is reading, decoding, cropping, resizing, forwards, scores and smoothing, of the first `images` test clips.
    """

    id: ClassVar[str] = "speed"
    sentence: ClassVar[str] = "Scoring videos, frames a second: the whole way against the network's forwards."

    model: str = MODEL
    data: Path = field(default_factory=washers)
    layout: str = LAYOUT
    images: int = 3
    rounds: int = 5

    def __post_init__(self) -> None:
        for name in ("images", "rounds"):
            require_int(name, getattr(self, name), of="the benchmark 'speed'", low=1)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each clip; `ratio` is the whole way's time over the forwards', and below over all clips."""
        scorer, card = load(self.model)
        clips = self._clips()
        ways, forwards, rows = [], [], []
        for place, clip in enumerate(clips):
            part = part_of(on_progress, place / len(clips), (place + 1) / len(clips))
            frames, way, forward = self._measured(scorer, _stream(clip, card.preprocessing), part)
            ways.append(way)
            forwards.append(forward)
            rows.append(_row(card.id, clip.name, frames, way, forward))
        ratio = median_ratio(
            [sum(times) for times in zip(*ways, strict=True)],
            [sum(times) for times in zip(*forwards, strict=True)],
        )
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

    def _measured(
        self, scorer: AnomalyClassifier, stream: FrameStream, on_progress: Progress
    ) -> tuple[int, list[float], list[float]]:
        """Return how many frames were scored, and each round's seconds, of the whole way and of the forwards."""
        inputs = network_inputs(scorer, stream)
        sides = {
            "scoring": lambda: scoring_seconds(scorer, stream),
            "forwards": lambda: forward_seconds(scorer.network, inputs),
        }
        interleave(sides, rounds=1)  # the first forward allocates, and chooses kernels
        times = interleave(sides, rounds=self.rounds, on_progress=on_progress)
        return stream.reading.frames, times["scoring"], times["forwards"]


def network_inputs(scorer: AnomalyClassifier, stream: FrameStream) -> list[Tensor]:
    """Return what a scorer gives its network of a clip, in its own batches, (N, C, H, W) or (N, T, C, H, W)."""
    inputs: list[Tensor] = []
    handle = scorer.network.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    try:
        for _ in reconstructed_frames(scorer.network, stream):
            pass
    finally:
        handle.remove()
    return inputs


def scoring_seconds(scorer: AnomalyClassifier, stream: FrameStream) -> float:
    """Return what a clip takes from its file to its regularity."""
    began = time.perf_counter()
    judge_clip(scorer, stream)
    return time.perf_counter() - began


@torch.inference_mode()
def forward_seconds(network: nn.Module, inputs: Sequence[Tensor]) -> float:
    """Return what a network's forwards take alone."""
    began = time.perf_counter()
    for given in inputs:
        network(given)
    return time.perf_counter() - began


def _stream(clip: Clip, preprocessing: Preprocessing) -> FrameStream:
    stop = clip.start + min(len(clip.numbers), MOST_FRAMES)
    return FrameStream(clip.source, preprocessing, start=clip.start, stop=stop)


def _row(model: str, clip: str, frames: int, way: Sequence[float], forward: Sequence[float]) -> Row:
    return {
        "model": model,
        "clip": clip,
        "frames": frames,
        "seconds": median(way),
        "frames_per_second": frames / median(way),
        "forward_frames_per_second": frames / median(forward),
        "ratio": median_ratio(way, forward),
    }
