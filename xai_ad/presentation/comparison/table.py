"""The figures of a comparison as a table, CSV for programs: a row for each cell, and columns whose names do not change.

`model`, `method`; `state`, how far the cell is (done, failed, stopped, waiting, running, idle), or refused where the
model could not take the picture; `score`, raw, `normalised_score`, of the highest calibrated on, `threshold`, raw, and
`verdict`, the model's word; `evaluations`, how often the network was asked, and `seconds`; `error`, why there is none;
`mask_` and a field of `metrics.agreement.Placed`, how well it lies on the mask. What is not known is left empty.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields

from xai_ad.metrics.agreement import Placed
from xai_ad.presentation.comparison.page import Table
from xai_ad.presentation.words import figure

REFUSED = "refused"
"""The state of a cell whose model could not take the picture."""


@dataclass(frozen=True, kw_only=True)
class CellFigures:
    """One cell's figures; those of the verdict are its model's."""

    model: str
    method: str
    state: str
    score: float | None = None
    normalised_score: float | None = None
    threshold: float | None = None
    verdict: str | None = None
    evaluations: int | None = None
    seconds: float | None = None
    error: str | None = None
    placed: Placed | None = None

    def record(self) -> dict[str, str | float | None]:
        """Return the figures by their columns' names."""
        found = {name: getattr(self, name) for name in _OWN}
        return found | {f"mask_{name}": getattr(self.placed, name, None) for name in _PLACED}


_OWN = tuple(field.name for field in fields(CellFigures) if field.name != "placed")
_PLACED = tuple(field.name for field in fields(Placed))
COLUMNS = (*_OWN, *(f"mask_{name}" for name in _PLACED))
"""The table's columns, in their order."""


def figures_table(rows: Sequence[CellFigures]) -> Table:
    """Return the figures for people to read: three digits, and no column in which nothing is known."""
    records = [row.record() for row in rows]
    known = [name for name in COLUMNS if any(record[name] is not None for record in records)]
    return Table(
        title="Scores and limits are raw; what is not known is left empty.",
        header=tuple(name.replace("_", " ") for name in known),
        rows=tuple(tuple(_written(record[name]) for name in known) for record in records),
    )


def _written(value: str | float | None) -> str:
    if value is None:
        return ""
    return figure(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def figures_csv(rows: Sequence[CellFigures]) -> bytes:
    """Return a table as CSV, UTF-8, its first line the columns' names."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=COLUMNS)
    writer.writeheader()
    writer.writerows(row.record() for row in rows)
    return file.getvalue().encode()
