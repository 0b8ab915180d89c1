"""Tables 4.6 to 4.9 on whatever data is at hand: mean and spread over seeds, the thesis's figure beside."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_ad.data.layouts import read_dataset
from xai_ad.experiments import published
from xai_ad.experiments.base import Experiment, Request, Source
from xai_ad.experiments.cells import ATTENTION, REGULARISATION, STRENGTHENING, Variant, run_cells
from xai_ad.experiments.pages import html_page, html_table, markdown_table, write_results
from xai_ad.experiments.statistics import Summary, summarise
from xai_ad.networks import build_network, count_parameters
from xai_ad.store import StoredModel

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = {
    "auc_roc": "AUC-ROC", "auc_pr": "AUC-PR", "eer": "EER", "precision": "Precision", "recall": "Recall", "f1": "F1",
    "mean": "mean of classes", "auc_roc_ssim": "AUC-ROC, SSIM map", "pixel_auc_roc": "pixel AUC-ROC",
    "pixel_auc_roc_ssim": "pixel AUC-ROC, SSIM map", "aupro": "AUPRO", "aupro_ssim": "AUPRO, SSIM map",
}  # fmt: skip
"""What is measured of every cell, and how it is headed; columns that a dataset has no figures for are left out."""

_WEIGHTED = ("precision", "recall", "f1")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One of the thesis's tables: its rows, and whether its columns are the anomalous classes or the metrics of 4.3."""

    id: str
    title: str
    section: str
    variants: tuple[Variant, ...]
    published: Mapping[str, Mapping[str, published.Row]]
    by_class: bool

    def run(self, request: Request) -> tuple[Path, ...]:
        """Train what is missing, and write the table as JSON, Markdown and a page."""
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
            header, rows = _cells_of(block)
            markdown += [f"## {block['dataset']}", markdown_table(header, rows), *block["notes"]]
            figures += [f"<h2>{html.escape(block['dataset'])}</h2>", html_table(header, rows), _bars(block)]
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
        found = run_cells(request, source, self.variants)
        thesis = published.published_rows(self.published, dataset, source.layout)
        measured = {
            name: measured_columns(models, str(request.protocol), by_class=self.by_class)
            for name, models in found.items()
        }
        notes = []
        if thesis and source.layout == "mvtec":
            notes.append("The thesis's figures are means over all 15 categories of MVTec AD.")
        return {
            "dataset": dataset,
            "layout": source.layout,
            "notes": notes,
            "rows": [
                {
                    "variant": variant.name,
                    "title": variant.title,
                    "parameters": count_parameters(
                        build_network(variant.network, options=dict(variant.options))
                    ),
                    "measured": {name: asdict(value) for name, value in measured[variant.name].items()},
                    "thesis": dict(thesis.get(variant.name, {})),
                }
                for variant in self.variants
            ],
        }


def measured_columns(
    models: Sequence[StoredModel], protocol: str, *, by_class: bool = False
) -> dict[str, Summary]:
    """Summarise the figures that every one of the models has, over the models; classes in front where asked for."""
    rows = [figures_of(stored, protocol, by_class=by_class) for stored in models]
    return {
        name: summarise([row[name] for row in rows]) for name in rows[0] if all(name in row for row in rows)
    }


def figures_of(stored: StoredModel, protocol: str, *, by_class: bool = False) -> dict[str, float]:
    """Return a model's recorded figures by column; precision, recall and F1 are the weighted ones."""
    metrics = stored.card.metrics[protocol]
    weighted = metrics["weighted"] or {}
    figures = {**metrics, **{name: weighted.get(name) for name in _WEIGHTED}}
    figures["mean"] = float(np.mean(list(metrics["per_class"].values())))
    chosen = dict(metrics["per_class"]) if by_class else {}
    chosen |= {name: figures.get(name) for name in COLUMNS}
    return {name: float(value) for name, value in chosen.items() if value is not None}


def _cells_of(block: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a block's table, as text."""
    names = list(block["rows"][0]["measured"])
    header = ["", "parameters", *(COLUMNS.get(name, name) for name in names)]
    rows = [
        [
            row["title"],
            f"{row['parameters']:,}",
            *(cell_text(row["measured"].get(name), row["thesis"].get(name)) for name in names),
        ]
        for row in block["rows"]
    ]
    return header, rows


def cell_text(measured: Mapping[str, Any] | None, thesis: float | None) -> str:
    """Return a figure as `mean ± spread [thesis]`.

    >>> cell_text({"mean": 0.71234, "spread": 0.01}, 0.72)
    '0.712 ± 0.010 [0.720]'
    """
    if measured is None:
        return "-"
    spread = "" if measured["spread"] is None else f" ± {measured['spread']:.3f}"
    beside = "" if thesis is None else f" [{thesis:.3f}]"
    return f"{measured['mean']:.3f}{spread}{beside}"


def _bars(block: Mapping[str, Any]) -> "Figure":
    """A bar for each row and column, with its spread; the thesis's figures as markers."""
    from plotly.graph_objects import Bar, Figure, Scatter

    names = list(block["rows"][0]["measured"])
    labels = [COLUMNS.get(name, name) for name in names]
    figure = Figure()
    for row in block["rows"]:
        measured = [row["measured"].get(name) for name in names]
        figure.add_trace(
            Bar(
                name=row["title"],
                x=labels,
                y=[None if value is None else value["mean"] for value in measured],
                error_y={
                    "type": "data",
                    "array": [0 if value is None else value["spread"] or 0 for value in measured],
                },
            )
        )
        known = [
            (label, row["thesis"][name])
            for name, label in zip(names, labels, strict=True)
            if name in row["thesis"]
        ]
        if known:
            x, y = zip(*known, strict=True)
            figure.add_trace(
                Scatter(
                    name=f"{row['title']}, thesis",
                    x=x,
                    y=y,
                    mode="markers",
                    marker={"symbol": "diamond-open"},
                )
            )
    figure.update_layout(barmode="group", yaxis={"range": [0, 1], "title": "figure"}, height=480)
    return figure


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
        by_class=False,
    ),
    Table(
        id="table-4.9",
        title="Table 4.9: SVDD encoder regularisation",
        section="4.8",
        variants=REGULARISATION,
        published=published.TABLE_4_9,
        by_class=False,
    ),
)
TABLES = tuple(
    Experiment(id=table.id, title=table.title, section=table.section, run=table.run) for table in _TABLES
)
