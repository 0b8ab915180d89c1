"""Which mask belongs to which picture, by their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class MaskMatches:
    """The masks found for pictures, and what could not be matched.

    `masks` has every picture: its mask files, several of which are united, or none. `unmatched` are the pictures
    without any, `unused` the mask files that belong to no picture, by their order.
    """

    masks: Mapping[Path, tuple[Path, ...]]
    unmatched: tuple[Path, ...] = ()
    unused: tuple[Path, ...] = ()


def match_masks(pictures: Sequence[Path], folder: Path) -> MaskMatches:
    """Return the masks in a folder that belong to pictures: `<stem>_mask.png`."""
    masks = {picture: _masks_of(picture, folder) for picture in pictures}
    return MaskMatches(masks=masks, unmatched=tuple(picture for picture, found in masks.items() if not found))


def _masks_of(picture: Path, folder: Path) -> tuple[Path, ...]:
    mask = folder / f"{picture.stem}_mask.png"
    return (mask,) if mask.is_file() else ()
