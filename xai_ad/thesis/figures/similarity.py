"""Figure 3.1: images that SSIM and the squared error rank oppositely (3.4.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import NORMAL
from xai_ad.data.loading import count_channels, load_pixels
from xai_ad.errors import DatasetError
from xai_ad.presentation.figures.shown import Grid
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import (
    choose_samples,
    mean_squared_error,
    sample_record,
    structural_similarity,
    tiles_of,
)
from xai_ad.thesis.report import Rows
from xai_ad.types import Images

SEARCHED = 120
"""How many normal images are searched, drawn by the seed; each is compared with each other one."""
SHOWN = 3
THESIS = {"alike": {"ssim": 0.68, "mse": 0.019}, "different": {"ssim": 0.61, "mse": 0.017}}
"""What the thesis reports of its example: image 1 beside 2, which looks alike, and beside 3, which does not."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Triple:
    """Three images, by index: SSIM takes `alike` for nearer to `reference`, the squared error `different`."""

    reference: int
    alike: int
    different: int
    strength: float
    """The smaller of both measures' gaps, each in standard deviations over all pairs."""


@torch.inference_mode()
def compare_pairs(images: Images) -> tuple[Matrix, Matrix]:
    """Return SSIM and mean squared error of each image with each other one, (N, N) and (N, N)."""
    count = len(images)
    ssim, mse = np.eye(count), np.zeros((count, count))
    for row in range(count - 1):
        others = images[row + 1 :]
        reference = images[row : row + 1].expand_as(others)
        ssim[row, row + 1 :] = ssim[row + 1 :, row] = structural_similarity(reference, others).numpy()
        mse[row, row + 1 :] = mse[row + 1 :, row] = mean_squared_error(reference, others).numpy()
    return ssim, mse


def opposite_triples(ssim: Matrix, mse: Matrix) -> tuple[list[Triple], float]:
    """Return each reference's most oppositely ranked triple, strongest first, and how often the measures disagree.

    The latter is the share, among all references and pairs of other images, that the two measures rank oppositely.
    """
    count = len(ssim)
    itself = np.eye(count, dtype=bool)
    gaps = [
        (values[:, :, None] - values[:, None, :]) / (float(values[~itself].std()) or 1.0)
        for values in (ssim, mse)
    ]
    strength = np.minimum(*gaps)  # (N, N, N): reference, alike, different
    strength[itself[:, :, None] | itself[:, None, :]] = -np.inf
    triples = []
    for reference, own in enumerate(strength):
        alike, different = (int(place) for place in np.unravel_index(own.argmax(), own.shape))
        if own[alike, different] > 0:
            size = float(own[alike, different])
            triples.append(Triple(reference=reference, alike=alike, different=different, strength=size))
    pairs = count * (count - 1) * (count - 2) / 2
    return sorted(triples, key=lambda triple: -triple.strength), int((strength > 0).sum()) / pairs


def distinct(triples: Sequence[Triple], count: int) -> list[Triple]:
    """Return the first triples that share no image."""
    chosen: list[Triple] = []
    seen: set[int] = set()
    for triple in triples:
        members = {triple.reference, triple.alike, triple.different}
        if not members & seen and len(chosen) < count:
            chosen.append(triple)
            seen |= members
    return chosen


def draw_similarity(request: Request, source: Source) -> Drawing:
    """Search normal images for triples that the measures rank oppositely, and draw the strongest."""
    dataset = source.read()
    normals = [sample for sample in dataset.samples if sample.label == NORMAL]
    samples = choose_samples(normals, normal=SEARCHED)
    if len(samples) < 3:
        raise DatasetError(
            f"Figure 3.1 compares at least 3 normal images, and {str(source.data)!r} has {len(samples)}. Add some."
        )
    request.announce(f"{dataset.name}: comparing {len(samples)} normal images with each other")
    preprocessing = Preprocessing(channels=1 if count_channels(samples) == 1 else 3)
    images = to_float(load_pixels(samples, preprocessing))
    ssim, mse = compare_pairs(images)
    triples, disagreement = opposite_triples(ssim, mse)
    if not triples:
        raise DatasetError(
            f"SSIM and the squared error rank all {len(samples)} images of {str(source.data)!r} alike, which leaves "
            "Figure 3.1 nothing to show. Choose other data."
        )
    tiles, records, table = [], [], []
    for number, triple in enumerate(distinct(triples, SHOWN), start=1):
        pair = [triple.alike, triple.different]
        likeness, errors = (values[triple.reference, pair].tolist() for values in (ssim, mse))
        measured = [*zip(likeness, errors, strict=True)]
        captions = [f"SSIM {value:.3f}, MSE {error:.4f}" for value, error in measured]
        tiles.append((*tiles_of(images[[triple.reference]]), *tiles_of(images[pair], captions)))
        record: dict[str, Any] = {
            "strength": triple.strength,
            "reference": sample_record(samples[triple.reference]),
        }
        for name, place, (value, error) in zip(("alike", "different"), pair, measured, strict=True):
            record[name] = {**sample_record(samples[place]), "ssim": value, "mse": error}
        records.append(record)
        table.append(_row(f"{number}", record))
    shown = Grid(
        columns=("reference", "nearer by SSIM", "nearer by squared error"),
        rows=tuple(number for number, *_ in table),
        tiles=tuple(tiles),
        side=220,
    )
    header = ["triple", "SSIM, alike", "SSIM, different", "MSE, alike", "MSE, different"]
    numbers = {"searched": len(samples), "disagreement": disagreement, "triples": records, "thesis": THESIS}
    note = (
        f"Of all triples of {len(samples)} normal images, the two measures rank {disagreement:.1%} oppositely. The "
        "strongest are shown, without repeating an image: strongest by the smaller of both gaps, in standard deviations "
        "over all pairs."
    )
    table.append(_row("thesis", THESIS))
    return Drawing(shown=shown, numbers=numbers, table=Rows(header, table), notes=(note,))


def _row(name: str, record: Mapping[str, Any]) -> list[str]:
    pairs = [record["alike"], record["different"]]
    return [name, *(f"{pair['ssim']:.3f}" for pair in pairs), *(f"{pair['mse']:.4f}" for pair in pairs)]


SIMILARITY = figure("figure-3.1", draw_similarity)
