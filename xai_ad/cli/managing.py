"""Models of one's own as files and by name: `export`, `import`, `rename` and `delete`."""

from pathlib import Path
from typing import Annotated

import typer

from xai_ad.cli.parsing import one_of, terminal_progress

Model = Annotated[str, typer.Option(help="A model's id or folder.")]
OwnModel = Annotated[str, typer.Option(help="The id or folder of a model of your own.")]


def export(
    model: Model,
    output: Annotated[
        Path, typer.Option(help="The file to write; of openvino a folder, or a file that ends with .zip.")
    ],
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            help="zip, for another xai_ad; onnx or openvino: one graph with score, map and reconstruction.",
        ),
    ] = "zip",
) -> None:
    """Write a model into a file for another xai_ad, or for other programs; what they compute is compared first."""
    from xai_ad.exporting import ExportFormat
    from xai_ad.inspection.exporting import export_model

    chosen = one_of(ExportFormat, file_format, "format")
    report = export_model(model, chosen, output, on_progress=terminal_progress("Exporting"))
    if report.scores is not None and report.maps is not None:
        typer.echo(
            f"On {report.images} images it differs from the model by at most {report.scores:.1g} in scores and "
            f"{report.maps:.1g} in maps, relative."
        )
    typer.echo(f"Wrote {report.path}")


def import_(
    file: Annotated[Path, typer.Argument(help="A ZIP archive that `export --format zip` wrote.")],
    name: Annotated[str | None, typer.Option(help="The model's id here, in place of its own.")] = None,
) -> None:
    """Read a model from a ZIP archive, checked, into your own models."""
    from xai_ad.store import import_zip

    typer.echo(f"Wrote {import_zip(file, name=name).path}")


def rename(
    model: OwnModel, name: Annotated[str, typer.Option(help="The new id, and its folder's new name.")]
) -> None:
    """Give a model of your own another id."""
    from xai_ad.store import find_model, rename_model

    typer.echo(f"Wrote {rename_model(find_model(model), name).path}")


def delete(
    model: OwnModel,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a model of your own with its calibrations, once you have said yes."""
    from xai_ad.store import delete_model, find_model

    stored = find_model(model)
    if not (yes or stored.is_shipped):
        typer.confirm(f"Delete {stored.card.id} ({stored.path})?", abort=True)
    delete_model(stored)
    typer.echo(f"Deleted {stored.path}")


COMMANDS = (export, import_, rename, delete)
