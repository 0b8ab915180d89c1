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
    """What a figure shows of one dataset; its title is the figure's.

    `numbers` stand in the JSON; text and page have the table and the notes below the figure.
    """

    shown: Shown
    numbers: dict[str, Any]
    table: Rows
    notes: tuple[str, ...] = ()


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
        parts: list[Part] = [f"Section {own.section} of the thesis. {own.intro}"]
        datasets = []
        for source in request.sources:
            drawing = draw(request, source)
            dataset = source.name
            file = f"{own.id}-{dataset}.png"
            shown = replace(drawing.shown, title=f"{own.title}. Data: {dataset}")
            parts += [Heading(dataset), Drawn(shown=shown, alt=f"{own.title}, {dataset}", file=file)]
            parts += [drawing.table, *drawing.notes]
            datasets.append({"dataset": dataset, "picture": file, "notes": drawing.notes, **drawing.numbers})
        record = own.heading(request) | {"seed": SEED, "recipe": request.recipe.plain(), "datasets": datasets}
        return Report(title=own.title, parts=parts, record=record)

    return experiment(name, answer, of_videos=of_videos, variants=[variant.name for variant in variants])
