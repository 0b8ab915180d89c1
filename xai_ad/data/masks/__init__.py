"""Where the defects of pictures are: which files say so, and how they are read."""

from xai_ad.data.masks.matching import MaskMatches, match_masks
from xai_ad.data.masks.reading import (
    Shape,
    cut_marks,
    marks_of,
    read_marked,
    read_mask,
    shape_of,
    to_mask,
    unite,
)
from xai_ad.data.masks.shrinking import shrink

__all__ = [
    "MaskMatches",
    "Shape",
    "cut_marks",
    "marks_of",
    "match_masks",
    "read_marked",
    "read_mask",
    "shape_of",
    "shrink",
    "to_mask",
    "unite",
]
