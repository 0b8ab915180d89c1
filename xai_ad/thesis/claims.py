"""The thesis's four claims, each answered yes, no or undecided, by paired differences over seeds."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from xai_ad.errors import InvalidInputError
from xai_ad.presentation.figures.renderer import MARKERS, PALETTE
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.thesis.base import Experiment, Request, experiment
from xai_ad.thesis.cells import run_cells
from xai_ad.thesis.columns import COLUMNS, cell_text, figures_of
from xai_ad.thesis.report import Drawn, Part, Report, Rows
from xai_ad.thesis.statistics import CONFIDENCE, judge, lower_bound, summarise
from xai_ad.thesis.variants import variant_named

FIGURES = ("auc_roc", "auc_roc_ssim", "pixel_auc_roc_ssim")
"""What a claim is judged by: the model's own score, as the thesis judges; then what the SSIM map gives."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement of the thesis: in each pair of variants' names the first detects better than the second."""

    text: str
    section: str
    pairs: tuple[tuple[str, str], ...]


CLAIMS_OF_THE_THESIS = tuple(
    Claim(**claim)
    for claim in tomllib.loads((files(__package__) / "claims.toml").read_text("utf-8"))["claim"]
)


def _answer(request: Request, own: Experiment) -> Report:
    """Train what is missing and judge; every variant has the same budget and seeds."""
    if len(request.sources) != 1:
        raise InvalidInputError(
            f"The claims are judged on one dataset at a time. Got {len(request.sources)} --data."
        )
    (source,) = request.sources
    names = [name for claim in CLAIMS_OF_THE_THESIS for pair in claim.pairs for name in pair]
    found = run_cells(request, source, map(variant_named, names))
    protocol = str(request.protocol)
    figures = {name: [figures_of(stored, protocol) for stored in models] for name, models in found.items()}
    named = [figure for figure in FIGURES if all(figure in rows[0] for rows in figures.values())]
    record = {
        "experiment": own.id,
        "dataset": source.name,
        "layout": source.layout,
        "protocol": protocol,
        "runs": request.runs,
        "recipe": request.recipe.plain(),
        "confidence": CONFIDENCE,
        "claims": [
            {
                "text": claim.text,
                "section": claim.section,
                "answers": {figure: _judged(claim, figures, figure) for figure in named},
            }
            for claim in CLAIMS_OF_THE_THESIS
        ],
        "variants": {
            name: {
                figure: asdict(summarise([row[figure] for row in rows]))
                for figure in FIGURES
                if figure in rows[0]
            }
            for name, rows in figures.items()
        },
    }
    drawn = Drawn(shown=_chart(record), alt="AUC-ROC of each variant and seed")
    return Report(title="The thesis's claims", parts=[*claims_parts(record), drawn], record=record)


def _judged(claim: Claim, figures: Mapping[str, list[dict[str, float]]], figure: str) -> dict[str, Any]:
    """Compare by one figure, in each seed: the same images and the same order of batches on both sides."""
    compared = {
        (better, worse): [
            one[figure] - other[figure] for one, other in zip(figures[better], figures[worse], strict=True)
        ]
        for better, worse in claim.pairs
    }
    return {
        "verdict": str(judge(list(compared.values()))),
        "comparisons": [
            {
                "better": better,
                "worse": worse,
                **asdict(summarise(differences)),
                "lower_bound": bound if (bound := lower_bound(differences)) > float("-inf") else None,
            }
            for (better, worse), differences in compared.items()
        ],
    }


def claims_parts(record: Mapping[str, Any]) -> list[Part]:
    """Return the answers, the differences behind them, and the figures themselves."""
    return [
        _intro(record),
        _answers(record),
        "The differences behind them, mean ± standard deviation, and each seed's:",
        _differences(record),
        "And the figures themselves:",
        _variants(record),
    ]


def _intro(record: Mapping[str, Any]) -> str:
    recipe = record["recipe"]
    kept = {
        "validation_loss": "the epoch of the best validation loss",
        "calibration": "the epoch that detects best on the calibration images",
    }[recipe["selection"]]
    return (
        f"On {record['dataset']}, protocol `{record['protocol']}`, {record['runs']} seeds of {recipe['epochs']} epochs, "
        f"the same budget for every variant (batch {recipe['batch_size']}, {recipe['precision']}; {kept} is kept). Yes: "
        f"in every comparison the paired difference lies above zero at {record['confidence']:.0%} "
        "confidence (Student's t, one-sided). No: some comparison lies below zero, the level shared among them."
    )


def _answers(record: Mapping[str, Any]) -> Rows:
    named = [figure for figure in FIGURES if figure in record["claims"][0]["answers"]]
    rows = [
        [claim["text"], claim["section"], *(claim["answers"][figure]["verdict"] for figure in named)]
        for claim in record["claims"]
    ]
    return Rows(["claim", "section", *(COLUMNS[figure] for figure in named)], rows)


def _differences(record: Mapping[str, Any]) -> Rows:
    rows = []
    for claim in record["claims"]:
        for figure, answer in claim["answers"].items():
            for compared in answer["comparisons"]:
                spread = "" if compared["spread"] is None else f" ± {compared['spread']:.4f}"
                values = " ".join(f"{value:+.4f}" for value in compared["values"])
                name = f"{compared['better']} over {compared['worse']}"
                rows.append([name, COLUMNS[figure], f"{compared['mean']:+.4f}{spread}", values])
    return Rows(["comparison", "figure", "difference", "by seed"], rows)


def _variants(record: Mapping[str, Any]) -> Rows:
    named = list(next(iter(record["variants"].values())))
    rows = [
        [name, *(cell_text(figures[figure]["mean"], figures[figure]["spread"]) for figure in named)]
        for name, figures in record["variants"].items()
    ]
    return Rows(["variant", *(COLUMNS[figure] for figure in named)], rows)


def _chart(record: Mapping[str, Any]) -> Chart:
    """A dot for each seed over its variant's name."""

    def series(place: int, values: Sequence[float]) -> Series:
        return Series(
            name="a seed", x=(place,) * len(values), y=tuple(values), colour=PALETTE[0], marker=MARKERS[0]
        )

    names = tuple(record["variants"])
    dots = [series(place, record["variants"][name]["auc_roc"]["values"]) for place, name in enumerate(names)]
    return Chart(
        x_title="variant",
        y_title="AUC-ROC of the model's own score",
        panels=((Panel(title="", series=tuple(dots)),),),
        x_names=tuple(name.replace("-", "\n") for name in names),
        note="A dot is a seed.",
    )


CLAIMS = experiment("claims", _answer)
