"""How detection develops through a training: the class mean of AUC-ROC by each score, for every network kept of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from xai_ad.data.layouts import Sample, Split, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.scores import Score, Scoring
from xai_ad.detector.streams import reconstructed_samples
from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import auc_roc, class_auc_roc
from xai_ad.networks import Autoencoder
from xai_ad.presentation.figures.renderer import PALETTE
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.store import StoredModel, find_model, load_calibration, load_network
from xai_ad.thesis.base import Experiment, Request, experiment
from xai_ad.thesis.report import Drawn, Part, Report, Rows

PARTS = ("calibration", "test")
"""What is scored: choosing an epoch is fair by the first, and only the second is reported."""


def _answer(request: Request, own: Experiment) -> Report:
    """Score the networks that `train --keep-every N` stored in the folder `models`, by every score."""
    if len(request.sources) != 1 or request.models is None:
        raise InvalidInputError(
            "A learning curve needs one --data and, as --models, the folder <output>.epochs that `train --keep-every` wrote."
        )
    kept = [find_model(path.parent) for path in sorted(request.models.glob("[!.]*/card.json"))]
    if not kept:
        raise InvalidInputError(f"There are no models in {str(request.models)!r}. Train with --keep-every.")
    dataset = request.sources[0].read()
    split = split_dataset(dataset, kept[0].card.split.protocol)
    _require_one_training(kept, dataset.name, split)
    parts = {name: getattr(split, name) for name in PARTS}
    pixels = {name: load_pixels(samples, kept[0].card.preprocessing) for name, samples in parts.items()}
    rows = []
    for place, stored in enumerate(kept):
        request.announce(f"{stored.card.id}: {place + 1} of {len(kept)}")
        network = load_network(stored)
        scoring = load_calibration(stored).calibration.scoring
        training = stored.card.training
        figures = {name: _figures(network, parts[name], pixels[name], scoring) for name in PARTS}
        rows.append({"epochs": training.epochs, "images_seen": training.images_seen, **figures})
    record = {
        "experiment": own.id,
        "models": request.models.name,
        "dataset": kept[0].card.dataset,
        "protocol": str(kept[0].card.split.protocol),
        "rows": rows,
    }
    drawn = Drawn(shown=_chart(record), alt="the curves")
    return Report(title="Learning curve", parts=[*curve_parts(record), drawn], record=record)


def _require_one_training(kept: list[StoredModel], dataset: str, split: Split) -> None:
    """Raise `InvalidInputError` unless the networks are of one training, on this dataset."""
    first, *_ = cards = [stored.card for stored in kept]
    for card in cards:
        own, shared = ((one.network, one.options, one.training.seed) for one in (card, first))
        if own != shared:
            raise InvalidInputError(
                f"{card.id!r} and {first.id!r} are not of one training. Point --models at one folder <output>.epochs."
            )
        if (card.dataset, card.split.counts) != (dataset, split.counts):
            raise InvalidInputError(
                f"{card.id!r} was trained on {card.dataset!r} with {card.split.counts}, "
                f"not on {dataset!r} with {split.counts}."
            )


def _figures(
    network: Autoencoder, samples: tuple[Sample, ...], pixels: torch.Tensor, scoring: Scoring
) -> dict[str, dict[str, float]]:
    """By score: the mean over the anomalous classes of AUC-ROC, and AUC-ROC over all images."""
    scorings = [replace(scoring, score=score) for score in Score]
    batches = [
        [each.reduce(each.map(*batch)) for each in scorings]
        for batch in reconstructed_samples(network, samples, pixels)
    ]
    labels = np.array([sample.label for sample in samples])
    kinds = [sample.kind for sample in samples]
    figures = {}
    for score, parts in zip(Score, zip(*batches, strict=True), strict=True):
        scores = torch.cat(parts).double().numpy()
        by_class = class_auc_roc(scores, labels, kinds)
        mean = float(np.mean(list(by_class.values())))
        figures[str(score)] = {"mean": mean, "auc_roc": auc_roc(scores, labels)}
    return figures


def curve_parts(record: Mapping[str, Any]) -> list[Part]:
    """Return the curve as a table."""
    intro = (
        f"{record['dataset']}, `{record['models']}`, protocol `{record['protocol']}`: the mean over the anomalous "
        "classes of AUC-ROC, on the calibration images (by which an epoch may be chosen) and on the reported ones."
    )
    curves = _curves(record)
    columns = zip(record["rows"], *curves.values(), strict=True)
    rows = [
        [str(row["epochs"]), f"{row['images_seen']:,}", *(f"{mean:.3f}" for mean in means)]
        for row, *means in columns
    ]
    return [intro, Rows(["epochs", "images seen", *(f"{score}, {part}" for score, part in curves)], rows)]


def _curves(record: Mapping[str, Any]) -> dict[tuple[Score, str], tuple[float, ...]]:
    """A record's curves by score and part; one that is kept may be older than the newest score."""
    rows = record["rows"]
    known = [score for score in Score if all(score in row[part] for row in rows for part in PARTS)]
    return {
        (score, part): tuple(row[part][score]["mean"] for row in rows) for score in known for part in PARTS
    }


def _chart(record: Mapping[str, Any]) -> Chart:
    """A line for each score and part, over the images seen."""
    seen = tuple(float(row["images_seen"]) for row in record["rows"])
    series = tuple(
        Series(
            name=f"{score}, {part}",
            x=seen,
            y=means,
            colour=PALETTE[place // len(PARTS)],
            dashed=part == "calibration",
        )
        for place, ((score, part), means) in enumerate(_curves(record).items())
    )
    panels = ((Panel(title="", series=series),),)
    return Chart(x_title="images seen", y_title="mean over classes of AUC-ROC", panels=panels)


LEARNING_CURVE = experiment("learning-curve", _answer)
