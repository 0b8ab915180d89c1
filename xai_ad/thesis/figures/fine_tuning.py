"""Figure 4.7: what SVDD fine-tuning changes in BCAE1's reconstructions."""

from typing import Any

import torch

from xai_ad.detector.losses import squared_error_values
from xai_ad.presentation.render import to_picture
from xai_ad.store import load_image_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import REGULARISATION
from xai_ad.thesis.figures.base import Drawing, ThesisFigure
from xai_ad.thesis.figures.colour import diverging_picture, sequential_picture
from xai_ad.thesis.figures.grid import Grid, Tile
from xai_ad.thesis.figures.shown import (
    STATED_CHOICE,
    choose_samples,
    class_name,
    column_name,
    first_cells,
    load_shown,
    rebuild,
    reported_samples,
    sample_name,
    sample_record,
)

HIGHEST = 0.99
"""The residuals' scale ends at this quantile of those shown, so that the worst defect does not darken the rest."""


def draw_fine_tuning(request: Request, source: Source) -> Drawing:
    """Draw input, both reconstructions, their residuals on one scale, and the reconstructions' difference."""
    samples = choose_samples(reported_samples(request, source))
    cells = first_cells(request, source, REGULARISATION)
    pixels = load_shown(samples, cells[0])
    before, after = (rebuild(load_image_network(stored), pixels) for stored in cells)
    images = before.images
    residuals = [
        squared_error_values(images, each.reconstructions).mean(dim=1).sqrt() for each in (before, after)
    ]  # (N, H, W) each
    scale = float(torch.stack(residuals).flatten().double().quantile(HIGHEST).clamp_min(1e-12))
    differences = (after.reconstructions - before.reconstructions).mean(dim=1)  # (N, H, W)
    reach = float(differences.abs().max().clamp_min(1e-12))
    tiles = tuple(
        (
            Tile(picture=to_picture(images[row])),
            before.tile(row),
            after.tile(row),
            *(Tile(picture=sequential_picture((maps[row] / scale).numpy())) for maps in residuals),
            Tile(
                picture=diverging_picture((differences[row] / reach).numpy()),
                caption=(f"largest change {float(differences[row].abs().max()):.4f}",),
            ),
        )
        for row in range(len(samples))
    )
    shown = Grid(
        columns=(
            "input",
            *(column_name(*pair, request) for pair in zip(REGULARISATION, cells, strict=True)),
            "residual\nbefore",
            "residual\nafter",
            "after - before",
        ),
        rows=tuple(map(class_name, samples)),
        tiles=tiles,
        note=(
            f"Residuals are the roots of squared errors averaged over the channels, on one scale from 0, black, to "
            f"{scale:.4f}, pale (the {HIGHEST:.0%} quantile of those shown). The last column is the reconstructions' difference, averaged "
            f"over the channels, from -{reach:.4f}, blue, to {reach:.4f}, orange."
        ),
        side=180,
    )
    rows: list[dict[str, Any]] = [
        {
            **sample_record(sample),
            "before": before.record(row),
            "after": after.record(row),
            "largest_change": float(differences[row].abs().max()),
        }
        for row, sample in enumerate(samples)
    ]
    header = ["image", "MSE before", "MSE after", "change", "largest change of a pixel"]
    table = [
        [
            sample_name(sample),
            f"{row['before']['mse']:.6f}",
            f"{row['after']['mse']:.6f}",
            f"{row['after']['mse'] / row['before']['mse'] - 1:+.2%}",
            f"{row['largest_change']:.4f}",
        ]
        for row, sample in zip(rows, samples, strict=True)
    ]
    numbers = {"residual_scale": scale, "difference_scale": reach, "images": rows}
    return Drawing(shown=shown, numbers=numbers, table=(header, table))


FINE_TUNING = ThesisFigure(
    id="figure-4.7",
    title="Figure 4.7: reconstructions before and after SVDD fine-tuning",
    section="4.8",
    intro=f"What fine-tuning the encoder's last layer changes in the reconstructions. {STATED_CHOICE}",
    draw=draw_fine_tuning,
)
