"""Where the defects of pictures are: which files say so, and how they are read."""

from xai_ad.data.masks.matching import MaskMatches, match_masks
from xai_ad.data.masks.reading import read_mask, to_mask

__all__ = ["MaskMatches", "match_masks", "read_mask", "to_mask"]
