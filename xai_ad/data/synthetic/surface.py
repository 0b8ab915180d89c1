"""What a camera looks down on: a turned washer as slopes, groove directions and reflectances.

All planes are `(RENDER, RENDER)` float32 on a grid twice as fine as the image, so that averaging 2 x 2
samples smooths the edges. Lengths are pixels of the image, x points right, y points down.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

SIDE = 256
SUPERSAMPLING = 2
RENDER = SIDE * SUPERSAMPLING

Plane = NDArray[np.float32]
Region = NDArray[np.bool_]

STEEL = np.array([0.56, 0.545, 0.53], dtype=np.float32)
GROOVE_STEP = 0.25
"""Distance between two entries of the groove profile."""


def grid(supersampling: int = SUPERSAMPLING) -> tuple[Plane, Plane]:
    """The x and y of every sample, in pixels of the image; so many samples a pixel along each axis."""
    centres = (np.arange(SIDE * supersampling, dtype=np.float32) + 0.5) / supersampling
    x, y = np.meshgrid(centres, centres)
    return x.astype(np.float32), y.astype(np.float32)


def smoothstep(value: Plane, low: float, high: float) -> Plane:
    """0 below `low`, 1 above `high`, with level ends in between."""
    ramp = np.clip((value - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return np.asarray(ramp * ramp * (3.0 - 2.0 * ramp), dtype=np.float32)


def noise(rng: np.random.Generator, shape: tuple[int, ...], blur: tuple[float, ...]) -> Plane:
    """Gaussian noise of unit variance, correlated over `blur` samples along each axis."""
    field = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), blur, mode="wrap")
    return np.asarray(field / max(float(field.std()), 1e-6), dtype=np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """Everything that shading needs to know about the part, sample by sample."""

    coverage: Plane
    """1 where the part hides the backdrop, 0 where the backdrop is seen."""
    slope_x: Plane
    slope_y: Plane
    groove_x: Plane
    """Direction of the turning grooves; a highlight is narrow along it and broad across."""
    groove_y: Plane
    roughness_along: Plane
    roughness_across: Plane
    diffuse: Plane  # (RENDER, RENDER, 3)
    specular: Plane  # (RENDER, RENDER, 3)


@dataclass(frozen=True, kw_only=True, eq=False)
class Washer:
    """One turned part as it lies in its fixture: dimensions, position and the tool's own marks."""

    centre_x: float
    centre_y: float
    outer_radius: float
    bore_radius: float
    outer_chamfer: float
    bore_chamfer: float
    grooves: Plane
    """Radial slope left by the tool, one entry per `GROOVE_STEP`."""
    streaks: Plane
    """Marks that come and go along a turn, `(radius, angle)`."""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Washer":
        """A normal part: right dimensions, its own place in the fixture's play, its own marks."""
        radii = np.arange(0.0, 128.0, GROOVE_STEP, dtype=np.float32)
        pitch = 3.4 + 0.05 * rng.standard_normal()
        feed = np.sin(2.0 * np.pi * radii / pitch + rng.uniform(0.0, 2.0 * np.pi))
        chatter = noise(rng, radii.shape, (2.5,)) + 0.7 * noise(rng, radii.shape, (12.0,))
        return cls(
            centre_x=SIDE / 2 + rng.uniform(-1.2, 1.2),
            centre_y=SIDE / 2 + rng.uniform(-1.2, 1.2),
            outer_radius=91.0 * (1.0 + rng.uniform(-0.006, 0.006)),
            bore_radius=43.0 * (1.0 + rng.uniform(-0.006, 0.006)),
            outer_chamfer=5.0 + rng.uniform(-0.3, 0.3),
            bore_chamfer=4.0 + rng.uniform(-0.3, 0.3),
            grooves=(0.030 * feed + 0.022 * chatter).astype(np.float32),
            streaks=(0.75 * noise(rng, (256, 720), (1.2, 28.0)) + 0.65 * noise(rng, (256, 720), (0.7, 7.0))),
        )

    def polar(self) -> tuple[Plane, Plane]:
        """Distance from the part's centre and angle, of every sample."""
        x, y = grid()
        x, y = x - self.centre_x, y - self.centre_y
        return np.hypot(x, y), np.arctan2(y, x)

    def face(self) -> tuple[float, float]:
        """Inner and outer radius of the flat ring between the chamfers."""
        return self.bore_radius + self.bore_chamfer, self.outer_radius - self.outer_chamfer

    def surface(self) -> Surface:
        """The part's height field and finish."""
        radius, angle = self.polar()
        inner, outer = self.face()
        coverage = smoothstep(radius, self.bore_radius - 0.3, self.bore_radius + 0.3) * (
            1.0 - smoothstep(radius, self.outer_radius - 0.3, self.outer_radius + 0.3)
        )
        falling = 0.55 * smoothstep(radius, outer - 0.6, outer + 0.6) + 0.5 * smoothstep(
            radius, self.outer_radius - 1.6, self.outer_radius
        )
        rising = 0.55 * (1.0 - smoothstep(radius, inner - 0.6, inner + 0.6)) + 0.5 * (
            1.0 - smoothstep(radius, self.bore_radius, self.bore_radius + 1.6)
        )
        groove = np.interp(radius, np.arange(len(self.grooves)) * GROOVE_STEP, self.grooves)
        columns = (angle / (2.0 * np.pi) % 1.0) * self.streaks.shape[1]
        streak = map_coordinates(self.streaks, [2.0 * radius, columns], order=1, mode="grid-wrap")
        slope = (groove + 0.012 * streak + falling - rising).astype(np.float32)
        finish = (1.0 + 0.035 * streak[..., None]).astype(np.float32)
        cosine, sine = np.cos(angle), np.sin(angle)
        # A surface that falls outwards has its normal leaning outwards: height slope is the negative.
        return Surface(
            coverage=coverage,
            slope_x=-slope * cosine,
            slope_y=-slope * sine,
            groove_x=-sine,
            groove_y=cosine,
            roughness_along=np.full_like(radius, 0.12),
            roughness_across=np.full_like(radius, 0.42),
            diffuse=0.22 * STEEL * finish,
            specular=STEEL * finish,
        )
