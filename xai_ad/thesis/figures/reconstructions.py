"""Figures 4.3, 4.4, 4.6 and 4.7: images, the variants' reconstructions of them, and what SVDD changes in these."""

import functools

import torch

from xai_ad.detector.losses import squared_error_values
from xai_ad.presentation.figures.renderer import diverging_image, sequential_image
from xai_ad.presentation.figures.shown import Tile
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import choose_material, sample_name
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import ATTENTION, REGULARISATION, STRENGTHENING, Variant

HIGHEST = 0.99
"""The residuals' scale ends at this quantile of those shown, so that the worst defect does not darken the rest."""


def draw_reconstructions(request: Request, source: Source, *, variants: tuple[Variant, ...]) -> Drawing:
    """Draw a row for each image: itself, then its reconstructions with their errors."""
    shown = choose_material(request, source, variants)
    found = shown.reconstructed()
    numbers, table = [], []
    for row, sample in enumerate(shown.samples):
        models = {variant.name: each.record(row) for variant, each in zip(variants, found, strict=True)}
        numbers.append({"models": models})
        table.append(
            [sample_name(sample), *(f"{each.mse[row]:.4f} / {each.ssim[row]:.3f}" for each in found)]
        )
    return Drawing(
        shown=shown.grid([*zip(shown.titles, (each.tiles() for each in found), strict=True)]),
        numbers={"images": shown.records(numbers)},
        table=Rows(["image", *(f"{variant.short}: MSE / SSIM" for variant in variants)], table),
    )


def draw_fine_tuning(request: Request, source: Source) -> Drawing:
    """Draw input, both reconstructions, their residuals on one scale, and the reconstructions' difference."""
    shown = choose_material(request, source, REGULARISATION)
    before, after = found = shown.reconstructed()
    residuals = [
        squared_error_values(each.images, each.reconstructions).mean(dim=1).sqrt() for each in found
    ]  # (N, H, W) each
    scale = float(torch.stack(residuals).flatten().double().quantile(HIGHEST).clamp_min(1e-12))
    differences = (after.reconstructions - before.reconstructions).mean(dim=1)  # (N, H, W)
    changes = differences.abs().amax((1, 2)).tolist()
    reach = max(*changes, 1e-12)
    tiles = [[Tile(image=sequential_image((each / scale).numpy())) for each in maps] for maps in residuals]
    changed = [
        Tile(image=diverging_image((each / reach).numpy()), caption=(f"largest change {change:.4f}",))
        for each, change in zip(differences, changes, strict=True)
    ]
    columns = [*zip(shown.titles, (before.tiles(), after.tiles()), strict=True)]
    columns += [("residual\nbefore", tiles[0]), ("residual\nafter", tiles[1]), ("after - before", changed)]
    note = (
        f"Residuals are the roots of squared errors averaged over the channels, on one scale from 0, black, to {scale:.4f}, "
        f"pale (the {HIGHEST:.0%} quantile of those shown). The last column is the reconstructions' difference, averaged "
        f"over the channels, from -{reach:.4f}, blue, to {reach:.4f}, orange."
    )
    numbers, table = [], []
    for row, (sample, change) in enumerate(zip(shown.samples, changes, strict=True)):
        numbers.append({"before": before.record(row), "after": after.record(row), "largest_change": change})
        errors = before.mse[row], after.mse[row]
        gained = f"{errors[1] / errors[0] - 1:+.2%}"
        table.append([sample_name(sample), *(f"{error:.6f}" for error in errors), gained, f"{change:.4f}"])
    return Drawing(
        shown=shown.grid(columns, note=note, side=180),
        numbers={"residual_scale": scale, "difference_scale": reach, "images": shown.records(numbers)},
        table=Rows(["image", "MSE before", "MSE after", "change", "largest change of a pixel"], table),
    )


RECONSTRUCTIONS = tuple(
    figure(f"figure-{number}", functools.partial(draw_reconstructions, variants=variants))
    for number, variants in (("4.3", STRENGTHENING), ("4.4", STRENGTHENING), ("4.6", ATTENTION))
)
FINE_TUNING = figure("figure-4.7", draw_fine_tuning)
