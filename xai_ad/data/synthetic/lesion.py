"""The `lesion` set: moles under a dermatoscope, with hair and bubbles of contact gel in its way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.synthetic.dermatoscope import Dermatoscope
from xai_ad.data.synthetic.malignancy import SIGNS
from xai_ad.data.synthetic.naevus import Naevus


@dataclass(frozen=True, kw_only=True)
class LesionSet:
    """Draws moles, regular or with one suspicious sign; see `Generator` for the contract."""

    name: str = "lesion"
    defects: tuple[str, ...] = tuple(SIGNS)

    def normal(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """A regular mole."""
        shot, _ = rng.spawn(2)
        naevus, scope = Naevus.draw(shot), Dermatoscope.draw(shot)
        return scope.camera.expose(scope.view(naevus.skin()))

    def anomalous(self, defect: str, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """The mole that `normal` draws from an equal `rng`, with one suspicious sign, and where it is."""
        shot, harm = rng.spawn(2)
        naevus, scope = Naevus.draw(shot), Dermatoscope.draw(shot)
        severity = float(harm.uniform() ** 0.6)  # hard ones are the fewer
        changed, mask = SIGNS[defect](naevus, severity, harm)
        regular, suspicious = scope.view(naevus.skin()), scope.view(changed)
        return scope.camera.expose(np.where(mask[..., None], suspicious, regular)), mask
