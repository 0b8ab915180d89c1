"""Windows: frames of a clip that follow one another, which of them are shown, and how a reconstruction of one moves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch

from xai_ad.data.layouts import ANOMALOUS, Sample
from xai_ad.errors import DatasetError
from xai_ad.thesis.figures.base import SEED
from xai_ad.thesis.figures.samples import mean_squared_error
from xai_ad.types import Image, Images


@dataclass(frozen=True, kw_only=True)
class Window:
    """Frames of a clip that follow one another."""

    samples: tuple[Sample, ...]

    @property
    def anomalous(self) -> int:
        """How many of the frames are anomalous."""
        return sum(sample.label == ANOMALOUS for sample in self.samples)

    @property
    def name(self) -> str:
        """What the window shows in words, over the clip and the frames' numbers."""
        kind = f"{self.anomalous} anomalous" if self.anomalous else "normal"
        first, last = self.samples[0], self.samples[-1]
        return f"{kind}\n{first.group}\n{first.number} to {last.number}"

    def record(self) -> dict[str, Any]:
        """Return which frames are shown, for the JSON."""
        return {
            "clip": self.samples[0].group,
            "frames": [sample.number for sample in self.samples],
            "labels": [sample.label for sample in self.samples],
        }


@dataclass(frozen=True, kw_only=True)
class Motion:
    """How T frames and a network's reconstructions of them compare: each one's mean squared error, and how they move.

    `share` is the reconstructions' mean absolute change from frame to frame over that of the frames, `agreement` the
    correlation of both changes over all pixels, None where nothing moves. `departure` is the reconstructions' mean
    squared distance from the mean training image over that of the frames: near 0 where a network shows the background
    alone.
    """

    mse: list[float]
    share: float | None
    agreement: float | None
    departure: float | None


def windows_of(samples: Sequence[Sample], length: int) -> Iterator[Window]:
    """Yield the windows of frames, clip by clip, one after another from the beginning of each run without a gap."""
    for _, clip in groupby(samples, key=lambda sample: (sample.subset, sample.group)):
        held: list[Sample] = []
        for sample in clip:
            if held and sample.number != (held[-1].number or 0) + 1:
                held = []
            held.append(sample)
            if len(held) == length:
                yield Window(samples=tuple(held))
                held = []


def choose_windows(samples: Sequence[Sample], length: int, *, seed: int = SEED) -> tuple[Window, ...]:
    """Choose windows by a seed: a normal one, where there is one, and one of those with most anomalous frames.

    The choice depends on the clips' bytes and labels alone. Raises `DatasetError` where no run is long enough, or no
    window holds an anomalous frame.
    """
    found = sorted(windows_of(samples, length), key=lambda window: window.samples[0].sha256)
    if not found:
        raise DatasetError(
            f"No test clip has {length} frames that follow one another without a gap. Add longer clips."
        )
    most = max(window.anomalous for window in found)
    if not most:
        raise DatasetError(
            f"None of the test clips' windows of {length} frames holds an anomalous frame. Add longer clips."
        )
    generator = np.random.default_rng(seed)
    kinds = ([window for window in found if window.anomalous == count] for count in (0, most))
    return tuple(part[generator.integers(len(part))] for part in kinds if part)


def motion(frames: Images, reconstructions: Images, background: Image) -> Motion:
    """Compare how frames and their reconstructions, (T, C, H, W) each, move; the mean training image is (C, H, W)."""
    steps = [part.double().diff(dim=0) for part in (frames, reconstructions)]  # (T - 1, C, H, W) each
    moved = float(steps[0].abs().mean())
    away, shown = (float((part - background).double().square().mean()) for part in (frames, reconstructions))
    changes = torch.stack([step.flatten() for step in steps])
    agreement = float(torch.corrcoef(changes)[0, 1]) if changes.std(dim=1).min() > 0 else None
    return Motion(
        mse=mean_squared_error(frames, reconstructions).tolist(),
        share=float(steps[1].abs().mean()) / moved if moved else None,
        agreement=agreement,
        departure=shown / away if away else None,
    )
