"""Dataset layouts by id. A new one is a file of its own and a line here."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from xai_ad.data.layouts.avenue import AVENUE
from xai_ad.data.layouts.btad import BTAD
from xai_ad.data.layouts.ddds import DDDS
from xai_ad.data.layouts.folder import FOLDER
from xai_ad.data.layouts.ham10000 import HAM10000
from xai_ad.data.layouts.kolektor import KOLEKTOR
from xai_ad.data.layouts.loco import LOCO
from xai_ad.data.layouts.mvtec import MVTEC
from xai_ad.data.layouts.mvtec_ad2 import MVTEC_AD2
from xai_ad.data.layouts.subway import SUBWAY
from xai_ad.data.layouts.ucsd import UCSD
from xai_ad.data.layouts.visa import VISA
from xai_ad.data.notes import NOTES
from xai_ad.data.sets.base import (
    ANOMALOUS,
    NORMAL,
    Dataset,
    Layout,
    Protocol,
    Sample,
    Split,
    require_folder,
)
from xai_ad.data.sets.clips import split_clips
from xai_ad.data.sets.copies import copies_across
from xai_ad.data.sets.depths import with_levels
from xai_ad.data.sets.guessing import advice, doubts
from xai_ad.data.sets.leaving import one_of_copies, without
from xai_ad.data.sets.masks import with_masks
from xai_ad.data.sets.pictures import images_in
from xai_ad.errors import DatasetError, UnknownNameError

LAYOUTS: dict[str, Layout] = {
    layout.id: layout
    for layout in (HAM10000, DDDS, VISA, KOLEKTOR, LOCO, MVTEC_AD2, BTAD, MVTEC, SUBWAY, AVENUE, UCSD, FOLDER)
}
"""The most telling ones first: a folder is guessed to follow the first that fits it."""


def find_layout(layout: str) -> Layout:
    """Return a layout, or raise `UnknownNameError` naming the valid ids."""
    if layout not in LAYOUTS:
        raise UnknownNameError("layout", layout, LAYOUTS)
    return LAYOUTS[layout]


def read_dataset(
    directory: Path,
    layout: str,
    *,
    levels: int | None = None,
    assumed: int | None = None,
    masks: Path | None = None,
    left_out: Collection[str] = (),
) -> Dataset:
    """Read a dataset's folder, and log its notes; raises `DatasetError` where it does not follow the layout.

    Of pictures with more than 8 bits a pixel `levels` is the value that is white, and `assumed` it is where neither
    that is given nor the files say it. `masks` is a file of annotations, or a folder, whose masks count instead of the
    layout's own. Pictures and clips whose SHA-256 is in `left_out`, and files by `one_of_copies`,
    are taken to be none of it.
    """
    found = find_layout(layout)
    require_folder(directory)
    try:
        dataset = without(found.read(directory), left_out)
    except DatasetError as error:
        hint = advice(directory, found, LAYOUTS.values())
        raise DatasetError(f"{error} {hint}".rstrip()) from error
    except OSError as error:
        raise DatasetError(
            f"{error.filename or directory} cannot be read ({error.strerror or error})."
        ) from error
    said = (*doubts(directory, found, LAYOUTS.values()), *copies_across(dataset.samples))
    dataset = replace(dataset, notes=(*dataset.notes, *said))
    dataset = with_levels(dataset, levels=levels, assumed=assumed)
    if masks is not None:
        dataset = with_masks(dataset, masks)
    for note in dataset.notes:
        NOTES.warning(note)
    return dataset


def split_dataset(dataset: Dataset, protocol: Protocol = Protocol.HELD_OUT) -> Split:
    """Split a dataset as its layout does under a protocol."""
    return LAYOUTS[dataset.layout].split(dataset, protocol)


__all__ = [
    "ANOMALOUS",
    "LAYOUTS",
    "NORMAL",
    "Dataset",
    "Protocol",
    "Sample",
    "Split",
    "find_layout",
    "images_in",
    "one_of_copies",
    "read_dataset",
    "split_clips",
    "split_dataset",
    "without",
]
