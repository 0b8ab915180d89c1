"""A benign mole on its skin: one colour, darkest in its middle, fading alike on every side."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from xai_ad.data.synthetic.skin import Skin, cloud, mesh
from xai_ad.data.synthetic.surface import SIDE, Plane, grid, noise, smoothstep


def dots(rng: np.random.Generator, count: int, radius: tuple[float, float]) -> Plane:
    """`count` soft round dots of a random `radius` at random places, each of height 1."""
    field = np.zeros((SIDE, SIDE), dtype=np.float32)
    places, radii = rng.uniform(0.0, SIDE, (count, 2)), rng.uniform(*radius, count)
    for (row, column), size in zip(places, radii, strict=True):
        reach = int(2.5 * size) + 1
        top, left = max(int(row) - reach, 0), max(int(column) - reach, 0)
        box = field[top : int(row) + reach + 1, left : int(column) + reach + 1]
        rows, columns = np.ogrid[top : top + box.shape[0], left : left + box.shape[1]]
        squared = ((rows + 0.5 - row) ** 2 + (columns + 0.5 - column) ** 2) / size**2
        np.maximum(box, np.exp(-(squared**2)), out=box)
    return field


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """The skin that a mole grows on."""

    melanin: Plane
    blood: Plane
    relief: Plane

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Ground":
        """Fair skin: its own tan and flush, mottled, with furrows, pores and grain."""
        tan, flush = rng.uniform(0.07, 0.17), rng.uniform(0.62, 0.98)
        mottle, patches, fine = cloud(rng, 14.0), cloud(rng, 60.0), noise(rng, (SIDE, SIDE), (1.1, 1.1))
        furrows = 1.0 - smoothstep(mesh(rng, rng.uniform(11.0, 15.0), rng.uniform(1.2, 1.7)), 0.0, 0.34)
        furrows = furrows * np.clip(0.6 + 0.5 * cloud(rng, 40.0), 0.0, 1.4)
        pores = dots(rng, 110, (0.9, 1.9))
        return cls(
            melanin=tan * (1.0 + 0.13 * cloud(rng, 36.0) + 0.09 * mottle) + 0.035 * pores,
            blood=flush * (1.0 + 0.075 * patches + 0.045 * mottle + 0.03 * fine) - 0.05 * furrows,
            relief=1.0 + 0.016 * fine - 0.024 * furrows + 0.025 * pores * fine,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Naevus:
    """One mole: its outline, and how its pigment is arranged."""

    centre_x: float
    centre_y: float
    outline: Plane
    """Radius, one entry a degree."""
    softness: float
    """How wide the border fades, in pixels."""
    pigment: float
    core: float
    """How much darker the middle is, as a share."""
    pattern: Plane
    """Pigment of network, globules and clouds, around 1."""
    ragged: Plane
    """How far the network's ends move the border, in pixels."""
    flush: float
    ground: Ground

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Naevus":
        """A regular mole near the middle of the image: reticular, globular, even, or something in between."""
        angles = np.deg2rad(np.arange(360.0))
        turn, stretch = rng.uniform(0.0, np.pi), rng.uniform(1.0, 1.28)
        radius = rng.uniform(55.0, 64.0)
        oval = 1.0 / np.hypot(
            np.cos(angles - turn) / np.sqrt(stretch), np.sin(angles - turn) * np.sqrt(stretch)
        )
        waves = sum(
            rng.normal(0.0, 0.015) * np.cos(order * angles + rng.uniform(0.0, 2.0 * np.pi))
            for order in (2, 3, 4, 5, 7)
        )
        reticular, globular = rng.uniform(0.25, 0.85), float(rng.random() < 0.35) * rng.uniform(0.3, 0.8)
        walls = 1.0 - smoothstep(mesh(rng, rng.uniform(5.0, 6.6), rng.uniform(1.0, 1.3)), 0.0, 0.75)
        walls = gaussian_filter(walls, 0.7) * np.clip(0.75 + 0.45 * cloud(rng, 18.0), 0.0, 1.6)
        globules = dots(rng, 420, (1.2, 2.6))
        pattern = 1.0 + 0.55 * reticular * (walls - 0.36) + 0.4 * globular * (globules - 0.2)
        return cls(
            centre_x=SIDE / 2 + rng.uniform(-5.0, 5.0),
            centre_y=SIDE / 2 + rng.uniform(-5.0, 5.0),
            outline=(radius * oval * (1.0 + waves)).astype(np.float32),
            softness=rng.uniform(11.0, 21.0),
            pigment=rng.uniform(1.35, 1.85),
            core=rng.uniform(0.15, 0.65),
            pattern=pattern
            * np.clip(
                1.0 + 0.09 * cloud(rng, 7.0) + 0.10 * cloud(rng, 13.0) + 0.10 * cloud(rng, 30.0), 0.5, 1.5
            ),
            ragged=(2.2 * cloud(rng, 8.0) + 1.8 * cloud(rng, 20.0) + 4.0 * reticular * (walls - 0.36)).astype(
                np.float32
            ),
            flush=rng.uniform(0.10, 0.28),
            ground=Ground.draw(rng),
        )

    def polar(self) -> tuple[Plane, Plane]:
        """Distance from the mole's middle and degrees around it, of every pixel."""
        x, y = grid(1)
        x, y = x - self.centre_x, y - self.centre_y
        return np.hypot(x, y), np.asarray(np.rad2deg(np.arctan2(y, x)) % 360.0, dtype=np.float32)

    def depth(self) -> Plane:
        """Pixels from the border inwards; negative outside."""
        radius, degrees = self.polar()
        border = np.interp(degrees, np.arange(361.0), np.append(self.outline, self.outline[0]))
        return np.asarray(border - radius, dtype=np.float32)

    def skin(self, depth: Plane | None = None, richness: Plane | float = 1.0) -> Skin:
        """The mole in its ground; another `depth` gives its pigment another outline, more `richness` more of it."""
        regular = self.depth()
        depth = regular if depth is None else depth
        radius, _ = self.polar()
        inside = smoothstep(depth + self.ragged, -0.55 * self.softness, 0.75 * self.softness)
        middle = np.exp(-((radius / (0.55 * self.outline.mean())) ** 2))
        level = self.pigment * (0.80 + self.core * middle) * richness
        halo = smoothstep(regular, -2.2 * self.softness, self.softness)
        nothing = np.zeros_like(inside)
        return Skin(
            melanin=(self.ground.melanin + level * inside * self.pattern + 0.05 * halo).astype(np.float32),
            blood=(self.ground.blood + self.flush * halo).astype(np.float32),
            relief=self.ground.relief,
            scar=nothing,
            veil=nothing,
            gloss=nothing,
        )
