"""Where the set is filmed: the camera's projection, and the paths on the ground.

World coordinates are metres: x to the right, y up from the ground, z away from the camera along the ground. The camera
stands over the origin. Image coordinates are pixels of the finished frame, x to the right and y down.
"""

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 256, 176
FRAMES_A_SECOND = 10
"""As surveillance cameras have it: somebody who walks moves by two to four pixels a frame."""
FOCAL = 470.0
"""Focal length in pixels."""
EYE = 8.5
"""The camera's height over the ground."""
PITCH = np.deg2rad(20.0)
"""How far it looks down."""
SUN = np.array([-0.55, 1.0, -0.3])
"""Towards the sun: to the left, above and behind the camera, so that shadows fall to the right and away."""

NEAR_EDGE, FAR_EDGE = 16.5, 26.0
"""The walkway lies between, across the whole frame."""
SIDE_PATH = (-3.4, -10.0, 1.35)
"""The side path: x of its middle where it leaves the walkway and where it meets the hedge, and half its width."""
LAWN_END = 31.0
"""Where the hedge begins."""

Points = NDArray[np.float64]


def project(points: Points) -> Points:
    """Return where world points `(..., 3)` appear: x and y in pixels, and how many pixels a metre has there."""
    forward = points[..., 2] * np.cos(PITCH) - (points[..., 1] - EYE) * np.sin(PITCH)
    upward = points[..., 2] * np.sin(PITCH) + (points[..., 1] - EYE) * np.cos(PITCH)
    scale = FOCAL / forward
    return np.stack([WIDTH / 2 + points[..., 0] * scale, HEIGHT / 2 - upward * scale, scale], axis=-1)


def rays(samples: int) -> Points:
    """Return the direction in which every sample looks, `(HEIGHT * samples, WIDTH * samples, 3)`, of unit depth."""
    x = (np.arange(WIDTH * samples) + 0.5) / samples - WIDTH / 2
    y = (np.arange(HEIGHT * samples) + 0.5) / samples - HEIGHT / 2
    across, down = np.meshgrid(x / FOCAL, y / FOCAL)
    rise = -down * np.cos(PITCH) - np.sin(PITCH)
    away = -down * np.sin(PITCH) + np.cos(PITCH)
    return np.stack([across, rise, away], axis=-1)


def half_width(z: float) -> float:
    """Return the x at which the ground leaves the frame, at a distance along the ground."""
    forward = z * np.cos(PITCH) + EYE * np.sin(PITCH)
    return float(WIDTH / 2 * forward / FOCAL)


def side_path_middle(z: Points) -> Points:
    """Return the x of the side path's middle at distances along the ground."""
    start, end, _ = SIDE_PATH
    return np.asarray(start + (end - start) * (z - FAR_EDGE) / (LAWN_END - FAR_EDGE))


def off_path(places: Points) -> NDArray[np.bool_]:
    """Return which places on the ground, `(..., 2)` x and z, lie on neither path."""
    x, z = places[..., 0], places[..., 1]
    aside = np.abs(x - side_path_middle(z)) <= SIDE_PATH[2]
    return ~(((z >= NEAR_EDGE) & (z <= FAR_EDGE)) | ((z > FAR_EDGE) & aside))
