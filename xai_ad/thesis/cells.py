"""Cells: a network variant trained with one seed on one dataset, kept as a stored model that all experiments share.

A finished cell is not run again, and an interrupted one goes on where it stood.
"""

import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from xai_ad.data.layouts import NORMAL, Split, split_dataset
from xai_ad.errors import DatasetError, InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.store import CARD, StoredModel, find_model, load_calibration, record_evaluation
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.variants import Variant
from xai_ad.training.loop import CHECKPOINT, read_checkpoint
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Recipe
from xai_ad.training.reports import EpochReport
from xai_ad.training.svdd import SvddRecipe, finetune_model


class Clock:
    """Tells how long the remaining epochs of the remaining cells will take, by those done so far."""

    def __init__(self, cells: int, epochs: int) -> None:
        self._total = cells * epochs
        self._epochs = epochs
        self._finished: set[Hashable] = set()
        self._run = 0  # epochs run by this process
        self._began = time.monotonic()

    def tick(self) -> None:
        """Note that an epoch was run."""
        self._run += 1

    def settle(self, finished: Hashable) -> None:
        """Note that a cell is finished, however it came to be; again changes nothing."""
        self._finished.add(finished)

    def left(self, epoch: int = 0) -> str:
        """Return the time left in words, when a cell stands after `epoch`."""
        if not self._run:
            return "time left unknown"
        each = (time.monotonic() - self._began) / self._run
        settled = len(self._finished) * self._epochs
        minutes = each * max(0, self._total - settled - epoch) / 60
        return f"about {minutes:.0f} min left" if minutes >= 1 else "less than a minute left"


def run_cells(request: Request, source: Source, variants: Iterable[Variant]) -> dict[str, list[StoredModel]]:
    """Return stored models by their variant's name, one for each seed, trained and evaluated where they were not yet.

    Seed by seed, so that an interrupted experiment has all variants of the first seeds. Raises `DatasetError` before
    anything is trained where there would be nothing to report.
    """
    require_reported(request, source)
    chosen = {variant.name: variant for variant in variants}
    trained = {replace(variant, svdd=False).name for variant in chosen.values()}
    clock = Clock(len(trained) * request.runs, request.recipe.epochs)
    found: dict[str, list[StoredModel]] = {name: [] for name in chosen}
    for seed in range(request.runs):
        for name, variant in chosen.items():
            found[name].append(cell(request, source, variant, seed, clock=clock))
    return found


def variants_at_hand(
    request: Request, source: Source, variants: Sequence[Variant], *, runs: int | None = None
) -> list[Variant]:
    """Return the variants that a request names, all where it names none, and those whose cells are all finished.

    `runs` is how many seeds' cells that takes, as many as the request's where it is left out.
    """
    dataset = source.name

    def finished(variant: Variant) -> bool:
        folders = (cell_directory(request, dataset, variant, seed) for seed in range(runs or request.runs))
        return all((folder / CARD).is_file() for folder in folders)

    asked = request.variants or [variant.name for variant in variants]
    return [variant for variant in variants if variant.name in asked or finished(variant)]


def require_reported(request: Request, source: Source) -> Split:
    """Return a dataset's split; raises `DatasetError` unless normal and anomalous images are reported on."""
    split = split_dataset(source.read(), request.protocol)
    labels = {sample.label for sample in split.test}
    if len(labels) < 2:
        lacking = "anomalous" if NORMAL in labels or not labels else "normal"
        raise DatasetError(
            f"{str(source.data)!r} has no {lacking} images to report on, and an experiment needs both kinds. "
            "Choose a dataset and a layout with a test set."
        )
    return split


def cell_directory(request: Request, dataset: str, variant: Variant, seed: int) -> Path:
    """Return the folder that a cell is kept in."""
    return request.output / "cells" / dataset / f"{variant.name}-seed{seed}"


def cell(
    request: Request, source: Source, variant: Variant, seed: int, *, clock: Clock | None = None
) -> StoredModel:
    """Return one cell's stored model, its figures in its card.

    Raises `InvalidInputError` for a cell of another budget, another protocol or other images.
    """
    clock = clock or Clock(1, request.recipe.epochs)
    dataset = source.read()
    directory = cell_directory(request, dataset.name, variant, seed)
    recipe = replace(request.recipe, loss=variant.loss, seed=seed)
    parent = cell(request, source, replace(variant, svdd=False), seed, clock=clock) if variant.svdd else None
    if (directory / CARD).is_file():
        stored = find_model(directory)
        _require_same_images(stored, split_dataset(dataset, request.protocol), request)
        if parent is None:  # a fine-tuned cell has its parent's budget
            _require_same_budget(stored, recipe)
    elif parent is not None:
        request.announce(f"{dataset.name}: {variant.name}, seed {seed}: fine-tuning")
        stored = finetune_model(
            parent,
            source.data,
            source.layout,
            directory,
            SvddRecipe(seed=seed),
            levels=source.levels,
        )
    else:
        stored = _train(request, source, variant, recipe, directory=directory, clock=clock)
    if parent is None:
        clock.settle(directory)
    if str(request.protocol) in stored.card.metrics:
        return stored
    result = evaluate(
        stored,
        source.data,
        source.layout,
        protocol=request.protocol,
        levels=source.levels,
        components=True,
    )
    return record_evaluation(
        stored,
        protocol=request.protocol,
        metrics=result.metrics,
        images=result.record,
        components=result.components,
    )


def _train(
    request: Request, source: Source, variant: Variant, recipe: Recipe, *, directory: Path, clock: Clock
) -> StoredModel:
    def tell(report: EpochReport) -> None:
        clock.tick()
        epoch = f"epoch {report.epoch} of {recipe.epochs}"
        request.announce(f"{directory.parent.name}: {directory.name}, {epoch}, {clock.left(report.epoch)}")

    task = TrainingTask(
        network=variant.network,
        options=variant.options,
        data=source.data,
        layout=source.layout,
        protocol=request.protocol,
        recipe=recipe,
        levels=source.levels,
    )
    interrupted = _interrupted(directory, recipe)
    return train_model(task, directory, resume=interrupted, device=request.device, on_epoch=tell)


def _interrupted(directory: Path, recipe: Recipe) -> bool:
    """Return whether a cell was interrupted; raises `InvalidInputError` where it was with another recipe.

    `train --resume` may change the number of epochs. Here it would give a cell that is no other cell's equal.
    """
    checkpoint = directory.with_name(f"{directory.name}.training") / CHECKPOINT
    if not checkpoint.is_file():
        return False
    then = read_checkpoint(checkpoint)["recipe"]
    changed = [name for name, value in recipe.plain().items() if then.get(name) != value]
    if changed:
        raise InvalidInputError(
            f"The cell {str(directory)!r} was interrupted while it was trained with another {', '.join(changed)}. "
            f"Ask for the same, or delete {str(checkpoint.parent)!r}."
        )
    return True


def _require_same_budget(stored: StoredModel, recipe: Recipe) -> None:
    """A comparison is fair only between cells of one budget."""
    wanted = recipe.plain()
    for name, value in stored.card.training.recipe.items():
        if name in wanted and value != wanted[name]:
            raise InvalidInputError(
                f"The cell {str(stored.path)!r} was trained with {name}={value!r}, and {wanted[name]!r} is asked for. "
                "Ask for the same, or choose another --output."
            )


def _require_same_images(stored: StoredModel, split: Split, request: Request) -> None:
    """A cell is kept under its dataset's name; other images of that name must not pass for it."""
    then = (stored.card.split.protocol, stored.card.split.counts)
    if then != (request.protocol, split.counts):
        raise InvalidInputError(
            f"The cell {str(stored.path)!r} was split by {then[0]!s} into {then[1]}; these images split by "
            f"{request.protocol!s} into {split.counts}. Choose another --output."
        )
    known = {sample.sha256 for sample in split.calibration}
    if any(image.sha256 not in known for image in load_calibration(stored).images):
        raise InvalidInputError(
            f"The cell {str(stored.path)!r} was calibrated on other images than these. Choose another --output."
        )
