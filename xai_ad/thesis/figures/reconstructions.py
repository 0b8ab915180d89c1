"""Figures 4.3, 4.4 and 4.6: images and what the variants' cells make of them."""

import functools
from typing import Any

from xai_ad.data.images import to_float
from xai_ad.presentation.render import to_picture
from xai_ad.store import load_image_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import ATTENTION, STRENGTHENING, Variant
from xai_ad.thesis.figures.base import Drawing, ThesisFigure
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
    short_name,
)


def draw_reconstructions(request: Request, source: Source, *, variants: tuple[Variant, ...]) -> Drawing:
    """Draw a row for each image: itself, then its reconstructions with their errors."""
    samples = choose_samples(reported_samples(request, source))
    cells = first_cells(request, source, variants)
    pixels = load_shown(samples, cells[0])
    rebuilt = [rebuild(load_image_network(stored), pixels) for stored in cells]
    images = to_float(pixels)
    tiles = tuple(
        (Tile(picture=to_picture(images[row])), *(each.tile(row) for each in rebuilt))
        for row in range(len(samples))
    )
    names = [short_name(variant) for variant in variants]
    shown = Grid(
        columns=("input", *map(column_name, variants, cells, [request] * len(cells))),
        rows=tuple(map(class_name, samples)),
        tiles=tiles,
        note="MSE and SSIM compare a reconstruction with its input; AUC-ROC is over all reported images.",
    )
    rows: list[dict[str, Any]] = [
        {
            **sample_record(sample),
            "models": {
                variant.name: each.record(row) for variant, each in zip(variants, rebuilt, strict=True)
            },
        }
        for row, sample in enumerate(samples)
    ]
    header = ["image", *(f"{name}: MSE / SSIM" for name in names)]
    table = [
        [
            sample_name(sample),
            *(f"{each.mse[row]:.4f} / {each.ssim[row]:.3f}" for each in rebuilt),
        ]
        for row, sample in enumerate(samples)
    ]
    return Drawing(shown=shown, numbers={"images": rows}, table=(header, table))


def _figure(number: str, what: str, section: str, variants: tuple[Variant, ...]) -> ThesisFigure:
    return ThesisFigure(
        id=f"figure-{number}",
        title=f"Figure {number}: {what}",
        section=section,
        intro=f"Images and their reconstructions. {STATED_CHOICE}",
        draw=functools.partial(draw_reconstructions, variants=variants),
    )


RECONSTRUCTIONS = (
    _figure("4.3", "reconstructions, kernel strengthening (thesis: HAM10000)", "4.5, 4.6", STRENGTHENING),
    _figure("4.4", "reconstructions, kernel strengthening (thesis: DDDS)", "4.5, 4.6", STRENGTHENING),
    _figure("4.6", "reconstructions of attention-based models", "4.7", ATTENTION),
)
