"""What there is: `networks` and `models`."""

from pathlib import Path
from typing import Annotated

import typer

JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write the list to this file.")]


def networks(json: JsonFile = None) -> None:
    """List every architecture with its options and its parameters for three channels."""
    from xai_ad.inspection.catalogue import network_rows
    from xai_ad.networks import NETWORKS
    from xai_ad.presentation.report import write_json

    rows = network_rows()
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
    from xai_ad.inspection.catalogue import model_rows
    from xai_ad.presentation.report import write_json

    rows = model_rows(on_broken=lambda error: typer.echo(f"xai_ad: {error}", err=True))
    for row in rows:
        area = f"{row['auc_roc']:.3f}" if isinstance(row["auc_roc"], float) else "  -  "
        typer.echo(
            f"{row['id']:<24} {row['network']:<10} {row['dataset']:<10} AUC-ROC {area}  {row['licence']}"
        )
    if json:
        write_json(json, rows)


COMMANDS = (networks, models)
