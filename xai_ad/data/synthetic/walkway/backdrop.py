"""What never moves: paving, lawn, hedge, wall and trees, the same in every clip, since the camera is fixed."""

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from xai_ad.data.synthetic.surface import Plane, noise, smoothstep
from xai_ad.data.synthetic.walkway.painting import SAMPLES, Face, Limb, Shape, lit, paint
from xai_ad.data.synthetic.walkway.place import (
    EYE,
    FAR_EDGE,
    LAWN_END,
    NEAR_EDGE,
    SIDE_PATH,
    Points,
    rays,
    side_path_middle,
)

PLACE_SEED = 20090
"""Of everything that the place itself leaves to chance."""
WALL = 34.0
"""How far away the building stands."""
_CONCRETE = np.array([0.395, 0.375, 0.340], dtype=np.float32)
_GRASS = np.array([0.098, 0.138, 0.048], dtype=np.float32)
_PLASTER = np.array([0.290, 0.235, 0.180], dtype=np.float32)
_SLAB = 2.4
"""Metres between two joints of the paving."""


@cache
def backdrop() -> tuple[Plane, Plane]:
    """Return the empty place in linear RGB, `(h, w, 3)` samples, and `(h, w)` where shadows fall on its ground."""
    rng = np.random.default_rng(PLACE_SEED)
    look = rays(SAMPLES)
    reach = np.where(look[..., 1] < -1e-3, EYE / np.maximum(-look[..., 1], 1e-3), np.inf)
    x, z = look[..., 0] * reach, look[..., 2] * reach
    x, z = np.where(np.isfinite(x), x, 0.0), np.where(np.isfinite(z), z, 1e3)
    ground = _ground(x, z, rng)
    behind = z > WALL
    share = WALL / look[..., 2]
    scene = np.where(behind[..., None], _wall(look[..., 0] * share, EYE + look[..., 1] * share, rng), ground)
    scene = scene.astype(np.float32)
    for shapes in _bushes(rng):
        patch = paint(shapes)
        if patch is not None:
            window = patch.window
            scene[window] = scene[window] * (1.0 - patch.cover[..., None]) + patch.colour
    return scene, (z < LAWN_END - 0.2).astype(np.float32)


def _field(x: Points, z: Points, pitch: tuple[float, float], rng: np.random.Generator) -> Plane:
    """Return smooth noise on the ground whose patches are `pitch` metres in x and z, as the camera sees it."""
    table = noise(rng, (256, 256), (1.5, 1.5))
    across, away = x / pitch[0] * 3.0, z / pitch[1] * 3.0
    return np.asarray(map_coordinates(table, [away, across], order=1, mode="grid-wrap"), dtype=np.float32)


def _ground(x: Points, z: Points, rng: np.random.Generator) -> Plane:
    fine, broad = _field(x, z, (0.10, 0.16), rng), _field(x, z, (2.6, 2.2), rng)
    stains = _field(x, z, (0.9, 0.5), rng)
    slab = rng.uniform(-1.0, 1.0, (64, 64))[
        np.floor(z / _SLAB).astype(int) % 64, np.floor((x + 0.12 * z) / _SLAB).astype(int) % 64
    ]
    worn = 1.0 + 0.030 * fine + 0.040 * broad + 0.035 * slab - 0.10 * smoothstep(stains, 1.6, 2.6)
    joint = np.maximum(_groove(x + 0.12 * z, _SLAB, 0.022), _groove(z, _SLAB, 0.030) * (z > NEAR_EDGE))
    paved = _CONCRETE * (worn * (1.0 - 0.42 * joint) * (1.06 - 0.012 * (z - NEAR_EDGE)))[..., None]
    blades, mown = _field(x, z, (0.06, 0.10), rng), _field(x, z, (1.5, 1.2), rng)
    dry = smoothstep(_field(x, z, (2.2, 1.4), rng), 0.7, 2.2)[..., None]
    grass = _GRASS * (1.0 - 0.7 * dry) + np.array([0.20, 0.17, 0.07]) * 0.7 * dry
    grass = grass * (1.0 + 0.20 * blades + 0.11 * mown)[..., None]
    beside = np.abs(x - side_path_middle(z)) - SIDE_PATH[2]
    off = np.minimum(np.maximum(NEAR_EDGE - z, z - FAR_EDGE), np.where(z > FAR_EDGE, beside, np.inf))
    lawn = smoothstep(off + 0.03 * blades, -0.02, 0.04)[..., None]
    kerb = np.exp(-((off / 0.07) ** 2))[..., None]
    scene = (paved * (1.0 - lawn) + grass * lawn) * (1.0 - 0.50 * kerb)
    soil = smoothstep(z.astype(np.float32), LAWN_END - 0.9, LAWN_END)[..., None]
    return np.asarray(scene * (1.0 - 0.55 * soil), dtype=np.float32)


def _groove(place: Points, pitch: float, width: float) -> Plane:
    nearest = np.abs((place / pitch + 0.5) % 1.0 - 0.5) * pitch
    return np.exp(-((nearest / width) ** 2)).astype(np.float32)


def _wall(x: Points, y: Points, rng: np.random.Generator) -> Plane:
    """Return the building's foot: plaster over a darker plinth, with windows and their frames."""
    grain = 1.0 + 0.035 * _field(x, y, (0.2, 0.2), rng) + 0.05 * _field(x, y, (3.0, 1.2), rng)
    scene = _PLASTER * grain[..., None]
    scene = np.where((y < 0.75)[..., None], scene * 0.62, scene)
    beside = np.abs((x + 1.4) % 3.4 - 1.7)
    inside = (beside < 1.0) & (y > 1.35)
    frame = (beside < 1.1) & (y > 1.25) & ~inside
    glass = (
        np.array([0.045, 0.060, 0.075])
        * (1.0 + 0.9 * smoothstep((x * 0.3 + y).astype(np.float32), 1.0, 3.2))[..., None]
    )
    mullion = (np.abs(beside) < 0.04) & (y > 1.35)
    scene = np.where(inside[..., None], glass, scene)
    return np.asarray(
        np.where((frame | mullion)[..., None], 0.36 * grain[..., None], scene), dtype=np.float32
    )


def _bushes(rng: np.random.Generator) -> list[list[Shape]]:
    """Return a hedge as leaves upon leaves, in rows from the back to the front."""
    rows = []
    for row in range(7):
        z = LAWN_END + 1.7 - 0.28 * row
        leaves: list[Shape] = []
        for _ in range(420):
            x = rng.uniform(-10.0, 10.0)
            if abs(x - float(side_path_middle(np.array(LAWN_END + 0.3)))) < SIDE_PATH[2] + 0.1:
                continue
            crest = (0.75 + 0.22 * np.sin(1.1 * x) + 0.13 * np.sin(2.7 * x + 1.0)) * (
                0.62 + 0.36 * (6 - row) / 6
            )
            y = crest * rng.uniform(0.05, 1.0) ** 0.6
            green = rng.uniform(0.55, 1.35) * (0.45 + 0.55 * y / crest)
            colour = (0.042 * green * rng.uniform(0.8, 1.4), 0.070 * green, 0.024 * green)
            at = np.array([x, y, z + rng.uniform(-0.12, 0.12)])
            size = rng.uniform(0.05, 0.13)
            leaves.append(
                Limb(start=at, end=at + np.array([0.05, 0.02, 0.0]), radius=(size, size), colour=colour)
            )
        rows.append(leaves)
    return rows


@cache
def standing() -> tuple[tuple[float, tuple[Shape, ...]], ...]:
    """Return what stands on the ground and may hide what is behind it: how far away, and its shapes."""
    rng = np.random.default_rng(PLACE_SEED + 1)
    return (
        (16.1, tuple(_lamp(3.35, 16.1))),
        (26.25, tuple(_lamp(-1.35, 26.25))),
        (26.3, tuple(_bin(4.9, 26.3))),
        (28.3, tuple(_tree(3.3, 28.3, rng))),
    )


def _lamp(x: float, z: float) -> list[Shape]:
    dark = (0.030, 0.034, 0.036)

    def pole(low: float, high: float, radius: tuple[float, float]) -> Limb:
        return Limb(start=np.array([x, low, z]), end=np.array([x, high, z]), radius=radius, colour=dark)

    arm = Limb(
        start=np.array([x - 0.32, 4.05, z]),
        end=np.array([x + 0.32, 4.05, z]),
        radius=(0.07, 0.07),
        colour=dark,
    )
    base = Limb(
        start=np.array([x, 0.02, z]),
        end=np.array([x, 0.10, z]),
        radius=(0.17, 0.13),
        colour=(0.33, 0.32, 0.30),
    )
    return [base, pole(0.1, 0.9, (0.075, 0.07)), pole(0.9, 4.0, (0.05, 0.042)), arm]


def _bin(x: float, z: float) -> list[Shape]:
    body = np.array([[x - 0.27, 0.0, z], [x + 0.27, 0.0, z], [x + 0.30, 0.85, z], [x - 0.30, 0.85, z]])
    shaded = body.copy()
    shaded[1:3, 0] -= 0.30
    green, dark = (0.03, 0.075, 0.05), (0.02, 0.02, 0.02)
    lid = Limb(
        start=np.array([x - 0.24, 0.88, z]),
        end=np.array([x + 0.24, 0.88, z]),
        radius=(0.09, 0.09),
        colour=dark,
    )
    return [
        Face(corners=body, colour=lit(green, (0.0, 0.2, -0.9))),
        Face(corners=shaded, colour=lit(green, (-0.5, 0.2, -0.8)), forth=0.01, shades=False),
        lid,
    ]


def _tree(x: float, z: float, rng: np.random.Generator) -> list[Shape]:
    bark = (0.060, 0.045, 0.032)
    foot, fork = np.array([x, 0.0, z]), np.array([x + 0.12, 2.0, z])
    shapes: list[Shape] = [Limb(start=foot, end=fork, radius=(0.20, 0.13), colour=bark)]
    for _ in range(5):
        tip = fork + np.array([rng.uniform(-1.5, 1.5), rng.uniform(0.7, 1.5), rng.uniform(-0.8, 0.8)])
        shapes.append(Limb(start=fork, end=tip, radius=(0.09, 0.05), colour=bark))
    for _ in range(520):
        turn, height = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(-1.0, 1.0)
        out = np.sqrt(1.0 - height**2) * rng.uniform(0.45, 1.0) ** 0.4
        at = fork + np.array([2.1 * out * np.cos(turn), 1.5 + 1.05 * height, 1.6 * out * np.sin(turn)])
        level = rng.uniform(0.5, 1.5) * (0.75 + 0.4 * height)
        size = rng.uniform(0.07, 0.19)
        colour = (0.050 * level * rng.uniform(0.8, 1.3), 0.085 * level, 0.022 * level)
        shapes.append(Limb(start=at, end=at + np.array([0.05, 0.0, 0.0]), radius=(size, size), colour=colour))
    return shapes


def softened(shade: Plane, reach: float) -> Plane:
    """Return a shadow with a penumbra of `reach` samples."""
    return np.asarray(gaussian_filter(shade, reach), dtype=np.float32)
