"""Normal pictures with something done to a small part of them: what a defect may do without making a picture a stranger."""

import numpy as np
from numpy.typing import NDArray

LEAST_AREA, LARGEST_AREA = 0.002, 0.12
"""The share of the picture that a spot covers."""
_SPOTS = 3


def altered(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture, (C, H, W), with one to three spots on it: another place's pixels, a colour, a shade or noise."""
    picture = pixels.astype(np.float32)
    for _ in range(random.integers(1, _SPOTS + 1)):
        inside = _spot(picture.shape[1:], random)[None]  # (1, H, W)
        picture = picture * (1 - inside) + _content(picture, pixels, random) * inside
    rounded: NDArray[np.uint8] = picture.clip(0, 255).round().astype(np.uint8)
    return rounded


def _spot(shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.float32]:
    """Return how much of each pixel a spot covers, (H, W): a bent ellipse with a soft edge."""
    height, width = shape
    area = np.exp(random.uniform(np.log(LEAST_AREA), np.log(LARGEST_AREA))) * height * width
    long, angle, radius = np.exp(random.uniform(0, 1.2)), random.uniform(0, np.pi), np.sqrt(area / np.pi)
    top, left = random.uniform(0.1, 0.9, 2) * (height, width)
    down, right = np.mgrid[0:height, 0:width] - np.array([top, left])[:, None, None]
    along = (np.cos(angle) * right + np.sin(angle) * down) / (radius * long)
    across = (np.cos(angle) * down - np.sin(angle) * right) / (radius / long)
    bends = 0.25 * np.sin(random.integers(2, 6) * np.arctan2(across, along) + random.uniform(0, 6))
    edge = 1 - np.hypot(along, across) - bends
    covered = (edge * radius / long * 0.7).clip(0, 1) * random.uniform(0.4, 1)
    return np.asarray(covered, dtype=np.float32)


def _content(
    picture: NDArray[np.float32], pixels: NDArray[np.uint8], random: np.random.Generator
) -> NDArray[np.float32]:
    """Return what a spot is filled with, of the picture's shape."""
    channels, height, width = picture.shape
    kind = random.integers(4)
    if kind == 0:
        moved = (random.integers(height), random.integers(width))
        return np.roll(pixels, moved, axis=(1, 2)).astype(np.float32)
    if kind == 1:
        shade = random.uniform(0, 255, (channels if random.random() < 0.5 else 1, 1, 1))
        return np.broadcast_to(shade, picture.shape).astype(np.float32)
    if kind == 2:
        return picture * np.float32(random.uniform(0.3, 1.7))
    grains = random.normal(0, 1, (1, height // 4 + 1, width // 4 + 1)).repeat(4, 1).repeat(4, 2)
    noise = grains[:, :height, :width] * random.uniform(10, 70)
    return np.asarray(picture.mean(axis=(1, 2), keepdims=True) + noise, dtype=np.float32)
