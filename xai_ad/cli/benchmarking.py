"""Measuring this package against others and itself: `benchmark`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xai_ad.cli.parsing import pairs, terminal_progress, typed_fields

if TYPE_CHECKING:
    from xai_ad.benchmarks.base import Row

SMALL = 0.1
"""Figures below it are shown with two digits, however small."""


def benchmark(
    name: Annotated[str, typer.Argument(help="The benchmark; docs/benchmarks.md describes each.")],
    model: Annotated[str | None, typer.Option(help="A model's id or folder.")] = None,
    data: Annotated[Path | None, typer.Option(help="The dataset's folder.")] = None,
    layout: Annotated[str | None, typer.Option(help="How the folder is laid out.")] = None,
    images: Annotated[int | None, typer.Option(help="How many images to measure on.")] = None,
    m: Annotated[int | None, typer.Option("--m", help="How many segments an image is cut into.")] = None,
    fill: Annotated[str | None, typer.Option(help="What stands in for an absent segment.")] = None,
    option: Annotated[list[str], typer.Option(help="Another setting of the benchmark, name=value.")] = [],  # noqa: B006  # Typer copies it
    record: Annotated[
        bool,
        typer.Option("--record", help="Also write them into the model's folder, where the benchmark can."),
    ] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")] = None,
) -> None:
    """Measure how fast this package is, and against what; leave the machine idle meanwhile."""
    from xai_ad.benchmarks import benchmark_options, benchmark_record, build_benchmark, find_benchmark
    from xai_ad.machine.files import require_writable
    from xai_ad.presentation.report import write_json

    if json:
        require_writable(json)
    flags = {"model": model, "data": data, "layout": layout, "images": images, "m": m}
    settings = {flag: value for flag, value in flags.items() if value is not None}
    settings |= typed_fields(
        find_benchmark(name),
        ({"fill": fill} if fill else {}) | ({"record": "true"} if record else {}) | pairs(option),
        valid=benchmark_options(name),
        of=f"the benchmark {name!r}",
    )
    chosen = build_benchmark(name, settings)
    result = chosen.run(on_progress=terminal_progress("Measuring"))
    measured = benchmark_record(chosen, result)
    machine = measured["machine"]
    typer.echo(chosen.sentence)
    typer.echo(f"{machine['cpu']}, threads: {machine['threads']}, torch {machine['torch']}")
    for line in [*table_lines(result.rows), *result.remarks]:
        typer.echo(line)
    if json:
        write_json(json, measured)


def table_lines(rows: "Sequence[Row]") -> Iterator[str]:
    """Yield the lines of a table with a heading, each column as wide as its widest cell; a row's own tables are left out.

    >>> list(table_lines([{"network": "bcae1", "ratio": 1.6}]))
    ['network  ratio', 'bcae1     1.60']
    """
    columns = [name for name, value in rows[0].items() if not isinstance(value, list | tuple)]
    lines = [[column.replace("_", " ") for column in columns]]
    lines += [[_cell(row[column]) for column in columns] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    as_text = [any(isinstance(row[column], str) for row in rows) for column in columns]
    for line in lines:
        cells = zip(line, widths, as_text, strict=True)
        yield "  ".join(
            cell.ljust(width) if is_text else cell.rjust(width) for cell, width, is_text in cells
        ).rstrip()


def _cell(value: Any) -> str:
    """Return a figure with two decimals, or two digits where those would show next to nothing.

    >>> _cell(2.345), _cell(0.00123), _cell(0.0), _cell(None)
    ('2.35', '0.0012', '0.00', '-')
    """
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2g}" if 0 < abs(value) < SMALL else f"{value:.2f}"


COMMANDS = (benchmark,)
