"""Figure 4.5 and the attention maps: what networks' first layers make of a normal and an anomalous image."""

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image as Pillow
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.errors import InvalidInputError
from xai_ad.networks import AttentiveAutoencoder, Autoencoder
from xai_ad.presentation.figures.renderer import sequential_image
from xai_ad.presentation.figures.shown import Tile
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import (
    choose_material,
    sample_name,
    sample_record,
    tiles_of,
)
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import STRENGTHENING, variants_named

ACROSS = 4
"""The strongest ACROSS x ACROSS kernels are shown."""
HIGHEST = 0.999
"""A model's scale ends at this quantile of the activations shown, so that a bright edge does not darken the rest."""
SEAM = 2
"""Pixels between two kernels' maps."""
SOFT_ATTENTION = variants_named("sa_cae", "ssa_cae")


@dataclass(frozen=True, kw_only=True, eq=False)
class Activations:
    """The first layer's strongest kernels on N images: maps on one scale, and what is counted over all kernels."""

    kernels: list[int]
    maps: Tensor  # (N, K, h, w), not negative
    scale: float
    dormant: int
    means: list[float]  # of all kernels, by image


@torch.inference_mode()
def first_activations(network: Autoencoder, pixels: Tensor) -> Activations:
    """Return the first layer's activations, behind batch norm and ReLU, of 8-bit images, (N, C, H, W).

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
    height, width = (side + SEAM for side in maps.shape[1:])
    across = min(ACROSS, len(maps))
    down = -(-len(maps) // across)
    image = Pillow.new("RGB", (across * width - SEAM, down * height - SEAM), "white")
    for number, values in enumerate(maps):
        row, column = divmod(number, across)
        image.paste(sequential_image(values.numpy()), (column * width, row * height))
    return image


def draw_activations(request: Request, source: Source) -> Drawing:
    """Draw the first layers' maps for one normal and one anomalous image, each with its mean over all kernels."""
    shown = choose_material(request, source, STRENGTHENING, normal=1, anomalous=1)
    columns, models, rows = [], {}, []
    for variant, network in shown.networks.items():
        found = first_activations(network, shown.pixels)
        tiles = [
            Tile(image=mosaic(maps / found.scale), caption=(f"mean of all kernels {mean:.3f}",))
            for maps, mean in zip(found.maps, found.means, strict=True)
        ]
        columns.append((variant.short, tiles))
        models[variant.name] = {name: value for name, value in vars(found).items() if name != "maps"}
        means = (f"{mean:.4f}" for mean in found.means)
        rows.append([variant.short, str(found.dormant), f"{found.scale:.3f}", *means])
    header = ["model", "dormant kernels", "scale", *(f"mean, {sample.kind}" for sample in shown.samples)]
    return Drawing(
        shown=shown.grid(columns, side=262),
        numbers={"images": [*map(sample_record, shown.samples)], "models": models},
        table=Rows(header, rows),
    )


@torch.inference_mode()
def attention_maps(network: Autoencoder, images: Tensor) -> Tensor:
    """Return a network's attention to images, (N, C, H, W) in [0, 1]; raises `InvalidInputError` where it has none."""
    if not isinstance(network, AttentiveAutoencoder):
        raise InvalidInputError(
            f"A {type(network).__name__} has no attention map. Choose an 'sa_cae' or an 'ssa_cae'."
        )
    return network.attention_map(images)


def draw_attention(request: Request, source: Source) -> Drawing:
    """Draw image, attention map, attended image and reconstruction for both models."""
    shown = choose_material(request, source, SOFT_ATTENTION)
    images = to_float(shown.pixels)
    columns: list[tuple[str, list[Tile]]] = []
    models: list[dict[str, dict[str, Any]]] = [{} for _ in shown.samples]
    header, rows = ["image"], [[sample_name(sample)] for sample in shown.samples]
    for (variant, network), found in zip(shown.networks.items(), shown.reconstructed(), strict=True):
        maps = attention_maps(network, images)
        attention = []
        for row, each in enumerate(maps.mean(dim=1)):  # (H, W)
            least, most, mean = (float(value) for value in (each.min(), each.max(), each.mean()))
            caption = f"{least:.2f} to {most:.2f}, mean {mean:.2f}"
            attention.append(Tile(image=sequential_image(each.numpy()), caption=(caption,)))
            figures = {"least": least, "most": most, "mean": mean}
            models[row][variant.name] = {"attention": figures, **found.record(row)}
            rows[row] += [f"{least:.3f} to {most:.3f}", f"{found.mse[row]:.4f}"]
        tiles = {"attention": attention, "attended": tiles_of(images * maps), "reconstruction": found.tiles()}
        columns += [(f"{variant.short}\n{name}", each) for name, each in tiles.items()]
        header += [f"{variant.short}: attention", "MSE"]
    return Drawing(
        shown=shown.grid(columns, side=180),
        numbers={"images": shown.records([{"models": own} for own in models])},
        table=Rows(header, rows),
    )


ACTIVATIONS = figure("figure-4.5", draw_activations)
ATTENTION_MAPS = figure("attention-maps", draw_attention)
