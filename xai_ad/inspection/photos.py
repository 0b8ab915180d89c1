"""Photographs under inspection: the shipped samples, what a person uploads, and what screens need of both."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow

from xai_ad.data.images import Preprocessing, cropped, decode_picture
from xai_ad.data.layouts import pictures_in
from xai_ad.machine.places import samples

LARGEST_SIDE = 1400
FEATURED = {"washer": "contamination/006"}
"""The sample that a dataset opens on: a clear defect, found and explained well."""


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A picture's file in memory. `name` is for people and file names of downloads; it is never used as a path."""

    name: str
    content: bytes
    sha256: str


def make_photo(name: str, content: bytes) -> Photo:
    """Name a picture's bytes."""
    return Photo(name=name, content=content, sha256=hashlib.sha256(content).hexdigest())


def list_samples(dataset: str, root: Path | None = None) -> dict[str, Path]:
    """Return a dataset's shipped test pictures by `<class>/<stem>`, defects before normal ones."""
    test = (root or samples()) / dataset / "test"
    kinds = [folder for folder in test.iterdir() if folder.is_dir()] if test.is_dir() else []
    kinds.sort(key=lambda folder: (folder.name == "good", folder.name))
    return {f"{kind.name}/{path.stem}": path for kind in kinds for path in pictures_in(kind)}


def default_sample(dataset: str, samples: dict[str, Path]) -> str | None:
    """Return which sample a dataset opens on, or None where it ships none."""
    featured = FEATURED.get(dataset, "")
    return featured if featured in samples else next(iter(samples), None)


def shown_picture(photo: Photo, preprocessing: Preprocessing) -> Pillow.Image:
    """Return what the network saw of a photograph, at the photograph's own resolution as far as screens need it."""
    picture = cropped(decode_picture(photo.content), preprocessing)
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Pillow.Resampling.LANCZOS)
    return picture
