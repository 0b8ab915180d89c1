"""What lies between skin and sensor: hair, bubbles in the contact gel, the instrument's lamp and its tube."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.synthetic.scene import Camera
from xai_ad.data.synthetic.shapes import blend, wander
from xai_ad.data.synthetic.skin import Skin
from xai_ad.data.synthetic.surface import SIDE, Plane, grid, smoothstep

HAIR = np.array([0.035, 0.022, 0.018], dtype=np.float32)
STEPS = 40
"""Straight pieces that a hair is made of."""
LAMP = np.deg2rad(-130.0)
"""Where a bubble mirrors the brightest lamp of the ring."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Hair:
    """A hair pressed flat: its knots, thick at the root and thin at the tip."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    width: float
    opacity: float

    @classmethod
    def draw(cls, rng: np.random.Generator, lie: float) -> "Hair":
        """A hair that grows roughly along `lie` (radians): one in three is clipped short."""
        short = rng.random() < 0.34
        length = rng.uniform(14.0, 34.0) if short else rng.uniform(80.0, 230.0)
        bend = rng.normal(0.0, 0.15 if short else 0.55) * np.linspace(-1.0, 1.0, STEPS)
        headings = lie + rng.normal(0.0, 0.35) + bend + wander(rng, STEPS, 0.08 if short else 0.16)
        x, y = np.cumsum(np.cos(headings)), np.cumsum(np.sin(headings))
        place = rng.uniform(0.0, SIDE, 2)
        return cls(
            x=place[0] + (x - x.mean()) * length / STEPS,
            y=place[1] + (y - y.mean()) * length / STEPS,
            width=rng.uniform(0.5, 0.85),
            opacity=rng.uniform(0.5, 0.85),
        )

    def cover(self) -> Plane:
        """How far the hair hides each pixel, 0 to 1."""
        field = np.zeros((SIDE, SIDE), dtype=np.float32)
        for step in range(STEPS - 1):
            width = self.width * (1.0 - 0.75 * (step / STEPS) ** 2)
            ends_x, ends_y = self.x[step : step + 2], self.y[step : step + 2]
            left, top = max(int(ends_x.min()) - 3, 0), max(int(ends_y.min()) - 3, 0)
            box = field[top : max(int(ends_y.max()) + 4, 0), left : max(int(ends_x.max()) + 4, 0)]
            rows, columns = np.ogrid[top : top + box.shape[0], left : left + box.shape[1]]
            x, y = columns + 0.5 - ends_x[0], rows + 0.5 - ends_y[0]
            run, rise = ends_x[1] - ends_x[0], ends_y[1] - ends_y[0]
            share = np.clip((x * run + y * rise) / (run * run + rise * rise), 0.0, 1.0)
            distance = np.hypot(x - share * run, y - share * rise)
            np.maximum(box, np.clip(width + 0.5 - distance, 0.0, min(1.0, 2.0 * width)), out=box)
        return self.opacity * field


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """Air in the contact gel: a dark rim, a bright crescent, and the lamp's small image."""

    x: float
    y: float
    radius: float
    strength: float

    def light(self) -> tuple[Plane, Plane]:
        """By what each pixel is multiplied, and what is then added."""
        x, y = grid(1)
        x, y = x - self.x, y - self.y
        distance = np.hypot(x, y)
        toward = (x * np.cos(LAMP) + y * np.sin(LAMP)) / np.maximum(distance, 0.5)
        rim = np.exp(-(((distance - self.radius) / 0.8) ** 2))
        inner = np.exp(-(((distance - self.radius + 1.7) / 0.75) ** 2))
        image_x = x - 0.5 * self.radius * np.cos(LAMP)
        image_y = y - 0.5 * self.radius * np.sin(LAMP)
        image = np.exp(-(image_x**2 + image_y**2) / (0.45 + 0.11 * self.radius) ** 2)
        crescent = inner * (0.35 * np.clip(-toward, 0.0, 1.0) ** 2 + 0.5 * np.clip(toward, 0.0, 1.0) ** 3)
        glass = 0.06 * (1.0 - smoothstep(distance, self.radius - 1.0, self.radius))
        dimmed = 1.0 - self.strength * (0.34 * rim * (0.75 - 0.25 * toward) - glass)
        added = self.strength * (0.5 * crescent + 0.75 * image)
        return dimmed.astype(np.float32), added.astype(np.float32)


def bubbles(rng: np.random.Generator) -> tuple[Bubble, ...]:
    """None in most images, else a loose cluster."""
    count = int(rng.integers(2, 7)) if rng.random() < 0.4 else 0
    middle = rng.uniform(20.0, SIDE - 20.0, 2)
    return tuple(
        Bubble(
            x=float(middle[0] + rng.normal(0.0, 26.0)),
            y=float(middle[1] + rng.normal(0.0, 26.0)),
            radius=float(rng.uniform(1.6, 4.0) if rng.random() < 0.6 else rng.uniform(4.0, 8.5)),
            strength=float(rng.uniform(0.5, 1.0)),
        )
        for _ in range(count)
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Dermatoscope:
    """Everything around the skin in one shot."""

    hairs: tuple[Hair, ...]
    bubbles: tuple[Bubble, ...]
    lamp: Plane
    """Linear RGB of the ring of lamps."""
    fall: float
    """How much darker the corners are for the lamp's sake."""
    tube: float
    """Radius of what the tube leaves open; beyond the corners where it is pulled out of the image."""
    shift_x: float
    shift_y: float
    camera: Camera

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Dermatoscope":
        """One shot of a series: the same instrument, put down anew."""
        lie, many = rng.uniform(0.0, 2.0 * np.pi), rng.random()
        count = 0 if many < 0.35 else int(rng.integers(1, 4)) if many < 0.93 else int(rng.integers(4, 8))
        warmth = 0.025 * rng.standard_normal()
        lamp = rng.uniform(0.93, 1.05) * np.array([1.0 + warmth, 1.0, 1.0 - 1.3 * warmth])
        return cls(
            hairs=tuple(Hair.draw(rng, lie) for _ in range(count)),
            bubbles=bubbles(rng),
            lamp=lamp.astype(np.float32),
            fall=rng.uniform(0.08, 0.24),
            tube=rng.uniform(150.0, 168.0) if rng.random() < 0.2 else 400.0,
            shift_x=4.0 * rng.standard_normal(),
            shift_y=4.0 * rng.standard_normal(),
            camera=Camera.draw(rng),
        )

    def view(self, skin: Skin) -> Plane:
        """Linear RGB that reaches the lens, `(SIDE, SIDE, 3)`."""
        seen = skin.radiance()
        for hair in self.hairs:
            seen = blend(seen, HAIR, hair.cover())
        for bubble in self.bubbles:
            dimmed, added = bubble.light()
            seen = seen * dimmed[..., None] + added[..., None]
        x, y = grid(1)
        radius = np.hypot(x - SIDE / 2 - self.shift_x, y - SIDE / 2 - self.shift_y)
        level = 1.0 - self.fall * (radius / (SIDE / 2)) ** 2 / 2.0
        level = level * (1.0 - 0.985 * smoothstep(radius, self.tube - 7.0, self.tube + 5.0))
        return np.asarray(seen * level[..., None] * self.lamp, dtype=np.float32)
