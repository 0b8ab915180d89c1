"""The figures of a comparison as a table, CSV for programs: a row for each cell, and columns whose names do not change.

`model`, `method`; `state`, how far the cell is (done, failed, stopped, waiting, running, idle), or refused where the
model could not take the picture; `score`, raw, `normalised_score`, of the highest calibrated on, `threshold`, raw, and
`verdict`, the model's word; `evaluations`, how often the network was asked, and `seconds`; `error`, why there is none;
`trust_` and a field of `explain.trust.Trust`, how far it can be trusted, its falls one column for each share of the
picture that is taken away (`trust_fall_5` to `trust_fall_50`, in percent); `mask_` and a field of
`metrics.agreement.Placed`, how well it lies on the mask. What is not known is left empty.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields

from xai_ad.explain.trust import Trust
from xai_ad.metrics.agreement import Placed
from xai_ad.metrics.faithfulness import STEPS
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
    trust: Trust | None = None
    placed: Placed | None = None

    def record(self) -> dict[str, str | float | None]:
        """Return the figures by their columns' names."""
        found = {name: getattr(self, name) for name in _OWN}
        found |= {f"trust_{name}": value for name, value in _trusted(self.trust).items()}
        return found | {f"mask_{name}": getattr(self.placed, name, None) for name in _PLACED}


def _trusted(trust: Trust | None) -> dict[str, float | None]:
    """Return every figure of a trust, and of its falls, which are empty where there are none, one for each step."""
    found: dict[str, float | None] = {}
    for field in fields(Trust):
        value = getattr(trust, field.name, None)
        if field.name in _FALLS:
            falls = value or (None,) * len(STEPS)
            found |= {
                f"{field.name}_{round(100 * step)}": one for step, one in zip(STEPS, falls, strict=True)
            }
        else:
            found[field.name] = value
    return found


_FALLS = {"fall", "random_fall", "ideal_fall"}
_OWN = tuple(field.name for field in fields(CellFigures) if field.name not in {"trust", "placed"})
_PLACED = tuple(field.name for field in fields(Placed))
COLUMNS = tuple(CellFigures(model="", method="", state="").record())
"""The table's columns, in their order."""


def figures_table(rows: Sequence[CellFigures]) -> Table:
    """Return the figures for people to read: three digits, no fall step by step, and no column that would be empty."""
    records = [row.record() for row in rows]
    known = [
        name
        for name in COLUMNS
        if "fall_" not in name and any(record[name] is not None for record in records)
    ]
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
