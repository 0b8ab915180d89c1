"""`benchmark speed` on a set of videos: scoring clips against the bare forwards of the network that scores them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

import torch
from torch import Tensor, nn

from xai_ad.benchmarks.base import BenchmarkResult, Row
from xai_ad.benchmarks.cases import CasesBenchmark
from xai_ad.benchmarks.interleaving import interleave, median_ratio, seconds_of
from xai_ad.data.layouts import read_dataset
from xai_ad.data.videos.clips import Clip
from xai_ad.data.videos.frames import FrameStream
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.streams import reconstructed_frames
from xai_ad.errors import InvalidInputError
from xai_ad.fields import whole
from xai_ad.inspection.clips import judge_clip
from xai_ad.progress import Progress, each, silent
from xai_ad.store import load

MOST_FRAMES = 1024
"""Of a longer clip the first ones are measured: the forwards' frames lie in memory."""


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
        scorer, card = load(self.model)
        ways, forwards, rows = [], [], []
        for clip, part in each(self._clips(), on_progress):
            stop = clip.start + min(len(clip.numbers), MOST_FRAMES)
            stream = FrameStream(clip.source, card.preprocessing, start=clip.start, stop=stop)
            way, forward = self._measured(scorer, stream, part)
            ways.append(way)
            forwards.append(forward)
            rows.append(_row(card.id, clip.name, stream.reading.frames, way, forward))
        ratio = median_ratio(
            [sum(of) for of in zip(*ways, strict=True)], [sum(of) for of in zip(*forwards, strict=True)]
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
    ) -> tuple[list[float], list[float]]:
        """Return each round's seconds, of the whole way and of the forwards."""
        inputs = network_inputs(scorer, stream)
        sides = {
            "scoring": lambda: scoring_seconds(scorer, stream),
            "forwards": lambda: forward_seconds(scorer.network, inputs),
        }
        interleave(sides, rounds=1)  # the first forward allocates, and chooses kernels
        times = interleave(sides, rounds=self.rounds, on_progress=on_progress)
        return times["scoring"], times["forwards"]


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
    return seconds_of(lambda: judge_clip(scorer, stream))


@torch.inference_mode()
def forward_seconds(network: nn.Module, inputs: Sequence[Tensor]) -> float:
    """Return what a network's forwards take alone."""
    return seconds_of(lambda: [network(given) for given in inputs])


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
