"""`results.md`: what every shipped model measures, read from its card, and how fast it is here."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xai_ad.data.layouts import Protocol
from xai_ad.data.specs import DATASETS
from xai_ad.errors import InvalidInputError
from xai_ad.machine.places import shipped_models
from xai_ad.machine.speeds import machine_record
from xai_ad.networks import count_parameters, network_options, network_spec
from xai_ad.presentation.report import write_json
from xai_ad.store import ModelCard, StoredModel, find_model, load, load_network
from xai_ad.thesis import published
from xai_ad.thesis.base import Experiment, Request
from xai_ad.thesis.cells import Variant
from xai_ad.thesis.claims import claims_markdown
from xai_ad.thesis.columns import COLUMNS, figures_of
from xai_ad.thesis.learning_curve import curve_markdown
from xai_ad.thesis.pages import markdown_table
from xai_ad.thesis.speed import BATCH, forwards_per_second
from xai_ad.training.recipe import Loss

NAME = "results"
_SHOWN = (
    "auc_roc", "auc_roc_global", "mean", "auc_pr", "f1", "eer", "eer_global", "auc_roc_ssim", "pixel_auc_roc", "aupro", "pixel_auc_roc_ssim",
    "aupro_ssim",
)  # fmt: skip
_PUBLISHED = (
    published.TABLE_4_9,
    published.TABLE_4_8,
    published.TABLE_4_6,
    published.TABLE_4_11,
    published.TABLE_4_13,
)
_INCLUDED = {
    "claims": ("## The thesis's claims", claims_markdown),
    "learning-curve": ("## How detection develops through a training", curve_markdown),
}
"""Records of other experiments that are set under the tables where `models` holds them: heading, and how to write it."""


def run_results(request: Request) -> tuple[Path, ...]:
    """Write `results.md` and `results.json` into the folder `output`.

    `models` is a folder with `claims.json` or `learning-curve.json`, which are then set under the tables. Raises
    `InvalidInputError` before anything is measured where it has neither, or one is damaged.
    """
    included = _included(request.models)
    rows = []
    for path in sorted(shipped_models().glob("*/card.json")):
        request.announce(f"{path.parent.name}: forwards per second")
        rows.append(_row(find_model(path.parent)))
    record: dict[str, Any] = {"experiment": NAME, "machine": machine_record(), "models": rows}
    record |= {name: found for name, (found, _) in included.items()}
    parts = ["# Results", _INTRODUCTION, _speed_sentence(record["machine"])]
    for dataset in dict.fromkeys(row["dataset"] for row in rows):
        title = DATASETS[dataset].title if dataset in DATASETS else dataset
        own = [row for row in rows if row["dataset"] == dataset]
        parts += [f"## {title}", markdown_table(*_table(own)), _classes(own)]
    parts += [text for _, text in included.values()]
    request.output.mkdir(parents=True, exist_ok=True)
    written = request.output / f"{NAME}.md"
    written.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    write_json(request.output / f"{NAME}.json", record)
    return (written, request.output / f"{NAME}.json")


_INTRODUCTION = (
    "Written by `python -m xai_ad experiment results`, not by hand. Protocol `held-out`: no image that "
    "set a threshold, stopped the training or chose an epoch is counted. One training run each, its seed given. AUC-ROC, AUC-PR, F1 and EER are of the model's own score (Eq. 3.10 where it is "
    "`compound`); pixel figures and AUPRO of the squared-error map, and of "
    "the SSIM map of the same reconstructions. In brackets the thesis's figure where it has one."
)


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
        "thesis": _thesis(card, variant),
    }


def variant_of(card: ModelCard) -> Variant:
    """Return which variant a stored model is; options at their defaults, and `fused`, make no other variant."""
    defaults = network_options(network_spec(card.network))
    options = {
        name: value for name, value in card.options.items() if name != "fused" and value != defaults.get(name)
    }
    return Variant(network=card.network, options=options, loss=Loss(card.loss), svdd=card.parent is not None)


def _thesis(card: ModelCard, variant: Variant) -> dict[str, float]:
    found: dict[str, float] = {}
    for table in _PUBLISHED:
        for name, value in (
            published.published_rows(table, card.dataset, card.layout).get(variant.name, {}).items()
        ):
            found.setdefault(name, value)
    return found


def _speed_sentence(machine: Mapping[str, Any]) -> str:
    return (
        f"Images scored per second: float32, batches of {BATCH}, {machine['threads']} thread(s) of {machine['cpu']}, "
        f"torch {machine['torch']}; other work ran beside, so compare only within the column."
    )


def _table(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    shown = [name for name in _SHOWN if any(name in row["figures"] for row in rows)]
    header = [
        "model",
        "score",
        "parameters",
        "images/s",
        "seed",
        "images seen",
        *(COLUMNS[name] for name in shown),
    ]
    cells = [
        [
            f"`{row['model']}`",
            row["score"].replace("_", " "),
            f"{row['parameters']:,}",
            f"{row['forwards_per_second']:.0f}",
            str(row["seed"]),
            f"{row['images_seen']:,}",
            *(_figure(row["figures"].get(name), row["thesis"].get(name)) for name in shown),
        ]
        for row in rows
    ]
    return header, cells


def _classes(rows: list[dict[str, Any]]) -> str:
    names = sorted(rows[0]["per_class"])
    cells = [
        [
            f"`{row['model']}`",
            *(_figure(row["per_class"].get(name), row["thesis"].get(name)) for name in names),
        ]
        for row in rows
    ]
    return "AUC-ROC by class:\n\n" + markdown_table(["model", *names], cells)


def _figure(value: float | None, thesis: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if thesis is None else f"{value:.3f} [{thesis:.3f}]"


def _included(folder: Path | None) -> dict[str, tuple[dict[str, Any], str]]:
    """The records to include, by name, each with its text."""
    if folder is None:
        return {}
    found = {}
    for name, (heading, write) in _INCLUDED.items():
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        try:
            record = json.loads(path.read_bytes())
            found[name] = (record, write(record, heading=heading))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise InvalidInputError(
                f"{str(path)!r} is no record of the experiment {name!r} ({error}). Run it again."
            ) from error
    if not found:
        raise InvalidInputError(
            f"{str(folder)!r} has neither {' nor '.join(f'{name}.json' for name in _INCLUDED)} to include."
        )
    return found


RESULTS = Experiment(
    id=NAME, title="What every shipped model measures", section="4", run=run_results, needs_data=False
)
