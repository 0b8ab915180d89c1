"""`results.md`: what every shipped model measures, read from its card, and how fast it is here."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from xai_ad.data.layouts import Protocol
from xai_ad.data.specs import DATASETS
from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError
from xai_ad.machine.places import shipped_models
from xai_ad.machine.speeds import machine_record
from xai_ad.networks import count_parameters
from xai_ad.store import StoredModel, find_model, load, load_network
from xai_ad.thesis.base import Experiment, Request, experiment
from xai_ad.thesis.claims import claims_parts
from xai_ad.thesis.columns import COLUMNS, cell_text, figures_of
from xai_ad.thesis.learning_curve import curve_parts
from xai_ad.thesis.published import first_printed
from xai_ad.thesis.report import Heading, Part, Report, Rows
from xai_ad.thesis.speed import BATCH, forwards_per_second
from xai_ad.thesis.variants import variant_of

_SHOWN = (
    "auc_roc", "auc_roc_global", "mean", "auc_pr", "f1", "eer", "eer_global", "auc_roc_ssim", "pixel_auc_roc", "aupro", "pixel_auc_roc_ssim",
    "aupro_ssim",
)  # fmt: skip
_ABOUT: dict[str, Callable[[dict[str, Any]], str]] = {
    "model": "`{model}`".format_map,
    "score": lambda row: "SSIM" if row["score"] == Score.SSIM else str(row["score"]).replace("_", " "),
    "parameters": "{parameters:,}".format_map,
    "images/s": "{forwards_per_second:.0f}".format_map,
    "seed": "{seed}".format_map,
    "images seen": "{images_seen:,}".format_map,
}
"""What a table says of a model in front of its figures."""
_PRINTED = ("4.9", "4.8", "4.6", "4.11", "4.13")
"""The tables whose figures stand beside ours, the first that has one in front."""
_INCLUDED = {
    "claims": ("The thesis's claims", claims_parts),
    "learning-curve": ("How detection develops through a training", curve_parts),
}
"""Records of other experiments that are set under the tables where `models` holds them: heading, and how to write it."""


def _answer(request: Request, own: Experiment) -> Report:
    """Tell what the shipped models measure.

    `models` is a folder with `claims.json` or `learning-curve.json`, which are then set under the tables. Raises
    `InvalidInputError` before anything is measured where it has neither, or one is damaged.
    """
    included = _included(request.models)
    rows = []
    for path in sorted(shipped_models().glob("[!.]*/card.json")):
        request.announce(f"{path.parent.name}: forwards per second")
        rows.append(_row(find_model(path.parent)))
    machine = machine_record()
    record: dict[str, Any] = {"experiment": own.id, "machine": machine, "models": rows}
    record |= {name: found for name, (found, _) in included.items()}
    speed = (
        f"Images scored per second: float32, batches of {BATCH}, {machine['threads']} thread(s) of {machine['cpu']}, "
        f"torch {machine['torch']}; other work ran beside, so compare only within the column."
    )
    parts: list[Part] = [own.intro, speed]
    for dataset in dict.fromkeys(row["dataset"] for row in rows):
        title = DATASETS[dataset].title if dataset in DATASETS else dataset
        group = [row for row in rows if row["dataset"] == dataset]
        shown = [name for name in _SHOWN if any(name in row["figures"] for row in group)]
        classes = _table(group, "per_class", sorted(group[0]["per_class"]), {"model": _ABOUT["model"]})
        parts += [Heading(title), _table(group, "figures", shown, _ABOUT), "AUC-ROC by class:", classes]
    parts += [part for _, found in included.values() for part in found]
    return Report(title="Results", parts=parts, record=record, page=False)


def _row(stored: StoredModel) -> dict[str, Any]:
    card = stored.card
    if str(Protocol.HELD_OUT) not in card.metrics:
        raise InvalidInputError(
            f"The model {card.id!r} has no recorded figures. Run `evaluate --model {card.id} ... --record` first."
        )
    scorer, _ = load(stored)
    variant = variant_of(card)
    return {
        "model": card.id,
        "dataset": card.dataset,
        "variant": variant.name,
        "title": variant.title,
        "score": str(scorer.calibration.scoring.score),
        "parameters": count_parameters(load_network(stored)),
        "weights": card.weights_dtype,
        "seed": card.training.seed,
        "epochs": card.training.epochs,
        "images_seen": card.training.images_seen,
        "selection": card.training.recipe.get("selection", "validation_loss"),
        "protocol": str(Protocol.HELD_OUT),
        "forwards_per_second": forwards_per_second(scorer),
        "figures": figures_of(stored, str(Protocol.HELD_OUT)),
        "per_class": card.metrics[str(Protocol.HELD_OUT)]["per_class"],
        "thesis": dict(first_printed(variant.name, card.dataset, card.layout, _PRINTED)),
    }


def _table(
    rows: list[dict[str, Any]],
    kind: str,
    names: Iterable[str],
    about: Mapping[str, Callable[[dict[str, Any]], str]],
) -> Rows:
    """A table of the figures of a kind, the thesis's beside ours, behind what else is said about each model."""

    def text(name: str, row: dict[str, Any]) -> str:
        return cell_text(row[kind][name], thesis=row["thesis"].get(name)) if name in row[kind] else "-"

    return Rows.of(rows, {**about, **{COLUMNS.get(name, name): partial(text, name) for name in names}})


def _included(folder: Path | None) -> dict[str, tuple[dict[str, Any], list[Part]]]:
    """The records to include, by name, each with its heading and what stands below."""
    if folder is None:
        return {}
    found = {}
    for name, (heading, write) in _INCLUDED.items():
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        try:
            record = json.loads(path.read_bytes())
            found[name] = (record, [Heading(heading), *write(record)])
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise InvalidInputError(
                f"{str(path)!r} is no record of the experiment {name!r} ({error}). Run it again."
            ) from error
    if not found:
        raise InvalidInputError(
            f"{str(folder)!r} has neither {' nor '.join(f'{name}.json' for name in _INCLUDED)} to include."
        )
    return found


RESULTS = experiment("results", _answer, needs_data=False)
