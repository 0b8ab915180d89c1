"""What a figure is: a drawing of each dataset, written as a picture, a page, a text and the numbers shown."""

import html
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from PIL import Image as Pillow

from xai_ad.data.layouts import read_dataset
from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.cells import Variant
from xai_ad.thesis.figures.bar_drawing import draw_bars
from xai_ad.thesis.figures.bars import Bars
from xai_ad.thesis.figures.chart import Chart
from xai_ad.thesis.figures.chart_drawing import draw_chart
from xai_ad.thesis.figures.grid import Grid, draw_grid
from xai_ad.thesis.figures.plotting import bar_figure, chart_figure, grid_figure
from xai_ad.thesis.pages import html_page, html_table, markdown_table, write_results
from xai_ad.thesis.recurrent import asked_for, require_videos

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Shown: TypeAlias = Grid | Chart | Bars
"""What a figure can be."""

SEED = 0
"""Figures show the cells of this seed."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What a figure shows of one dataset.

    Its picture gets its title from the figure. `numbers` stand in the JSON; `table` is a header and its rows, which the
    text and the page print under the picture.
    """

    shown: Shown
    numbers: dict[str, Any]
    table: tuple[list[str], list[list[str]]]
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class ThesisFigure:
    """One of the thesis's figures; `draw` raises where a dataset does not hold what the figure is about.

    One that is `of_videos` refuses pictures; of `variants`, where there are any, a request may choose what is trained.
    """

    id: str
    title: str
    section: str
    intro: str
    draw: Callable[[Request, Source], Drawing]
    of_videos: bool = False
    variants: tuple[Variant, ...] = ()

    def run(self, request: Request) -> tuple[Path, ...]:
        """Train what is missing; write Markdown, page and JSON, and `<id>-<dataset>.png` for each dataset."""
        for source in request.sources if self.of_videos else ():
            require_videos(source, of=self.id)
        if self.variants:
            asked_for(request, self.variants)
        drawings = dict(self._drawn(request, source) for source in request.sources)
        record = {
            "experiment": self.id,
            "section": self.section,
            "title": self.title,
            "protocol": str(request.protocol),
            "seed": SEED,
            "recipe": request.recipe.plain(),
            "datasets": [
                {
                    "dataset": name,
                    "picture": self._picture_name(name),
                    "notes": drawing.notes,
                    **drawing.numbers,
                }
                for name, drawing in drawings.items()
            ],
        }
        written = write_results(
            request.output,
            self.id,
            record,
            markdown=self._markdown(drawings),
            page=self._page(drawings),
        )
        return *written, *(self._write_picture(request.output, *item) for item in drawings.items())

    def as_experiment(self) -> Experiment:
        """Return the registry's entry."""
        return Experiment(
            id=self.id,
            title=self.title,
            section=self.section,
            run=self.run,
            variants=tuple(variant.name for variant in self.variants),
        )

    def _drawn(self, request: Request, source: Source) -> tuple[str, Drawing]:
        """A dataset's name and its drawing, which is headed by the figure's title and that name."""
        drawing = self.draw(request, source)
        name = read_dataset(source.data, source.layout).name
        return name, replace(drawing, shown=replace(drawing.shown, title=f"{self.title}. Data: {name}"))

    def _picture_name(self, dataset: str) -> str:
        return f"{self.id}-{dataset}.png"

    def _write_picture(self, output: Path, dataset: str, drawing: Drawing) -> Path:
        path = output / self._picture_name(dataset)
        picture_of(drawing.shown).save(path)
        return path

    def _markdown(self, drawings: dict[str, Drawing]) -> str:
        parts = [f"# {self.title}", f"Section {self.section} of the thesis. {self.intro}"]
        for name, drawing in drawings.items():
            parts += [f"## {name}", f"![{self.title}, {name}]({self._picture_name(name)})"]
            parts += [markdown_table(*drawing.table), *drawing.notes]
        return "\n\n".join(parts) + "\n"

    def _page(self, drawings: dict[str, Drawing]) -> str:
        parts: list[str | Figure] = [f"<p>Section {self.section} of the thesis. {self.intro}</p>"]
        for name, drawing in drawings.items():
            parts += [f"<h2>{html.escape(name)}</h2>", plot_of(drawing.shown)]
            sentences = (drawing.shown.note, *drawing.notes)
            parts += [f"<p>{html.escape(sentence)}</p>" for sentence in sentences if sentence]
            parts.append(html_table(*drawing.table))
        return html_page(self.title, parts)


def picture_of(shown: Shown) -> Pillow.Image:
    """Return what is shown as a picture."""
    if isinstance(shown, Grid):
        return draw_grid(shown)
    return draw_chart(shown) if isinstance(shown, Chart) else draw_bars(shown)


def plot_of(shown: Shown) -> "Figure":
    """Return what is shown as a Plotly figure."""
    if isinstance(shown, Grid):
        return grid_figure(shown)
    return chart_figure(shown) if isinstance(shown, Chart) else bar_figure(shown)
