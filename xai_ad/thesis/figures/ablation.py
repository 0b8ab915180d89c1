"""Figure 4.8: AUC-ROC by the learning rate and the epochs of SVDD fine-tuning (4.8.2).

Before the encoder's last layer nothing changes, so what it sees is computed once, of training and of judged images.
"""

import copy
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.layouts import Sample, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.scores import Scoring
from xai_ad.detector.streams import BATCH_SIZE, clip_numbers
from xai_ad.metrics.detection import auc_roc
from xai_ad.metrics.regularity import Normalisation, video_figures
from xai_ad.networks import Autoencoder
from xai_ad.presentation.figures.renderer import sequential_colours
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.store import load_calibration, load_network
from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.cells import Clock
from xai_ad.thesis.figures.base import SEED, Drawing, figure
from xai_ad.thesis.figures.samples import first_cells, reported_samples
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import variants_named
from xai_ad.training.svdd import Boundary, SvddRecipe, finetuning, last_layer_inputs

PARTS = {"test": "reported images", "calibration": "calibration images"}
"""What is judged: choosing a rate is fair by the second, and only the first is reported."""
BOUNDARIES = {Boundary.ONE_CLASS: "one class (Eq. 3.14)", Boundary.SOFT: "soft boundary (Eq. 3.13)"}


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What is tried: each rate, with either boundary, for 1 .. `epochs` epochs."""

    rates: tuple[float, ...] = (1e-7, 5e-7, 1e-6, 5e-6, 1e-5, 5e-5)
    epochs: int = 20


@dataclass(frozen=True, kw_only=True)
class Curve:
    """AUC-ROC of each part after each epoch, for one boundary and one rate."""

    boundary: Boundary
    rate: float
    figures: dict[str, list[float]]

    def record(self) -> dict[str, Any]:
        """Return the curve for the JSON; the first figure is that of one epoch."""
        return {"boundary": str(self.boundary), "learning_rate": self.rate, "auc_roc": self.figures}


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Judged images: their pixels, (N, C, H, W) uint8, what the encoder's last layer sees of them, their labels.

    `clips` are how many frames each clip has, where the images are frames of videos, one clip after another.
    """

    pixels: Tensor
    inputs: Tensor
    labels: NDArray[np.int64]
    clips: tuple[int, ...] = ()

    @torch.no_grad()
    def scores(self, network: Autoencoder, scoring: Scoring) -> NDArray[np.float64]:
        """Return raw scores, (N,), by a network that differs in nothing before the encoder's last layer."""
        found = []
        for start in range(0, len(self.pixels), BATCH_SIZE):
            batch = slice(start, start + BATCH_SIZE)
            reconstructions = network.decoder(network.embedding(self.inputs[batch]))
            found.append(scoring.reduce(scoring.map(to_float(self.pixels[batch]), reconstructions)))
        scores: NDArray[np.float64] = torch.cat(found).double().numpy()
        return scores

    def auc_roc(self, scores: NDArray[np.float64]) -> float:
        """Return AUC-ROC of raw scores, (N,); of frames that of their regularity, normalised per video (4.9.1)."""
        if not self.clips:
            return auc_roc(scores, self.labels)
        cuts = np.cumsum(self.clips)[:-1]
        figures = video_figures(np.split(scores, cuts), np.split(self.labels, cuts))
        return figures[Normalisation.PER_VIDEO].auc_roc


@dataclass(frozen=True, kw_only=True, eq=False)
class Ablation:
    """A network before fine-tuning, and the images that train and judge it."""

    network: Autoencoder
    scoring: Scoring
    training: Tensor
    parts: dict[str, Part]

    def figures(self, network: Autoencoder) -> dict[str, float]:
        """Return AUC-ROC by part."""
        return {name: part.auc_roc(part.scores(network, self.scoring)) for name, part in self.parts.items()}

    def fine_tuned(self, recipe: SvddRecipe) -> Iterator[dict[str, float]]:
        """Yield AUC-ROC by part after each epoch of a fine-tuning."""
        network = copy.deepcopy(self.network)
        for _ in finetuning(network, self.training, recipe):
            yield self.figures(network)


def prepare_ablation(request: Request, source: Source) -> Ablation:
    """Load BCAE1's cell, and the images that train, calibrate and report; videos calibrate on normal frames alone."""
    reported_samples(request, source)
    (stored,) = first_cells(request, source, variants_named("bcae1"))
    network = load_network(stored)
    dataset = source.read()
    split = split_dataset(dataset, request.protocol)

    def part(samples: tuple[Sample, ...]) -> Part:
        pixels = load_pixels(samples, stored.card.preprocessing)
        labels = np.array([sample.label for sample in samples])
        return Part(
            pixels=pixels,
            inputs=last_layer_inputs(network, pixels),
            labels=labels,
            clips=tuple(map(len, clip_numbers(samples))) if dataset.clips else (),
        )

    return Ablation(
        network=network,
        scoring=load_calibration(stored).calibration.scoring,
        training=last_layer_inputs(network, load_pixels(split.train, stored.card.preprocessing)),
        parts={
            name: part(samples)
            for name, samples in ((name, getattr(split, name)) for name in PARTS)
            if len({sample.label for sample in samples}) == 2
        },
    )


def draw_ablation(request: Request, source: Source, *, grid: Rates) -> Drawing:
    """Fine-tune with each boundary and rate, and draw AUC-ROC over the epochs."""
    ablation = prepare_ablation(request, source)
    before = ablation.figures(ablation.network)
    clock = Clock(len(BOUNDARIES) * len(grid.rates), grid.epochs)
    curves = []
    for boundary in BOUNDARIES:
        for rate in grid.rates:
            recipe = SvddRecipe(learning_rate=rate, epochs=grid.epochs, boundary=boundary, seed=SEED)
            figures: dict[str, list[float]] = {name: [] for name in ablation.parts}
            for epoch, row in enumerate(ablation.fine_tuned(recipe), start=1):
                clock.tick()
                request.announce(f"{source.data.name}: SVDD, {boundary}, rate {rate:g}, {clock.left(epoch)}")
                for name, value in row.items():
                    figures[name].append(value)
            clock.settle((boundary, rate))
            curves.append(Curve(boundary=boundary, rate=rate, figures=figures))
    chosen = {part: best_by(part, before, curves) for part in ablation.parts}
    numbers = {
        "before": before,
        "epochs": list(range(1, grid.epochs + 1)),
        "curves": [curve.record() for curve in curves],
        "chosen_by": chosen,
    }
    return Drawing(
        shown=_chart(grid, before, curves),
        numbers=numbers,
        table=_table(before, curves),
        notes=tuple(_sentence(part, best) for part, best in chosen.items()),
    )


def best_by(part: str, before: dict[str, float], curves: list[Curve]) -> dict[str, Any]:
    """Return what detects best by one part's AUC-ROC, and both parts' figures; without fine-tuning where none gains."""
    best: dict[str, Any] = {"boundary": None, "learning_rate": None, "epochs": 0, "auc_roc": before}
    for curve in curves:
        for place, value in enumerate(curve.figures[part]):
            if value > best["auc_roc"][part]:
                best = {
                    "boundary": str(curve.boundary),
                    "learning_rate": curve.rate,
                    "epochs": place + 1,
                    "auc_roc": {name: values[place] for name, values in curve.figures.items()},
                }
    return best


def _sentence(part: str, best: dict[str, Any]) -> str:
    figure = f"{best['auc_roc']['test']:.4f} on the reported images"
    how = "no fine-tuning at all"
    if best["epochs"]:
        boundary = best["boundary"].replace("_", " ")
        how = f"{boundary}, rate {best['learning_rate']:g}, {best['epochs']} epochs"
    if part == "calibration":
        return f"Chosen on the calibration images, which is fair: {how}; AUC-ROC {figure}."
    return f"The highest figure on the reported images: {how}; AUC-ROC {figure}. To choose by it is to choose on the test set."


_CHOICE = {
    2: "choosing a rate by the upper row would be choosing on it. The lower row is what a rate may be chosen by.",
    1: "choosing a rate by it would be choosing on it. The calibration images are all normal and allow no choice.",
}
"""What may be chosen by, where both parts are judged, and where one is."""


def _table(before: dict[str, float], curves: list[Curve]) -> Rows:
    parts = {name: words for name, words in PARTS.items() if name in before}
    epochs = len(curves[0].figures["test"])
    stops = sorted({min(epochs, stop) for stop in (1, 5, 10, epochs)})
    header = ["boundary, rate", *(f"{words}, {stop} ep." for words in parts.values() for stop in stops)]
    rows = [["before", *(f"{before[part]:.4f}" for part in parts for _ in stops)]]
    for curve in curves:
        figures = [f"{curve.figures[part][stop - 1]:.4f}" for part in parts for stop in stops]
        rows.append([f"{curve.boundary}, {curve.rate:g}".replace("_", " "), *figures])
    return Rows(header, rows)


def _chart(grid: Rates, before: dict[str, float], curves: list[Curve]) -> Chart:
    colours = dict(zip(grid.rates, sequential_colours(len(grid.rates)), strict=True))
    epochs = tuple(float(epoch) for epoch in range(grid.epochs + 1))

    def panel(part: str, boundary: Boundary) -> Panel:
        lines = []
        for curve in (curve for curve in curves if curve.boundary is boundary):
            y, colour = (before[part], *curve.figures[part]), colours[curve.rate]
            lines.append(Series(name=f"rate {curve.rate:g}", x=epochs, y=y, colour=colour))
        dot = Series(name="before", x=(0.0,), y=(before[part],), colour="#000000", marker="o")
        return Panel(title=f"{BOUNDARIES[boundary]}, {PARTS[part]}", series=(*lines, dot))

    return Chart(
        x_title="epochs of fine-tuning",
        y_title="AUC-ROC",
        panels=tuple(tuple(panel(part, boundary) for boundary in BOUNDARIES) for part in before),
        note=f"The black dot is BCAE1 before fine-tuning. The reported images are the test set: {_CHOICE[len(before)]}",
    )


def ablation(grid: Rates) -> Experiment:
    """Return the figure of some rates."""
    return figure("figure-4.8", functools.partial(draw_ablation, grid=grid))


ABLATION = ablation(Rates())
