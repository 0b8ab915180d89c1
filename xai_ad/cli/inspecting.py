"""Judging many pictures and videos: `inspect`."""

from pathlib import Path
from typing import Annotated

import typer

from xai_ad.cli.judging import Model
from xai_ad.cli.parsing import terminal_progress


def inspect(
    model: Model,
    paths: Annotated[
        list[Path], typer.Argument(help="Pictures, videos, ZIPs of frames, and folders of them.")
    ],
    output: Annotated[Path, typer.Option(help="The folder to write into.")],
    method: Annotated[list[str], typer.Option(help="Also explain each picture by this method.")] = [],  # noqa: B006
) -> None:
    """Judge many pictures and videos: results.csv and results.json with a row for each, unreadable ones with their error.

    A video's row has the score of its highest frame, and <name>.frames.csv all of them. A folder of numbered pictures
    is a video for models of video sets, and for others its pictures are judged one by one.
    """
    from xai_ad.inspection.batch import inspect_files
    from xai_ad.inspection.explainers import explainer_here

    explainers = [explainer_here(name) for name in method]
    rows = inspect_files(
        model, paths, output, explainers=explainers, on_progress=terminal_progress("Inspecting")
    )
    unreadable = sum(row.score is None for row in rows)
    anomalous = sum(bool(row.is_anomalous) for row in rows)
    typer.echo(
        f"{len(rows)} files: {anomalous} anomalous, {len(rows) - anomalous - unreadable} normal, "
        f"{unreadable} unreadable. Wrote {output}"
    )


COMMANDS = (inspect,)
