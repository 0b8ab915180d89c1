"""Which of a model's scored images lie on this computer: found by their bytes, never by their names alone."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from xai_ad.data.decoding import names_image, sha256_of
from xai_ad.data.hidden import is_hidden
from xai_ad.errors import ImageError
from xai_ad.inspection.image_files import list_samples
from xai_ad.inspection.trainings.jobs import list_jobs
from xai_ad.progress import Progress
from xai_ad.store import JudgedImage

WORST = 8
"""So many pictures of each kind of mistake are shown."""
MOST = 20_000
"""So many files of a folder are looked at."""


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


@dataclass(frozen=True, kw_only=True)
class PictureSearch:
    """The question which pictures below a folder are wanted, by their hashes: each file is read, until all are found."""

    folder: Path
    wanted: frozenset[str]

    def answer(self, progress: Progress) -> dict[str, Path]:
        """Look, at so many files at most as `MOST` says, and return where the wanted ones lie, by hash."""
        found: dict[str, Path] = {}
        files = list(islice(_pictures_below(self.folder), MOST))
        for place, path in enumerate(files):
            if len(found) == len(self.wanted):
                break
            progress(place / len(files))
            try:
                sha256 = _sha256(path, *_state(path))
            except (OSError, ImageError):
                continue  # it is not what was trained on any more
            if sha256 in self.wanted:
                found.setdefault(sha256, path)
        progress(1.0)
        return found


def own_folder(model: str) -> Path | None:
    """Return the folder of pictures that a model was trained on by a job of this computer, or None."""
    folders = (job.order.data for job in list_jobs() if model in job.order.names)
    return next((folder for folder in folders if folder.is_dir()), None)


def pictures_in(found: Mapping[str, Path], images: Collection[JudgedImage]) -> tuple[PictureAtHand, ...]:
    """Return those of some images whose files were found, in their order."""
    return tuple(
        PictureAtHand(path=found[image.sha256], sample=None, image=image)
        for image in images
        if image.sha256 in found
    )


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


def _pictures_below(folder: Path) -> Iterator[Path]:
    """Yield the pictures below a folder; links are not followed, and what cannot be read is left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        yield from (Path(place) / name for name in sorted(files) if names_image(Path(name)))


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=32768)
def _sha256(path: Path, _size: int, _modified: int) -> str:
    return sha256_of(path)
