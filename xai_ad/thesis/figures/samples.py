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
from xai_ad.detector.streams import as_frames, reconstructed_frames
from xai_ad.networks import Autoencoder
from xai_ad.presentation.figures.shown import Grid, Tile
from xai_ad.presentation.render import to_picture
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
    """What a figure of images shows: samples, their pixels, (N, C, H, W) uint8, and a network of each variant."""

    samples: tuple[Sample, ...]
    cells: list[StoredModel]
    pixels: Tensor
    networks: list[Autoencoder]

    def grid(self, columns: Sequence[tuple[str, Sequence[Tile]]], *, note: str, side: int = 192) -> Grid:
        """Return a row for each image: itself, then its tile of each named column."""
        names, tiles = zip(("input", tiles_of(to_float(self.pixels))), *columns, strict=True)
        return Grid(
            columns=names,
            rows=tuple(map(class_name, self.samples)),
            tiles=tuple(zip(*tiles, strict=True)),
            note=note,
            side=side,
        )

    def records(self, *each: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return which images are shown, for the JSON, each with its dictionaries of figures."""
        return [
            {**sample_record(sample), **{name: value for figures in own for name, value in figures.items()}}
            for sample, *own in zip(self.samples, *each, strict=True)
        ]


def tiles_of(images: Images, captions: Sequence[str] = ()) -> list[Tile]:
    """Return images, (N, C, H, W), as tiles, with a line below each where there are any."""
    lines: list[tuple[str, ...]] = [(caption,) for caption in captions] or [()] * len(images)
    return [
        Tile(image=to_picture(image), caption=caption) for image, caption in zip(images, lines, strict=True)
    ]


def choose_material(
    request: Request, source: Source, variants: Sequence[Variant], *, count: tuple[int, int] | None = None
) -> Material:
    """Choose the images that are shown, and load their pixels and the variants' cells."""
    normal, anomalous = count or (NORMALS, None)
    samples = choose_samples(reported_samples(request, source), normal=normal, anomalous=anomalous)
    cells = first_cells(request, source, variants)
    return Material(
        samples=samples,
        cells=cells,
        pixels=load_pixels(samples, cells[0].card.preprocessing),
        networks=[load_network(stored) for stored in cells],
    )


def first_cells(request: Request, source: Source, variants: Iterable[Variant]) -> list[StoredModel]:
    """Return each variant's cell of the seed that figures show, trained where it was not yet."""
    chosen = list(variants)
    clock = Clock(sum(not variant.svdd for variant in chosen), request.recipe.epochs)
    return [cell(request, source, variant, SEED, clock=clock) for variant in chosen]


def reported_samples(request: Request, source: Source) -> tuple[Sample, ...]:
    """Return the samples that figures are reported on; raises `DatasetError` unless both kinds are among them."""
    return require_reported(request, source).test


def choose_samples(
    samples: Sequence[Sample], *, normal: int = NORMALS, anomalous: int | None = None, seed: int = SEED
) -> tuple[Sample, ...]:
    """Choose samples by a seed: normal ones, then the anomalous classes in turn, by name.

    Without a number, as many anomalous ones as figures show (see `ANOMALIES`). The choice depends on the images' bytes
    and classes alone, not on their order or names.
    """
    by_class: dict[str, list[Sample]] = {}
    normals: list[Sample] = []
    generator = np.random.default_rng(seed)
    ordered = sorted(samples, key=lambda sample: (sample.kind, sample.sha256))
    for place in generator.permutation(len(ordered)):
        sample = ordered[place]
        members = normals if sample.label == NORMAL else by_class.setdefault(sample.kind, [])
        members.append(sample)
    turns = itertools.zip_longest(*(by_class[kind] for kind in sorted(by_class)))
    in_turn = [sample for turn in turns for sample in turn if sample is not None]
    count = min(max(ANOMALIES, len(by_class)), MOST_ANOMALIES) if anomalous is None else anomalous
    return (*normals[:normal], *in_turn[:count])


def reconstruct(network: Autoencoder, pixels: Tensor) -> Reconstructed:
    """Reconstruct 8-bit images, (N, C, H, W)."""
    parts = list(reconstructed_frames(network, as_frames(pixels)))
    images = torch.cat([part.images for part in parts])
    reconstructions = torch.cat([part.reconstructions for part in parts])
    return Reconstructed(
        images=images,
        reconstructions=reconstructions,
        mse=squared_error_values(images, reconstructions).mean((1, 2, 3)).tolist(),
        ssim=structural_similarity(images, reconstructions).tolist(),
    )


def structural_similarity(images: Images, others: Images) -> Tensor:
    """Return each pair's SSIM where its window fits, (N,) (Eq. 3.9)."""
    similarity: Tensor = 1 - dissimilarity_values(images, others).mean((1, 2, 3))
    return similarity


def class_name(sample: Sample) -> str:
    """Return what a row shows in words: `normal`, or the anomalous class."""
    return "normal" if sample.label == NORMAL else sample.kind.replace("_", "\n")


def sample_name(sample: Sample) -> str:
    """Return an image's class and file, or a frame's class, clip and number."""
    if sample.number is None:
        return f"{sample.kind} {sample.path.name}"
    return f"{sample.kind} {sample.group} {sample.number}"


def of_first_clips(samples: Sequence[Sample], *, count: int = 3) -> tuple[Sample, ...]:
    """Return the frames of the first clips, of more where those hold one kind of frames alone; pictures all.

    Frames of a clip follow one another. The thesis's Figures 4.9 and 4.10 are of the first three.
    """
    if any(sample.number is None for sample in samples):
        return tuple(samples)
    chosen: list[Sample] = []
    for place, (_, clip) in enumerate(itertools.groupby(samples, key=lambda sample: sample.group)):
        if place >= count and len({sample.label for sample in chosen}) == 2:
            break
        chosen += clip
    return tuple(chosen)


def sample_record(sample: Sample) -> dict[str, Any]:
    """Return which image is shown, for the JSON; a frame by its clip and number, too."""
    frame = {} if sample.number is None else {"clip": sample.group, "frame": sample.number}
    return {
        **frame,
        "file": sample.path.name,
        "kind": sample.kind,
        "label": sample.label,
        "sha256": sample.sha256,
    }


def column_name(variant: Variant, stored: StoredModel, request: Request) -> str:
    """Return a variant's name over the AUC-ROC of its cell on the reported images."""
    return f"{variant.short}\nAUC-ROC {stored.card.metrics[str(request.protocol)]['auc_roc']:.3f}"
