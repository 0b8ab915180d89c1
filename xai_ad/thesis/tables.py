"""Tables 4.6 to 4.13 of what is measured, on whatever data is at hand: mean and spread over seeds, the thesis's beside."""

import html
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from xai_ad.data.layouts import find_layout, read_dataset
from xai_ad.networks import build_autoencoder, count_parameters
from xai_ad.thesis import published
from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.cells import ATTENTION, REGULARISATION, STRENGTHENING, Variant, run_cells
from xai_ad.thesis.columns import measured_columns
from xai_ad.thesis.pages import html_page, html_table, markdown_table, write_results
from xai_ad.thesis.published import Row
from xai_ad.thesis.recurrent import (
    RECURRENT,
    asked_for,
    cells_at_hand,
    recurrent_variant,
    require_videos,
    variant_title,
)
from xai_ad.thesis.statistics import Summary
from xai_ad.thesis.table_pages import block_bars, block_cells

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


_OF_VIDEOS = (
    "AUC-ROC and EER are those of the frames' smoothed regularity, each video normalised by itself, as the thesis reports "
    "them; beside them stand those of one normalisation of all videos together. The other figures are of raw scores."
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One of the thesis's tables: its rows, and whether its columns are the anomalous classes or the metrics of 4.3.

    `by_dataset` gives a dataset rows of its own, and `otherwise` those of sets that the thesis does not have; `others`
    are the printed rows of other works. A `selectable` table trains the variants that are asked for, and shows a row
    for all. `shown` are the columns that text and page show, all where it is empty.
    """

    id: str
    title: str
    section: str
    variants: tuple[Variant, ...]
    published: Mapping[str, Mapping[str, Row]]
    by_class: bool = False
    by_dataset: Mapping[str, tuple[Variant, ...]] = field(default_factory=dict)
    otherwise: tuple[Variant, ...] = ()
    others: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    of_videos: bool = False
    selectable: bool = False
    shown: tuple[str, ...] = ()
    title_of: Callable[[Variant], str] = attrgetter("title")

    def run(self, request: Request) -> tuple[Path, ...]:
        """Train what is missing, and write the table as JSON, Markdown and a page."""
        for source in request.sources if self.of_videos else ():
            require_videos(source, of=self.id)
        if self.selectable:
            asked_for(request, self.variants)
        blocks = [self._block(request, source) for source in request.sources]
        record = {
            "experiment": self.id,
            "section": self.section,
            "title": self.title,
            "protocol": str(request.protocol),
            "runs": request.runs,
            "recipe": request.recipe.plain(),
            "datasets": blocks,
        }
        intro = (
            f"{self.title} ({self.section}). Protocol `{request.protocol}`, {request.runs} runs of "
            f"{request.recipe.epochs} epochs; mean ± standard deviation over the runs, the thesis's figure in brackets. "
            "Precision, recall and F1 are averages over both classes weighted by their size, as the thesis reports them."
        )
        markdown, parts = [f"# {self.title}", intro], [f"<p>{intro}</p>"]
        figures: list[str | Figure] = [*parts]
        for block in blocks:
            header, rows = block_cells(block)
            markdown += [f"## {block['dataset']}", markdown_table(header, rows), *block["notes"]]
            figures += [f"<h2>{html.escape(block['dataset'])}</h2>", html_table(header, rows)]
            figures += [] if self.shown else [block_bars(block)]
            figures += [f"<p>{note}</p>" for note in block["notes"]]
        return write_results(
            request.output,
            self.id,
            record,
            markdown="\n\n".join(markdown) + "\n",
            page=html_page(self.title, figures),
        )

    def _block(self, request: Request, source: Source) -> dict[str, Any]:
        dataset = read_dataset(source.data, source.layout).name
        variants = (*self.variants, *self.by_dataset.get(dataset, self.otherwise))
        run = cells_at_hand if self.selectable else run_cells
        found = run(request, source, variants)
        thesis = published.published_rows(self.published, dataset, source.layout)
        measured = {
            name: measured_columns(models, str(request.protocol), by_class=self.by_class)
            for name, models in found.items()
        }
        rows = [
            _row(
                variant.name,
                self.title_of(variant),
                parameters=_parameters(variant),
                measured=measured.get(variant.name, {}),
                thesis=thesis.get(variant.name, {}),
            )
            for variant in variants
        ]
        others = published.published_rows(self.others, dataset, source.layout)
        rows += [_row(None, title, thesis=row) for title, row in others.items()]
        named = dict.fromkeys(name for row in rows for name in (*row["measured"], *row["thesis"]))
        return {
            "dataset": dataset,
            "layout": source.layout,
            "notes": _notes(source, thesis),
            "columns": [name for name in self.shown or named if name in named],
            "rows": rows,
        }


def _row(
    variant: str | None,
    title: str,
    *,
    parameters: int | None = None,
    measured: Mapping[str, Summary] | None = None,
    thesis: Row,
) -> dict[str, Any]:
    """A row as the JSON has it; another work's has neither a variant nor figures of ours."""
    return {
        "variant": variant,
        "title": title,
        "parameters": parameters,
        "measured": {name: asdict(value) for name, value in (measured or {}).items()},
        "thesis": dict(thesis),
    }


def _parameters(variant: Variant) -> int:
    with torch.device("meta"):  # sizes without numbers
        return count_parameters(build_autoencoder(variant.network, options=dict(variant.options)))


def _notes(source: Source, thesis: Mapping[str, Row]) -> list[str]:
    notes = []
    if thesis and source.layout == "mvtec":
        notes.append("The thesis's figures are means over all 15 categories of MVTec AD.")
    if find_layout(source.layout).of_videos:
        notes.append(_OF_VIDEOS)
    return notes


_OVERALL_BEST = recurrent_variant("seq2seq_cgru", 2, "recurrent")
"""What 4.9.2 finds to have the best trade-off."""

_TABLES = (
    Table(
        id="table-4.6",
        title="Table 4.6: kernel strengthening and the compound loss, by class",
        section="4.5, 4.6",
        variants=STRENGTHENING,
        published=published.TABLE_4_6,
        by_class=True,
    ),
    Table(
        id="table-4.7",
        title="Table 4.7: kernel strengthening and the compound loss, driver distraction",
        section="4.5, 4.6",
        variants=STRENGTHENING,
        published=published.TABLE_4_7,
        by_class=True,
    ),
    Table(
        id="table-4.8",
        title="Table 4.8: attention",
        section="4.7",
        variants=ATTENTION,
        published=published.TABLE_4_8,
        others=published.OTHERS_4_8,
    ),
    Table(
        id="table-4.9",
        title="Table 4.9: SVDD encoder regularisation",
        section="4.8",
        variants=REGULARISATION,
        published=published.TABLE_4_9,
        others=published.OTHERS_4_9,
    ),
    Table(
        id="table-4.11",
        title="Table 4.11: the best recurrent network beside BCAE1 and other works",
        section="4.9.2",
        variants=(Variant(network="bcae1"),),
        by_dataset={
            "avenue": (recurrent_variant("cgru", 1, "2d"),),
            "ped1": (recurrent_variant("seq2seq_clstm", 3, "recurrent"),),
            "ped2": (_OVERALL_BEST,),
            "subway_entrance": (recurrent_variant("seq2seq_cgru", 3, "recurrent"),),
            "subway_exit": (recurrent_variant("seq2seq_clstm", 2, "recurrent"),),
        },
        otherwise=(_OVERALL_BEST,),
        published=published.TABLE_4_11,
        others=published.OTHERS_4_11,
        of_videos=True,
        title_of=variant_title,
    ),
    Table(
        id="table-4.13",
        title="Table 4.13: the recurrent networks by recurrent layers and decoder (Y: 2D, N: recurrent)",
        section="4.9.2",
        variants=RECURRENT,
        published=published.TABLE_4_13,
        of_videos=True,
        selectable=True,
        shown=("auc_roc", "auc_roc_global", "eer", "eer_global"),
        title_of=variant_title,
    ),
)
TABLES = tuple(
    Experiment(
        id=table.id,
        title=table.title,
        section=table.section,
        run=table.run,
        variants=tuple(variant.name for variant in table.variants) if table.selectable else (),
    )
    for table in _TABLES
)
