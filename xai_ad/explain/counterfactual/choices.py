"""What a person can choose of a counterfactual search."""

from enum import StrEnum


class Direction(StrEnum):
    """Which verdict is to be flipped, and how."""

    REPAIR = "repair"
    """Put normal content into an anomalous image until it passes."""
    TRANSPLANT = "transplant"
    """Put parts of the image into a normal picture until that fails."""


class Search(StrEnum):
    """How rectangles are looked for."""

    EXACT = "exact"
    """All of them in order of area, until one flips: none smaller exists on the grid."""
    FAST = "fast"
    """The most promising, at most a tenth of them: a smaller one may exist."""
