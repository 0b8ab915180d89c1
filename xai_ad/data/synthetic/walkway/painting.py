"""Things as shapes in space, painted where the camera sees them, with edges that are smooth without oversampling.

A thing is a list of shapes. It is painted by itself into a patch of colour and coverage, its far shapes first, and
patches are laid over one another in the order of depth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, copysign, floor, hypot
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.synthetic.surface import Plane
from xai_ad.data.synthetic.walkway.place import HEIGHT, SUN, WIDTH, Points, project

SAMPLES = 2
"""Samples of a pixel along each axis."""
_LIGHT = (-0.46, -0.66, 0.60)
"""Towards the light in the image: right, down, and out of it."""
_AMBIENT, _DIRECT = 0.50, 0.62

_Samples: TypeAlias = NDArray[np.floating[Any]]
Colour: TypeAlias = tuple[float, float, float]
"""Linear RGB."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Limb:
    """A round stick between two points, of a radius in metres at each; both ends are hemispheres."""

    start: Points
    end: Points
    radius: tuple[float, float]
    colour: Colour
    forth: float = 0.0
    """Metres by which it is taken to be nearer to the camera than it is, when shapes are put in order."""
    shades: bool = True
    """Whether it throws a shadow of its own."""
    is_round: bool = True
    """Whether the light models it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Face:
    """A flat convex polygon `(K, 3)`; its colour is as seen, light and all."""

    corners: Points
    colour: Colour
    opacity: float = 1.0
    forth: float = 0.0
    shades: bool = True


Shape: TypeAlias = Limb | Face


@dataclass(frozen=True, kw_only=True, eq=False)
class Patch:
    """A part of the frame, in samples: what is painted there, times its coverage, and the coverage."""

    window: tuple[slice, slice]
    """Where it lies in the frame."""
    colour: Plane  # (h, w, 3)
    cover: Plane  # (h, w)


@dataclass(frozen=True, kw_only=True, eq=False)
class Shadow:
    """A part of the frame, in samples, and how far something shades the ground there."""

    window: tuple[slice, slice]
    cover: Plane  # (h, w)


def paint(shapes: Sequence[Shape]) -> Patch | None:
    """Return the patch of one thing; None where the frame holds nothing of it."""
    seen = _seen(shapes)
    box = _box_of(seen)
    if box is None:
        return None
    left, top, right, bottom = box
    colour = np.zeros((bottom - top, right - left, 3), dtype=np.float32)
    cover = np.zeros((bottom - top, right - left), dtype=np.float32)
    for each in sorted(seen, key=lambda each: -each.distance):
        stamped = _stamp(each, box)
        if stamped is None:
            continue
        window, weight, bright = stamped
        rest = 1.0 - weight
        colour[window] = colour[window] * rest[..., None] + (weight * bright)[..., None] * each.colour
        cover[window] = cover[window] * rest + weight
    return Patch(window=(slice(top, bottom), slice(left, right)), colour=colour, cover=cover)


def shadow_of(shapes: Sequence[Shape]) -> Shadow | None:
    """Return what of the ground a thing shades; None where the frame holds nothing of it."""
    seen = _seen([_thrown(shape) for shape in shapes if shape.shades])
    box = _box_of(seen)
    if box is None:
        return None
    left, top, right, bottom = box
    cover = np.zeros((bottom - top, right - left), dtype=np.float32)
    for each in seen:
        stamped = _stamp(each, box)
        if stamped is not None:
            window, weight, _ = stamped
            cover[window] = np.maximum(cover[window], weight)
    return Shadow(window=(slice(top, bottom), slice(left, right)), cover=cover)


def _thrown(shape: Shape) -> Shape:
    """Return the shadow of a shape on the ground, as a shape."""
    if isinstance(shape, Face):
        return Face(corners=_on_ground(shape.corners), colour=shape.colour)
    return Limb(
        start=_on_ground(shape.start),
        end=_on_ground(shape.end),
        radius=(0.85 * shape.radius[0], 0.85 * shape.radius[1]),
        colour=shape.colour,
        is_round=False,
    )


def _on_ground(points: Points) -> Points:
    """Return where the sun throws the shadow of points `(..., 3)`."""
    return np.asarray(points - points[..., 1:2] * SUN / SUN[1])


def _box_of(seen: "Sequence[_Seen]") -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of what the frame holds of shapes."""
    bounds = [each.bounds for each in seen]
    left, top = max(min(b[0] for b in bounds), 0), max(min(b[1] for b in bounds), 0)
    right = min(max(b[2] for b in bounds), WIDTH * SAMPLES)
    bottom = min(max(b[3] for b in bounds), HEIGHT * SAMPLES)
    return (left, top, right, bottom) if left < right and top < bottom else None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seen:
    """A shape in the image, in samples."""

    shape: Shape
    at: list[list[float]]  # (K, 2)
    radii: tuple[float, float]  # of a limb
    colour: NDArray[np.float32]
    distance: float
    bounds: tuple[int, int, int, int]
    """Left, top, right and bottom."""


def _seen(shapes: Sequence[Shape]) -> list[_Seen]:
    """Return shapes as they appear in the image; all their points are projected together, which is quicker."""
    points = [p for s in shapes for p in ((s.start, s.end) if isinstance(s, Limb) else s.corners)]
    world = np.array(points)
    placed = project(world)
    ats, scales = (placed[:, :2] * SAMPLES).tolist(), (placed[:, 2] * SAMPLES).tolist()
    distances = (world[:, 2] - 0.36 * world[:, 1]).tolist()
    found, first = [], 0
    for shape in shapes:
        radii = (0.0, 0.0)
        last = first + (2 if isinstance(shape, Limb) else len(shape.corners))
        if isinstance(shape, Limb):
            radii = (shape.radius[0] * scales[first], shape.radius[1] * scales[first + 1])
        at = ats[first:last]
        across, down = [x for x, _ in at], [y for _, y in at]
        reach = max(radii) + 1.0
        found.append(
            _Seen(
                shape=shape,
                at=at,
                radii=radii,
                colour=np.asarray(shape.colour, dtype=np.float32),
                distance=sum(distances[first:last]) / (last - first) - shape.forth,
                bounds=(
                    *(floor(min(across) - reach), floor(min(down) - reach)),
                    *(ceil(max(across) + reach), ceil(max(down) + reach)),
                ),
            )
        )
        first = last
    return found


def _stamp(
    seen: _Seen, box: tuple[int, int, int, int]
) -> tuple[tuple[slice, slice], _Samples, _Samples | float] | None:
    """Return where in a patch a shape lies, how far it covers each sample there, and how bright it is."""
    left, top, right, bottom = box
    x0, y0 = max(seen.bounds[0], left), max(seen.bounds[1], top)
    x1, y1 = min(seen.bounds[2], right), min(seen.bounds[3], bottom)
    if x0 >= x1 or y0 >= y1:
        return None
    x = np.arange(x0, x1, dtype=np.float32)[None, :] + np.float32(0.5)
    y = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5)
    window = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    if isinstance(seen.shape, Face):
        return window, _polygon(x, y, seen.at) * np.float32(seen.shape.opacity), 1.0
    weight, across, down, radius = _stick(x, y, seen.at, seen.radii)
    return window, weight, _shading(across / radius, down / radius) if seen.shape.is_round else 1.0


def _stick(
    x: Plane, y: Plane, at: list[list[float]], radii: tuple[float, float]
) -> tuple[_Samples, _Samples, _Samples, _Samples]:
    """Return a limb's coverage, the offset of each sample from its axis, and its radius there."""
    (x0, y0), (x1, y1) = at
    run, rise = x1 - x0, y1 - y0
    length = max(run * run + rise * rise, 1e-6)
    across, down = x - x0, y - y0
    share = (across * (run / length) + down * (rise / length)).clip(0.0, 1.0)
    across, down = across - share * run, down - share * rise
    radius = radii[0] + share * (radii[1] - radii[0])
    # What is thinner than a sample covers as much of it as it is wide.
    weight = (radius - np.sqrt(across * across + down * down) + 0.5).clip(0.0, min(1.0, 2.0 * max(radii)))
    return weight, across, down, np.maximum(radius, 0.5)


def _shading(across: _Samples, down: _Samples) -> _Samples:
    """Return how bright a round surface is whose normal leans so far to the right and down."""
    out = np.sqrt(np.maximum(1.0 - across * across - down * down, 0.0))
    facing = across * _LIGHT[0] + down * _LIGHT[1] + out * _LIGHT[2]
    return _AMBIENT * (1.0 - 0.3 * down.clip(-1.0, 1.0)) + _DIRECT * np.maximum(facing, 0.0)


def _polygon(x: Plane, y: Plane, at: list[list[float]]) -> Plane:
    """Return a convex polygon's coverage: the nearest of its edges tells."""
    edges = list(zip(at, at[1:] + at[:1], strict=True))
    area = sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges)
    inside = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf, dtype=np.float32)
    for (ax, ay), (bx, by) in edges:
        run, rise = bx - ax, by - ay
        turn = copysign(1.0, area) / max(hypot(run, rise), 1e-6)
        inside = np.minimum(inside, ((y - ay) * run - (x - ax) * rise) * turn)
    return (inside + 0.5).clip(0.0, 1.0)


def lit(colour: Colour, normal: tuple[float, float, float]) -> Colour:
    """Return a flat surface's colour as seen, by its outward normal in the world."""
    facing = max(float(np.dot(normal, SUN) / np.linalg.norm(SUN)), 0.0)
    level = _AMBIENT * (1.0 + 0.3 * normal[1]) + _DIRECT * facing
    return colour[0] * level, colour[1] * level, colour[2] * level
