"""Figure 4.8: AUC-ROC by the learning rate and the epochs of SVDD fine-tuning (4.8.2).

Before the layer of the embeddings nothing changes, so what it is given is computed once, of training and judged images.
"""

import copy
import functools
import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import Sample
from xai_ad.data.loading import load_pixels
from xai_ad.detector.scores import Scoring
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.evaluation import video_metrics
from xai_ad.metrics.detection import auc_roc
from xai_ad.networks import Autoencoder
from xai_ad.presentation.figures.renderer import sequential_colours
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.store import load_calibration, load_network
from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.cells import Clock, require_reported
from xai_ad.thesis.figures.base import SEED, Drawing, figure
from xai_ad.thesis.figures.samples import first_cells
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import variants_named
from xai_ad.training.svdd import Boundary, SvddRecipe, finetuning, last_layer_inputs

PARTS = {"test": "reported images", "calibration": "calibration images"}
"""What is judged: choosing a rate is fair by the second, and only the first is reported."""
BOUNDARIES = {Boundary.ONE_CLASS: "one class (Eq. 3.14)", Boundary.SOFT: "soft boundary (Eq. 3.13)"}
_CHOICE = {
    2: "choosing a rate by the upper row would be choosing on it. The lower row is what a rate may be chosen by.",
    1: "choosing a rate by it would be choosing on it. The calibration images are all normal and allow no choice.",
}
"""What may be chosen by, where both parts are judged, and where one is."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """AUC-ROC of each part after each epoch, the first in front, for one boundary and one rate."""

    boundary: Boundary
    learning_rate: float
    auc_roc: dict[str, list[float]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Judged images: samples, their pixels, (N, C, H, W) uint8, and what the layer of the embeddings is given of them."""

    samples: tuple[Sample, ...]
    pixels: Tensor
    inputs: Tensor

    @torch.no_grad()
    def scores(self, network: Autoencoder, scoring: Scoring) -> NDArray[np.float64]:
        """Return raw scores, (N,), by a network that differs in nothing before the layer of the embeddings."""
        found = []
        for pixels, inputs in zip(
            *(torch.split(part, BATCH_SIZE) for part in (self.pixels, self.inputs)), strict=True
        ):
            reconstructions = network.decoder(network.embedding(inputs))
            found.append(scoring.reduce(scoring.map(to_float(pixels), reconstructions)))
        return np.asarray(torch.cat(found).double())

    def auc_roc(self, network: Autoencoder, scoring: Scoring) -> float:
        """Return AUC-ROC of the scores; of frames that of their regularity, normalised per video (4.9.1)."""
        scores, labels = self.scores(network, scoring), np.array([sample.label for sample in self.samples])
        of_videos = self.samples[0].number is not None
        return (
            video_metrics(self.samples, scores, labels)["auc_roc"] if of_videos else auc_roc(scores, labels)
        )


def load_part(network: Autoencoder, samples: tuple[Sample, ...], preprocessing: Preprocessing) -> Part:
    """Load images that are to be judged by a network and what becomes of it."""
    pixels = load_pixels(samples, preprocessing)
    return Part(samples=samples, pixels=pixels, inputs=last_layer_inputs(network, pixels))


def draw_ablation(request: Request, source: Source, *, rates: Sequence[float], epochs: int) -> Drawing:
    """Fine-tune BCAE1's cell with each boundary and rate, and draw AUC-ROC over the epochs.

    The calibration images of videos are normal frames alone, which judge nothing.
    """
    split = require_reported(request, source)
    (stored,) = first_cells(request, source, variants_named("bcae1"))
    network, scoring = load_network(stored), load_calibration(stored).calibration.scoring
    training = load_part(network, split.train, stored.card.preprocessing).inputs
    parts = {
        name: load_part(network, getattr(split, name), stored.card.preprocessing)
        for name in PARTS
        if len({sample.label for sample in getattr(split, name)}) == 2
    }

    def judge(network: Autoencoder) -> dict[str, float]:
        return {name: part.auc_roc(network, scoring) for name, part in parts.items()}

    before = judge(network)
    clock = Clock(len(BOUNDARIES) * len(rates), epochs)
    curves = []
    for boundary, rate in itertools.product(BOUNDARIES, rates):
        recipe = SvddRecipe(learning_rate=rate, epochs=epochs, boundary=boundary, seed=SEED)
        tuned, rows = copy.deepcopy(network), []
        for report in finetuning(tuned, training, recipe):
            rows.append(judge(tuned))
            clock.tick()
            request.announce(
                f"{source.data.name}: SVDD, {boundary}, rate {rate:g}, {clock.left(report.epoch)}"
            )
        clock.settle((boundary, rate))
        figures = {part: [row[part] for row in rows] for part in before}
        curves.append(Curve(boundary=boundary, learning_rate=rate, auc_roc=figures))
    chosen = {part: best_by(part, before, curves) for part in before}
    curve_records = [asdict(curve) for curve in curves]
    return Drawing(
        shown=ablation_chart(before, curves),
        numbers={
            "before": before,
            "epochs": [*range(1, epochs + 1)],
            "curves": curve_records,
            "chosen_by": chosen,
        },
        table=_table(before, curves),
        notes=tuple(_sentence(part, best) for part, best in chosen.items()),
    )


def best_by(part: str, before: dict[str, float], curves: Sequence[Curve]) -> dict[str, Any]:
    """Return what detects best by one part's AUC-ROC, and both parts' figures; without fine-tuning where none gains."""
    tried: list[dict[str, Any]] = [{"boundary": None, "learning_rate": None, "epochs": 0, "auc_roc": before}]
    for curve in curves:
        for place in range(len(curve.auc_roc[part])):
            figures = {name: values[place] for name, values in curve.auc_roc.items()}
            tried.append({**asdict(curve), "epochs": place + 1, "auc_roc": figures})
    return max(tried, key=lambda each: each["auc_roc"][part])  # the first of equal ones


def _sentence(part: str, best: dict[str, Any]) -> str:
    how = "no fine-tuning at all"
    if best["epochs"]:
        boundary = best["boundary"].replace("_", " ")
        how = f"{boundary}, rate {best['learning_rate']:g}, {best['epochs']} epochs"
    chosen = f"{how}; AUC-ROC {best['auc_roc']['test']:.4f} on the reported images."
    if part == "calibration":
        return f"Chosen on the calibration images, which is fair: {chosen}"
    return (
        f"The highest figure on the reported images: {chosen} To choose by it is to choose on the test set."
    )


def _table(before: dict[str, float], curves: Sequence[Curve]) -> Rows:
    epochs = len(curves[0].auc_roc["test"])
    stops = sorted({min(epochs, stop) for stop in (1, 5, 10, epochs)})
    header = ["boundary, rate", *(f"{PARTS[part]}, {stop} ep." for part in before for stop in stops)]
    rows = [["before", *(f"{before[part]:.4f}" for part in before for _ in stops)]]
    for curve in curves:
        name = f"{curve.boundary}, {curve.learning_rate:g}".replace("_", " ")
        rows.append([name, *(f"{curve.auc_roc[part][stop - 1]:.4f}" for part in before for stop in stops)])
    return Rows(header, rows)


def ablation_chart(before: dict[str, float], curves: Sequence[Curve]) -> Chart:
    """Return a row of panels for each part, in it one for each boundary; a rate has one colour in all."""
    rates = dict.fromkeys(curve.learning_rate for curve in curves)
    colours = dict(zip(rates, sequential_colours(len(rates)), strict=True))

    def panel(part: str, boundary: Boundary) -> Panel:
        lines = []
        for curve in curves:
            if curve.boundary is boundary:
                y = (before[part], *curve.auc_roc[part])
                name, colour = f"rate {curve.learning_rate:g}", colours[curve.learning_rate]
                lines.append(Series(name=name, x=tuple(map(float, range(len(y)))), y=y, colour=colour))
        dot = Series(name="before", x=(0.0,), y=(before[part],), colour="#000000", marker="o")
        return Panel(title=f"{BOUNDARIES[boundary]}, {PARTS[part]}", series=(*lines, dot))

    return Chart(
        x_title="epochs of fine-tuning",
        y_title="AUC-ROC",
        panels=tuple(tuple(panel(part, boundary) for boundary in BOUNDARIES) for part in before),
        note=f"The black dot is BCAE1 before fine-tuning. The reported images are the test set: {_CHOICE[len(before)]}",
    )


def ablation(rates: Sequence[float], epochs: int) -> Experiment:
    """Return the figure of some rates, each tried for 1 .. `epochs` epochs with either boundary."""
    return figure("figure-4.8", functools.partial(draw_ablation, rates=rates, epochs=epochs))


ABLATION = ablation((1e-7, 5e-7, 1e-6, 5e-6, 1e-5, 5e-5), 20)
