"""What a newcomer gets: photographs, the defaults, one click, and how good the model is that stands there afterwards."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from xai_ad.benchmarks.base import LAYOUT, Benchmark, BenchmarkResult, Row
from xai_ad.benchmarks.visiting import own_home
from xai_ad.data.layouts import NORMAL, read_dataset
from xai_ad.detector.scores import Score
from xai_ad.errors import BenchmarkError
from xai_ad.evaluation import evaluate
from xai_ad.fields import number, whole
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.intake import take_folder
from xai_ad.inspection.trainings.jobs import TrainingJob, TrainingOrder, TrainingState
from xai_ad.inspection.trainings.survey import survey
from xai_ad.machine.places import samples
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import find_model
from xai_ad.training.recommended import MINUTES, recommended

NEAR, QUICK = 0.02, 15 * 60
"""How far the AUC-ROC may be behind the full recipe's, and the seconds that all of it may take."""
_LOOK = 1.0


@dataclass(frozen=True, kw_only=True)
class NewcomerBenchmark(Benchmark):
    """The good photographs of a set alone, looked through and trained on as page Train does by its defaults.

    The model is then measured on the set's test images, of which none took part, beside the shipped `reference` as its
    card has it. Everything lies in a folder of its own and is gone afterwards.
    """

    id: ClassVar[str] = "newcomer"
    sentence: ClassVar[str] = (
        "From photographs to a calibrated model by the defaults of page Train: minutes, and AUC-ROC beside the full recipe's."
    )

    data: Path = field(default_factory=lambda: samples() / "washer")
    layout: str = LAYOUT
    reference: str = "washer-bcae1"
    photographs: int = whole(200, low=10)
    minutes: float = number(MINUTES, above=0)

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Measure; raises `BenchmarkError` where the training fails, and as reading the set does."""
        reference = find_model(self.reference)
        learnt = [
            sample.path.resolve()
            for sample in read_dataset(self.data, self.layout).samples
            if sample.label == NORMAL and sample.subset != "test"
        ][: self.photographs]
        with TemporaryDirectory() as folder, own_home(Path(folder) / "home"):
            photographs = Path(folder) / "photographs"
            photographs.mkdir()
            for path in learnt:
                (photographs / path.name).symlink_to(path)
            began = time.perf_counter()
            intake = take_folder(photographs)
            found = survey(intake, part_of(on_progress, 0.0, 0.05))
            looked = time.perf_counter() - began
            order = TrainingOrder(
                name="newcomer",
                data=intake.path,
                layout=intake.layout,
                minutes=self.minutes,
                score=recommended(found.training).score,
                left_out=found.unreadable,
            )
            job = _awaited(jobs.submit(order), part_of(on_progress, 0.05, 0.95))
            seconds = time.perf_counter() - began
            result = evaluate(find_model(order.name), self.data, self.layout)
        on_progress(1.0)
        full = reference.card.metrics["held-out"]["auc_roc_ssim"]
        row: Row = {
            "photographs": found.good,
            "training": found.training,
            "looked_through_seconds": looked,
            "seconds": seconds,
            "epochs": job.epochs[-1].epoch if job.epochs else 0,
            "score": str(Score.SSIM),
            "auc_roc": result.metrics["auc_roc"],
            "recall": result.metrics["recall"],
            "specificity": result.metrics["specificity"],
            "reference": reference.card.id,
            "reference_auc_roc": full,
        }
        return BenchmarkResult(rows=(row,), remarks=(_remark(row),))


def _awaited(job_id: str, on_progress: Progress) -> TrainingJob:
    """Wait for a job's end; raises `BenchmarkError` where it makes no model."""
    try:
        while (job := jobs.find_job(job_id)).state.active:
            on_progress(job.fraction)
            time.sleep(_LOOK)
    except BaseException:
        jobs.stop(job_id)
        raise
    if job.state is not TrainingState.DONE:
        raise BenchmarkError(f"The training is {job.state}: {job.error or 'it was stopped'}.")
    return job


def _remark(row: Row) -> str:
    seconds, area, full = (float(str(row[name])) for name in ("seconds", "auc_roc", "reference_auc_roc"))
    kept = "reached" if area >= full - NEAR and seconds <= QUICK else "NOT reached"
    return (
        f"{row['photographs']} photographs became a model in {seconds / 60:.1f} minutes with an AUC-ROC of {area:.3f}; "
        f"{row['reference']} has {full:.3f} by the same score. Wanted: {QUICK // 60} minutes, within {NEAR}: {kept}."
    )
