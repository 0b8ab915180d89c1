"""What goes wrong with a washer, from hard to see (`severity` 0) to obvious (1).

Each defect takes the sound part and returns its changed surface with the region it may change: samples outside
the region are taken from the sound part, so that region is the ground truth.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d, map_coordinates

from xai_ad.data.synthetic.contamination import contamination
from xai_ad.data.synthetic.shapes import between, blend, blob, curve, spot, wander
from xai_ad.data.synthetic.surface import RENDER, STEEL, Plane, Region, Surface, Washer, noise, smoothstep

Defect = Callable[[Washer, float, np.random.Generator], tuple[Surface, Region]]

SHADOW_REACH = 5.0
"""How far beside the part its shadow on the plate changes with its outline, in pixels."""


def scratch(washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """A stylus-like groove across the turning marks, widest in its middle."""
    surface = washer.surface()
    steps, length = 20, between(22.0, 95.0, severity) * rng.uniform(0.85, 1.15)
    place = spot(washer, rng, 8.0)
    line = curve(place, rng.uniform(0.0, 2.0 * np.pi) + wander(rng, steps, 0.12), length)
    width = between(0.85, 2.1, severity) * (0.45 + 0.55 * np.sin(np.pi * np.clip(line.along, 0.02, 0.98)))
    inside = (line.distance < width) & (surface.coverage > 0.5)
    weight = inside.astype(np.float32)
    # Down into the groove on one side, up on the other.
    slope = (
        weight * between(0.30, 1.0, severity) * np.sign(line.offset) * np.minimum(line.distance / width, 1.0)
    )
    changed = replace(
        surface,
        slope_x=surface.slope_x + slope * line.normal_x,
        slope_y=surface.slope_y + slope * line.normal_y,
        roughness_along=blend(surface.roughness_along, between(0.24, 0.42, severity), weight),
        diffuse=blend(surface.diffuse, between(0.28, 0.60, severity) * STEEL, weight),
        specular=blend(surface.specular, between(0.9, 0.8, severity) * STEEL, weight),
    )
    return changed, inside


def dent(washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """A smooth hollow where something struck the face; its turning marks go down with it."""
    surface = washer.surface()
    size = between(5.0, 14.0, severity) * rng.uniform(0.9, 1.1)
    distance, x, y = blob(spot(washer, rng, size), size, 0.05, rng)
    inside = (distance < 1.0) & (surface.coverage > 0.5)
    steepness = between(0.16, 0.62, severity)
    # Slope of the bowl (1 - d^2)^2, scaled so that its steepest ring has the given slope.
    bowl = np.where(inside, 2.598 * distance * (1.0 - distance**2), 0.0) * steepness
    reach = np.maximum(np.hypot(x, y), 1e-3)
    weight = np.where(inside, smoothstep(1.0 - distance, 0.0, 0.4), 0.0).astype(np.float32)
    changed = replace(
        surface,
        slope_x=(surface.slope_x + bowl * x / reach).astype(np.float32),
        slope_y=(surface.slope_y + bowl * y / reach).astype(np.float32),
        roughness_along=blend(surface.roughness_along, between(0.16, 0.24, severity), weight),
        specular=blend(surface.specular, between(0.97, 0.85, severity) * STEEL, weight),
    )
    return changed, inside


def broken_edge(across: Plane, rng: np.random.Generator) -> tuple[Plane, Plane]:
    """Depth of a break (0 to about 1) and how ragged it is there (unit variance), `across` it from -1 to 1."""
    ragged = gaussian_filter1d(rng.standard_normal(400), 16.0)
    ragged = ragged / ragged.std() + 1.6 * wander(rng, 400, 1.0)
    jag = map_coordinates(ragged, [np.clip((across + 1.0) * 199.5, 0.0, 399.0)], order=1)
    depth = np.clip(1.0 - np.abs(across) ** rng.uniform(1.3, 2.2), 0.0, 1.0) * np.clip(
        1.0 + 0.10 * jag, 0.6, 1.5
    )
    return depth.astype(np.float32), jag.astype(np.float32)


def missing_piece(washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """A bite broken out of the outer or the inner rim, with a coarse fracture along it.

    The region reaches over the rim, to where the piece's shadow is missing too.
    """
    surface = washer.surface()
    radius, angle = washer.polar()
    outer = bool(rng.random() < 0.7)
    rim = washer.outer_radius if outer else washer.bore_radius
    inwards = rim - radius if outer else radius - rim
    middle = rng.uniform(-np.pi, np.pi)
    half_width = between(5.0, 18.0, severity) * rng.uniform(0.9, 1.2) / rim
    across = ((angle - middle + np.pi) % (2.0 * np.pi) - np.pi) / half_width
    share, jag = broken_edge(across, rng)
    depth = between(4.0, 19.0, severity) * share
    lip = between(1.6, 4.5, severity) * np.clip(1.0 - 0.25 * jag, 0.5, 1.6)
    inside = (share > 0.0) & (inwards < depth + lip) & (inwards > -SHADOW_REACH)
    gone = np.where(inside, smoothstep(depth - inwards, -0.3, 0.3), 0.0)
    fracture = np.where(inside, smoothstep(depth + lip - inwards, 0.0, 0.8), 0.0)
    grain = noise(rng, (RENDER, RENDER), (2.4, 2.4))
    downhill = angle if outer else angle + np.pi
    changed = replace(
        surface,
        coverage=(surface.coverage * (1.0 - gone)).astype(np.float32),
        slope_x=blend(surface.slope_x, -0.55 * np.cos(downhill) + 0.2 * grain, fracture),
        slope_y=blend(surface.slope_y, -0.55 * np.sin(downhill) + 0.2 * np.roll(grain, 9, axis=0), fracture),
        roughness_along=blend(surface.roughness_along, 0.35, fracture),
        roughness_across=blend(surface.roughness_across, 0.35, fracture),
        diffuse=blend(surface.diffuse, (0.34 + 0.05 * grain[..., None]) * STEEL, fracture),
        specular=blend(surface.specular, 0.55 * STEEL, fracture),
    )
    return changed, inside


def wrong_bore(washer: Washer, severity: float, rng: np.random.Generator) -> tuple[Surface, Region]:
    """A bore turned too wide or too narrow; the region is the ring between the two, and its shadow."""
    error = between(0.8, 7.0, severity) * rng.choice((-1.0, 1.0))
    wrong = replace(washer, bore_radius=washer.bore_radius + error)
    radius, _ = washer.polar()
    small, large = sorted((washer.bore_radius, wrong.bore_radius))
    inside = (radius > small - SHADOW_REACH) & (radius < large + washer.bore_chamfer + 0.6)
    return wrong.surface(), inside


DEFECTS: dict[str, Defect] = {
    "scratch": scratch,
    "dent": dent,
    "missing_piece": missing_piece,
    "contamination": contamination,
    "wrong_bore": wrong_bore,
}
