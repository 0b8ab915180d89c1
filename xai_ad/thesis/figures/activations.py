"""Figure 4.5: what the first layers of BCAE2 and KS-CAE make of a normal and an anomalous image."""

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image as Pillow
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.presentation.render import to_picture
from xai_ad.store import load_image_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import STRENGTHENING
from xai_ad.thesis.figures.base import Drawing, ThesisFigure
from xai_ad.thesis.figures.colour import sequential_picture
from xai_ad.thesis.figures.grid import Grid, Tile
from xai_ad.thesis.figures.shown import (
    STATED_CHOICE,
    choose_samples,
    class_name,
    first_cells,
    load_shown,
    reported_samples,
    sample_record,
    short_name,
)

ACROSS = 4
"""The strongest ACROSS x ACROSS kernels are shown."""
HIGHEST = 0.999
"""A model's scale ends at this quantile of the activations shown, so that a bright edge does not darken the rest."""
SEAM = 2
"""Pixels between two kernels' maps."""


@dataclass(frozen=True, kw_only=True)
class Activations:
    """The first layer's strongest kernels on N images: maps on one scale, and what is counted over all kernels."""

    kernels: list[int]
    maps: Tensor  # (N, K, h, w), not negative
    scale: float
    dormant: int
    means: list[float]  # of all kernels, by image

    def tile(self, index: int) -> Tile:
        """Return an image's maps side by side, with their mean over all kernels."""
        mean = f"mean of all kernels {self.means[index]:.3f}"
        return Tile(picture=mosaic(self.maps[index] / self.scale), caption=(mean,))

    def record(self) -> dict[str, Any]:
        """Return the numbers for the JSON."""
        return {
            "kernels": self.kernels,
            "scale": self.scale,
            "dormant": self.dormant,
            "means": self.means,
        }


@torch.inference_mode()
def first_activations(network: ConvolutionalAutoencoder, pixels: Tensor) -> Activations:
    """Return the first layer's activations, behind batch norm and ReLU, of 8-bit pictures, (N, C, H, W).

    The strongest kernels are those with the largest mean over the images; a dormant kernel is 0 everywhere in all of
    them. The scale ends at the quantile `HIGHEST` of the activations shown.
    """
    activations = network.eval().encoder[0](to_float(pixels))  # (N, D, h, w)
    strength = activations.mean((0, 2, 3))  # (D,)
    kernels = strength.argsort(descending=True, stable=True)[: ACROSS**2]
    maps = activations[:, kernels]
    return Activations(
        kernels=kernels.tolist(),
        maps=maps,
        scale=float(maps.flatten().quantile(HIGHEST).clamp_min(torch.finfo(maps.dtype).tiny)),
        dormant=int((activations.amax((0, 2, 3)) <= 0).sum()),
        means=activations.mean((1, 2, 3)).tolist(),
    )


def mosaic(maps: Tensor) -> Pillow.Image:
    """Lay maps, (K, h, w) in [0, 1], out row by row with white seams, at most `ACROSS` in a row."""
    height, width = maps.shape[1:]
    across = min(ACROSS, len(maps))
    down = -(-len(maps) // across)
    size = (across * (width + SEAM) - SEAM, down * (height + SEAM) - SEAM)
    picture = Pillow.new("RGB", size, "white")
    for number, values in enumerate(maps):
        row, column = divmod(number, across)
        place = (column * (width + SEAM), row * (height + SEAM))
        picture.paste(sequential_picture(values.numpy()), place)
    return picture


def draw_activations(request: Request, source: Source) -> Drawing:
    """Draw the first layers' maps for one normal and one anomalous image."""
    samples = choose_samples(reported_samples(request, source), normal=1, anomalous=1)
    cells = first_cells(request, source, STRENGTHENING)
    pixels = load_shown(samples, cells[0])
    found = [first_activations(load_image_network(stored), pixels) for stored in cells]
    images = to_float(pixels)
    names = [short_name(variant) for variant in STRENGTHENING]
    shown = Grid(
        columns=("input", *names),
        rows=tuple(map(class_name, samples)),
        tiles=tuple(
            (Tile(picture=to_picture(images[row])), *(each.tile(row) for each in found))
            for row in range(len(samples))
        ),
        note=(
            f"The {ACROSS**2} kernels with the strongest mean over both images, the same in both rows. Black is 0; a "
            f"model's scale ends at the {HIGHEST:.1%} quantile of its activations shown, in both rows alike."
        ),
        side=262,
    )
    header = ["model", "dormant kernels", "scale", *(f"mean, {sample.kind}" for sample in samples)]
    rows = [
        [name, str(each.dormant), f"{each.scale:.3f}", *(f"{mean:.4f}" for mean in each.means)]
        for name, each in zip(names, found, strict=True)
    ]
    numbers = {
        "images": [sample_record(sample) for sample in samples],
        "models": {variant.name: each.record() for variant, each in zip(STRENGTHENING, found, strict=True)},
    }
    return Drawing(shown=shown, numbers=numbers, table=(header, rows))


ACTIVATIONS = ThesisFigure(
    id="figure-4.5",
    title="Figure 4.5: activations of the first layer",
    section="4.5",
    intro=(
        "The first layer's activations, behind batch norm and ReLU, on a normal and an anomalous image. "
        f"{STATED_CHOICE} A dormant kernel is 0 everywhere in both."
    ),
    draw=draw_activations,
)
