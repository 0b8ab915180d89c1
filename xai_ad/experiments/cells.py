"""Cells: a network variant trained with one seed on one dataset, kept as a stored model that all experiments share.

A finished cell is not run again, and an interrupted one goes on where it stood.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xai_ad.data.layouts import read_dataset
from xai_ad.errors import InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.experiments.base import Request, Source
from xai_ad.networks import network_spec
from xai_ad.store import StoredModel, find_model, record_evaluation
from xai_ad.training.loop import CHECKPOINT, resolve_precision
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Loss, Recipe
from xai_ad.training.svdd import SvddRecipe, finetune_model
from xai_ad.training.task import EpochReport


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What is compared: a network, its options, its loss, and whether SVDD fine-tunes it."""

    network: str
    options: Mapping[str, Any] = field(default_factory=dict)
    loss: Loss = Loss.MSE
    svdd: bool = False

    @property
    def name(self) -> str:
        """The variant as it stands in a model's id: `<network>[-<option>][-compound][-svdd]`."""
        options = [f"{name}_{value}" for name, value in sorted(self.options.items())]
        suffixes = [str(self.loss)] if self.loss is not Loss.MSE else []
        return "-".join([self.network, *options, *suffixes, *(["svdd"] if self.svdd else [])])

    @property
    def title(self) -> str:
        """The variant in words."""
        title = network_spec(self.network).title
        words = [title, *(f"{name}={value}" for name, value in sorted(self.options.items()))]
        loss = {Loss.MSE: "MSE", Loss.COMPOUND: "MSE + SSIM"}[self.loss]
        return f"{', '.join(words)} ({loss}{' + SVDD' if self.svdd else ''})"


class Clock:
    """Tells how long the remaining epochs of the remaining cells will take, by those done so far."""

    def __init__(self, cells: int, epochs: int) -> None:
        self._total = cells * epochs
        self._epochs = epochs
        self._settled = 0  # epochs of cells that are finished
        self._run = 0  # epochs run by this process
        self._began = time.monotonic()

    def tick(self) -> None:
        """Note that an epoch was run."""
        self._run += 1

    def settle(self) -> None:
        """Note that a cell is finished, however it came to be."""
        self._settled += self._epochs

    def left(self, epoch: int = 0) -> str:
        """Return the time left in words, when a cell stands after `epoch`."""
        if not self._run:
            return "time left unknown"
        each = (time.monotonic() - self._began) / self._run
        minutes = each * max(0, self._total - self._settled - epoch) / 60
        return f"about {minutes:.0f} min left" if minutes >= 1 else "less than a minute left"


def run_cells(request: Request, source: Source, variants: Iterable[Variant]) -> dict[str, list[StoredModel]]:
    """Return stored models by their variant's name, one for each seed, trained and evaluated where they were not yet.

    Seed by seed, so that an interrupted experiment has all variants of the first seeds.
    """
    chosen = {variant.name: variant for variant in variants}
    clock = Clock(len(chosen) * request.runs, request.recipe.epochs)
    found: dict[str, list[StoredModel]] = {name: [] for name in chosen}
    for seed in range(request.runs):
        for name, variant in chosen.items():
            found[name].append(cell(request, source, variant, seed, clock=clock))
            clock.settle()
    return found


def cell(
    request: Request, source: Source, variant: Variant, seed: int, *, clock: Clock | None = None
) -> StoredModel:
    """Return one cell's stored model, its figures in its card; raises `InvalidInputError` for another budget's."""
    dataset = read_dataset(source.data, source.layout).name
    directory = request.output / "cells" / dataset / f"{variant.name}-seed{seed}"
    recipe = _recipe(request, variant, seed)
    if (directory / "card.json").is_file():
        stored = find_model(directory)
        _require_same_budget(stored, recipe, request, svdd=variant.svdd)
    elif variant.svdd:
        parent = cell(request, source, replace(variant, svdd=False), seed, clock=clock)
        request.announce(f"{dataset}: {variant.name}, seed {seed}: fine-tuning")
        stored = finetune_model(parent, source.data, source.layout, directory, SvddRecipe(seed=seed))
    else:
        stored = _train(request, source, variant, seed, directory=directory, clock=clock)
    if str(request.protocol) not in stored.card.metrics:
        stored = _evaluated(stored, source, request)
    return stored


def _train(
    request: Request, source: Source, variant: Variant, seed: int, *, directory: Path, clock: Clock | None
) -> StoredModel:
    recipe = _recipe(request, variant, seed)

    def tell(report: EpochReport) -> None:
        left = ""
        if clock is not None:
            clock.tick()
            left = f", {clock.left(report.epoch)}"
        request.announce(
            f"{directory.parent.name}: {directory.name}, epoch {report.epoch} of {recipe.epochs}{left}"
        )

    task = TrainingTask(
        network=variant.network,
        options=variant.options,
        data=source.data,
        layout=source.layout,
        protocol=request.protocol,
        recipe=recipe,
    )
    interrupted = directory.with_name(f"{directory.name}.training") / CHECKPOINT
    return train_model(task, directory, resume=interrupted.is_file(), device=request.device, on_epoch=tell)


def _recipe(request: Request, variant: Variant, seed: int) -> Recipe:
    return replace(request.recipe, loss=variant.loss, seed=seed)


def _evaluated(stored: StoredModel, source: Source, request: Request) -> StoredModel:
    result = evaluate(stored, source.data, source.layout, protocol=request.protocol)
    return record_evaluation(
        stored,
        protocol=request.protocol,
        metrics=result.metrics,
        images=result.images,
        components=result.components,
    )


def _require_same_budget(stored: StoredModel, recipe: Recipe, request: Request, *, svdd: bool) -> None:
    """A comparison is fair only between cells of one budget."""
    if svdd:
        return  # it has its parent's, which is checked where the parent is used
    wanted = recipe.plain()
    wanted["precision"] = str(resolve_precision(recipe.precision, request.device))
    for name, value in stored.card.training.recipe.items():
        if name in wanted and value != wanted[name]:
            raise InvalidInputError(
                f"The cell {str(stored.path)!r} was trained with {name}={value!r}, and {wanted[name]!r} is asked for. "
                "Ask for the same, or choose another --output."
            )
    if stored.card.split.protocol is not request.protocol:
        raise InvalidInputError(
            f"The cell {str(stored.path)!r} was split by {stored.card.split.protocol!s}, not {request.protocol!s}. "
            "Choose another --output."
        )
