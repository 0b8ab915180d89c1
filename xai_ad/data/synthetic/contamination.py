"""Things that do not belong on a washer: oil, rust, and strands of lint, bristle and swarf."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.synthetic.shapes import between, blend, blob, curve, spot, wander
from xai_ad.data.synthetic.surface import RENDER, STEEL, Region, Surface, Washer, noise, smoothstep

CONTACT_SHADOW = 1.5
"""How far beside a thread the part is darker, in pixels."""


def oil(washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """A drop of cutting oil: amber, darker than the steel, with a smooth top."""
    surface = washer.surface()
    size = between(4.0, 13.0, severity) * rng.uniform(0.9, 1.2)
    distance, x, y = blob(spot(washer, rng, size), size, 0.07, rng)
    inside = (distance < 1.0) & (surface.coverage > 0.5)
    film = np.where(inside, smoothstep(1.0 - distance, 0.0, 0.25), 0.0).astype(np.float32)
    steep = np.where(inside, 0.55 * distance, 0.0) / np.maximum(np.hypot(x, y), 1e-3)
    amber = np.array([0.52, 0.36, 0.17], dtype=np.float32)
    tint = 1.0 - between(0.5, 1.0, severity) * (1.0 - amber)
    changed = replace(
        surface,
        slope_x=(surface.slope_x * (1.0 - 0.7 * film) - steep * x).astype(np.float32),
        slope_y=(surface.slope_y * (1.0 - 0.7 * film) - steep * y).astype(np.float32),
        roughness_along=blend(surface.roughness_along, 0.09, film),
        roughness_across=blend(surface.roughness_across, 0.10, film),
        diffuse=blend(surface.diffuse, surface.diffuse * tint, film),
        specular=blend(surface.specular, surface.specular * tint * 0.9, film),
    )
    return changed, inside


def rust(washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """A fleck of rust: brown, matte and grainy, thin towards its rim."""
    surface = washer.surface()
    size = between(3.5, 13.0, severity) * rng.uniform(0.9, 1.2)
    distance, _, _ = blob(spot(washer, rng, size), size, 0.16, rng)
    inside = (distance < 1.0) & (surface.coverage > 0.5)
    grain = noise(rng, (RENDER, RENDER), (1.6, 1.6))
    cover = smoothstep(1.0 - distance + 0.10 * grain, 0.0, 0.45) * between(0.7, 0.97, severity)
    cover = np.where(inside, cover, 0.0).astype(np.float32)
    brown = (
        np.array([0.30, 0.135, 0.055], dtype=np.float32) * np.clip(1.0 + 0.22 * grain, 0.4, 1.7)[..., None]
    )
    changed = replace(
        surface,
        slope_x=(surface.slope_x + cover * 0.12 * grain).astype(np.float32),
        slope_y=(surface.slope_y + cover * 0.12 * np.roll(grain, 7, axis=1)).astype(np.float32),
        diffuse=blend(surface.diffuse, brown, cover),
        specular=blend(surface.specular, brown * 0.35, cover),
    )
    return changed, inside


@dataclass(frozen=True, kw_only=True, eq=False)
class Strand:
    """What a thin thing lying on the part is made of."""

    diffuse: NDArray[np.float64]
    specular: float
    curl: float
    """Radians by which it turns from end to end."""
    length: tuple[float, float]
    """From hard to obvious."""
    width: tuple[float, float]
    taper: float


LINT = Strand(
    diffuse=np.array([0.62, 0.63, 0.66]),
    specular=0.02,
    curl=1.2,
    length=(14.0, 60.0),
    width=(0.7, 1.3),
    taper=0.0,
)
BRISTLE = Strand(
    diffuse=np.array([0.03, 0.035, 0.06]),
    specular=0.06,
    curl=0.7,
    length=(12.0, 48.0),
    width=(0.7, 1.3),
    taper=0.0,
)
SWARF = Strand(
    diffuse=np.array([0.10, 0.085, 0.06]),
    specular=0.75,
    curl=5.2,
    length=(14.0, 52.0),
    width=(1.2, 2.8),
    taper=0.6,
)


def strand(kind: Strand, washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """A round thread that lies on the part, with its contact shadow."""
    surface = washer.surface()
    steps, length = 24, between(*kind.length, severity) * rng.uniform(0.85, 1.15)
    curl = np.linspace(-0.5, 0.5, steps) * kind.curl * rng.choice((-1.0, 1.0)) * rng.uniform(0.7, 1.2)
    headings = rng.uniform(0.0, 2.0 * np.pi) + curl + wander(rng, steps, 0.25)
    line = curve(spot(washer, rng, 6.0), headings, length)
    width = between(*kind.width, severity) * (1.0 - kind.taper * (2.0 * line.along - 1.0) ** 2)
    inside = line.distance < width + CONTACT_SHADOW
    body = smoothstep(width - line.distance, -0.3, 0.3)
    across = np.clip(line.offset / np.maximum(width, 0.3), -0.9, 0.9)
    lean = across / np.sqrt(1.0 - across**2)  # slope of a round cross-section
    shadow = 0.5 * (1.0 - smoothstep(line.distance - width, -0.5, CONTACT_SHADOW))
    dimmed = (1.0 - shadow * (1.0 - body))[..., None].astype(np.float32)
    changed = replace(
        surface,
        coverage=np.maximum(surface.coverage, body),
        slope_x=blend(surface.slope_x, -lean * line.normal_x, body),
        slope_y=blend(surface.slope_y, -lean * line.normal_y, body),
        roughness_along=blend(surface.roughness_along, 0.3, body),
        roughness_across=blend(surface.roughness_across, 0.3, body),
        diffuse=blend(surface.diffuse * dimmed, kind.diffuse, body),
        specular=blend(surface.specular * dimmed, kind.specular * STEEL, body),
    )
    return changed, inside


def contamination(washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """Something that does not belong there: oil, rust, lint, a bristle or a chip of swarf."""
    kind = rng.integers(5)
    if kind == 0:
        return oil(washer, severity, rng)
    if kind == 1:
        return rust(washer, severity, rng)
    return strand((LINT, BRISTLE, SWARF)[kind - 2], washer, severity, rng)
