"""Shapes and places of defects: patches, curves, and how they blend into the sound part."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, map_coordinates

from xai_ad.data.synthetic.surface import SUPERSAMPLING, Plane, Washer, grid


def blend(sound: Plane, changed: NDArray[np.floating] | float, weight: Plane) -> Plane:
    """`sound` where `weight` is 0, `changed` where it is 1; the weight also spreads over colour channels."""
    shaped = weight[..., None] if sound.ndim == 3 else weight
    return np.asarray(sound + shaped * (changed - sound), dtype=np.float32)


def between(low: float, high: float, severity: float) -> float:
    """The value `severity` of the way from `low` to `high`."""
    return low + (high - low) * severity


def spot(washer: Washer, rng: np.random.Generator, margin: float) -> tuple[float, float]:
    """A random place on the flat face, at least `margin` from its chamfers where the face is wide enough."""
    inner, outer = washer.face()
    margin = min(margin, (outer - inner) / 2 - 1.0)
    radius = np.sqrt(rng.uniform((inner + margin) ** 2, (outer - margin) ** 2))
    angle = rng.uniform(-np.pi, np.pi)
    return washer.centre_x + radius * np.cos(angle), washer.centre_y + radius * np.sin(angle)


def blob(
    centre: tuple[float, float],
    size: float,
    roughness: float,
    rng: np.random.Generator,
    *,
    supersampling: int = SUPERSAMPLING,
) -> tuple[Plane, Plane, Plane]:
    """An irregular round patch: distance over local radius (1 on its rim), and the offsets from its middle."""
    x, y = grid(supersampling)
    x, y = x - np.float32(centre[0]), y - np.float32(centre[1])
    turn, stretch = rng.uniform(0.0, np.pi), rng.uniform(1.0, 1.5)
    u = (x * np.cos(turn) + y * np.sin(turn)) / np.sqrt(stretch)
    v = (y * np.cos(turn) - x * np.sin(turn)) * np.sqrt(stretch)
    outline = gaussian_filter1d(rng.standard_normal(360), 14.0, mode="wrap")
    outline = 1.0 + roughness * outline / outline.std()
    lobe = map_coordinates(outline, [np.rad2deg(np.arctan2(v, u)) % 360.0], order=1, mode="grid-wrap")
    distance = np.hypot(u, v) / (size * np.maximum(lobe, 0.4))
    return distance.astype(np.float32), x, y


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """An open curve as every sample sees it."""

    distance: Plane
    along: Plane
    """How far along the curve its nearest point lies, 0 to 1."""
    normal_x: Plane
    """The curve's unit normal at that point."""
    normal_y: Plane
    offset: Plane
    """The distance, signed: positive on the side to which the normal points."""


def curve(centre: tuple[float, float], headings: NDArray[np.float64], length: float) -> Curve:
    """The curve of `length` pixels around `centre` that takes a step in each of `headings` (radians)."""
    steps = len(headings)
    xs, ys = np.cumsum(np.cos(headings)) * length / steps, np.cumsum(np.sin(headings)) * length / steps
    xs, ys = centre[0] + xs - xs.mean(), centre[1] + ys - ys.mean()
    x, y = grid()
    distance = np.full(x.shape, np.inf, dtype=np.float32)
    along = np.zeros(x.shape, dtype=np.float32)
    for step in range(steps - 1):
        run, rise = float(xs[step + 1] - xs[step]), float(ys[step + 1] - ys[step])
        share = ((x - xs[step]) * run + (y - ys[step]) * rise) / (run * run + rise * rise)
        share = np.clip(share, 0.0, 1.0)
        to_step = np.hypot(x - xs[step] - share * run, y - ys[step] - share * rise)
        closer = to_step < distance
        distance = np.where(closer, to_step, distance).astype(np.float32)
        along = np.where(closer, (step + share) / (steps - 1), along).astype(np.float32)
    nearest = np.clip((along * (steps - 1)).astype(int), 0, steps - 1)
    normal_x = -np.sin(headings)[nearest].astype(np.float32)
    normal_y = np.cos(headings)[nearest].astype(np.float32)
    offset = (x - xs[nearest]) * normal_x + (y - ys[nearest]) * normal_y
    return Curve(
        distance=distance, along=along, normal_x=normal_x, normal_y=normal_y, offset=offset.astype(np.float32)
    )


def wander(rng: np.random.Generator, steps: int, spread: float) -> NDArray[np.float64]:
    """A smooth random walk of headings around 0, `spread` radians of standard deviation."""
    turns = gaussian_filter1d(rng.standard_normal(steps), steps / 6, mode="nearest")
    return np.asarray(spread * turns / max(float(turns.std()), 1e-6), dtype=np.float64)
