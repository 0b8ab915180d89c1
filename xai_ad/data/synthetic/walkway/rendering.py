"""A clip's frames as the camera delivers them, and the exact masks of what is anomalous in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from xai_ad.data.synthetic.surface import Plane, Region
from xai_ad.data.synthetic.walkway.actors import Actor
from xai_ad.data.synthetic.walkway.backdrop import backdrop, softened, standing
from xai_ad.data.synthetic.walkway.painting import SAMPLES, Patch, Shadow, Shape, paint, shadow_of
from xai_ad.data.synthetic.walkway.place import HEIGHT, WIDTH

LEAST_PIXELS = 6
"""An anomaly of which fewer are visible is none: the frame's mask is empty then, and the frame is normal."""
_PENUMBRA = 2.0
"""Of shadows, in samples."""
_SENSOR = 0.0052
"""Standard deviation of the sensor's noise, of white."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """Everything that happens in a clip of T frames."""

    actors: Sequence[Actor]
    sun: NDArray[np.float64]
    """How much of the light a shadow takes, `(T,)`."""
    gain: NDArray[np.float64]
    """How bright the frames are, around 1, `(T,)`."""
    noise_seed: int

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.sun)


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One thing in one frame."""

    distance: float
    patch: Patch
    shadow: Shadow | None
    anomalous: bool


def film(scene: Scene) -> Iterator[tuple[NDArray[np.uint8], Region]]:
    """Yield each frame `(HEIGHT, WIDTH, 3)` with its mask `(HEIGHT, WIDTH)`."""
    for index in range(scene.frames):
        yield shoot(scene, index)


def shoot(scene: Scene, index: int) -> tuple[NDArray[np.uint8], Region]:
    """Return one frame and its mask; it needs none of those before it."""
    ordered = layers(scene, index)
    place, ground = backdrop()
    shade = softened(_shade(ordered), _PENUMBRA)
    canvas = place * (1.0 - np.float32(scene.sun[index]) * shade * ground)[..., None]
    for layer in ordered:
        window, patch = layer.patch.window, layer.patch
        canvas[window] = canvas[window] * (1.0 - patch.cover[..., None]) + patch.colour
    rng = np.random.default_rng(np.random.SeedSequence(scene.noise_seed, spawn_key=(index,)))
    return expose(canvas * np.float32(scene.gain[index]), rng), visible_anomalies(ordered)


def layers(scene: Scene, index: int) -> list[Layer]:
    """Return everything in sight in a frame but the backdrop, from the farthest to the nearest."""
    found = list(_standing())
    for actor in scene.actors:
        if actor.track.present[index]:
            shapes = actor.shapes(index)
            distance = float(actor.track.places[index, 1])
            found += _layer(shapes, distance, anomalous=bool(actor.anomalous[index]))
    return sorted(found, key=lambda layer: -layer.distance)


def visible_anomalies(ordered: Sequence[Layer]) -> Region:
    """Return which pixels show something anomalous by half or more, `(HEIGHT, WIDTH)`; none where they are too few.

    What stands before an anomaly takes away what it covers.
    """
    seen = np.zeros((HEIGHT * SAMPLES, WIDTH * SAMPLES), dtype=np.float32)
    for layer in ordered:
        window, cover = layer.patch.window, layer.patch.cover
        if layer.anomalous:
            seen[window] = seen[window] * (1.0 - cover) + cover
        else:
            seen[window] *= 1.0 - cover
    mask = _pixels(seen) >= 0.5
    return mask if mask.sum() >= LEAST_PIXELS else np.zeros_like(mask)


def _layer(shapes: Sequence[Shape], distance: float, *, anomalous: bool) -> list[Layer]:
    patch = paint(shapes)
    if patch is None:
        return []
    return [Layer(distance=distance, patch=patch, shadow=shadow_of(shapes), anomalous=anomalous)]


@cache
def _standing() -> tuple[Layer, ...]:
    return tuple(
        layer for distance, shapes in standing() for layer in _layer(shapes, distance, anomalous=False)
    )


def _shade(ordered: Sequence[Layer]) -> Plane:
    """Return how far every sample of the ground lies in the shade of something."""
    shade = np.zeros((HEIGHT * SAMPLES, WIDTH * SAMPLES), dtype=np.float32)
    for layer in ordered:
        if layer.shadow is not None:
            window = layer.shadow.window
            shade[window] = np.maximum(shade[window], layer.shadow.cover)
    return shade


def expose(linear: Plane, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the frame `(HEIGHT, WIDTH, 3)` of linear light in samples: the lens is a little soft, the sensor noisy."""
    pixels = gaussian_filter(_pixels(linear), (0.42, 0.42, 0.0), radius=(1, 1, 0))
    knee = np.where(pixels > 0.6, 0.6 + 0.4 * (1.0 - np.exp(-(pixels - 0.6) / 0.4)), pixels)
    encoded = 1.055 * np.maximum(knee, 1e-5) ** (1.0 / 2.4) - 0.055
    luma = rng.standard_normal((HEIGHT, WIDTH, 1), dtype=np.float32)
    chroma = rng.standard_normal((HEIGHT, WIDTH, 3), dtype=np.float32)
    noisy = encoded + np.float32(_SENSOR) * (luma + 0.4 * chroma)
    return np.asarray(np.rint(255.0 * noisy.clip(0.0, 1.0)), dtype=np.uint8)


def _pixels(samples: Plane) -> Plane:
    """Return the mean of every pixel's samples."""
    shape = (HEIGHT, SAMPLES, WIDTH, SAMPLES, *samples.shape[2:])
    return np.asarray(samples.reshape(shape).mean(axis=(1, 3)), dtype=np.float32)
