"""Generated sample sets in the MVTec AD layout, with exact masks.

A set is one of `GENERATORS`. Every image has a seed of its own, made of the set's seed, the
folder and the image's number, so image 7 of a folder is the same however many are asked for.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xai_ad.data.sets.base import GENERATED_MARK
from xai_ad.data.synthetic.defects import DEFECTS
from xai_ad.data.synthetic.dermatoscope import Dermatoscope
from xai_ad.data.synthetic.malignancy import SIGNS
from xai_ad.data.synthetic.naevus import Naevus
from xai_ad.data.synthetic.scene import Scene
from xai_ad.data.synthetic.surface import SIDE, Plane, Region, Washer
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.fields import require_whole
from xai_ad.machine.files import writing
from xai_ad.machine.locks import ANOTHER_OUTPUT, LOCK, claim
from xai_ad.progress import Progress, silent

JPEG_QUALITY = 90


Thing = TypeVar("Thing")
Looks = TypeVar("Looks")
Station = TypeVar("Station", Scene, Dermatoscope)


@dataclass(frozen=True, kw_only=True)
class Generator(Generic[Thing, Looks, Station]):
    """One sample set.

    `normal` and `anomalous` draw everything from `rng`; from an equal `rng` the anomalous image is the normal one
    with a defect, and the two differ only within two pixels of the mask.
    """

    name: str
    """The set's name, and its folder's."""
    draw: Callable[[np.random.Generator], Thing]
    draw_station: Callable[[np.random.Generator], Station]
    looks: Callable[[Thing], Looks]
    view: Callable[[Station, Looks], Plane]
    harms: Mapping[str, Callable[[Thing, float, np.random.Generator], tuple[Looks, Region]]]
    """What goes wrong, by class: from a thing and a severity to its changed looks and where they may change."""

    @property
    def defects(self) -> tuple[str, ...]:
        """The classes of anomalous images, in the order in which they are written."""
        return tuple(self.harms)

    def normal(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """A normal image `(256, 256, 3)`."""
        shot, _ = rng.spawn(2)
        thing, station = self.draw(shot), self.draw_station(shot)
        return station.camera.expose(self.view(station, self.looks(thing)))

    def anomalous(self, defect: str, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """An image `(256, 256, 3)` with one defect, and its mask `(256, 256)`."""
        shot, harm = rng.spawn(2)
        thing, station = self.draw(shot), self.draw_station(shot)
        severity = float(harm.uniform() ** 0.6)  # hard ones are the fewer
        changed, region = self.harms[defect](thing, severity, harm)
        samples = len(region) // SIDE  # of a pixel, along each axis
        mask = np.asarray(region.reshape(SIDE, samples, SIDE, samples).any(axis=(1, 3)))
        sound, harmed = self.view(station, self.looks(thing)), self.view(station, changed)
        return station.camera.expose(np.where(mask[..., None], harmed, sound)), mask


# Turned steel washers in a fixture, photographed from above under a lamp that gets moved.
WASHER = Generator(
    name="washer",
    draw=Washer.draw,
    draw_station=Scene.draw,
    looks=Washer.surface,
    view=Scene.radiance,
    harms=DEFECTS,
)
# Moles under a dermatoscope, with hair and bubbles of contact gel in its way.
LESION = Generator(
    name="lesion",
    draw=Naevus.draw,
    draw_station=Dermatoscope.draw,
    looks=Naevus.skin,
    view=Dermatoscope.view,
    harms=SIGNS,
)
GENERATORS: dict[str, Generator[Any, Any, Any]] = {each.name: each for each in (WASHER, LESION)}


def generate(
    name: str, directory: Path, *, seed: int = 0, count: int | None = None, on_progress: Progress = silent
) -> None:
    """Write the set `name` into `directory`, which must be empty or not yet exist.

    `count` is the number of training images (120 where none is given). A quarter as many normal images go to
    `test/good`, and a third as many are spread over the defects, rounded down, but at least one of each.
    """
    if name not in GENERATORS:
        raise UnknownNameError("sample set", name, GENERATORS)
    if count is None:
        count = 120
    require_whole("count", count, of="a sample set", low=1)
    require_whole("seed", seed, of="a sample set", low=0)
    if directory.exists() and not directory.is_dir():
        raise InvalidInputError(f"'{directory}' is a file. Name a new folder.")
    with claim(directory, inside=True, instead=ANOTHER_OUTPUT), writing(directory):
        if any(file.name != LOCK for file in directory.iterdir()):
            raise InvalidInputError(
                f"'{directory}' is not an empty folder. Name a new folder, or empty this one first."
            )
        _write_set(GENERATORS[name], directory, seed, count, on_progress)


def _write_set(
    generator: Generator[Any, Any, Any], directory: Path, seed: int, count: int, on_progress: Progress
) -> None:
    name = generator.name
    (directory / GENERATED_MARK).write_text(json.dumps({"set": name, "seed": seed}) + "\n")
    folders = [
        ("train", "good", count),
        ("test", "good", max(count // 4, 1)),
        *(("test", defect, max(count // (3 * len(generator.defects)), 1)) for defect in generator.defects),
    ]
    total, done = sum(images for _, _, images in folders), 0
    for stream, (split, label, images) in enumerate(folders):
        for index in range(images):
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, index)))
            path = directory / split / label / f"{index:03d}.jpg"
            if label == "good":
                save_image(generator.normal(rng), path)
            else:
                image, mask = generator.anomalous(label, rng)
                save_image(image, path)
                save_mask(mask, directory / "ground_truth" / label / f"{index:03d}_mask.png")
            done += 1
            on_progress(done / total)


def save_image(image: NDArray[np.uint8], path: Path) -> None:
    """Write a JPEG of good quality, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, quality=JPEG_QUALITY, optimize=True)


def save_mask(mask: NDArray[np.bool_], path: Path) -> None:
    """Write a PNG of 0 (sound) and 255 (defect), and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(path, optimize=True)
