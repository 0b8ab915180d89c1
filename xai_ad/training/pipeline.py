"""From a folder of normal images to a stored model: read, split, train, calibrate, save."""

import copy
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from xai_ad.data.decoding import levels_text
from xai_ad.data.images import to_float
from xai_ad.data.layouts import ANOMALOUS, NORMAL, Protocol, Sample, find_layout
from xai_ad.data.specs import Subject, dataset_spec
from xai_ad.detector.familiarity import Familiarity
from xai_ad.detector.streams import sample_maps
from xai_ad.errors import InvalidInputError, WritingError
from xai_ad.machine.locks import ANOTHER_OUTPUT, claim
from xai_ad.metrics.detection import class_auc_roc
from xai_ad.networks import (
    Autoencoder,
    NetworkKind,
    build_autoencoder,
    can_fuse,
    fuse,
    network_spec,
    require_kind,
)
from xai_ad.progress import Progress, silent
from xai_ad.store import (
    MODEL_FILES,
    ModelCard,
    SplitRecord,
    StoredModel,
    TrainingRecord,
    lies_with_shipped,
    save_model,
    versions,
)
from xai_ad.training.calibration import calibrate
from xai_ad.training.familiarity import familiarity_of
from xai_ad.training.initialisation import fit_output
from xai_ad.training.loop import CHECKPOINT, TrainingOutcome, fit, ignore
from xai_ad.training.material import Material, reconstruct_batch
from xai_ad.training.preparation import Prepared, material_of, prepare
from xai_ad.training.recipe import Device, Recipe, Selection
from xai_ad.training.reports import Ending, EpochReport
from xai_ad.types import Images

STORED_NORMALS = 16
"""How many normal images of a generated set are stored beside the weights."""


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """What to train on what: a network and its options, a dataset's folder and layout, a recipe.

    `levels` is the value that is white in pictures of more than 8 bits a pixel, where it was given. Pictures whose SHA-256
    is in `left_out` take no part, nor, with `skip_unreadable`, do those that cannot be read. A limit that `is_provisional`
    is followed by another, and nothing is said of it.
    """

    network: str
    options: Mapping[str, Any]
    data: Path
    layout: str
    protocol: Protocol
    recipe: Recipe
    levels: int | None = None
    left_out: tuple[str, ...] = ()
    is_provisional: bool = False
    skip_unreadable: bool = False


Peek: TypeAlias = Callable[[int], tuple[Images, Images]]
"""Returns so many validation images at most, (N, C, H, W), as they are and as the network rebuilds them now."""


@dataclass(frozen=True, kw_only=True)
class Onlooker:
    """Who is told of a training's course; each call may raise `Cancelled`, which ends it.

    `on_read` and `on_step` are told which share of the reading, and of an epoch's batches, is done; `on_look` is given,
    after each epoch, what looks at the network as it stands.
    """

    on_read: Progress = silent
    on_step: Progress = silent
    on_look: Callable[[EpochReport, Peek], None] = lambda *_: None


def train_model(
    task: TrainingTask,
    output: Path,
    *,
    resume: bool = False,
    device: Device = Device.AUTO,
    keep_every: int | None = None,
    on_epoch: Callable[[EpochReport], None] = ignore,
    onlooker: Onlooker = Onlooker(),  # frozen
) -> StoredModel:
    """Train, calibrate and store a model in the folder `output`, whose name becomes its id.

    With `keep_every` N, the network as it stands after each N epochs is stored too, as a model of its own in
    `<output>.epochs/`, so that any figure can be followed through the training.

    Until the model is stored, a checkpoint in `<output>.training` keeps what was trained, and `resume` goes on from
    it. Raises `InvalidInputError` where the folder holds something else than a model, or a checkpoint would be lost,
    and `InUseError` where another process trains into it.
    """
    with claim(output, instead=ANOTHER_OUTPUT):
        return _trained_model(
            task,
            output.resolve(),
            resume=resume,
            device=device,
            keep_every=keep_every,
            on_epoch=on_epoch,
            onlooker=onlooker,
        )


def _trained_model(
    task: TrainingTask,
    output: Path,
    *,
    resume: bool,
    device: Device,
    keep_every: int | None,
    on_epoch: Callable[[EpochReport], None],
    onlooker: Onlooker,
) -> StoredModel:
    unfinished = output.with_name(f"{output.name}.training")
    kept = output.with_name(f"{output.name}.epochs")
    require_free(output)
    _require_plain(task)
    if not resume:
        _require_unclaimed(unfinished, kept if keep_every is not None else None)
    with torch.device("meta"):  # no unfit option wastes the reading
        plan = build_autoencoder(task.network, options=task.options)
    prepared = prepare(
        task.data,
        task.layout,
        task.protocol,
        plan,
        levels=task.levels,
        left_out=task.left_out,
        skip_unreadable=task.skip_unreadable,
        on_progress=onlooker.on_read,
    )
    network = _started(task, prepared)
    training, validation = material_of(network, prepared, task.recipe)
    familiarity = familiarity_of(prepared.training, prepared.validation)

    def keep(report: EpochReport) -> None:
        if keep_every is not None and report.epoch % keep_every == 0:
            outcome = TrainingOutcome(
                network=copy.deepcopy(network).eval().cpu(),
                epochs=report.epoch,
                seconds=report.seconds,
                images_seen=report.epoch * len(training) * training.images_each,
                ended_by=Ending.KEPT,
            )
            _store(task, prepared, familiarity, outcome, kept / f"{output.name}-{report.epoch:04d}")
        on_epoch(report)
        onlooker.on_look(report, lambda most: rebuilt(network, validation, most))

    outcome = fit(
        network,
        training,
        validation,
        task.recipe,
        directory=unfinished,
        identity=_identity(task),
        resume=resume,
        device=device,
        on_epoch=keep,
        on_step=onlooker.on_step,
        detect=_detector(task.recipe, prepared.split.calibration, prepared.calibrating),
    )
    try:
        stored = _store(task, prepared, familiarity, outcome, output)
    except WritingError as error:
        raise WritingError(f"{error} What was trained is kept: go on with --resume.") from error
    shutil.rmtree(unfinished, ignore_errors=True)
    return stored


@torch.inference_mode()
def rebuilt(network: Autoencoder, material: Material, most: int) -> tuple[Images, Images]:
    """Return the first images of some material and their reconstructions, (N, C, H, W) each; the network stays as it is."""
    still = copy.deepcopy(network).eval().cpu()
    wanted, answered, _ = reconstruct_batch(still, material[list(range(min(most, len(material))))])
    return wanted[:most].float(), answered[:most].float().clamp(0, 1)


def _started(task: TrainingTask, prepared: Prepared) -> Autoencoder:
    """Build the network as training starts from it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(task.recipe.seed)
        network = build_autoencoder(
            task.network, channels=prepared.preprocessing.channels, options=task.options
        )
    if task.recipe.fit_output:
        fit_output(network, prepared.training)
    return network


def _store(
    task: TrainingTask,
    prepared: Prepared,
    familiarity: Familiarity | None,
    outcome: TrainingOutcome,
    directory: Path,
) -> StoredModel:
    """Calibrate what was trained, and write it into a folder whose name becomes its id."""
    network, options = as_stored(outcome.network, task.options)
    record = calibrate(
        network,
        prepared.split.calibration,
        prepared.calibrating,
        protocol=task.protocol,
        scoring=task.recipe.scoring,
        is_provisional=task.is_provisional,
    )
    dataset, split = prepared.dataset, prepared.split
    spec = dataset_spec(
        dataset.name, generated=dataset.generated, subject=Subject.SCENE if dataset.clips else Subject.PART
    )
    card = ModelCard(
        id=directory.name,
        network=task.network,
        options={name: value for name, value in options.items() if name != "size"},
        dataset=dataset.name,
        subject=spec.subject,
        layout=task.layout,
        split=SplitRecord(
            protocol=task.protocol,
            seed=task.recipe.seed,
            counts=split.counts,
            left_out=prepared.left_out,
        ),
        preprocessing=prepared.preprocessing,
        photograph=prepared.photograph,
        parent=None,
        weights_dtype="float32",
        loss=str(task.recipe.loss),
        calibration=record.id,
        training=TrainingRecord(
            recipe=task.recipe.plain(),
            epochs=outcome.epochs,
            seed=task.recipe.seed,
            seconds=round(outcome.seconds, 1),
            images_seen=outcome.images_seen,
            ended_by=str(outcome.ended_by) if outcome.learnt else f"{outcome.ended_by}; it learnt nothing",
        ),
        metrics={},
        versions=versions(),
        licence=spec.licence,
    )
    return save_model(
        directory,
        card,
        network=network,
        references=_references(prepared.training, generated=dataset.generated),
        calibrations=(record,),
        familiarity=familiarity,
    )


def _require_unclaimed(unfinished: Path, kept: Path | None) -> None:
    """Raise `InvalidInputError` where an earlier training's checkpoint, or its kept networks, would be lost or mixed."""
    if kept is not None and kept.is_dir() and any(kept.iterdir()):
        raise InvalidInputError(
            f"{str(kept)!r} holds the networks of an earlier training. Delete it, or choose another --output."
        )
    if (unfinished / CHECKPOINT).is_file():
        raise InvalidInputError(
            f"{str(unfinished)!r} holds an unfinished training. Go on with --resume, or delete it."
        )


def as_stored(network: Autoencoder, options: Mapping[str, Any]) -> tuple[Autoencoder, Mapping[str, Any]]:
    """Fuse what training kept apart: the same outputs at a plain network's cost (3.3), and the options that say so."""
    if not can_fuse(network):
        return network, options
    return fuse(network), {**options, "fused": True}


def _detector(
    recipe: Recipe, samples: Sequence[Sample], pixels: Tensor
) -> Callable[[Autoencoder], float] | None:
    """What judges an epoch by the calibration images, of which `pixels` are (N, C, H, W), where the recipe asks for it."""
    if recipe.selection is not Selection.CALIBRATION:
        return None
    labels = np.array([sample.label for sample in samples])
    if NORMAL not in labels or ANOMALOUS not in labels:
        raise InvalidInputError(
            "The selection 'calibration' needs normal and anomalous calibration images. Select by 'validation_loss'."
        )
    kinds = [sample.kind for sample in samples]

    def detect(network: Autoencoder) -> float:
        maps = sample_maps(network, samples, pixels, recipe.scoring)
        scores = torch.cat([recipe.scoring.reduce(batch) for batch in maps]).double().numpy()
        return float(np.mean(list(class_auc_roc(scores, labels, kinds).values())))

    return detect


def _identity(task: TrainingTask) -> str:
    """What is trained, in words that tell any two networks apart, those of equal shapes too."""
    options = ", ".join(f"{name}={value}" for name, value in sorted(task.options.items()))
    levels = "" if task.levels is None else f", levels {levels_text(task.levels)}"
    return f"{task.network} ({options or 'default options'}, {task.protocol!s}{levels})"


def _require_plain(task: TrainingTask) -> None:
    """Raise `InvalidInputError` for what a training would say of itself and not be, or could not be."""
    spec, layout = network_spec(task.network), find_layout(task.layout)
    if not layout.of_videos:
        require_kind(spec.id, NetworkKind.IMAGE)
    if task.options.get("fused"):
        raise InvalidInputError(
            "The option fused=True is how a trained network is stored. Train with fused=False: it is fused at the end."
        )
    if task.recipe.selection is Selection.CALIBRATION and task.protocol is Protocol.THESIS:
        raise InvalidInputError(
            "Under the protocol 'thesis' the calibration images are the reported ones: selecting by them would choose "
            "the figures. Select by 'validation_loss'."
        )


def require_free(output: Path) -> None:
    """Raise `InvalidInputError` where a model's folder would replace what is no model, or a shipped one."""
    if output.exists() and not output.is_dir():
        raise InvalidInputError(f"{str(output)!r} is a file. Choose a new or empty folder for --output.")
    found = {path.name for path in output.iterdir()} if output.is_dir() else set()
    if found - MODEL_FILES:
        raise InvalidInputError(
            f"{str(output)!r} holds other files. Choose a new or empty folder for --output."
        )
    if found and lies_with_shipped(output):
        raise InvalidInputError(
            f"{str(output)!r} is a shipped model. Choose another folder for --output, or delete this one to ship anew."
        )


def _references(training: Tensor, *, generated: bool) -> dict[str, Tensor]:
    """The mean training image and, where the licence is ours, a few normal ones, as 8-bit pixels."""
    total = torch.zeros(training.shape[1:], dtype=torch.float64)
    for start in range(0, len(training), 256):
        total += to_float(training[start : start + 256]).double().sum(dim=0)
    references = {"mean": (total / len(training)).float()}
    if generated:
        references["normals"] = training[:STORED_NORMALS].clone()
    return references
