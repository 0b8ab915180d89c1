"""What a figure is: a drawing of each dataset, written as an image, a page, a text and the numbers shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from xai_ad.presentation.figures.shown import Shown
from xai_ad.thesis.base import Experiment, Request, Source, experiment
from xai_ad.thesis.report import Drawn, Heading, Part, Report, Rows
from xai_ad.thesis.variants import Variant

SEED = 0
"""Figures show the cells of this seed."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What a figure shows of one dataset; its title is the figure's, its note too where it has none.

    `numbers` stand in the JSON; text and page have the table and the notes below the figure.
    """

    shown: Shown
    numbers: dict[str, Any]
    table: Rows
    notes: tuple[str, ...] = ()


def introduction(own: Experiment) -> Part:
    """Return what is said above an experiment's figures."""
    return f"Section {own.section} of the thesis. {own.intro}"


def section(own: Experiment, dataset: str, shown: Shown) -> tuple[list[Part], str]:
    """Return the heading and the figure of a dataset, and the name of the figure's file."""
    file = f"{own.id}-{dataset}.png"
    titled = replace(shown, title=f"{own.title}. Data: {dataset}", note=shown.note or own.note)
    return [Heading(dataset), Drawn(shown=titled, alt=f"{own.title}, {dataset}", file=file)], file


def figure(
    name: str,
    draw: Callable[[Request, Source], Drawing],
    *,
    of_videos: bool = False,
    variants: tuple[Variant, ...] = (),
) -> Experiment:
    """Return the registry's entry of a figure.

    `draw` trains what is missing, and raises where a dataset does not hold what the figure is about.
    """

    def answer(request: Request, own: Experiment) -> Report:
        parts = [introduction(own)]
        datasets = []
        for source in request.sources:
            drawing, dataset = draw(request, source), source.name
            own_parts, file = section(own, dataset, drawing.shown)
            parts += [*own_parts, drawing.table, *drawing.notes]
            datasets.append({"dataset": dataset, "picture": file, "notes": drawing.notes, **drawing.numbers})
        record = own.heading(request) | {"seed": SEED, "recipe": request.recipe.plain(), "datasets": datasets}
        return Report(title=own.title, parts=parts, record=record)

    return experiment(name, answer, of_videos=of_videos, variants=[variant.name for variant in variants])
