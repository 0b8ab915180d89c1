"""Figure 3.1: images that SSIM and the squared error rank oppositely (3.4.2)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import NORMAL, Sample
from xai_ad.data.loading import count_channels, load_pixels
from xai_ad.detector.losses import squared_error_values
from xai_ad.errors import DatasetError
from xai_ad.presentation.figures.shown import Grid
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import choose_samples, sample_record, structural_similarity, tiles_of
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
        errors = squared_error_values(reference, others).mean((1, 2, 3))
        mse[row, row + 1 :] = mse[row + 1 :, row] = errors.numpy()
    return ssim, mse


def opposite_triples(ssim: Matrix, mse: Matrix) -> tuple[list[Triple], float]:
    """Return each reference's most oppositely ranked triple, strongest first, and how often the measures disagree.

    The latter is the share, among all references and pairs of other images, that the two measures rank oppositely.
    """
    count = len(ssim)
    apart = ~np.eye(count, dtype=bool)
    spreads = [float(values[apart].std()) or 1.0 for values in (ssim, mse)]
    triples, disagreements = [], 0
    for reference in range(count):
        gaps = [
            (values[reference][:, None] - values[reference][None, :]) / spread  # (N, N): alike, different
            for values, spread in zip((ssim, mse), spreads, strict=True)
        ]
        strength = np.minimum(*gaps)
        strength[reference, :] = strength[:, reference] = -np.inf
        disagreements += int((strength > 0).sum())
        alike, different = (int(place) for place in np.unravel_index(strength.argmax(), strength.shape))
        if strength[alike, different] > 0:
            size = float(strength[alike, different])
            triples.append(Triple(reference=reference, alike=alike, different=different, strength=size))
    pairs = count * (count - 1) * (count - 2) / 2
    return sorted(triples, key=lambda triple: -triple.strength), disagreements / pairs


def distinct(triples: list[Triple], count: int) -> list[Triple]:
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
    chosen = distinct(triples, SHOWN)
    records = [_record(triple, samples, ssim, mse) for triple in chosen]
    tiles = []
    for triple in chosen:
        place, others = triple.reference, [triple.alike, triple.different]
        captions = [f"SSIM {ssim[place, other]:.3f}, MSE {mse[place, other]:.4f}" for other in others]
        tiles.append((*tiles_of(images[[place]]), *tiles_of(images[others], captions)))
    shown = Grid(
        columns=("reference", "nearer by SSIM", "nearer by squared error"),
        rows=tuple(f"{number}" for number in range(1, len(chosen) + 1)),
        tiles=tuple(tiles),
        note="SSIM and MSE compare each image with the reference in front of it; MSE in units of the squared range.",
        side=220,
    )
    header = ["triple", "SSIM, alike", "SSIM, different", "MSE, alike", "MSE, different"]
    measured = [
        (f"{number}", record["alike"], record["different"]) for number, record in enumerate(records, start=1)
    ]
    table = [
        [name, *(f"{pair['ssim']:.3f}" for pair in pairs), *(f"{pair['mse']:.4f}" for pair in pairs)]
        for name, *pairs in (*measured, ("thesis", THESIS["alike"], THESIS["different"]))
    ]
    numbers = {"searched": len(samples), "disagreement": disagreement, "triples": records, "thesis": THESIS}
    note = (
        f"Of all triples of {len(samples)} normal images, the two measures rank {disagreement:.1%} oppositely. The "
        "strongest are shown, without repeating an image: strongest by the smaller of both gaps, in standard deviations "
        "over all pairs."
    )
    return Drawing(shown=shown, numbers=numbers, table=Rows(header, table), notes=(note,))


def _record(triple: Triple, samples: tuple[Sample, ...], ssim: Matrix, mse: Matrix) -> dict[str, Any]:
    def other(index: int) -> dict[str, Any]:
        place = triple.reference, index
        return {**sample_record(samples[index]), "ssim": float(ssim[place]), "mse": float(mse[place])}

    return {
        "strength": triple.strength,
        "reference": sample_record(samples[triple.reference]),
        "alike": other(triple.alike),
        "different": other(triple.different),
    }


SIMILARITY = figure("figure-3.1", draw_similarity)
