"""Generated sample sets with exact masks: pictures in the MVTec AD layout, clips in that of UCSD.

A set is one of `GENERATORS`. Every image and every clip has a seed of its own, made of the set's seed, the folder and
its number, so image 7 of a folder is the same however many are asked for.
"""

import json
from pathlib import Path
from typing import Any, Protocol

from xai_ad.data.sets.base import GENERATED_MARK
from xai_ad.data.synthetic.defects import DEFECTS
from xai_ad.data.synthetic.dermatoscope import Dermatoscope
from xai_ad.data.synthetic.malignancy import SIGNS
from xai_ad.data.synthetic.naevus import Naevus
from xai_ad.data.synthetic.scene import Scene
from xai_ad.data.synthetic.stills import StillsGenerator
from xai_ad.data.synthetic.surface import Washer
from xai_ad.data.synthetic.walkway.recording import WalkwayGenerator
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.fields import require_whole
from xai_ad.machine.files import writing
from xai_ad.machine.locks import ANOTHER_OUTPUT, LOCK, claim
from xai_ad.progress import Progress, silent


class Generator(Protocol):
    """One sample set."""

    @property
    def name(self) -> str:
        """The set's name, and its folder's."""

    @property
    def count(self) -> int:
        """How many training images or clips it has unless told otherwise."""

    def write(self, directory: Path, seed: int, count: int, on_progress: Progress) -> None:
        """Write it into an empty folder."""


# Turned steel washers in a fixture, photographed from above under a lamp that gets moved.
WASHER = StillsGenerator(
    name="washer",
    draw=Washer.draw,
    draw_station=Scene.draw,
    looks=Washer.surface,
    view=Scene.radiance,
    harms=DEFECTS,
)
# Moles under a dermatoscope, with hair and bubbles of contact gel in its way.
LESION = StillsGenerator(
    name="lesion",
    draw=Naevus.draw,
    draw_station=Dermatoscope.draw,
    looks=Naevus.skin,
    view=Dermatoscope.view,
    harms=SIGNS,
)
STILLS: dict[str, StillsGenerator[Any, Any, Any]] = {each.name: each for each in (WASHER, LESION)}
"""The sets of pictures."""
# A fixed camera over a walkway, filmed for some seconds at a time.
WALKWAY = WalkwayGenerator()
GENERATORS: dict[str, Generator] = {**STILLS, WALKWAY.name: WALKWAY}


def generate(
    name: str, directory: Path, *, seed: int = 0, count: int | None = None, on_progress: Progress = silent
) -> None:
    """Write the set `name` into `directory`, which must be empty or not yet exist.

    `count` is the number of training images or clips, the set's own where none is given. Of pictures, a quarter as many
    normal ones go to `test/good`, and a third as many are spread over the defects, rounded down, but at least one of
    each; of clips, three for five are for testing, but at least one of each anomaly and a normal one.
    """
    if name not in GENERATORS:
        raise UnknownNameError("sample set", name, GENERATORS)
    generator = GENERATORS[name]
    count = generator.count if count is None else count
    require_whole("count", count, of="a sample set", low=1)
    require_whole("seed", seed, of="a sample set", low=0)
    if directory.exists() and not directory.is_dir():
        raise InvalidInputError(f"'{directory}' is a file. Name a new folder.")
    with claim(directory, inside=True, instead=ANOTHER_OUTPUT), writing(directory):
        if any(file.name != LOCK for file in directory.iterdir()):
            raise InvalidInputError(
                f"'{directory}' is not an empty folder. Name a new folder, or empty this one first."
            )
        (directory / GENERATED_MARK).write_text(json.dumps({"set": name, "seed": seed}) + "\n")
        generator.write(directory, seed, count, on_progress)
