"""The `washer` set: turned steel washers in a fixture, photographed from above under a lamp that gets moved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.synthetic.defects import DEFECTS
from xai_ad.data.synthetic.scene import Scene
from xai_ad.data.synthetic.surface import SIDE, SUPERSAMPLING, Washer


@dataclass(frozen=True, kw_only=True)
class WasherSet:
    """Draws washers, sound or with one defect; see `Generator` for the contract."""

    name: str = "washer"
    defects: tuple[str, ...] = tuple(DEFECTS)

    def normal(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """A sound part."""
        shot, _ = rng.spawn(2)
        washer, scene = Washer.draw(shot), Scene.draw(shot)
        return scene.camera.expose(scene.radiance(washer.surface()))

    def anomalous(self, defect: str, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """The part that `normal` draws from an equal `rng`, with one defect, and where it is."""
        shot, harm = rng.spawn(2)
        washer, scene = Washer.draw(shot), Scene.draw(shot)
        severity = float(harm.uniform() ** 0.6)  # hard ones are the fewer
        changed, region = DEFECTS[defect](washer, severity, harm)
        blocks = region.reshape(SIDE, SUPERSAMPLING, SIDE, SUPERSAMPLING)
        mask = np.asarray(blocks.any(axis=(1, 3)))
        sound, harmed = scene.radiance(washer.surface()), scene.radiance(changed)
        return scene.camera.expose(np.where(mask[..., None], harmed, sound)), mask
