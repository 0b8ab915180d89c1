"""The pictures in a dataset's folders, as samples, and what a person should know of how they were read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xai_ad.data.decoding import SUFFIXES, names_image, sha256_of
from xai_ad.data.layouts.base import Sample
from xai_ad.data.masks.matching import match_masks
from xai_ad.errors import DatasetError


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was read of some folders: samples, and notes for `Dataset.notes`."""

    samples: tuple[Sample, ...] = ()
    notes: tuple[str, ...] = ()


def joined(parts: Iterable[Found]) -> Found:
    """Return what was read of several folders together, in their order."""
    every = list(parts)
    return Found(
        samples=tuple(sample for part in every for sample in part.samples),
        notes=tuple(note for part in every for note in part.notes),
    )


def images_in(folder: Path) -> list[Path]:
    """Return the image files directly in a folder, by name."""
    return sorted(path for path in folder.iterdir() if names_image(path) and path.is_file())


def read_samples(
    folder: Path,
    *,
    label: int,
    kind: str,
    subset: Literal["train", "test"],
    masks: Path | None = None,
    group: str | None = None,
) -> Found:
    """Read a folder's images as samples; `masks` is the folder of their masks."""
    pictures = images_in(folder)
    found = match_masks(pictures, masks).masks if masks else {}
    samples = [
        Sample(
            path=path,
            label=label,
            kind=kind,
            subset=subset,
            sha256=sha256_of(path),
            masks=found.get(path, ()),
            group=group,
        )
        for path in pictures
    ]
    return Found(samples=tuple(samples))


def require_some(samples: Sequence[Sample], what: str) -> None:
    """Raise `DatasetError` where a part of a dataset is empty."""
    if not samples:
        raise DatasetError(f"No {what}. Pictures end in {', '.join(sorted(SUFFIXES))}.")
