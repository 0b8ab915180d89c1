"""The attention maps of SA-CAE and SSA-CAE, and what their encoders see through them (3.5.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from xai_ad.data.layouts import Sample
from xai_ad.errors import InvalidInputError
from xai_ad.networks.soft_attention import AttentiveAutoencoder
from xai_ad.presentation.render import to_picture
from xai_ad.store import StoredModel, load_image_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import Variant
from xai_ad.thesis.figures.base import Drawing, ThesisFigure
from xai_ad.thesis.figures.colour import sequential_picture
from xai_ad.thesis.figures.grid import Grid, Tile
from xai_ad.thesis.figures.shown import (
    STATED_CHOICE,
    Rebuilt,
    choose_samples,
    class_name,
    first_cells,
    load_shown,
    rebuild,
    reported_samples,
    sample_name,
    sample_record,
    short_name,
)
from xai_ad.types import Images

SOFT_ATTENTION = (Variant(network="sa_cae"), Variant(network="ssa_cae"))


@dataclass(frozen=True, kw_only=True)
class Attended:
    """A model's attention to N images, and what it makes of them."""

    maps: Tensor  # (N, C, H, W) in [0, 1]
    rebuilt: Rebuilt

    def tiles(self, index: int) -> tuple[Tile, Tile, Tile]:
        """Return an image's map, the image as the encoder sees it, and its reconstruction."""
        attention = self.maps[index].mean(dim=0)  # (H, W)
        figures = self.record(index)["attention"]
        return (
            Tile(
                picture=sequential_picture(attention.numpy()),
                caption=(f"{figures['least']:.2f} to {figures['most']:.2f}, mean {figures['mean']:.2f}",),
            ),
            Tile(picture=to_picture(self.rebuilt.images[index] * self.maps[index])),
            self.rebuilt.tile(index),
        )

    def record(self, index: int) -> dict[str, Any]:
        """Return the numbers of an image for the JSON; the attention's are of the map averaged over its channels."""
        attention = self.maps[index].mean(dim=0)
        return {
            "attention": {
                "least": float(attention.min()),
                "most": float(attention.max()),
                "mean": float(attention.mean()),
            },
            **self.rebuilt.record(index),
        }


def attend(stored: StoredModel, pixels: Tensor) -> Attended:
    """Return a model's attention to 8-bit pictures, (N, C, H, W); raises `InvalidInputError` where it has none."""
    network = load_image_network(stored)
    if not isinstance(network, AttentiveAutoencoder):
        raise InvalidInputError(
            f"The model {stored.card.id!r} is a {stored.card.network!r} and has no attention map. "
            "Choose an 'sa_cae' or an 'ssa_cae'."
        )
    rebuilt = rebuild(network, pixels)
    return Attended(maps=_attention_maps(network, rebuilt.images), rebuilt=rebuilt)


@torch.inference_mode()
def _attention_maps(network: AttentiveAutoencoder, images: Images) -> Tensor:
    return network.attention_map(images)


def draw_attention(request: Request, source: Source) -> Drawing:
    """Draw image, attention map, attended image and reconstruction for both models."""
    samples = choose_samples(reported_samples(request, source))
    cells = first_cells(request, source, SOFT_ATTENTION)
    pixels = load_shown(samples, cells[0])
    attended = [attend(stored, pixels) for stored in cells]
    columns = ["input"]
    for variant in SOFT_ATTENTION:
        name = short_name(variant)
        columns += [f"{name}\nattention", f"{name}\nattended", f"{name}\nreconstruction"]
    shown = Grid(
        columns=tuple(columns),
        rows=tuple(map(class_name, samples)),
        tiles=tuple(
            (
                Tile(picture=to_picture(attended[0].rebuilt.images[row])),
                *(tile for each in attended for tile in each.tiles(row)),
            )
            for row in range(len(samples))
        ),
        note=(
            "The maps are averaged over their channels, and all are on one scale from 0, black, to 1, pale. Attended "
            "is the image times its map, what the encoder sees."
        ),
        side=180,
    )
    numbers = {
        "images": [
            {
                **sample_record(sample),
                "models": {
                    variant.name: each.record(row)
                    for variant, each in zip(SOFT_ATTENTION, attended, strict=True)
                },
            }
            for row, sample in enumerate(samples)
        ]
    }
    return Drawing(shown=shown, numbers=numbers, table=_table(samples, numbers["images"]))


def _table(samples: Sequence[Sample], images: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    header = ["image"]
    for variant in SOFT_ATTENTION:
        header += [f"{short_name(variant)}: attention", "MSE"]
    rows = []
    for sample, image in zip(samples, images, strict=True):
        row = [sample_name(sample)]
        for figures in image["models"].values():
            attention = figures["attention"]
            row += [f"{attention['least']:.3f} to {attention['most']:.3f}", f"{figures['mse']:.4f}"]
        rows.append(row)
    return header, rows


ATTENTION_MAPS = ThesisFigure(
    id="attention-maps",
    title="Attention maps of SA-CAE and SSA-CAE",
    section="3.5.3, 4.7",
    intro=f"Where soft attention lets an image pass. {STATED_CHOICE}",
    draw=draw_attention,
)
