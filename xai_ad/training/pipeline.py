"""From a folder of normal images to a stored model: read, split, train, calibrate, save."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import Protocol, Split, read_dataset, split_dataset
from xai_ad.data.loading import count_channels, load_pixels
from xai_ad.data.specs import dataset_spec
from xai_ad.errors import InvalidInputError
from xai_ad.networks import IMAGE_SIZE, build_network
from xai_ad.store import ModelCard, SplitRecord, StoredModel, TrainingRecord, save_model, versions
from xai_ad.training.calibration import calibrate
from xai_ad.training.loop import EpochReport, TrainingOutcome, fit, nobody, resolve_precision
from xai_ad.training.recipe import Recipe

STORED_NORMALS = 16
"""How many normal images of a generated set are stored beside the weights."""


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """What to train on what: a network and its options, a dataset's folder and layout, a recipe."""

    network: str
    options: Mapping[str, Any]
    data: Path
    layout: str
    protocol: Protocol
    recipe: Recipe


def train_model(
    task: TrainingTask,
    output: Path,
    *,
    resume: bool = False,
    device: str = "auto",
    on_epoch: Callable[[EpochReport], None] = nobody,
) -> StoredModel:
    """Train, calibrate and store a model in the folder `output`, whose name becomes its id.

    Interrupted training leaves a checkpoint in `<output>.training`, from which `resume` goes on. Raises
    `InvalidInputError` where the folder already holds something else than a model.
    """
    if output.exists() and any(output.iterdir()) and not (output / "card.json").is_file():
        raise InvalidInputError(
            f"{str(output)!r} holds other files. Choose a new or empty folder for --output."
        )
    dataset = read_dataset(task.data, task.layout)
    split = split_dataset(dataset, task.protocol)
    channels = count_channels([*split.train, *split.validation])
    preprocessing = Preprocessing(size=IMAGE_SIZE, channels=1 if channels == 1 else 3)
    training = load_pixels(split.train, preprocessing)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(task.recipe.seed)
        network = build_network(task.network, channels=channels, options=task.options)
    unfinished = output.with_name(f"{output.name}.training")
    unfinished.mkdir(parents=True, exist_ok=True)
    outcome = fit(
        network,
        training,
        load_pixels(split.validation, preprocessing),
        task.recipe,
        directory=unfinished,
        resume=resume,
        device=device,
        on_epoch=on_epoch,
    )
    record = calibrate(outcome.network, split.calibration, preprocessing, protocol=task.protocol)
    stored = save_model(
        output,
        _card(
            task,
            outcome,
            split,
            model_id=output.name,
            dataset=dataset.name,
            preprocessing=preprocessing,
            calibration=record.id,
            device=device,
        ),
        network=outcome.network,
        references=_references(training, generated=dataset_spec(dataset.name).generated),
        calibrations=(record,),
    )
    unfinished.rmdir()
    return stored


def _references(training: Tensor, *, generated: bool) -> dict[str, Tensor]:
    """The mean training image and, where the licence is ours, a few normal ones, as 8-bit pixels."""
    total = torch.zeros(training.shape[1:], dtype=torch.float64)
    for start in range(0, len(training), 256):
        total += to_float(training[start : start + 256]).double().sum(dim=0)
    references = {"mean": (total / len(training)).float()}
    if generated:
        references["normals"] = training[:STORED_NORMALS].clone()
    return references


def _card(
    task: TrainingTask,
    outcome: TrainingOutcome,
    split: Split,
    *,
    model_id: str,
    dataset: str,
    preprocessing: Preprocessing,
    calibration: str,
    device: str,
) -> ModelCard:
    spec = dataset_spec(dataset)
    recipe = {**asdict(task.recipe), "precision": str(resolve_precision(task.recipe.precision, device))}
    return ModelCard(
        id=model_id,
        network=task.network,
        options=dict(task.options),
        dataset=dataset,
        subject=spec.subject,
        layout=task.layout,
        split=SplitRecord(protocol=task.protocol, seed=task.recipe.seed, counts=split.counts),
        preprocessing=preprocessing,
        parent=None,
        weights_dtype="float32",
        loss="mse",
        calibration=calibration,
        training=TrainingRecord(
            recipe=recipe,
            epochs=outcome.epochs,
            seed=task.recipe.seed,
            seconds=round(outcome.seconds, 1),
            images_seen=outcome.images_seen,
            ended_by=outcome.ended_by,
        ),
        metrics={},
        versions=versions(),
        licence=spec.licence,
    )
