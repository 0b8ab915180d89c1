"""The thesis's tables and figures: `experiment`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from xai_ad.cli.parsing import Levels, one_of, recipe_of, white_of


def experiment(
    name: Annotated[str, typer.Argument(help="Which; a wrong one is answered with all of them.")],
    output: Annotated[Path, typer.Option(help="The folder to write into; finished cells in it are used.")],
    data: Annotated[list[Path], typer.Option(help="A dataset's folder; may be given several times.")] = [],  # noqa: B006  # Typer copies it
    layout: Annotated[list[str], typer.Option(help="The layout of each --data, in their order.")] = [],  # noqa: B006
    runs: Annotated[int, typer.Option(min=1, help="Seeds for every variant.")] = 3,
    epochs: Annotated[int | None, typer.Option(help="At most this many.")] = None,
    batch_size: int | None = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16 or auto, the default.")] = None,
    recipe: Annotated[list[str], typer.Option(help="A field of the recipe, name=value.")] = [],  # noqa: B006
    protocol: Annotated[str, typer.Option(help="held-out, or the thesis's leak.")] = "held-out",
    models: Annotated[
        Path | None,
        typer.Option(help="A folder of stored models or records, for experiments that look at given ones."),
    ] = None,
    variant: Annotated[
        list[str], typer.Option(help="Train this one alone; may be given several times.")
    ] = [],  # noqa: B006
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    levels: Levels = None,
) -> None:
    """Run one of the thesis's tables or figures on your data; an interrupted run goes on where it stood."""
    from dataclasses import fields

    from xai_ad.data.layouts import Protocol
    from xai_ad.errors import InvalidInputError
    from xai_ad.machine.execution import Precision
    from xai_ad.machine.files import require_writable
    from xai_ad.thesis import Request, Source, find_experiment
    from xai_ad.training.recipe import Device, Recipe

    chosen = find_experiment(name)
    require_writable(output / f".{name}")
    if len(data) != len(layout):
        raise InvalidInputError(f"Every --data needs its --layout. Got {len(data)} and {len(layout)}.")
    if chosen.needs_data and not data:
        raise InvalidInputError(f"The experiment {name!r} needs a dataset: --data DIR --layout L.")
    if variant and not chosen.variants:
        raise InvalidInputError(
            f"The experiment {name!r} has no variants to choose from. Leave out --variant."
        )
    flags: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "precision": None if precision is None else one_of(Precision, precision, "precision"),
    }
    white = white_of(levels)
    trained_on = one_of(Device, device, "device")
    valid = [field.name for field in fields(Recipe) if field.name not in {"loss", "seed"}]
    written = chosen.run(
        Request(
            output=output,
            sources=tuple(
                Source(data=folder, layout=kind, levels=white)
                for folder, kind in zip(data, layout, strict=True)
            ),
            runs=runs,
            recipe=recipe_of(flags, recipe, valid=valid, of="an experiment's recipe", device=trained_on),
            protocol=one_of(Protocol, protocol, "protocol"),
            device=trained_on,
            models=models,
            variants=tuple(variant),
            announce=_announce,
        )
    )
    if sys.stderr.isatty():
        sys.stderr.write("\033[K")
    if written[0].suffix == ".md":
        typer.echo(written[0].read_text(encoding="utf-8"))
    typer.echo(f"Wrote {', '.join(map(str, written))}")


def _announce(line: str) -> None:
    """Say what is being done: on one line of a terminal, which the next line overwrites, else line by line."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\033[K{line}\r")
        sys.stderr.flush()
    else:
        typer.echo(line, err=True)


COMMANDS = (experiment,)
