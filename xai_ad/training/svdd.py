"""Fine-tuning that draws a trained encoder's normal embeddings together: SVDD (3.6, 4.8; Ruff et al. 2018).

Only the layer of the embeddings is trained, and batch norm keeps its statistics, so what lies before it gives the same
values in every epoch: they are computed once.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.loading import load_pixels
from xai_ad.detector.losses import one_class_loss, soft_boundary_loss, squared_distances
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.errors import InvalidInputError
from xai_ad.fields import Checked, member, number, whole
from xai_ad.machine.locks import ANOTHER_OUTPUT, claim
from xai_ad.networks import Autoencoder
from xai_ad.networks.graph import graph_of
from xai_ad.store import (
    ModelCard,
    StoredModel,
    TrainingRecord,
    load_calibration,
    load_network,
    load_references,
    save_model,
    versions,
)
from xai_ad.training.calibration import calibrate
from xai_ad.training.familiarity import kept_or_fitted
from xai_ad.training.loop import ignore
from xai_ad.training.material import EpochShuffle
from xai_ad.training.pipeline import require_free
from xai_ad.training.provenance import split_as_trained
from xai_ad.training.reports import Ending


class Boundary(StrEnum):
    """Which embeddings are drawn to the centre."""

    ONE_CLASS = "one_class"
    """All of them (Eq. 3.14)."""
    SOFT = "soft"
    """Those outside a hypersphere that leaves a share of them out (Eq. 3.13)."""


@dataclass(frozen=True, kw_only=True)
class SvddRecipe(Checked):
    """Adam at a low rate for few epochs (4.8.2).

    `nu` is the share of embeddings that the soft boundary leaves outside. `weight_decay` is lambda of Eq. 3.14: it
    multiplies the squared norm of the trained parameters in the loss, and is no option of Adam.
    """

    learning_rate: float = number(5e-7, above=0)
    epochs: int = whole(10, low=1, high=2**32 - 1)
    batch_size: int = whole(32, low=1, high=2**32 - 1)
    boundary: Boundary = member(Boundary.ONE_CLASS)
    nu: float = number(0.1, above=0, high=1)
    weight_decay: float = number(1e-6, low=0)
    seed: int = whole(0, low=0, high=2**32 - 1)


@dataclass(frozen=True, kw_only=True)
class SvddReport:
    """One finished epoch: the mean of what it minimised, the radius after it, and the seconds of all epochs so far."""

    epoch: int
    loss: float
    radius: float | None
    """Of the soft boundary; None where there is none."""
    seconds: float


def finetune_model(
    parent: StoredModel,
    data: Path,
    layout: str,
    output: Path,
    recipe: SvddRecipe,
    *,
    levels: int | None = None,
    on_epoch: Callable[[SvddReport], None] = ignore,
) -> StoredModel:
    """Fine-tune a stored model on its own training images, calibrate it anew and store it in the folder `output`.

    Its weights are stored in float32, whatever the parent's are in: rounding to float16 moves a kernel's values as far
    as the fine-tuning does. The score is that of the parent's active calibration. `on_epoch` may raise `Cancelled`,
    which leaves nothing behind; `levels` is what `split_as_trained` says. Raises `InvalidInputError` for a model that
    is fine-tuned already, other data than it was trained on, and a folder that holds something else or has the parent's
    name, and `InUseError` for one that another process writes.
    """
    with claim(output, instead=ANOTHER_OUTPUT):
        return _finetuned_model(
            parent, data, layout, output.resolve(), recipe, levels=levels, on_epoch=on_epoch
        )


def _finetuned_model(
    parent: StoredModel,
    data: Path,
    layout: str,
    output: Path,
    recipe: SvddRecipe,
    *,
    levels: int | None,
    on_epoch: Callable[[SvddReport], None],
) -> StoredModel:
    card = parent.card
    _require_new(card, output)
    split = split_as_trained(card, data, layout, levels=levels)
    training, calibrating = (
        load_pixels(part, card.preprocessing) for part in (split.train, split.calibration)
    )
    references, active = load_references(parent), load_calibration(parent)
    began = time.monotonic()
    network = finetune(load_network(parent), training, recipe, on_epoch=on_epoch)
    seconds = time.monotonic() - began
    record = calibrate(
        network,
        split.calibration,
        calibrating,
        protocol=card.split.protocol,
        scoring=active.calibration.scoring,
        quantile=active.quantile,
        by_clip=bool(active.clips),
    )
    finetuned = replace(
        card,
        id=output.name,
        parent=card.id,
        split=replace(card.split, counts=split.counts),
        weights_dtype="float32",
        calibration=record.id,
        training=TrainingRecord(
            recipe={"finetuning": "svdd", **asdict(recipe), "boundary": str(recipe.boundary)},
            epochs=recipe.epochs,
            seed=recipe.seed,
            seconds=round(seconds, 1),
            images_seen=recipe.epochs * len(training),
            ended_by=str(Ending.EPOCHS),
        ),
        metrics={},
        versions=versions(),
    )
    return save_model(
        output,
        finetuned,
        network=network,
        references=references,
        calibrations=(record,),
        familiarity=kept_or_fitted(parent, split),
    )


def finetune(
    network: Autoencoder,
    pixels: Tensor,
    recipe: SvddRecipe,
    *,
    on_epoch: Callable[[SvddReport], None] = ignore,
) -> Autoencoder:
    """Return a copy of a network, fine-tuned on normal images, (N, C, H, W) uint8; the network stays as it was."""
    finetuned = copy.deepcopy(network).eval()
    for report in finetuning(finetuned, last_layer_inputs(finetuned, pixels), recipe):
        on_epoch(report)
    return finetuned


def finetuning(network: Autoencoder, inputs: Tensor, recipe: SvddRecipe) -> Iterator[SvddReport]:
    """Fine-tune a network in place, an epoch for each report asked for.

    `inputs` are its `embedding`'s (see `last_layer_inputs`), and serve any number of copies of the network.
    After report k the network is what a recipe of k epochs makes of it: no rate changes on the way.

    The centre is the mean embedding before fine-tuning, and the radius of a soft boundary the 1 - nu quantile of the
    distances to it, measured before the first epoch and after each (3.6.2; Ruff et al.). The network is put into
    evaluation mode. Raises `InvalidInputError` where the loss is no number.
    """
    layer = network.eval().embedding.requires_grad_(True)
    parameters = list(layer.parameters())
    optimizer = torch.optim.Adam(parameters, lr=recipe.learning_rate)
    embeddings = _embeddings(layer, inputs)
    centre = embeddings.mean(dim=0, dtype=torch.float64).to(inputs.dtype)  # (D, h, w)
    soft = recipe.boundary is Boundary.SOFT
    radius = _radius(embeddings, centre, recipe.nu) if soft else None
    order = EpochShuffle(len(inputs), recipe.batch_size, recipe.seed)
    seconds = 0.0
    for epoch in range(recipe.epochs):
        began, total = time.monotonic(), 0.0
        order.set_epoch(epoch)
        for indices in order:
            batch = layer(inputs[indices])  # (B, D, h, w)
            if radius is None:
                loss = one_class_loss(batch, centre)
            else:
                loss = soft_boundary_loss(batch, centre, radius=radius, nu=recipe.nu)
            norm = torch.stack([parameter.square().sum() for parameter in parameters]).sum()
            loss = loss + recipe.weight_decay * norm
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
            total += float(loss.detach()) * len(indices)
        if not math.isfinite(total):
            raise InvalidInputError(
                f"Fine-tuning diverged in epoch {epoch + 1}: the learning rate {recipe.learning_rate!r} is too large. "
                "Choose a smaller one."
            )
        if radius is not None:
            radius = _radius(_embeddings(layer, inputs), centre, recipe.nu)
        seconds += time.monotonic() - began
        yield SvddReport(epoch=epoch + 1, loss=total / len(inputs), radius=radius, seconds=seconds)


@torch.no_grad()
def last_layer_inputs(network: Autoencoder, pixels: Tensor) -> Tensor:
    """Return what a network's `embedding` is given of images, (N, C, H, W) uint8 -> (N, D, h, w), in evaluation mode."""
    if len(pixels) == 0:
        raise InvalidInputError("Fine-tuning needs at least one normal image. Got 0; add normal images.")
    graph = graph_of(network.eval())
    batches = (to_float(pixels[start : start + BATCH_SIZE]) for start in range(0, len(pixels), BATCH_SIZE))
    laid_out = (images.contiguous(memory_format=torch.channels_last) for images in batches)
    return torch.cat([graph.values(images, until=graph.entering)[-1] for images in laid_out])


@torch.no_grad()
def _embeddings(layer: torch.nn.Module, inputs: Tensor) -> Tensor:
    return torch.cat([layer(batch) for batch in torch.split(inputs, BATCH_SIZE)])


def _radius(embeddings: Tensor, centre: Tensor, nu: float) -> float:
    return float(squared_distances(embeddings, centre).double().sqrt().quantile(1 - nu))


def _require_new(card: ModelCard, output: Path) -> None:
    """Raise `InvalidInputError` unless a model may be fine-tuned, and into this folder."""
    if card.preprocessing.frames is not None:
        raise InvalidInputError(
            f"The model {card.id!r} takes clips; SVDD draws the embeddings of single pictures together (3.6). "
            "Fine-tune a model of images; those of video sets may be."
        )
    if card.parent is not None:
        raise InvalidInputError(
            f"The model {card.id!r} is fine-tuned already. Fine-tune its parent {card.parent!r}."
        )
    if output.name == card.id:
        raise InvalidInputError(
            f"--output would give the new model its parent's id {card.id!r}. Choose another name."
        )
    require_free(output)
