"""What detection costs (4.9.2): AUC-ROC of the video models at hand against their parameters and their speed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from xai_ad.data.hidden import is_hidden
from xai_ad.data.layouts import find_layout
from xai_ad.errors import InvalidInputError
from xai_ad.machine.places import shipped_models
from xai_ad.machine.speeds import machine_record
from xai_ad.networks import NETWORKS, count_parameters
from xai_ad.presentation.figures.renderer import MARKERS, PALETTE
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.store import CARD, StoredModel, find_model, load, load_network
from xai_ad.thesis.base import Experiment, Request, experiment
from xai_ad.thesis.figures.base import introduction, section
from xai_ad.thesis.published import first_printed
from xai_ad.thesis.report import Report, Rows
from xai_ad.thesis.speed import forwards_per_second
from xai_ad.thesis.variants import network_name, variant_of

_PRINTED = ("4.13", "4.11", "4.9", "4.8")


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

    def costs(self) -> dict[str, float]:
        """Return what the point costs in each respect, the less the better."""
        return {"parameters": self.parameters, "frames_per_second": -self.frames_per_second}


def _answer(request: Request, own: Experiment) -> Report:
    """Tell of each dataset that models at hand were evaluated on; with sources, of those datasets alone.

    Raises `InvalidInputError` where no model is at hand.
    """
    blocks: dict[str, list[Point]] = {}
    for (dataset, title), models in _models_at_hand(request).items():
        request.announce(f"{dataset}: {models[0].card.id}: frames per second")
        blocks.setdefault(dataset, []).append(_point(title, models, request))
    parts, datasets = [introduction(own)], []
    for dataset, points in blocks.items():
        parts += [*section(own, dataset, trade_off_chart(points))[0], _table(points)]
        rows = [asdict(point) | {"efficient": efficient(point, points)} for point in points]
        datasets.append({"dataset": dataset, "models": rows})
    record = own.heading(request) | {"machine": machine_record(), "datasets": datasets}
    return Report(title=own.title, parts=parts, record=record)


def efficient(point: Point, points: Sequence[Point]) -> dict[str, bool]:
    """Return whether no other point detects as well at no more parameters, or speed, and is better in one of both."""

    def beaten(cost: str) -> bool:
        mine, *others = ((each.auc_roc, each.costs()[cost]) for each in (point, *points))
        return any(auc >= mine[0] and spent <= mine[1] and (auc, spent) != mine for auc, spent in others)

    return {cost: not beaten(cost) for cost in point.costs()}


def trade_off_chart(points: Sequence[Point]) -> Chart:
    """Return the chart of one dataset: detection by parameters at the left, by speed at the right."""
    networks = [name for name in NETWORKS if any(point.network == name for point in points)]

    def panel(title: str, x_title: str, cost: str, unit: float) -> Panel:
        series = []
        for place, network in enumerate(networks):
            own = [point for point in points if point.network == network]
            series.append(
                Series(
                    name=network_name(network),
                    x=tuple(getattr(point, cost) / unit for point in own),
                    y=tuple(point.auc_roc for point in own),
                    colour=PALETTE[place % len(PALETTE)],
                    marker=MARKERS[(place + place // len(PALETTE)) % len(MARKERS)],
                )
            )
        return Panel(title=title, series=tuple(series), x_title=x_title)

    by_size = panel("by size", "trainable parameters, millions", "parameters", 1e6)
    by_speed = panel("by speed", "frames scored per second", "frames_per_second", 1)
    return Chart(x_title="", y_title="AUC-ROC, normalised per video", panels=((by_size, by_speed),))


def _models_at_hand(request: Request) -> dict[tuple[str, str], list[StoredModel]]:
    """Evaluated models of videos, by dataset and title: a variant's cells together, each of the other models alone."""
    wanted = {source.name for source in request.sources}
    cells = sorted((request.output / "cells").glob("*/*"))
    found: dict[tuple[str, str], list[StoredModel]] = {}
    for folder in [*cells, *sorted((request.models or shipped_models()).glob("*"))]:
        if is_hidden(folder.name) or not (folder / CARD).is_file():
            continue
        stored = find_model(folder)
        card = stored.card
        figures = card.metrics.get(str(request.protocol), {})
        if not find_layout(card.layout).of_videos or "auc_roc_global" not in figures:
            continue
        if not wanted or card.dataset in wanted:
            title = variant_of(card).short + ("" if folder in cells else f", {card.id}")
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
    return Point(
        variant=variant.name,
        network=variant.network,
        title=title,
        seeds=len(models),
        auc_roc=float(np.mean([row["auc_roc"] for row in figures])),
        auc_roc_global=float(np.mean([row["auc_roc_global"] for row in figures])),
        thesis=first_printed(variant.name, card.dataset, card.layout, _PRINTED).get("auc_roc"),
        parameters=count_parameters(load_network(models[0])),
        frames_per_second=forwards_per_second(scorer),
    )


def _table(points: Sequence[Point]) -> Rows:
    header = [
        "network", "AUC-ROC", "AUC-ROC, global", "thesis", "parameters", "frames/s", "efficient in parameters",
        "efficient in speed",
    ]  # fmt: skip
    rows = [
        [
            point.title,
            f"{point.auc_roc:.3f}",
            f"{point.auc_roc_global:.3f}",
            "-" if point.thesis is None else f"{point.thesis:.3f}",
            f"{point.parameters:,}",
            f"{point.frames_per_second:.0f}",
            *("yes" if unbeaten else "no" for unbeaten in efficient(point, points).values()),
        ]
        for point in sorted(points, key=lambda point: -point.auc_roc)
    ]
    return Rows(header, rows)


TRADE_OFF = experiment("trade-off", _answer, needs_data=False)
