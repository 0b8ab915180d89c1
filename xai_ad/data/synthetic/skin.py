"""What a dermatoscope looks into: skin as layers of pigment, and the colour that they let through.

All planes are `(SIDE, SIDE)` float32, one sample a pixel: nothing inside skin has an edge sharper than that. Light
goes through the pigments and back, so that they darken it by Beer and Lambert's law, channel by channel.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import zoom
from scipy.spatial import cKDTree

from xai_ad.data.synthetic.shapes import blend
from xai_ad.data.synthetic.surface import SIDE, Plane, grid, noise

MELANIN = np.array([0.50, 0.98, 1.36], dtype=np.float32)
"""Absorbance of one unit of pigment in red, green and blue."""
BLOOD = np.array([0.07, 0.72, 0.65], dtype=np.float32)
COLLAGEN = np.array([0.92, 0.90, 0.86], dtype=np.float32)
"""Linear RGB that skin without any pigment sends back."""
SCAR = np.array([0.80, 0.66, 0.66], dtype=np.float32)
VEIL = np.array([0.125, 0.112, 0.142], dtype=np.float32)
"""Melanin deep under the epidermis: what lies above it scatters blue back and hides the rest."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Skin:
    """How much of everything the light meets, pixel by pixel."""

    melanin: Plane
    blood: Plane
    relief: Plane
    """Brightness of furrows and pores, around 1."""
    scar: Plane
    """0 to 1: how far scar tissue replaces the pigmented layers."""
    veil: Plane
    """0 to 1: how far deep pigment shows through."""
    gloss: Plane
    """Light that a wet surface mirrors, whatever lies below it."""

    def radiance(self) -> Plane:
        """Linear RGB under white light of unit strength, `(SIDE, SIDE, 3)`."""
        absorbed = self.melanin[..., None] * MELANIN + self.blood[..., None] * BLOOD
        through = blend(COLLAGEN * np.exp(-absorbed), VEIL, self.veil)
        through = blend(through, SCAR * np.exp(-0.35 * absorbed), self.scar)
        return np.asarray(through * self.relief[..., None] + self.gloss[..., None], dtype=np.float32)


def cloud(rng: np.random.Generator, scale: float) -> Plane:
    """Smooth noise of unit variance whose patches are about `scale` pixels wide."""
    cells = SIDE // max(int(scale / 9.0), 1)
    coarse = noise(rng, (cells, cells), (scale / 4.0 * cells / SIDE,) * 2)
    field = zoom(coarse, SIDE / cells, order=1, mode="grid-wrap", grid_mode=True)
    return np.asarray(field / field.std(), dtype=np.float32)


def mesh(rng: np.random.Generator, pitch: float, stretch: float = 1.0) -> Plane:
    """An irregular honeycomb: 0 on the walls between its cells, about 0.8 in their middles.

    Cells are `pitch` pixels wide, and `stretch` times as long along a direction of their own.
    """
    x, y = grid(1)
    x, y = x + 0.22 * pitch * cloud(rng, 4.0 * pitch), y + 0.22 * pitch * cloud(rng, 4.0 * pitch)
    turn = rng.uniform(0.0, np.pi)
    along = (x * np.cos(turn) + y * np.sin(turn)) / (pitch * stretch)
    across = (y * np.cos(turn) - x * np.sin(turn)) / pitch
    rows = np.arange(np.floor(across.min()) - 2, np.ceil(across.max()) + 3)
    columns = np.arange(np.floor(along.min()) - 2, np.ceil(along.max()) + 3)
    middles = np.stack(np.meshgrid(columns, rows), axis=-1)  # (rows, columns, 2)
    middles[1::2, :, 0] += 0.5
    middles = middles.reshape(-1, 2) + rng.uniform(-0.38, 0.38, (middles.size // 2, 2))
    nearest, _ = cKDTree(middles).query(np.stack((along, across), axis=-1), k=2)
    return np.asarray(nearest[..., 1] - nearest[..., 0], dtype=np.float32)
