"""A table's block, which is one dataset's rows, as text and as bars."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xai_ad.thesis.columns import COLUMNS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def block_cells(block: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a block's table, as text; other works' rows bear the thesis's figures alone."""
    names = block["columns"]
    header = ["", "parameters", *(COLUMNS.get(name, name) for name in names)]
    rows = [
        [
            row["title"],
            "-" if row["parameters"] is None else f"{row['parameters']:,}",
            *(cell_text(row["measured"].get(name), row["thesis"].get(name)) for name in names),
        ]
        for row in block["rows"]
    ]
    return header, rows


def cell_text(measured: Mapping[str, Any] | None, thesis: float | None) -> str:
    """Return a figure as `mean ± spread [thesis]`.

    >>> cell_text({"mean": 0.71234, "spread": 0.01}, 0.72)
    '0.712 ± 0.010 [0.720]'
    """
    if measured is None:
        return "-" if thesis is None else f"- [{thesis:.3f}]"
    spread = "" if measured["spread"] is None else f" ± {measured['spread']:.3f}"
    beside = "" if thesis is None else f" [{thesis:.3f}]"
    return f"{measured['mean']:.3f}{spread}{beside}"


def block_bars(block: Mapping[str, Any]) -> "Figure":
    """Return a bar for each measured row and column, with its spread; the thesis's figures as markers."""
    from plotly.graph_objects import Bar, Figure, Scatter

    names = block["columns"]
    labels = [COLUMNS.get(name, name) for name in names]
    figure = Figure()
    for row in block["rows"]:
        if not row["measured"]:
            continue
        measured = [row["measured"].get(name) for name in names]
        figure.add_trace(
            Bar(
                name=row["title"],
                x=labels,
                y=[None if value is None else value["mean"] for value in measured],
                error_y={
                    "type": "data",
                    "array": [0 if value is None else value["spread"] or 0 for value in measured],
                },
            )
        )
        known = [
            (label, row["thesis"][name])
            for name, label in zip(names, labels, strict=True)
            if name in row["thesis"]
        ]
        if known:
            x, y = zip(*known, strict=True)
            figure.add_trace(
                Scatter(
                    name=f"{row['title']}, thesis",
                    x=x,
                    y=y,
                    mode="markers",
                    marker={"symbol": "diamond-open"},
                )
            )
    figure.update_layout(barmode="group", yaxis={"range": [0, 1], "title": "figure"}, height=480)
    return figure
