"""The figures that the thesis prints, a file for each table: what ours are set beside.

A file begins with its table's number, unit and source; below stands a line for each row, which is a variant's or another
work's (by the name that the thesis gives it, with its reference's number). Read, all figures but counts are shares of 1.
"""

import csv
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TypeAlias

Row: TypeAlias = Mapping[str, float]
"""Figures by their column."""

VIDEO_SETS = {"ucsd": ("ped1", "ped2"), "avenue": ("avenue",), "subway": ("subway_entrance", "subway_exit")}
"""The thesis's sets of videos by their layout; a layout's other sets have no printed rows."""
MVTEC_CATEGORIES = frozenset([
    "bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "metal_nut", "pill", "screw", "tile",
    "toothbrush", "transistor", "wood", "zipper",
])  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A table of the thesis: the rows of its variants, and those of other works, by dataset and name."""

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
    lines = (files(__package__) / f"table-{table}.csv").read_text(encoding="utf-8").splitlines()
    in_percent = "# unit: percent" in lines
    found: dict[str, dict[str, dict[str, Row]]] = {"variant": {}, "work": {}}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        dataset, variant, work = (row.pop(key) for key in ("dataset", "variant", "work"))
        rows = found["variant" if variant else "work"].setdefault(dataset, {})
        figures = {column: float(cell) for column, cell in row.items() if cell}
        rows[variant or work] = {
            column: round(figure / 100, 6) if in_percent else figure for column, figure in figures.items()
        }
    return Printed(variants=found["variant"], works=found["work"])


def first_printed(variant: str, dataset: str, layout: str, tables: Sequence[str]) -> Row:
    """Return what the thesis prints of a variant, each column from the first of the tables that has it."""
    rows = [printed(table).rows(dataset, layout).get(variant, {}) for table in reversed(tables)]
    return {name: value for row in rows for name, value in row.items()}


def _thesis_set(dataset: str, layout: str) -> str:
    """Which of the thesis's sets a dataset is, empty for none.

    A set with a layout of its own is known by it. The layouts of MVTec AD and of videos are many sets', so a category
    or a scene is known by name.
    """
    if layout in VIDEO_SETS:
        return dataset if dataset in VIDEO_SETS[layout] else ""
    return layout if layout != "mvtec" or dataset in MVTEC_CATEGORIES else ""
