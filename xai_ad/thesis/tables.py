"""Tables 4.6 to 4.13, on whatever data is at hand: mean and spread over seeds, the thesis's figures beside.

Table 4.12 needs no data: it counts the recurrent networks' parameters.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch

from xai_ad.data.layouts import find_layout
from xai_ad.networks import build_autoencoder, count_parameters, network_spec
from xai_ad.presentation.figures.renderer import PALETTE
from xai_ad.presentation.figures.shown import Bar, Bars
from xai_ad.thesis.base import Experiment, Request, Source, experiment
from xai_ad.thesis.cells import run_cells, variants_at_hand
from xai_ad.thesis.columns import COLUMNS, cell_text, measured_columns
from xai_ad.thesis.published import printed
from xai_ad.thesis.report import Drawn, Heading, Part, Report, Rows
from xai_ad.thesis.variants import (
    ATTENTION,
    RECURRENT,
    REGULARISATION,
    STRENGTHENING,
    Variant,
    variant_named,
    variants_named,
)

_OF_VIDEOS = (
    "AUC-ROC and EER are those of the frames' smoothed regularity, each video normalised by itself, as the thesis reports "
    "them; beside them stand those of one normalisation of all videos together. The other figures are of raw scores."
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One of the thesis's tables: its rows, and whether its columns are the anomalous classes or the metrics of 4.3.

    A table `by_dataset` compares the variants that the thesis prints for a set, and these variants elsewhere. A
    `selectable` one trains the variants that are asked for, and shows a row for all. `shown` are the columns that text
    and page show, all where it is empty.
    """

    number: str
    variants: tuple[Variant, ...]
    by_class: bool = False
    by_dataset: bool = False
    of_videos: bool = False
    selectable: bool = False
    shown: tuple[str, ...] = ()

    def as_experiment(self) -> Experiment:
        """Return the registry's entry."""
        names = [variant.name for variant in self.variants] if self.selectable else []
        return experiment(f"table-{self.number}", self._answer, of_videos=self.of_videos, variants=names)

    def _answer(self, request: Request, own: Experiment) -> Report:
        """Train what is missing."""
        blocks = [self._block(request, source) for source in request.sources]
        record: dict[str, Any] = own.heading(request) | {"runs": request.runs}
        record |= {"recipe": request.recipe.plain(), "datasets": blocks}
        intro = (
            f"{own.title} ({own.section}). Protocol `{request.protocol}`, {request.runs} runs of "
            f"{request.recipe.epochs} epochs; mean ± standard deviation over the runs, the thesis's figure in brackets. "
            "Precision, recall and F1 are averages over both classes weighted by their size, as the thesis reports them."
        )
        parts: list[Part] = [intro]
        for block in blocks:
            parts += [Heading(block["dataset"]), _table(block)]
            if not self.shown:
                parts.append(Drawn(shown=_bars(block), alt=f"{own.title}, {block['dataset']}"))
            parts += block["notes"]
        return Report(title=own.title, parts=parts, record=record)

    def _block(self, request: Request, source: Source) -> dict[str, Any]:
        """A dataset's rows: ours, and below them other works', which have no figures of ours."""
        dataset = source.name
        thesis = printed(self.number).rows(dataset, source.layout)
        variants = variants_named(*thesis) if self.by_dataset and thesis else self.variants
        chosen = variants_at_hand(request, source, variants) if self.selectable else variants
        measured = {
            name: measured_columns(models, str(request.protocol), by_class=self.by_class)
            for name, models in run_cells(request, source, chosen).items()
        }
        rows: list[dict[str, Any]] = [
            {
                "variant": variant.name,
                "title": variant.short if variant.recurrent else variant.title,
                "parameters": _parameters(variant),
                "measured": {name: asdict(figure) for name, figure in measured.get(variant.name, {}).items()},
                "thesis": dict(thesis.get(variant.name, {})),
            }
            for variant in variants
        ]
        rows += [
            {"variant": None, "title": work, "parameters": None, "measured": {}, "thesis": dict(row)}
            for work, row in printed(self.number).others(dataset, source.layout).items()
        ]
        named = dict.fromkeys(name for row in rows for name in (*row["measured"], *row["thesis"]))
        notes = []
        if thesis and source.layout == "mvtec":
            notes.append("The thesis's figures are means over all 15 categories of MVTec AD.")
        if find_layout(source.layout).of_videos:
            notes.append(_OF_VIDEOS)
        return {
            "dataset": dataset,
            "layout": source.layout,
            "notes": notes,
            "columns": [name for name in self.shown or named if name in named],
            "rows": rows,
        }


def _parameters(variant: Variant) -> int:
    with torch.device("meta"):  # sizes without numbers
        return count_parameters(build_autoencoder(variant.network, options=dict(variant.options)))


def _bar(row: Mapping[str, Any], column: str) -> Bar:
    """Our mean, its spread, and the thesis's figure."""
    measured = row["measured"].get(column, {})
    return Bar(value=measured.get("mean"), spread=measured.get("spread"), thesis=row["thesis"].get(column))


def _table(block: Mapping[str, Any]) -> Rows:
    rows = []
    for row in block["rows"]:
        parameters = "-" if row["parameters"] is None else f"{row['parameters']:,}"
        bars = (_bar(row, name) for name in block["columns"])
        rows.append(
            [row["title"], parameters, *(cell_text(bar.value, bar.spread, bar.thesis) for bar in bars)]
        )
    return Rows(["", "parameters", *(COLUMNS.get(name, name) for name in block["columns"])], rows)


def _bars(block: Mapping[str, Any]) -> Bars:
    """A bar for each measured row and column."""
    rows = [row for row in block["rows"] if row["measured"]]
    return Bars(
        groups=tuple(COLUMNS.get(name, name) for name in block["columns"]),
        series=tuple((row["title"], PALETTE[place]) for place, row in enumerate(rows)),
        bars=tuple(tuple(_bar(row, name) for row in rows) for name in block["columns"]),
        y_title="figure, as a share of 1",
    )


def count_all() -> list[dict[str, Any]]:
    """Count all 54 networks, as Table 4.12 orders them: by network, then the decoder's kind, then recurrent layers.

    A row has what is `built`, what that is `counted` as with the unused weights, and what the `thesis` counts.
    """
    counts = []
    for name, figures in printed("4.12").variants[""].items():
        variant = variant_named(name)
        spec, (layers, decoder) = network_spec(variant.network), variant.configuration
        built = _parameters(variant)
        counts.append(
            {
                "network": variant.network,
                "decoder": str(decoder),
                "recurrent_layers": layers,
                "built": built,
                "counted": built + spec.unbuilt_parameters(spec.config(**variant.options)),
                "thesis": int(figures["parameters"]),
            }
        )
    return counts


def _counted(_: Request, own: Experiment) -> Report:
    counts = count_all()
    equal = sum(count["counted"] == count["thesis"] for count in counts)
    table = Rows.of(
        counts,
        {
            "network": lambda count: network_spec(count["network"]).title,
            "decoder": "{decoder}".format_map,
            "recurrent layers": "{recurrent_layers}".format_map,
            "thesis, millions": lambda count: f"{count['thesis'] / 1e6:.2f}",
            "thesis": "{thesis:,}".format_map,
            "counted": "{counted:,}".format_map,
            "built": "{built:,}".format_map,
        },
    )
    record = {
        "experiment": own.id,
        "section": own.section,
        "title": own.title,
        "equal": equal,
        "rows": counts,
    }
    verdict = f"{equal} of {len(counts)} counts equal the thesis's."
    return Report(title=own.title, parts=(own.intro, table, verdict), record=record)


TABLES = (
    Table(number="4.6", variants=STRENGTHENING, by_class=True).as_experiment(),
    Table(number="4.7", variants=STRENGTHENING, by_class=True).as_experiment(),
    Table(number="4.8", variants=ATTENTION).as_experiment(),
    Table(number="4.9", variants=REGULARISATION).as_experiment(),
    Table(
        number="4.11",
        # What 4.9.2 finds to have the best trade-off stands for sets that the thesis does not have.
        variants=variants_named("bcae1", "seq2seq_cgru-decoder_recurrent-recurrent_layers_2"),
        by_dataset=True,
        of_videos=True,
    ).as_experiment(),
    Table(
        number="4.13",
        variants=RECURRENT,
        of_videos=True,
        selectable=True,
        shown=("auc_roc", "auc_roc_global", "eer", "eer_global"),
    ).as_experiment(),
    experiment("table-4.12", _counted, needs_data=False),
)
