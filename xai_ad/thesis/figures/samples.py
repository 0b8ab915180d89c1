"""What the figures share: which images and which cells are shown, and how a reconstruction compares with its image."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.layouts import NORMAL, Sample
from xai_ad.data.loading import load_pixels
from xai_ad.detector.losses import dissimilarity_values, squared_error_values
from xai_ad.detector.streams import reconstructed_samples
from xai_ad.networks import Autoencoder
from xai_ad.presentation.figures.shown import Grid, Tile
from xai_ad.presentation.render import to_image
from xai_ad.store import StoredModel, load_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import Clock, cell, require_reported
from xai_ad.thesis.figures.base import SEED
from xai_ad.thesis.variants import Variant
from xai_ad.types import Images

NORMALS, ANOMALIES, MOST_ANOMALIES = 2, 4, 8
"""How many normal and anomalous images a figure shows; of more anomalous classes one each, up to the last."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reconstructed:
    """Images and a network's reconstructions of them, (N, C, H, W) each, with the errors of each pair."""

    images: Images
    reconstructions: Images
    mse: list[float]
    ssim: list[float]

    def tiles(self) -> list[Tile]:
        """Return each reconstruction with its errors below it."""
        captions = [f"MSE {mse:.4f}, SSIM {ssim:.2f}" for mse, ssim in zip(self.mse, self.ssim, strict=True)]
        return tiles_of(self.reconstructions, captions)

    def record(self, index: int) -> dict[str, float]:
        """Return a pair's errors for the JSON."""
        return {"mse": self.mse[index], "ssim": self.ssim[index]}


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """What a figure of images shows: samples, their pixels, (N, C, H, W) uint8, and each variant's network.

    `titles` are the variants' names over the AUC-ROC of their cells on the reported images.
    """

    samples: tuple[Sample, ...]
    pixels: Tensor
    networks: dict[Variant, Autoencoder]
    titles: list[str]

    def reconstructed(self) -> list[Reconstructed]:
        """Return what each network makes of the images."""
        return [reconstruct(network, self.samples, self.pixels) for network in self.networks.values()]

    def grid(self, columns: Sequence[tuple[str, Sequence[Tile]]], *, note: str = "", side: int = 192) -> Grid:
        """Return a row for each image, named by its class: itself, then its tile of each named column."""
        names, tiles = zip(("input", tiles_of(to_float(self.pixels))), *columns, strict=True)
        kinds = ("normal" if sample.label == NORMAL else sample.kind for sample in self.samples)
        return Grid(
            columns=names,
            rows=tuple(kind.replace("_", "\n") for kind in kinds),
            tiles=tuple(zip(*tiles, strict=True)),
            note=note,
            side=side,
        )

    def records(self, figures: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return which images are shown, for the JSON, each with its figures."""
        return [sample_record(sample) | own for sample, own in zip(self.samples, figures, strict=True)]


def tiles_of(images: Images, captions: Sequence[str] = ()) -> list[Tile]:
    """Return images, (N, C, H, W), as tiles, with a line below each where there are any."""
    lines: Sequence[tuple[str, ...]] = [(caption,) for caption in captions] or [()] * len(images)
    return [Tile(image=to_image(image), caption=line) for image, line in zip(images, lines, strict=True)]


def choose_material(
    request: Request,
    source: Source,
    variants: Sequence[Variant],
    *,
    normal: int = NORMALS,
    anomalous: int | None = None,
) -> Material:
    """Choose the images that are shown (see `choose_samples`), and load their pixels and the variants' networks."""
    samples = choose_samples(require_reported(request, source).test, normal=normal, anomalous=anomalous)
    cells = first_cells(request, source, variants)
    figures = [stored.card.metrics[str(request.protocol)]["auc_roc"] for stored in cells]
    return Material(
        samples=samples,
        pixels=load_pixels(samples, cells[0].card.preprocessing),
        networks=dict(zip(variants, map(load_network, cells), strict=True)),
        titles=[f"{v.short}\nAUC-ROC {figure:.3f}" for v, figure in zip(variants, figures, strict=True)],
    )


def first_cells(request: Request, source: Source, variants: Iterable[Variant]) -> list[StoredModel]:
    """Return each variant's cell of the seed that figures show, trained where it was not yet."""
    chosen = list(variants)
    clock = Clock(sum(not variant.svdd for variant in chosen), request.recipe.epochs)
    return [cell(request, source, variant, SEED, clock=clock) for variant in chosen]


def choose_samples(
    samples: Sequence[Sample], *, normal: int = NORMALS, anomalous: int | None = None, seed: int = SEED
) -> tuple[Sample, ...]:
    """Choose samples by a seed: normal ones, then the anomalous classes in turn, by name.

    Without a number, as many anomalous ones as figures show (see `ANOMALIES`). The choice depends on the images' bytes
    and classes alone, not on their order or names.
    """
    ordered = sorted(samples, key=lambda sample: (sample.kind, sample.sha256))
    drawn = [ordered[place] for place in np.random.default_rng(seed).permutation(len(ordered))]
    normals = [sample for sample in drawn if sample.label == NORMAL]
    by_class: dict[str, list[Sample]] = {}
    for sample in drawn:
        if sample.label != NORMAL:
            by_class.setdefault(sample.kind, []).append(sample)
    turns = itertools.zip_longest(*(by_class[kind] for kind in sorted(by_class)))
    in_turn = [sample for turn in turns for sample in turn if sample is not None]
    count = min(max(ANOMALIES, len(by_class)), MOST_ANOMALIES) if anomalous is None else anomalous
    return (*normals[:normal], *in_turn[:count])


def of_first_clips(samples: Sequence[Sample], *, count: int = 3) -> list[Sample]:
    """Return the frames of the first clips, of more where those hold one kind of frames alone; of images all.

    Frames of a clip follow one another. The thesis's Figures 4.9 and 4.10 are of the first three.
    """
    chosen: list[Sample] = []
    for place, (_, clip) in enumerate(itertools.groupby(samples, key=lambda sample: sample.group)):
        if place >= count and chosen[0].number is not None and len({sample.label for sample in chosen}) == 2:
            break
        chosen += clip
    return chosen


def reconstruct(network: Autoencoder, samples: Sequence[Sample], pixels: Tensor) -> Reconstructed:
    """Return what a network makes of samples; `pixels` are theirs, (N, C, H, W) uint8."""
    batches = reconstructed_samples(network, samples, pixels)
    images, reconstructions = (torch.cat(parts) for parts in zip(*batches, strict=True))
    mse, ssim = mean_squared_error(images, reconstructions), structural_similarity(images, reconstructions)
    return Reconstructed(images=images, reconstructions=reconstructions, mse=mse.tolist(), ssim=ssim.tolist())


def mean_squared_error(images: Images, others: Images) -> Tensor:
    """Return each pair's mean squared error, (N,)."""
    return squared_error_values(images, others).mean((1, 2, 3))


def structural_similarity(images: Images, others: Images) -> Tensor:
    """Return each pair's SSIM where its window fits, (N,) (Eq. 3.9)."""
    similarity: Tensor = 1 - dissimilarity_values(images, others).mean((1, 2, 3))
    return similarity


def sample_name(sample: Sample) -> str:
    """Return an image's class and file, or a frame's class, clip and number."""
    if sample.number is None:
        return f"{sample.kind} {sample.path.name}"
    return f"{sample.kind} {sample.group} {sample.number}"


def sample_record(sample: Sample) -> dict[str, Any]:
    """Return which image is shown, for the JSON; a frame by its clip and number, too."""
    frame = {} if sample.number is None else {"clip": sample.group, "frame": sample.number}
    image = {name: getattr(sample, name) for name in ("kind", "label", "sha256")}
    return {**frame, "file": sample.path.name, **image}
