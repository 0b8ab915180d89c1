"""Maps as coloured pictures on the palettes of `render`, linearly: equal steps of a value are equal steps of colour."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageColor

from xai_ad.presentation.render import DIVERGING, SEQUENTIAL

NORMAL_COLOUR, ANOMALOUS_COLOUR = "#1450e0", "#e03400"
"""The ends of the diverging palette, which no common colour blindness confuses."""


def sequential_picture(shares: NDArray[np.float32]) -> Pillow.Image:
    """Colour a map, (H, W), from 0, black, to 1, pale yellow; what lies beyond is clipped."""
    return Pillow.fromarray(_interpolated(np.clip(shares, 0, 1), SEQUENTIAL))


def diverging_picture(shares: NDArray[np.float32]) -> Pillow.Image:
    """Colour a map, (H, W), from -1, blue, over 0, pale, to 1, orange-red; what lies beyond is clipped."""
    return Pillow.fromarray(_interpolated((np.clip(shares, -1, 1) + 1) / 2, DIVERGING))


def sequential_colours(count: int) -> list[str]:
    """Return colours in order of lightness that stand out on white, as #rrggbb."""
    places = np.linspace(0.1, 0.8, count)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in _interpolated(places, SEQUENTIAL)]


def _interpolated(shares: NDArray[np.floating], palette: tuple[str, ...]) -> NDArray[np.uint8]:
    """Return colours of shares in [0, 1] of a palette, (...) -> (..., 3)."""
    stops = np.array([ImageColor.getrgb(colour) for colour in palette])  # (S, 3)
    places = shares * (len(stops) - 1)
    channels = [np.interp(places, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colours
