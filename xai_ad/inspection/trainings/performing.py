"""What a job orders, done step by step: read, trained, its limit placed, fine-tuned, and put among the models.

The steps are those of the command line. Each leaves its result in the job's folder, so that a worker that goes on for
a killed one does none twice; what it was going to train is written down too, and stays what it was.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from xai_ad.data.layouts import ANOMALOUS, NORMAL, Protocol, find_layout, split_clips, split_dataset, without
from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError, StoreError
from xai_ad.inspection.calibrating import recalibrate
from xai_ad.inspection.evaluating import evaluate_stored
from xai_ad.inspection.trainings.folders import Stage
from xai_ad.inspection.trainings.following import Follower
from xai_ad.inspection.trainings.orders import SVDD, TrainingOrder
from xai_ad.machine.files import write_whole, writing
from xai_ad.machine.locks import claim
from xai_ad.machine.places import home
from xai_ad.machine.speeds import training_precision
from xai_ad.metrics.detection import auc_roc
from xai_ad.networks import NetworkKind, network_spec
from xai_ad.presentation.promises import promised_words
from xai_ad.store import (
    CARD,
    CalibrationProtocol,
    CalibrationRecord,
    activate_calibration,
    find_model,
    load_calibration,
    load_calibrations,
    load_evaluation_record,
    require_new_name,
)
from xai_ad.training.loop import CHECKPOINT
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Recipe
from xai_ad.training.recommended import recommended
from xai_ad.training.reports import Ending
from xai_ad.training.svdd import SvddRecipe, finetune_model

PLAN, WORK, PUBLISHING = "plan.json", "work", "publishing"
WAIT = 60.0
LITTLE = 0.2
"""The share of the epochs that are worth while below which a model is said to be little trained."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an order comes to for its data: how it is trained, and how its limit is placed.

    A `quantile` is the share of good pictures, or clips, that are to pass; None where defects say where the limit lies,
    or as large a share as the pictures allow.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    recipe: Recipe
    score: Score
    protocol: CalibrationProtocol
    quantile: float | None


_PLAN = TypeAdapter(Plan)


def perform(follower: Follower, order: TrainingOrder) -> str:
    """Do what is ordered, and return the id of the model that was wanted; what an earlier worker did stays done.

    Raises `Cancelled` where the job is to rest, and whatever reading, training and writing raise.
    """
    root = follower.folder.path
    work = root / WORK
    if not (root / PUBLISHING).exists():
        with writing(work):
            work.mkdir(exist_ok=True)
        follower.at(Stage.READING, 0.0)
        plan = _plan(root, order)
        _trained(follower, order, plan, work / order.name)
        _calibrated(follower, order, plan, work / order.name)
        if order.fine_tuning:
            _finetuned(follower, order, work)
        for name in order.names:
            _measured(follower, order, work / name)
        write_whole(root / PUBLISHING, b"")
    for name in order.names:
        _publish(work / name)
    shutil.rmtree(work, ignore_errors=True)
    return order.names[-1]


def _plan(root: Path, order: TrainingOrder) -> Plan:
    """Return what was planned when the job began, or plan it now."""
    try:
        return _PLAN.validate_json((root / PLAN).read_bytes())
    except FileNotFoundError:
        plan = plan_of(order)
        write_whole(root / PLAN, _PLAN.dump_json(plan, indent=1))
        return plan
    except ValidationError as error:
        raise StoreError(
            f"{str(root / PLAN)!r} was written by another version of xai_ad. Remove the training, and order it anew."
        ) from error


def plan_of(order: TrainingOrder) -> Plan:
    """Return how an order is trained and its limit placed.

    Raises `InvalidInputError` for a promise that its pictures are too few for, and for fine-tuning a network of clips,
    and as reading a dataset does.
    """
    layout, spec = find_layout(order.layout), network_spec(order.network)
    if order.fine_tuning and spec.kind is NetworkKind.CLIP:
        raise InvalidInputError(
            f"The network {order.network!r} takes clips, and fine-tuning draws single pictures together. Train without it."
        )
    dataset = without(layout.read(order.data), order.left_out)
    split = split_dataset(dataset, Protocol.HELD_OUT)
    found = recommended(
        len(split.train), of_videos=layout.of_videos, minutes=order.minutes, network=order.network
    )
    if layout.of_videos:
        normals = len([clip for clip in split_clips(dataset).calibration if not any(clip.labels or ())])
    else:
        normals = sum(sample.label == NORMAL for sample in split.calibration)
    if normals < order.limit.needs:
        what = "normal clips" if layout.of_videos else "normal pictures that set the limit"
        raise InvalidInputError(
            f"The promise {str(order.limit)!r} needs {order.limit.needs} {what}, and there are {normals}. "
            "Choose another one, or add pictures."
        )
    recipe = replace(found.recipe, loss=order.loss, seed=order.seed, precision=training_precision(gpu=True))
    protocol = CalibrationProtocol.HELD_OUT
    if layout.of_videos:
        protocol = CalibrationProtocol.CLIP_QUANTILE
    elif order.limit.quantile is not None:
        protocol = CalibrationProtocol.NORMAL_QUANTILE
    return Plan(
        recipe=recipe if order.epochs is None else replace(recipe, epochs=order.epochs),
        score=order.score or found.score,
        protocol=protocol,
        quantile=order.limit.quantile,
    )


def _trained(follower: Follower, order: TrainingOrder, plan: Plan, output: Path) -> None:
    """Train into a folder of the job, on from a checkpoint where there is one."""
    unfinished = output.with_name(f"{output.name}.training")
    if (output / CARD).is_file():
        shutil.rmtree(unfinished, ignore_errors=True)
        return
    task = TrainingTask(
        network=order.network,
        options=order.options,
        data=order.data,
        layout=order.layout,
        protocol=Protocol.HELD_OUT,
        recipe=plan.recipe,
        levels=order.levels,
        left_out=order.left_out,
        skip_unreadable=True,
        is_provisional=True,
    )
    stored = train_model(
        task,
        output,
        resume=(unfinished / CHECKPOINT).is_file(),
        on_epoch=follower.on_epoch,
        onlooker=follower.onlooker(plan.recipe),
    )
    done = stored.card.training.epochs
    if stored.card.training.ended_by == Ending.TIME_BUDGET and done < LITTLE * plan.recipe.epochs:
        follower.folder.add_note(
            f"It saw each picture {done:,} times, of {plan.recipe.epochs:,} that are worth while: what it rebuilds, and "
            "finds, will be poor. Give it more minutes."
        )


def _calibrated(follower: Follower, order: TrainingOrder, plan: Plan, model: Path) -> None:
    """Place the limit as ordered, and note what it promises."""
    record = recalibrate(
        model,
        order.data,
        order.layout,
        protocol=plan.protocol,
        quantile=plan.quantile,
        score=plan.score,
        levels=order.levels,
        on_progress=follower.progress(Stage.CALIBRATING),
        on_note=follower.folder.add_note,
    )
    if order.score is None:
        record = _best_judge(model)
    if note := promised_words(record):
        follower.folder.add_note(note)


def _best_judge(model: Path) -> CalibrationRecord:
    """Let judge which of a model's scores tells apart best the good and the defective pictures that set its limit.

    Without defects, or where they are alike, it stays the active one. No figure counts these pictures.
    """
    stored = find_model(model)
    active = load_calibration(stored)
    others = [record for record in load_calibrations(stored) if record.id != active.id]
    rivals = [active, *(record for record in others if record.protocol is active.protocol)]
    if {image.label for image in active.images} != {NORMAL, ANOMALOUS}:
        return active
    best = max(rivals, key=_told_apart)
    if best is not active:
        activate_calibration(stored, best.id)
    return best


def _told_apart(record: CalibrationRecord) -> float:
    scores, labels = (
        np.array([getattr(image, name) for image in record.images]) for name in ("score", "label")
    )
    return auc_roc(scores, labels)


def _finetuned(follower: Follower, order: TrainingOrder, work: Path) -> None:
    output = work / (order.name + SVDD)
    if (output / CARD).is_file():
        return
    recipe = SvddRecipe(seed=order.seed)
    progress = follower.progress(Stage.FINE_TUNING)
    progress(0.0)
    finetune_model(
        find_model(work / order.name),
        order.data,
        order.layout,
        output,
        recipe,
        levels=order.levels,
        on_epoch=lambda report: progress(report.epoch / recipe.epochs),
    )


def _measured(follower: Follower, order: TrainingOrder, model: Path) -> None:
    """Record how good a model is, where there are pictures that took no part in making it."""
    stored = find_model(model)
    dataset = without(find_layout(order.layout).read(order.data), stored.card.split.left_out)
    if load_evaluation_record(stored) is not None or not split_dataset(dataset, Protocol.HELD_OUT).test:
        return
    evaluate_stored(
        stored,
        order.data,
        order.layout,
        record=True,
        levels=order.levels,
        on_progress=follower.progress(Stage.MEASURING),
    )


def _publish(made: Path) -> None:
    """Put a model among the user's own; it is there already where a worker was killed after it did so."""
    target = home() / "models" / made.name
    with claim(target, wait=WAIT):
        if not made.exists() and target.exists():
            return
        require_new_name(made.name)
        with writing(target):
            made.rename(target)
