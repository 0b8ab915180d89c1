"""From arrays to images: the layers that the viewer colours, and the overlays that are saved.

A map is drawn on the fixed scale that `scales.py` gives it, so that a normal image is not painted orange and two images
compare. Segments whose sign is not known are hatched. Palettes, transparency, levels and hatch are those of the scripts
in `ui/components/drawing/`, and tests hold the two together.
"""

import io
import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageColor, ImageDraw

from xai_ad.detector.calibration import Calibration
from xai_ad.explain import Direction
from xai_ad.explain.results import (
    Counterfactual,
    Explanation,
    Rectangle,
    changed_frame,
    in_frame,
    rectangles_in,
)
from xai_ad.presentation.scales import ShownMap, shown_map
from xai_ad.types import Image, Mask, Segments

SEQUENTIAL = (
    "#000004", "#180f3d", "#440f76", "#721f81", "#9e2f7f", "#cd4071", "#f1605d", "#fd9668", "#feca8d", "#fcfdbf",
)  # fmt: skip
"""Magma: ordered in lightness, hence readable in grey and by colour-blind eyes."""

DIVERGING = ("#1450e0", "#2f80ff", "#74b4ff", "#ececea", "#ffb257", "#ff851c", "#e03400")
"""Blue through pale to orange-red: no pair of these is confused in any common colour blindness."""

FADE = 0.45
"""Opacity grows with this power of a map's strength."""

HALF = 2**15
"""The level of a signed map that means nothing; a strength of 1 lies HALF - 1 above it."""

HATCH_LINES = 26
"""How many of the hatch's lines cross a side of the image."""

HATCH_LEAST = 7
"""The least distance of two such lines, in pixels."""

HATCH_WEIGHT = 0.13
"""The share of that distance that the dark line takes; the light one beside it takes as much."""

HATCH_DARK, HATCH_LIGHT = 0.55, 0.6
"""Opacities of the two: dark beside light shows on any colour."""

OUTLINE = "#35e6ff"
OPACITY = 0.7
SMALLEST_SIDE = 512
"""Overlays of smaller images are enlarged to this, so that a pixel of the map can be seen."""


def levels(strengths: NDArray[np.float64], *, signed: bool) -> NDArray[np.uint16]:
    """Quantise strengths, (H, W) in [-1, 1], to the viewer's levels, (H, W) uint16.

    A signed level g means (g - 32768) / 32767, an unsigned one g / 65535.
    """
    found = HALF + (HALF - 1) * strengths if signed else (2 * HALF - 1) * strengths
    quantised: NDArray[np.uint16] = np.clip(np.rint(found), 0, 2 * HALF - 1).astype(np.uint16)
    return quantised


def map_layer(shown: ShownMap) -> bytes:
    """Return a map as the PNG that the viewer colours: a pixel's level is 256 red + green; see `levels`.

    Eight bits would not do: on a scale of several hundred their steps are larger than what a person reads.
    """
    found = levels(shown.scale.strength(shown.values), signed=shown.signed)
    channels = [found // 256, found % 256, np.zeros_like(found)]
    return encode_png(Pillow.fromarray(np.stack(channels, axis=-1).astype(np.uint8)))


def segment_layer(segments: Segments) -> bytes:
    """Return segments, (H, W), as the PNG that the viewer reads: a label is red + 256 green."""
    labels = segments.astype(np.uint16)
    channels = [labels % 256, labels // 256, np.zeros_like(labels)]
    return encode_png(Pillow.fromarray(np.stack(channels, axis=-1).astype(np.uint8)))


def colour_table(*, signed: bool) -> NDArray[np.uint8]:
    """Return the colour and opacity of each level's high byte, (256, 4) uint8; opacity grows with the strength."""
    high = np.arange(256)
    strengths = np.where((high == 127) | (high == 128), 0, high / 127.5 - 1) if signed else high / 255
    stops = np.array(
        [ImageColor.getrgb(colour) for colour in (DIVERGING if signed else SEQUENTIAL)]
    )  # (S, 3)
    places = ((strengths + 1) / 2 if signed else strengths) * (len(stops) - 1)
    colours = [np.interp(places, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    table: NDArray[np.uint8] = np.rint(np.stack([*colours, 255 * np.abs(strengths) ** FADE], axis=1)).astype(
        np.uint8
    )
    return table


def coloured(shown: ShownMap, *, opacity: float = 1.0) -> Pillow.Image:
    """Return a map's colours, (H, W) of mode RGBA; what does not reach the scale's start is transparent."""
    strengths = shown.scale.strength(shown.values)
    pixels = colour_table(signed=shown.signed)[levels(strengths, signed=shown.signed) // 256]  # (H, W, 4)
    hidden = np.abs(shown.values) < shown.scale.start
    pixels[..., 3] = np.where(hidden, 0, np.rint(pixels[..., 3] * opacity))
    return Pillow.fromarray(pixels)


def overlay(
    photo: Pillow.Image, shown: ShownMap, *, opacity: float = OPACITY, unsure: Mask | None = None
) -> Pillow.Image:
    """Lay a map over an image of any size; every pixel of the map stays a crisp block.

    Where `unsure`, (H, W), is true, it is hatched.
    """
    ground = enlarged(photo)
    colours = coloured(shown, opacity=opacity).resize(ground.size, Pillow.Resampling.NEAREST)
    painted = Pillow.alpha_composite(ground.convert("RGBA"), colours)
    if unsure is not None:
        painted = Pillow.alpha_composite(painted, hatched(unsure, painted.size, opacity))
    return painted.convert("RGB")


def hatch_tile(step: int) -> NDArray[np.uint8]:
    """Return the square that the hatch repeats, (step, step, 4) uint8: a dark and a light diagonal line."""
    places = np.add.outer(np.arange(step), np.arange(step)) % step  # (step, step)
    weight = max(1, math.floor(step * HATCH_WEIGHT + 0.5))
    tile = np.zeros((step, step, 4), dtype=np.uint8)
    tile[places < weight] = (0, 0, 0, math.floor(255 * HATCH_DARK + 0.5))
    tile[(places >= weight) & (places < 2 * weight)] = (255, 255, 255, math.floor(255 * HATCH_LIGHT + 0.5))
    return tile


def outlined(
    photo: Pillow.Image, rectangles: Sequence[Rectangle], *, height: int, width: int
) -> Pillow.Image:
    """Draw dashed rectangles, given in pixels of a (height, width) grid, on an image of any size."""
    picture = enlarged(photo)
    canvas = ImageDraw.Draw(picture)
    across, down = picture.width / width, picture.height / height
    weight = max(2, round(min(picture.size) / 170))
    for box in rectangles:
        left, top = box.left * across, box.top * down
        right, bottom = left + box.width * across - 1, top + box.height * down - 1
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        canvas.line(corners, fill="black", width=2 * weight, joint="curve")
        for start, stop in itertools.pairwise(corners):
            dashed(canvas, start, stop, weight)
    return picture


def explanation_overlay(
    photo: Pillow.Image, explanation: Explanation, calibration: Calibration, *, frame: int = 0
) -> Pillow.Image:
    """Draw an explanation over its image: a map on the calibration's scale, or a counterfactual's rectangles.

    Of a window's, (T, H, W), what lies in one `frame` is drawn. A transplant is drawn on the normal image that its
    rectangles are pasted into, at the image's size.
    """
    if isinstance(explanation, Counterfactual):
        image = changed_frame(explanation, frame)
        height, width = image.shape[-2:]
        if explanation.direction is Direction.TRANSPLANT:
            photo = to_image(image).resize(photo.size, Pillow.Resampling.BICUBIC)
        return outlined(photo, rectangles_in(explanation, frame), height=height, width=width)
    shown = shown_map(explanation, calibration, frame=frame)
    pixels = explanation.by_segment.unsure_pixels if explanation.by_segment else None
    unsure = None if pixels is None else in_frame(pixels, frame)
    return overlay(photo, shown, unsure=unsure)


def to_image(image: Image) -> Pillow.Image:
    """Return a network's image, (C, H, W) in [0, 1], as an 8-bit image of mode L or RGB."""
    pixels = (image.detach().clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()  # (C, H, W)
    return Pillow.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))


def image_png(image: Image) -> bytes:
    """Return a network's image, (C, H, W) in [0, 1], as a PNG."""
    return encode_png(to_image(image))


def encode_png(picture: Pillow.Image) -> bytes:
    """Return an image's bytes as a PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def hatched(unsure: Mask, size: tuple[int, int], opacity: float) -> Pillow.Image:
    """Return the hatch, transparent but for where the mask, (H, W), is true, on an image of a size (width, height)."""
    step = max(HATCH_LEAST, math.floor(max(size) / HATCH_LINES + 0.5))
    tile = hatch_tile(step)
    tile[:, :, 3] = np.rint(tile[:, :, 3] * opacity)
    repeats = (size[1] // step + 1, size[0] // step + 1, 1)
    lines = np.tile(tile, repeats)[: size[1], : size[0]]  # (height, width, 4)
    where = Pillow.fromarray(unsure.astype(np.uint8)).resize(size, Pillow.Resampling.NEAREST)
    return Pillow.fromarray(lines * np.asarray(where)[:, :, None])


def enlarged(photo: Pillow.Image) -> Pillow.Image:
    """Return a copy in colour whose longer side has at least `SMALLEST_SIDE` pixels."""
    factor = max(1, math.ceil(SMALLEST_SIDE / max(photo.size)))
    size = (photo.width * factor, photo.height * factor)
    return photo.convert("RGB").resize(size, Pillow.Resampling.BICUBIC)


def dashed(
    canvas: ImageDraw.ImageDraw,
    start: tuple[float, float],
    stop: tuple[float, float],
    weight: int,
    colour: str = OUTLINE,
) -> None:
    """Draw a dashed line between two points, (left, top)."""
    length = math.dist(start, stop)
    dash, step = 4 * weight, 7 * weight
    for offset in np.arange(0, length, step):
        ends = [(offset + reach) / length for reach in (0, min(dash, length - offset))]
        points = [tuple(a + (b - a) * share for a, b in zip(start, stop, strict=True)) for share in ends]
        canvas.line([(points[0][0], points[0][1]), (points[1][0], points[1][1])], fill=colour, width=weight)
