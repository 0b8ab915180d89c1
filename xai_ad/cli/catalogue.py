"""What there is: `networks` and `models`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write the list to this file.")]


def networks(json: JsonFile = None) -> None:
    """List every architecture with its options and its parameters for three channels."""
    from xai_ad.networks import NETWORKS, list_networks
    from xai_ad.presentation.report import write_json

    rows = []
    for found in list_networks():
        row = asdict(found)
        if row["thesis_parameters"] is None:
            del row["thesis_parameters"]
        rows.append(row)
    for row in rows:
        options = " ".join(f"{name}={value}" for name, value in row["options"].items())
        title = NETWORKS[row["id"]].title
        counted = row.get("thesis_parameters")
        beside = f" (the thesis counts {counted:,})" if counted else ""
        typer.echo(
            f"{row['id']:<16} {row['section']:<8} {row['parameters']:>11,}  {title} {options}".rstrip()
            + beside
        )
    if json:
        write_json(json, rows)


def models(json: JsonFile = None) -> None:
    """List every stored model, shipped ones and your own."""
    from xai_ad.errors import StoreError
    from xai_ad.presentation.report import write_json
    from xai_ad.store import list_models, load_calibration

    def tell(error: StoreError) -> None:
        typer.echo(f"xai_ad: {error}", err=True)

    rows = []
    for stored in list_models(on_broken=tell):
        card = stored.card
        try:
            record = load_calibration(stored)
        except StoreError as error:
            tell(error)
            continue
        held_out = card.metrics.get("held-out", {})
        rows.append(
            {
                "id": card.id,
                "path": str(stored.path),
                "network": card.network,
                "options": card.options,
                "dataset": card.dataset,
                "subject": card.subject,
                "layout": card.layout,
                "frames": card.preprocessing.frames,
                "epochs": card.training.epochs,
                "calibration": record.id,
                "threshold": record.calibration.threshold,
                "score_max": record.calibration.score_max,
                "auc_roc": held_out.get("auc_roc"),
                "pixel_auc_roc": held_out.get("pixel_auc_roc"),
                "licence": card.licence,
            }
        )
        figure = held_out.get("auc_roc")
        area = f"{figure:.3f}" if isinstance(figure, float) else "  -  "
        typer.echo(f"{card.id:<24} {card.network:<10} {card.dataset:<10} AUC-ROC {area}  {card.licence}")
    if json:
        write_json(json, rows)


COMMANDS = (networks, models)
