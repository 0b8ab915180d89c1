"""Which of a model's scored images lie on this computer: found by their bytes, never by their names alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from xai_ad.data.decoding import sha256_of
from xai_ad.inspection.image_files import list_samples
from xai_ad.store import JudgedImage

WORST = 8
"""So many pictures of each kind of mistake are shown."""


@dataclass(frozen=True, kw_only=True)
class PictureAtHand:
    """A scored picture's file. `sample` is its name among the shipped samples, or None."""

    path: Path
    sample: str | None
    image: JudgedImage

    @property
    def name(self) -> str:
        """What the picture is called: its folder and its file."""
        return self.sample or f"{self.path.parent.name}/{self.path.stem}"


def worst_candidates(images: Iterable[JudgedImage], count: int = WORST) -> tuple[JudgedImage, ...]:
    """Return the highest normal and the lowest anomalous images: at whatever limit, its worst mistakes are among them."""
    every = sorted(images, key=lambda image: image.score)
    normal = [image for image in reversed(every) if image.label == 0]
    anomalous = [image for image in every if image.label == 1]
    return (*normal[:count], *anomalous[:count])


def pictures_at_hand(
    dataset: str, images: Collection[JudgedImage], root: Path | None = None
) -> tuple[PictureAtHand, ...]:
    """Return those of some images that are among the samples of a dataset, in their order."""
    files = {_sha256(path, *_state(path)): (name, path) for name, path in list_samples(dataset, root).items()}
    return tuple(
        PictureAtHand(path=files[image.sha256][1], sample=files[image.sha256][0], image=image)
        for image in images
        if image.sha256 in files
    )


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=8192)
def _sha256(path: Path, _size: int, _modified: int) -> str:
    return sha256_of(path.read_bytes())
