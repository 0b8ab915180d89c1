"""What a figure is: a drawing of each dataset, written as an image, a page, a text and the numbers shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.report import Drawn, Heading, Part, Report, Rows
from xai_ad.thesis.shown import Shown
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
    title: str,
    section: str,
    intro: str,
    draw: Callable[[Request, Source], Drawing],
    *,
    of_videos: bool = False,
    variants: tuple[Variant, ...] = (),
) -> Experiment:
    """Return the registry's entry of a figure, which is named by its number or by a word of ours.

    `draw` trains what is missing, and raises where a dataset does not hold what the figure is about.
    """

    def answer(request: Request, experiment: Experiment) -> Report:
        parts: list[Part] = [f"Section {section} of the thesis. {intro}"]
        datasets = []
        for source in request.sources:
            drawing = draw(request, source)
            dataset = source.name
            file = f"{experiment.id}-{dataset}.png"
            shown = replace(drawing.shown, title=f"{experiment.title}. Data: {dataset}")
            drawn = Drawn(shown=shown, alt=f"{experiment.title}, {dataset}", file=file)
            parts += [Heading(dataset), drawn, drawing.table, *drawing.notes]
            datasets.append({"dataset": dataset, "picture": file, "notes": drawing.notes, **drawing.numbers})
        record = {
            "experiment": experiment.id,
            "section": section,
            "title": experiment.title,
            "protocol": str(request.protocol),
            "seed": SEED,
            "recipe": request.recipe.plain(),
            "datasets": datasets,
        }
        return Report(title=experiment.title, parts=parts, record=record)

    numbered = name[0].isdigit()
    return Experiment(
        id=f"figure-{name}" if numbered else name,
        title=f"Figure {name}: {title}" if numbered else title,
        section=section,
        answer=answer,
        of_videos=of_videos,
        variants=tuple(variant.name for variant in variants),
    )
