"""Figures 4.14 to 4.18: AUC-ROC of the recurrent networks as bars, one figure for each of the thesis's sets (4.9.2)."""

from typing import Any

from xai_ad.presentation.figures.shown import Bar, Bars
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import run_cells, variants_at_hand
from xai_ad.thesis.columns import measured_columns
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.published import printed
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import RECURRENT, network_name

FIGURE_OF = {
    "avenue": "4.14", "ped1": "4.15", "ped2": "4.16", "subway_entrance": "4.17", "subway_exit": "4.18"
}  # fmt: skip
"""The thesis's figure of each set."""
SETTINGS = {
    "(1, N)": "#9db8f2", "(2, N)": "#4f7ce8", "(3, N)": "#1450e0",
    "(1, Y)": "#f4b199", "(2, Y)": "#ea6f45", "(3, Y)": "#c42d00",
}  # fmt: skip
"""Recurrent layers and decoder: their colours, by the decoder's kind and darker the more layers."""


def draw_recurrent(request: Request, source: Source) -> Drawing:
    """Draw a bar for each network and setting at hand, and the thesis's figure of each for its own sets."""
    dataset = source.name
    cells = run_cells(request, source, variants_at_hand(request, source, RECURRENT))
    thesis = printed("4.13").rows(dataset, source.layout)
    networks = list(dict.fromkeys(variant.network for variant in RECURRENT))
    places: dict[tuple[str, str], Bar] = {}
    models: dict[str, dict[str, Any]] = {}
    table: list[list[str]] = []
    for variant in RECURRENT:
        row = models[variant.name] = {"thesis": thesis.get(variant.name, {}).get("auc_roc")}
        if variant.name in cells:
            columns = measured_columns(cells[variant.name], str(request.protocol))
            row |= {name: columns[name].mean for name in ("auc_roc", "auc_roc_global")}
            row["spread"] = columns["auc_roc"].spread
        bar = Bar(value=row.get("auc_roc"), spread=row.get("spread"), thesis=row["thesis"])
        places[variant.network, variant.setting] = bar
        figures = (bar.value, row.get("auc_roc_global"), bar.thesis)
        table.append([variant.short, *("-" if figure is None else f"{figure:.3f}" for figure in figures)])
    shown = Bars(
        groups=tuple(map(network_name, networks)),
        series=tuple(SETTINGS.items()),
        bars=tuple(tuple(places.get((network, setting)) for setting in SETTINGS) for network in networks),
        y_title="AUC-ROC, normalised per video",
    )
    return Drawing(
        shown=shown,
        numbers={"runs": request.runs, "models": models},
        table=Rows(["network", "AUC-ROC", "AUC-ROC, global", "thesis"], table),
        notes=(f"The thesis's figure of this set is Figure {FIGURE_OF[dataset]}.",) if thesis else (),
    )


RECURRENT_BARS = tuple(
    figure(f"figure-{number}", draw_recurrent, of_videos=True, variants=RECURRENT)
    for number in FIGURE_OF.values()
)
