"""The figures that the thesis prints, a file for each table: what ours are set beside.

A file begins with its table's number, unit and source; below stands a line for each row, which is a variant's or another
work's (by the name that the thesis gives it, with its reference's number). Read, all figures but counts are shares of 1.
"""

import csv
import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TypeAlias

from xai_ad.errors import InvalidInputError

Row: TypeAlias = Mapping[str, float]
"""Figures by their column."""

_HEAD = ("table", "unit", "source")
_KEYS = ["dataset", "variant", "work"]
_UNITS = {"share": 1, "percent": 100, "count": math.inf}
"""The largest figure that a unit has; a percentage is read as a share."""
VIDEO_SETS = {"ucsd": ("ped1", "ped2"), "avenue": ("avenue",), "subway": ("subway_entrance", "subway_exit")}
"""The thesis's sets of videos by their layout; a layout's other sets have no printed rows."""
MVTEC_CATEGORIES = frozenset(
    [
        "bottle",
        "cable",
        "capsule",
        "carpet",
        "grid",
        "hazelnut",
        "leather",
        "metal_nut",
        "pill",
        "screw",
        "tile",
        "toothbrush",
        "transistor",
        "wood",
        "zipper",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A table of the thesis: the rows of its variants, and those of other works, by dataset and name."""

    source: str
    variants: Mapping[str, Mapping[str, Row]]
    works: Mapping[str, Mapping[str, Row]]

    def rows(self, dataset: str, layout: str) -> Mapping[str, Row]:
        """Return a dataset's rows by variant; empty where the thesis has none."""
        return self.variants.get(_thesis_set(dataset, layout), {})

    def others(self, dataset: str, layout: str) -> Mapping[str, Row]:
        """Return a dataset's rows of other works."""
        return self.works.get(_thesis_set(dataset, layout), {})


@functools.cache
def printed(table: str) -> Printed:
    """Return a table by its number, such as "4.8"."""
    return read_printed((files(__package__) / f"table-{table}.csv").read_text(encoding="utf-8"), table)


def first_printed(variant: str, dataset: str, layout: str, tables: Sequence[str]) -> Row:
    """Return what the thesis prints of a variant, each column from the first of the tables that has it."""
    rows = [printed(table).rows(dataset, layout).get(variant, {}) for table in reversed(tables)]
    return {name: value for row in rows for name, value in row.items()}


def read_printed(text: str, table: str) -> Printed:
    """Read a table's file; raises `InvalidInputError` for one of another table, or what is no figure of its unit."""
    lines = text.splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    reader = csv.reader(line for line in lines if not line.startswith("#"))
    columns = next(reader, [])
    unit = head.get("unit", "")
    if not set(_HEAD) <= set(head) or head["table"] != table or unit not in _UNITS or columns[:3] != _KEYS:
        raise InvalidInputError(
            f"The file of Table {table} needs its {', '.join(_HEAD)} on top, a unit of {', '.join(_UNITS)}, and the "
            f"columns {', '.join(_KEYS)} first. Got {head} and {columns}."
        )
    found: dict[str, dict[str, dict[str, Row]]] = {"variant": {}, "work": {}}
    for cells in reader:
        dataset, variant, work = cells[:3]
        rows = found["variant" if variant else "work"].setdefault(dataset, {})
        figures = dict(_figures(columns[3:], cells[3:], unit)) if len(cells) == len(columns) else {}
        if bool(variant) == bool(work) or (variant or work) in rows or not figures:
            raise InvalidInputError(
                f"A line of Table {table} names a variant or a work, once for each dataset, and has a figure or nothing "
                f"for each of its columns {columns[3:]}. Got {cells}."
            )
        rows[variant or work] = figures
    return Printed(source=head["source"], variants=found["variant"], works=found["work"])


def _figures(columns: list[str], cells: list[str], unit: str) -> Iterator[tuple[str, float]]:
    for column, cell in zip(columns, cells, strict=True):
        if not cell:
            continue
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not 0 <= value <= _UNITS[unit]:
            raise InvalidInputError(
                f"A figure of unit {unit!r} is in [0, {_UNITS[unit]}]. Got {cell!r} as {column!r}."
            )
        yield column, round(value / 100, 6) if unit == "percent" else value


def _thesis_set(dataset: str, layout: str) -> str:
    """Which of the thesis's sets a dataset is, empty for none.

    A set with a layout of its own is known by it. The layouts of MVTec AD and of videos are many sets', so a category
    or a scene is known by name.
    """
    if layout in VIDEO_SETS:
        return dataset if dataset in VIDEO_SETS[layout] else ""
    return layout if layout != "mvtec" or dataset in MVTEC_CATEGORIES else ""
