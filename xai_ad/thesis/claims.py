"""The thesis's four claims, each answered yes, no or undecided, by paired differences over seeds."""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from importlib.resources import files
from typing import Any

from xai_ad.errors import InvalidInputError
from xai_ad.presentation.figures.renderer import MARKERS, PALETTE
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.thesis.base import Experiment, Request, experiment
from xai_ad.thesis.cells import run_cells
from xai_ad.thesis.columns import COLUMNS, Summary, cell_text, measured_columns, summarise
from xai_ad.thesis.report import Drawn, Part, Report, Rows
from xai_ad.thesis.variants import variant_named

CONFIDENCE = 0.95
FIGURES = ("auc_roc", "auc_roc_ssim", "pixel_auc_roc_ssim")
"""What a claim is judged by: the model's own score, as the thesis judges; then what the SSIM map gives."""
CLAIMS_OF_THE_THESIS: list[dict[str, Any]] = tomllib.loads(
    (files(__package__) / "claims.toml").read_text("utf-8")
)["claim"]
_KEPT = {
    "validation_loss": "the epoch of the best validation loss",
    "calibration": "the epoch that detects best on the calibration images",
}
"""What a recipe's selection keeps, in words."""


class Verdict(StrEnum):
    """What the seeds say of a claim."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


def lower_bound(differences: Sequence[float], *, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided lower confidence bound of the mean of paired differences, by Student's t.

    -inf for fewer than two differences: one seed says nothing about the next.
    """
    from scipy.stats import t

    found, count = summarise(differences), len(differences)
    if found.spread is None:
        return -math.inf
    return found.mean - float(t.ppf(confidence, count - 1)) * (found.spread / math.sqrt(count))


def judge(comparisons: Sequence[Sequence[float]], *, confidence: float = CONFIDENCE) -> Verdict:
    """Judge the claim that the mean of every comparison's paired differences is above zero.

    Yes where each comparison's lower bound is (an intersection-union test: no correction is needed). No where, at
    the level shared among the comparisons, some comparison's mean is below zero. Else undecided.
    """
    if all(lower_bound(differences, confidence=confidence) > 0 for differences in comparisons):
        return Verdict.YES
    shared = 1 - (1 - confidence) / len(comparisons)
    for differences in comparisons:
        if lower_bound([-difference for difference in differences], confidence=shared) > 0:
            return Verdict.NO
    return Verdict.UNDECIDED


def _answer(request: Request, own: Experiment) -> Report:
    """Train what is missing and judge; every variant has the same budget and seeds."""
    if len(request.sources) != 1:
        raise InvalidInputError(
            f"The claims are judged on one dataset at a time. Got {len(request.sources)} --data."
        )
    (source,) = request.sources
    names = [name for claim in CLAIMS_OF_THE_THESIS for pair in claim["pairs"] for name in pair]
    cells = run_cells(request, source, map(variant_named, names))
    measured = {name: measured_columns(models, str(request.protocol)) for name, models in cells.items()}
    named = [figure for figure in FIGURES if all(figure in columns for columns in measured.values())]
    record = {
        "experiment": own.id,
        "dataset": source.name,
        "layout": source.layout,
        "protocol": str(request.protocol),
        "runs": request.runs,
        "recipe": request.recipe.plain(),
        "confidence": CONFIDENCE,
        "claims": [
            {
                "text": claim["text"],
                "section": claim["section"],
                "answers": {figure: _judged(claim["pairs"], measured, figure) for figure in named},
            }
            for claim in CLAIMS_OF_THE_THESIS
        ],
        "variants": {
            name: {figure: asdict(columns[figure]) for figure in FIGURES if figure in columns}
            for name, columns in measured.items()
        },
    }
    drawn = Drawn(shown=_chart(record), alt="AUC-ROC of each variant and seed")
    return Report(title="The thesis's claims", parts=[*claims_parts(record), drawn], record=record)


def _judged(
    pairs: Sequence[tuple[str, str]], measured: Mapping[str, Mapping[str, Summary]], figure: str
) -> dict[str, Any]:
    """Compare by one figure, in each seed: the same images and the same order of batches on both sides."""
    comparisons, compared = [], []
    for better, worse in pairs:
        values = zip(measured[better][figure].values, measured[worse][figure].values, strict=True)
        differences = [one - other for one, other in values]
        bound = lower_bound(differences)
        compared.append(differences)
        comparisons.append(
            {
                "better": better,
                "worse": worse,
                **asdict(summarise(differences)),
                "lower_bound": bound if math.isfinite(bound) else None,
            }
        )
    return {"verdict": str(judge(compared)), "comparisons": comparisons}


def claims_parts(record: Mapping[str, Any]) -> list[Part]:
    """Return the answers, the differences behind them, and the figures themselves."""
    recipe = record["recipe"]
    intro = (
        f"On {record['dataset']}, protocol `{record['protocol']}`, {record['runs']} seeds of {recipe['epochs']} epochs, "
        f"the same budget for every variant (batch {recipe['batch_size']}, {recipe['precision']}; "
        f"{_KEPT[recipe['selection']]} is kept). Yes: "
        f"in every comparison the paired difference lies above zero at {record['confidence']:.0%} "
        "confidence (Student's t, one-sided). No: some comparison lies below zero, the level shared among them."
    )
    answered = list(record["claims"][0]["answers"])
    verdicts = [
        [claim["text"], claim["section"], *(claim["answers"][figure]["verdict"] for figure in answered)]
        for claim in record["claims"]
    ]
    measured = list(next(iter(record["variants"].values())))
    variants = [
        [name, *(cell_text(figures[figure]["mean"], figures[figure]["spread"]) for figure in measured)]
        for name, figures in record["variants"].items()
    ]
    return [
        intro,
        Rows(["claim", "section", *(COLUMNS[figure] for figure in answered)], verdicts),
        "The differences behind them, mean ± standard deviation, and each seed's:",
        Rows(["comparison", "figure", "difference", "by seed"], list(_differences(record))),
        "And the figures themselves:",
        Rows(["variant", *(COLUMNS[figure] for figure in measured)], variants),
    ]


def _differences(record: Mapping[str, Any]) -> Iterator[list[str]]:
    for claim in record["claims"]:
        for figure, answer in claim["answers"].items():
            for compared in answer["comparisons"]:
                spread = "" if compared["spread"] is None else f" ± {compared['spread']:.4f}"
                values = " ".join(f"{value:+.4f}" for value in compared["values"])
                name = f"{compared['better']} over {compared['worse']}"
                yield [name, COLUMNS[figure], f"{compared['mean']:+.4f}{spread}", values]


def _chart(record: Mapping[str, Any]) -> Chart:
    """A dot for each seed over its variant's name."""
    names = tuple(record["variants"])
    dots = [
        (place, value)
        for place, name in enumerate(names)
        for value in record["variants"][name]["auc_roc"]["values"]
    ]
    x, y = zip(*dots, strict=True)
    series = Series(name="a seed", x=x, y=y, colour=PALETTE[0], marker=MARKERS[0])
    return Chart(
        x_title="variant",
        y_title="AUC-ROC of the model's own score",
        panels=((Panel(title="", series=(series,)),),),
        x_names=tuple(name.replace("-", "\n") for name in names),
        note="A dot is a seed.",
    )


CLAIMS = experiment("claims", _answer)
