"""What makes a mole suspicious, from hard to see (`severity` 0) to obvious (1).

Each sign takes the regular mole and returns the changed skin with the region it may change: pixels outside the
region are taken from the regular mole, so that region is the ground truth.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from xai_ad.data.synthetic.naevus import Naevus, dots
from xai_ad.data.synthetic.shapes import between, blend, blob
from xai_ad.data.synthetic.skin import Skin, cloud
from xai_ad.data.synthetic.surface import SIDE, Plane, Region, noise, smoothstep

Sign = Callable[[Naevus, float, np.random.Generator], tuple[Skin, Region]]

VISIBLE = 0.04
"""Units of pigment that make a difference to the eye."""


def place(naevus: Naevus, angle: float, share: float) -> tuple[float, float]:
    """The point at `angle` (radians), the given share of the way from the mole's middle to its border."""
    reach = share * float(naevus.outline[int(np.rad2deg(angle)) % 360])
    return naevus.centre_x + reach * np.cos(angle), naevus.centre_y + reach * np.sin(angle)


def patch(centre: tuple[float, float], size: float, roughness: float, rng: np.random.Generator) -> Plane:
    """Depth in pixels below the rim of an irregular patch; negative outside."""
    distance, _, _ = blob(centre, size, 0.05, rng, supersampling=1)
    return np.asarray(
        (1.0 - distance + roughness * cloud(rng, max(0.7 * size, 5.0))) * size, dtype=np.float32
    )


def lobe(naevus: Naevus, severity: float, rng: np.random.Generator) -> tuple[Plane, Plane]:
    """New depth and richness where the mole grows out on one side, there darker."""
    depth, angle = naevus.depth(), rng.uniform(0.0, 2.0 * np.pi)
    grown = np.full_like(depth, -np.inf)
    for turn in (0.0, rng.uniform(0.3, 0.5), -rng.uniform(0.3, 0.5)):
        size = between(12.0, 32.0, severity) * rng.uniform(0.85, 1.15) * (1.0 if turn == 0.0 else 0.75)
        middle = place(naevus, angle + turn, between(0.88, 0.98, severity) * rng.uniform(0.96, 1.03))
        grown = np.maximum(grown, patch(middle, size, 0.13, rng))
    richness = 1.0 + between(0.1, 0.9, severity) * smoothstep(grown, 0.0, 9.0)
    return np.maximum(depth, grown), richness


def notch(naevus: Naevus, severity: float, rng: np.random.Generator) -> tuple[Plane, Plane]:
    """New depth and richness where a side of the mole is missing."""
    angle, size = rng.uniform(0.0, 2.0 * np.pi), between(11.0, 39.0, severity) * rng.uniform(0.9, 1.1)
    bite = patch(place(naevus, angle, between(1.0, 0.86, severity)), size, 0.10, rng)
    depth = naevus.depth()
    return np.minimum(depth, np.maximum(-bite, -20.0)), np.ones_like(depth)


def streaks(naevus: Naevus, severity: float, rng: np.random.Generator) -> tuple[Plane, Plane]:
    """New depth and richness where pigment streams out of one side in fingers."""
    depth, (_, degrees) = naevus.depth(), naevus.polar()
    middle, half = rng.uniform(0.0, 360.0), between(24.0, 62.0, severity)
    away = np.abs((degrees - middle + 180.0) % 360.0 - 180.0) / half
    arc = 1.0 - smoothstep(away, 0.6, 1.0)
    comb = noise(rng, (720,), (4.2,))
    finger = np.interp(2.0 * degrees, np.arange(721.0), np.append(comb, comb[0]))
    out = between(8.0, 21.0, severity) * np.clip(0.75 + 0.8 * finger, 0.0, 2.0) * arc
    border = arc * smoothstep(depth + out, -4.0, 8.0) * (1.0 - smoothstep(depth, 8.0, 24.0))
    richness = np.asarray(1.0 + between(0.1, 0.65, severity) * border, dtype=np.float32)
    return (depth + out * (1.0 - smoothstep(depth, 4.0, 24.0))).astype(np.float32), richness


def asymmetric(naevus: Naevus, severity: float, rng: np.random.Generator) -> tuple[Skin, Region]:
    """A border that is regular but on one side: grown out, bitten in or streaming."""
    change = (lobe, notch, streaks)[rng.integers(3)]
    sound, changed = naevus.skin(), naevus.skin(*change(naevus, severity, rng))
    return changed, np.abs(changed.melanin - sound.melanin) > VISIBLE


def black(skin: Skin, weight: Plane, severity: float, rng: np.random.Generator) -> Skin:
    """A blotch of pigment so dense that no pattern shows through."""
    dense = between(1.0, 4.4, severity) * (1.0 + 0.2 * cloud(rng, 6.0))
    return replace(
        skin, melanin=(skin.melanin + weight * dense).astype(np.float32), veil=blend(skin.veil, 0.0, weight)
    )


def blue(skin: Skin, weight: Plane, severity: float, rng: np.random.Generator) -> Skin:
    """A milky blue-grey veil over deep pigment."""
    opacity = between(0.45, 0.85, severity) * np.clip(1.0 + 0.2 * cloud(rng, 8.0), 0.0, 1.15)
    return replace(
        skin,
        melanin=(skin.melanin * (1.0 + 0.5 * weight)).astype(np.float32),
        veil=np.maximum(skin.veil, weight * opacity),
    )


def white(skin: Skin, weight: Plane, severity: float, rng: np.random.Generator) -> Skin:
    """Regression: pigment gone, scar-like, with peppering left behind."""
    pepper = dots(rng, 1400, (0.7, 1.2)) * np.clip(cloud(rng, 12.0), 0.0, 1.0)
    gone = weight * between(0.55, 1.0, severity)
    return replace(
        skin,
        melanin=(skin.melanin * (1.0 - 0.75 * gone)).astype(np.float32),
        scar=np.maximum(skin.scar, gone * np.clip(0.72 + 0.14 * cloud(rng, 10.0), 0.0, 1.0)),
        veil=np.maximum(skin.veil, 0.6 * pepper * gone),
    )


def red(skin: Skin, weight: Plane, severity: float, rng: np.random.Generator) -> Skin:
    """A milky red area: vessels grown, pigment thinned."""
    vessels = between(0.5, 1.3, severity) * (1.0 + 0.25 * cloud(rng, 6.0))
    return replace(
        skin,
        melanin=(skin.melanin * (1.0 - between(0.4, 0.7, severity) * weight)).astype(np.float32),
        blood=(skin.blood + weight * vessels).astype(np.float32),
        scar=np.maximum(skin.scar, 0.15 * weight),
    )


COLOURS = (black, blue, white, red)


def multi_coloured(naevus: Naevus, severity: float, rng: np.random.Generator) -> tuple[Skin, Region]:
    """Areas of a colour that a benign mole does not have: black, blue-grey, white or red; one to three of them."""
    skin, depth = naevus.skin(), naevus.depth()
    region = np.zeros((SIDE, SIDE), dtype=bool)
    colours = rng.permutation(len(COLOURS))[: 1 + int(2.6 * severity)]
    start = rng.uniform(0.0, 2.0 * np.pi)
    for turn, colour in enumerate(colours):
        angle = start + 2.0 * np.pi * turn / len(colours) + rng.uniform(-0.3, 0.3)
        size = between(9.0, 27.0, severity) * rng.uniform(0.8, 1.25)
        under = patch(place(naevus, angle, rng.uniform(0.3, 0.55)), size, 0.22, rng)
        under = np.minimum(under, depth) + 2.5 * (naevus.pattern - 1.0)
        weight = smoothstep(under, -0.35 * size, 0.65 * size)
        skin = COLOURS[colour](skin, weight, severity, rng)
        region |= weight > 0.08
    return skin, region


def glints(rng: np.random.Generator) -> Plane:
    """Images of the ring of lamps in a wet and bumpy surface, 0 to 1."""
    height = 3.4 * noise(rng, (SIDE, SIDE), (4.2, 4.2)) + 0.3 * noise(rng, (SIDE, SIDE), (1.4, 1.4))
    slope_y, slope_x = np.gradient(height)
    lamps = rng.uniform(0.0, 2.0 * np.pi) + np.arange(3) * 2.0 * np.pi / 3
    squared = [(slope_x - 1.1 * np.cos(lamp)) ** 2 + (slope_y - 1.1 * np.sin(lamp)) ** 2 for lamp in lamps]
    return np.asarray(np.exp(-np.min(squared, axis=0) / 0.025), dtype=np.float32)


def ulcerated(naevus: Naevus, severity: float, rng: np.random.Generator) -> tuple[Skin, Region]:
    """A sore where the surface has broken down: raw and wet, with crusts of dried blood, a pale swollen rim."""
    skin = naevus.skin()
    size = between(8.0, 33.0, severity) * rng.uniform(0.9, 1.15)
    middle = place(naevus, rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.05, 0.55))
    under = patch(middle, size, 0.11, rng) + 0.8 * noise(rng, (SIDE, SIDE), (2.5, 2.5))
    raw = smoothstep(under, -0.5, 4.5)
    rim = smoothstep(under, -7.0, 1.0) * (1.0 - raw)
    crusted, dried = cloud(rng, between(8.0, 17.0, severity)), cloud(rng, between(6.0, 12.0, severity))
    crust = raw * smoothstep(crusted + rng.uniform(0.0, 0.8), -0.3, 1.3)
    serum = raw * 0.9 * smoothstep(dried, 0.2, 1.3) * (1.0 - crust)
    grain = noise(rng, (SIDE, SIDE), (1.3, 1.3))
    blood = blend(skin.blood, between(2.0, 3.5, severity) * (1.0 + 0.22 * cloud(rng, 6.0)), raw)
    blood = blend(blend(blood, 0.9 + 0.1 * grain, serum), 2.4 + 0.3 * grain, crust)
    melanin = blend(skin.melanin, 0.55 + 0.08 * grain, raw * between(0.6, 0.95, severity))
    melanin = blend(blend(melanin, 0.35 + 0.10 * grain, serum), 3.2 + 0.6 * grain, crust)
    wet = raw * (1.0 - 0.55 * crust)
    changed = replace(
        skin,
        melanin=(melanin * (1.0 - 0.25 * rim)).astype(np.float32),
        blood=blood,
        relief=(skin.relief * (1.0 + 0.06 * grain * raw)).astype(np.float32),
        scar=np.asarray(0.30 * between(0.6, 1.0, severity) * rim, dtype=np.float32),
        gloss=(between(0.5, 1.1, severity) * wet * glints(rng)).astype(np.float32),
    )
    return changed, under > -5.0


SIGNS: dict[str, Sign] = {"asymmetric": asymmetric, "multi_coloured": multi_coloured, "ulcerated": ulcerated}
