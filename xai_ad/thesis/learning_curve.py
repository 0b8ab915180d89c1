"""How detection develops through a training: the class mean of AUC-ROC by each score, for every network kept of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xai_ad.data.layouts import Sample, Split, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.scores import Score, Scoring
from xai_ad.detector.streams import as_frames, reconstructed_frames
from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import auc_roc, class_auc_roc
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.store import StoredModel, find_model, load_calibration, load_image_network
from xai_ad.thesis.base import Experiment, Request
from xai_ad.thesis.pages import html_page, html_table, markdown_table, write_results

PARTS = ("calibration", "test")
"""What is scored: choosing an epoch is fair by the first, and only the second is reported."""


def run_learning_curve(request: Request) -> tuple[Path, ...]:
    """Score the networks that `train --keep-every N` stored in the folder `models`, by every score."""
    if len(request.sources) != 1 or request.models is None:
        raise InvalidInputError(
            "A learning curve needs one --data and, as --models, the folder <output>.epochs that `train --keep-every` wrote."
        )
    (source,) = request.sources
    kept = [find_model(path.parent) for path in sorted(request.models.glob("*/card.json"))]
    if not kept:
        raise InvalidInputError(f"There are no models in {str(request.models)!r}. Train with --keep-every.")
    dataset = read_dataset(source.data, source.layout)
    split = split_dataset(dataset, kept[0].card.split.protocol)
    _require_one_training(kept, dataset.name, split)
    parts: dict[str, tuple[Sample, ...]] = {"calibration": split.calibration, "test": split.test}
    pixels = {name: load_pixels(samples, kept[0].card.preprocessing) for name, samples in parts.items()}
    rows = []
    for place, stored in enumerate(kept):
        request.announce(f"{stored.card.id}: {place + 1} of {len(kept)}")
        network = load_image_network(stored)
        scoring = load_calibration(stored).calibration.scoring
        figures = {name: _figures(network, parts[name], pixels[name], scoring) for name in PARTS}
        rows.append(_row(stored, figures))
    record = {
        "experiment": "learning-curve",
        "models": request.models.name,
        "dataset": kept[0].card.dataset,
        "protocol": str(kept[0].card.split.protocol),
        "rows": rows,
    }
    return write_results(
        request.output,
        "learning-curve",
        record,
        markdown=curve_markdown(record, heading="# Learning curve") + "\n",
        page=_page(record),
    )


def _require_one_training(kept: list[StoredModel], dataset: str, split: Split) -> None:
    """Raise `InvalidInputError` unless the networks are of one training, on this dataset."""
    first = kept[0].card
    for stored in kept:
        card = stored.card
        if (card.network, card.options, card.training.seed) != (
            first.network,
            first.options,
            first.training.seed,
        ):
            raise InvalidInputError(
                f"{card.id!r} and {first.id!r} are not of one training. Point --models at one folder <output>.epochs."
            )
        if (card.dataset, card.split.counts) != (dataset, split.counts):
            raise InvalidInputError(
                f"{card.id!r} was trained on {card.dataset!r} with {card.split.counts}, "
                f"not on {dataset!r} with {split.counts}."
            )


def _row(stored: StoredModel, figures: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    training = stored.card.training
    return {"epochs": training.epochs, "images_seen": training.images_seen, **figures}


def _figures(
    network: ConvolutionalAutoencoder, samples: tuple[Sample, ...], pixels: torch.Tensor, scoring: Scoring
) -> dict[str, dict[str, float]]:
    """By score: the mean over the anomalous classes of AUC-ROC, and AUC-ROC over all images."""
    scorings = {score: replace(scoring, score=score) for score in Score}
    found: dict[Score, list[torch.Tensor]] = {score: [] for score in Score}
    for part in reconstructed_frames(network, as_frames(pixels)):
        for score, each in scorings.items():
            found[score].append(each.reduce(each.map(part.images, part.reconstructions)))
    labels = np.array([sample.label for sample in samples])
    kinds = [sample.kind for sample in samples]
    figures = {}
    for score, batches in found.items():
        scores = torch.cat(batches).double().numpy()
        by_class = class_auc_roc(scores, labels, kinds)
        figures[str(score)] = {
            "mean": float(np.mean(list(by_class.values()))),
            "auc_roc": auc_roc(scores, labels),
        }
    return figures


def curve_markdown(record: dict[str, Any], *, heading: str) -> str:
    """Return the curve as a Markdown table."""
    intro = (
        f"{record['dataset']}, `{record['models']}`, protocol `{record['protocol']}`: the mean over the anomalous "
        "classes of AUC-ROC, on the calibration images (by which an epoch may be chosen) and on the reported ones."
    )
    return "\n\n".join([heading, intro, markdown_table(*_table(record))])


def _table(record: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    scores = _scores(record)
    header = ["epochs", "images seen", *(f"{score}, {part}" for score in scores for part in PARTS)]
    rows = [
        [
            str(row["epochs"]),
            f"{row['images_seen']:,}",
            *(f"{row[part][score]['mean']:.3f}" for score in scores for part in PARTS),
        ]
        for row in record["rows"]
    ]
    return header, rows


def _scores(record: dict[str, Any]) -> list[str]:
    """The scores that a record has: one that is kept may be older than the newest score."""
    return [
        str(score) for score in Score if all(score in row[part] for row in record["rows"] for part in PARTS)
    ]


def _page(record: dict[str, Any]) -> str:
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    seen = [row["images_seen"] for row in record["rows"]]
    for score in _scores(record):
        for part, dash in zip(PARTS, ("dot", "solid"), strict=True):
            values = [row[part][score]["mean"] for row in record["rows"]]
            figure.add_trace(Scatter(name=f"{score}, {part}", x=seen, y=values, line={"dash": dash}))
    figure.update_layout(
        xaxis={"title": "images seen"}, yaxis={"title": "mean over classes of AUC-ROC"}, height=480
    )
    return html_page("Learning curve", [html_table(*_table(record)), figure])


LEARNING_CURVE = Experiment(
    id="learning-curve",
    title="How detection develops through a training",
    section="4.4.1",
    run=run_learning_curve,
)
