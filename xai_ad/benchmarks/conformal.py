"""Whether limits and flags keep what they promise, on scores that set none: `benchmark conformal`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Row
from xai_ad.data.layouts import ANOMALOUS, NORMAL
from xai_ad.errors import BenchmarkError
from xai_ad.fields import whole
from xai_ad.metrics.conformal import discoveries, p_values
from xai_ad.metrics.detection import Floats
from xai_ad.progress import Progress, silent
from xai_ad.store import find_model, load_evaluation
from xai_ad.training.calibration import quantile_threshold

ALPHAS = (0.01, 0.05, 0.1)
ALLOWED = 0.002
"""By how much the mean of so few splits may exceed what is promised."""
LEAST = 2 * 99
"""Normal scores: half of them allow a limit that 1 in 100 exceeds."""


@dataclass(frozen=True, kw_only=True)
class ConformalBenchmark(Benchmark):
    """A model's stored scores of normal images split in halves, `splits` times: one sets the limit, the other is judged.

    The scores are those of its recorded evaluation, by its active calibration. For `alpha`, the limit is the conformal
    quantile 1 - alpha. Flagged are, of the other half and all anomalous images together, the discoveries at the rate
    `alpha` by p-values among the first half.
    """

    id: ClassVar[str] = "conformal"
    sentence: ClassVar[str] = (
        "A limit that at most 1 in so many normal images is to exceed is exceeded by no more of other normal images."
    )

    model: str = "ham10000-bcae1"
    splits: int = whole(100, low=2)
    seed: int = whole(0, low=0)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Measure; raises `BenchmarkError` where the model's evaluation holds too few normal images."""
        images = load_evaluation(find_model(self.model))
        normals, anomalies = (
            np.array([image.score for image in images if image.label == label])
            for label in (NORMAL, ANOMALOUS)
        )
        if len(normals) < LEAST:
            raise BenchmarkError(
                f"The evaluation of {self.model!r} holds {len(normals)} normal images, and {LEAST} are needed. "
                "Record a larger one: `evaluate --record`."
            )
        rng = np.random.default_rng(self.seed)
        splits = [rng.permutation(normals) for _ in range(self.splits)]
        rows = []
        for place, alpha in enumerate(ALPHAS):
            rows.append(_row(alpha, splits, anomalies))
            on_progress((place + 1) / len(ALPHAS))
        return BenchmarkResult(
            rows=tuple(rows),
            figures={"normal": len(normals), "anomalous": len(anomalies)},
            remarks=tuple(_remark(row) for row in rows),
        )


def _row(alpha: float, splits: Sequence[Floats], anomalies: Floats) -> Row:
    """Return what an alpha comes to over all splits; shares."""
    half = len(splits[0]) // 2
    halves = [(scores[:half], scores[half:]) for scores in splits]
    limits = [quantile_threshold(ours, 1 - alpha) for ours, _ in halves]
    alarms = [float((theirs > limit).mean()) for (_, theirs), limit in zip(halves, limits, strict=True)]
    caught = [float((anomalies > limit).mean()) for limit in limits] if len(anomalies) else None
    flagged = [_flagged(ours, theirs, anomalies, alpha) for ours, theirs in halves]
    return {
        "alpha": alpha,
        "false_alarms": float(np.mean(alarms)),
        "spread": float(np.std(alarms, ddof=1)),
        "most": max(alarms),
        "caught": None if caught is None else float(np.mean(caught)),
        "flagged": float(np.mean([wrong + right for wrong, right in flagged])),
        "flagged_wrongly": float(np.mean([wrong / max(wrong + right, 1) for wrong, right in flagged])),
    }


def _flagged(ours: Floats, theirs: Floats, anomalies: Floats, rate: float) -> tuple[int, int]:
    """Return how many normal and how many anomalous scores of a batch are flagged at a false discovery rate."""
    flags = discoveries(p_values(np.concatenate([theirs, anomalies]), ours), rate)
    return int(flags[: len(theirs)].sum()), int(flags[len(theirs) :].sum())


def _remark(row: Row) -> str:
    alpha, alarms, wrong = (float(str(row[name])) for name in ("alpha", "false_alarms", "flagged_wrongly"))
    kept = "kept" if max(alarms, wrong) <= alpha + ALLOWED else "NOT kept"
    return (
        f"{100 * alpha:.0f} % promised, {kept}: {100 * alarms:.2f} % of normal images are rejected, and "
        f"{100 * wrong:.2f} % of those flagged are normal."
    )
