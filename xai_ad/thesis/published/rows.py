"""What a printed row is."""

from collections.abc import Mapping
from typing import TypeAlias

Row: TypeAlias = Mapping[str, float]
"""Figures by their column, as shares of 1."""

FIGURES = ("auc_roc", "eer", "precision", "recall", "f1")
"""The columns of Tables 4.8, 4.9 and 4.11."""


def row(names: tuple[str, ...], *values: float) -> Row:
    """Return the figures of some columns."""
    return dict(zip(names, values, strict=True))


def percent(*values: float) -> Row:
    """Return a row of Table 4.8 or 4.9, which print percentages; rows of other works have fewer figures."""
    return {name: round(value / 100, 6) for name, value in zip(FIGURES, values, strict=False)}
