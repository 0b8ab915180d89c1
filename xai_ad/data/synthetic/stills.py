"""Sample sets of pictures, in the layout of MVTec AD."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.synthetic.dermatoscope import Dermatoscope
from xai_ad.data.synthetic.saving import save_image, save_mask
from xai_ad.data.synthetic.scene import Scene
from xai_ad.data.synthetic.surface import SIDE, Plane, Region
from xai_ad.progress import Progress

Thing = TypeVar("Thing")
Looks = TypeVar("Looks")
Station = TypeVar("Station", Scene, Dermatoscope)


@dataclass(frozen=True, kw_only=True)
class StillsGenerator(Generic[Thing, Looks, Station]):
    """A sample set of pictures in the MVTec AD layout.

    `normal` and `anomalous` draw everything from `rng`; from an equal `rng` the anomalous image is the normal one
    with a defect, and the two differ only within two pixels of the mask.
    """

    name: str
    count: int = 120
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

    def write(self, directory: Path, seed: int, count: int, on_progress: Progress) -> None:
        """Write the set: a quarter as many normal test images, a third as many spread over the defects."""
        folders = [
            ("train", "good", count),
            ("test", "good", max(count // 4, 1)),
            *(("test", defect, max(count // (3 * len(self.defects)), 1)) for defect in self.defects),
        ]
        total, done = sum(images for _, _, images in folders), 0
        for stream, (split, label, images) in enumerate(folders):
            for index in range(images):
                rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, index)))
                path = directory / split / label / f"{index:03d}.jpg"
                if label == "good":
                    save_image(self.normal(rng), path)
                else:
                    image, mask = self.anomalous(label, rng)
                    save_image(image, path)
                    save_mask(mask, directory / "ground_truth" / label / f"{index:03d}_mask.png")
                done += 1
                on_progress(done / total)
