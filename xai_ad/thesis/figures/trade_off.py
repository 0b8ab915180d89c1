"""What detection costs (4.9.2): AUC-ROC of the video models at hand against their parameters and their speed."""

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xai_ad.data.layouts import find_layout, read_dataset
from xai_ad.errors import InvalidInputError
from xai_ad.machine.places import shipped_models
from xai_ad.machine.speeds import machine_record
from xai_ad.networks import CLIP_NETWORKS, NETWORKS, count_parameters
from xai_ad.store import CARD, StoredModel, find_model, load, load_network
from xai_ad.thesis import published
from xai_ad.thesis.base import Experiment, Request
from xai_ad.thesis.cells import Variant
from xai_ad.thesis.figures.chart import Chart, Panel, Series
from xai_ad.thesis.figures.chart_drawing import draw_chart
from xai_ad.thesis.figures.plotting import chart_figure
from xai_ad.thesis.figures.shown import short_name
from xai_ad.thesis.pages import html_page, html_table, markdown_table, write_results
from xai_ad.thesis.recurrent import network_name, variant_title
from xai_ad.thesis.results import variant_of
from xai_ad.thesis.speed import forwards_per_second

NAME = "trade-off"
TITLE = "Detection against parameters and speed, video networks"
SECTION = "4.9.2"

_INTRO = (
    "AUC-ROC of the frames' regularity, each video normalised by itself, against trainable parameters and frames scored "
    "per second on this machine: of the cells in the output's folder, and of the shipped models or those of the given "
    "folder. The cells of a variant's seeds are one point, their mean. A model is efficient where no other detects at least "
    "as well at no more parameters, or at no less speed, and is better in one of both."
)
_COLOURS = (
    "#1450e0", "#e03400", "#0f8a5f", "#a03cc8", "#c98a00", "#00a3c4", "#d6438a", "#6b7a00", "#7a4a2b", "#57606a",
)  # fmt: skip
_TABLES = (published.TABLE_4_13, published.TABLE_4_11, published.TABLE_4_9, published.TABLE_4_8)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A variant on a dataset: how well it detects, and what that costs."""

    variant: str
    network: str
    title: str
    seeds: int
    auc_roc: float
    auc_roc_global: float
    thesis: float | None
    parameters: int
    frames_per_second: float


def run_trade_off(request: Request) -> tuple[Path, ...]:
    """Write text, page, numbers, and a picture for each dataset that models at hand were evaluated on.

    With sources, of those datasets alone. Raises `InvalidInputError` where no model is at hand.
    """
    groups = _models_at_hand(request)
    blocks: dict[str, list[Point]] = {}
    for (dataset, title), models in groups.items():
        request.announce(f"{dataset}: {models[0].card.id}: frames per second")
        blocks.setdefault(dataset, []).append(_point(title, models, request))
    record = {
        "experiment": NAME,
        "section": SECTION,
        "title": TITLE,
        "protocol": str(request.protocol),
        "machine": machine_record(),
        "datasets": [
            {
                "dataset": dataset,
                "models": [{**asdict(point), "efficient": efficient(point, points)} for point in points],
            }
            for dataset, points in blocks.items()
        ],
    }
    markdown, page = [f"# {TITLE}", f"Section {SECTION} of the thesis. {_INTRO}"], [f"<p>{_INTRO}</p>"]
    pictures, parts = [], list[Any](page)
    for dataset, points in blocks.items():
        chart, table = trade_off_chart(dataset, points), _table(points)
        pictures.append(request.output / f"{NAME}-{dataset}.png")
        request.output.mkdir(parents=True, exist_ok=True)
        draw_chart(chart).save(pictures[-1])
        markdown += [f"## {dataset}", f"![{TITLE}, {dataset}]({pictures[-1].name})", markdown_table(*table)]
        parts += [f"<h2>{html.escape(dataset)}</h2>", chart_figure(chart), html_table(*table)]
    written = write_results(
        request.output, NAME, record, markdown="\n\n".join(markdown) + "\n", page=html_page(TITLE, parts)
    )
    return *written, *pictures


def efficient(point: Point, points: Sequence[Point]) -> dict[str, bool]:
    """Return whether no other point detects as well at no more parameters, or speed, and is better in one of both."""

    def beaten(gain: str, sign: int) -> bool:
        def figures(one: Point) -> tuple[float, float]:
            return one.auc_roc, sign * getattr(one, gain)

        own = figures(point)
        return any(
            figures(other) != own and all(a >= b for a, b in zip(figures(other), own, strict=True))
            for other in points
        )

    return {
        "parameters": not beaten("parameters", -1),
        "frames_per_second": not beaten("frames_per_second", 1),
    }


def trade_off_chart(dataset: str, points: Sequence[Point]) -> Chart:
    """Return the chart of one dataset: detection by parameters at the left, by speed at the right."""
    networks = [name for name in NETWORKS if any(point.network == name for point in points)]
    colours = {name: _COLOURS[place % len(_COLOURS)] for place, name in enumerate(networks)}

    def panel(title: str, x_title: str, costs: Sequence[float]) -> Panel:
        series = []
        for network in networks:
            places = [place for place, point in enumerate(points) if point.network == network]
            series.append(
                Series(
                    name=_network_title(network),
                    x=tuple(costs[place] for place in places),
                    y=tuple(points[place].auc_roc for place in places),
                    colour=colours[network],
                    dots=True,
                    labels=tuple(points[place].title for place in places),
                )
            )
        return Panel(title=title, series=tuple(series), x_title=x_title)

    return Chart(
        title=f"{TITLE}. Data: {dataset}",
        x_title="",
        y_title="AUC-ROC, normalised per video",
        panels=(
            (
                panel(
                    "by size", "trainable parameters, millions", [point.parameters / 1e6 for point in points]
                ),
                panel("by speed", "frames scored per second", [point.frames_per_second for point in points]),
            ),
        ),
        note="Frames per second in batches of 32 frames, float32, without reading and resizing them.",
    )


def _models_at_hand(request: Request) -> dict[tuple[str, str], list[StoredModel]]:
    """Evaluated models of videos, by dataset and title: a variant's cells together, each of the other models alone."""
    wanted = {read_dataset(source.data, source.layout).name for source in request.sources}
    cells = sorted((request.output / "cells").glob("*/*"))
    found: dict[tuple[str, str], list[StoredModel]] = {}
    for folder in [*cells, *sorted((request.models or shipped_models()).glob("*"))]:
        if not (folder / CARD).is_file():
            continue
        stored = find_model(folder)
        card = stored.card
        figures = card.metrics.get(str(request.protocol), {})
        if not find_layout(card.layout).of_videos or "auc_roc_global" not in figures:
            continue
        if not wanted or card.dataset in wanted:
            title = _title(variant_of(card)) + ("" if folder in cells else f", {card.id}")
            found.setdefault((card.dataset, title), []).append(stored)
    if not found:
        raise InvalidInputError(
            "No evaluated model of videos is at hand. Run the experiment table-4.13 with the same --output first, or name a "
            "folder of models with --models."
        )
    return found


def _point(title: str, models: Sequence[StoredModel], request: Request) -> Point:
    card, variant = models[0].card, variant_of(models[0].card)
    figures = [stored.card.metrics[str(request.protocol)] for stored in models]
    scorer, _ = load(models[0])
    rows = (published.published_rows(table, card.dataset, card.layout) for table in _TABLES)
    printed = [row[variant.name]["auc_roc"] for row in rows if variant.name in row]
    return Point(
        variant=variant.name,
        network=variant.network,
        title=title,
        seeds=len(models),
        auc_roc=float(np.mean([row["auc_roc"] for row in figures])),
        auc_roc_global=float(np.mean([row["auc_roc_global"] for row in figures])),
        thesis=printed[0] if printed else None,
        parameters=count_parameters(load_network(models[0])),
        frames_per_second=forwards_per_second(scorer),
    )


def _title(variant: Variant) -> str:
    return variant_title(variant) if variant.network in CLIP_NETWORKS else short_name(variant)


def _network_title(network: str) -> str:
    return network_name(network) if network in CLIP_NETWORKS else short_name(Variant(network=network))


def _table(points: Sequence[Point]) -> tuple[list[str], list[list[str]]]:
    header = [
        "network", "AUC-ROC", "AUC-ROC, global", "thesis", "parameters", "frames/s", "efficient in parameters",
        "efficient in speed",
    ]  # fmt: skip
    rows = []
    for point in sorted(points, key=lambda point: -point.auc_roc):
        marks = efficient(point, points)
        rows.append(
            [
                point.title,
                f"{point.auc_roc:.3f}",
                f"{point.auc_roc_global:.3f}",
                "-" if point.thesis is None else f"{point.thesis:.3f}",
                f"{point.parameters:,}",
                f"{point.frames_per_second:.0f}",
                *("yes" if marks[name] else "no" for name in ("parameters", "frames_per_second")),
            ]
        )
    return header, rows


TRADE_OFF = Experiment(id=NAME, title=TITLE, section=SECTION, run=run_trade_off, needs_data=False)
