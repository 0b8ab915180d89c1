"""The thesis's four claims, each answered yes, no or undecided, by paired differences over seeds."""

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xai_ad.data.layouts import read_dataset
from xai_ad.errors import InvalidInputError
from xai_ad.store import StoredModel
from xai_ad.thesis.base import Experiment, Request, Source
from xai_ad.thesis.cells import THESIS_LOSSES, Variant, run_cells
from xai_ad.thesis.columns import COLUMNS, figures_of
from xai_ad.thesis.pages import html_page, html_table, markdown_table, write_results
from xai_ad.thesis.statistics import CONFIDENCE, judge, lower_bound, summarise
from xai_ad.training.recipe import Loss

FIGURES = ("auc_roc", "auc_roc_ssim", "pixel_auc_roc_ssim")
"""What a claim is judged by: the model's own score, as the thesis judges; then what the SSIM map gives."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement of the thesis: in each pair the first variant detects better than the second."""

    text: str
    section: str
    pairs: tuple[tuple[Variant, Variant], ...]


def _bcae2(loss: Loss) -> Variant:
    return Variant(network="bcae2", loss=loss)


def _ks_cae(loss: Loss) -> Variant:
    return Variant(network="ks_cae", loss=loss)


_SSA = Variant(network="ssa_cae")
CLAIMS_OF_THE_THESIS = (
    Claim(
        text="Kernel strengthening helps: KS-CAE detects better than BCAE2, with either loss.",
        section="4.5",
        pairs=tuple((_ks_cae(loss), _bcae2(loss)) for loss in THESIS_LOSSES),
    ),
    Claim(
        text="SSIM helps: the compound loss detects better than the squared error, on BCAE2 and on KS-CAE.",
        section="4.6",
        pairs=tuple((build(Loss.COMPOUND), build(Loss.MSE)) for build in (_bcae2, _ks_cae)),
    ),
    Claim(
        text="SSA-CAE detects better than the other attentions, AA-CAE, SE-CAE and SA-CAE.",
        section="4.7",
        pairs=tuple((_SSA, Variant(network=other)) for other in ("aa_cae", "se_cae", "sa_cae")),
    ),
    Claim(
        text="SVDD helps: BCAE1 detects better after fine-tuning than before.",
        section="4.8",
        pairs=((Variant(network="bcae1", svdd=True), Variant(network="bcae1")),),
    ),
)


def run_claims(request: Request) -> tuple[Path, ...]:
    """Train what is missing and write the answers; every variant has the same budget and seeds."""
    if len(request.sources) != 1:
        raise InvalidInputError(
            f"The claims are judged on one dataset at a time. Got {len(request.sources)} --data."
        )
    (source,) = request.sources
    variants = [variant for claim in CLAIMS_OF_THE_THESIS for pair in claim.pairs for variant in pair]
    found = run_cells(request, source, variants)
    record = _record(request, source, found)
    return write_results(
        request.output,
        "claims",
        record,
        markdown=claims_markdown(record, heading="# The thesis's claims") + "\n",
        page=_page(record),
    )


def _record(request: Request, source: Source, found: dict[str, list[StoredModel]]) -> dict[str, Any]:
    protocol = str(request.protocol)
    figures = {name: [figures_of(stored, protocol) for stored in models] for name, models in found.items()}
    return {
        "experiment": "claims",
        "dataset": read_dataset(source.data, source.layout).name,
        "layout": source.layout,
        "protocol": protocol,
        "runs": request.runs,
        "recipe": request.recipe.plain(),
        "confidence": CONFIDENCE,
        "claims": [_judged(claim, figures) for claim in CLAIMS_OF_THE_THESIS],
        "variants": {
            name: {
                figure: asdict(summarise([row[figure] for row in rows]))
                for figure in FIGURES
                if figure in rows[0]
            }
            for name, rows in figures.items()
        },
    }


def _judged(claim: Claim, figures: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    answers = {}
    for figure in FIGURES:
        if not all(figure in rows[0] for rows in figures.values()):
            continue
        compared = [
            (better, worse, _differences(figures[better.name], figures[worse.name], figure))
            for better, worse in claim.pairs
        ]
        answers[figure] = {
            "verdict": str(judge([differences for _, _, differences in compared])),
            "comparisons": [
                {
                    "better": better.name,
                    "worse": worse.name,
                    **asdict(summarise(differences)),
                    "lower_bound": bound if (bound := lower_bound(differences)) > float("-inf") else None,
                }
                for better, worse, differences in compared
            ],
        }
    return {"text": claim.text, "section": claim.section, "answers": answers}


def _differences(
    better: Sequence[dict[str, float]], worse: Sequence[dict[str, float]], figure: str
) -> list[float]:
    """The figure's difference in each seed: the same images and the same order of batches on both sides."""
    return [one[figure] - other[figure] for one, other in zip(better, worse, strict=True)]


def claims_markdown(record: dict[str, Any], *, heading: str) -> str:
    """Return the answers as Markdown."""
    parts = [heading, _intro(record), markdown_table(*_answers(record))]
    parts += ["The differences behind them, mean ± standard deviation, and each seed's:"]
    parts += [markdown_table(*_differences_table(record)), "And the figures themselves:"]
    return "\n\n".join([*parts, markdown_table(*_variants_table(record))])


def _intro(record: dict[str, Any]) -> str:
    recipe = record["recipe"]
    kept = {
        "validation_loss": "the epoch of the best validation loss",
        "calibration": "the epoch that detects best on the calibration images",
    }[recipe["selection"]]
    return (
        f"On {record['dataset']}, protocol `{record['protocol']}`, {record['runs']} seeds of {recipe['epochs']} epochs, "
        f"the same budget for every variant (batch {recipe['batch_size']}, {recipe['precision']}; {kept} is kept). Yes: in every comparison the paired difference lies above zero at {record['confidence']:.0%} "
        "confidence (Student's t, one-sided). No: some comparison lies below zero, the level shared among them."
    )


def _answers(record: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    named = [figure for figure in FIGURES if figure in record["claims"][0]["answers"]]
    rows = [
        [claim["text"], claim["section"], *(claim["answers"][figure]["verdict"] for figure in named)]
        for claim in record["claims"]
    ]
    return ["claim", "section", *(COLUMNS[figure] for figure in named)], rows


def _differences_table(record: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for claim in record["claims"]:
        for figure, answer in claim["answers"].items():
            for compared in answer["comparisons"]:
                spread = "" if compared["spread"] is None else f" ± {compared['spread']:.4f}"
                rows.append(
                    [
                        f"{compared['better']} over {compared['worse']}",
                        COLUMNS[figure],
                        f"{compared['mean']:+.4f}{spread}",
                        " ".join(f"{value:+.4f}" for value in compared["values"]),
                    ]
                )
    return ["comparison", "figure", "difference", "by seed"], rows


def _variants_table(record: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    named = list(next(iter(record["variants"].values())))
    rows = []
    for name, figures in record["variants"].items():
        cells = []
        for figure in named:
            spread = "" if figures[figure]["spread"] is None else f" ± {figures[figure]['spread']:.3f}"
            cells.append(f"{figures[figure]['mean']:.3f}{spread}")
        rows.append([name, *cells])
    return ["variant", *(COLUMNS[figure] for figure in named)], rows


def _page(record: dict[str, Any]) -> str:
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    for name, figures in record["variants"].items():
        values = figures["auc_roc"]["values"]
        figure.add_trace(
            Scatter(name=name, x=[name] * len(values), y=values, mode="markers", marker={"size": 10})
        )
    figure.update_layout(yaxis={"title": "AUC-ROC of the model's own score"}, showlegend=False, height=460)
    return html_page(
        "The thesis's claims",
        [
            f"<p>{html.escape(_intro(record))}</p>",
            html_table(*_answers(record)),
            figure,
            html_table(*_differences_table(record)),
            html_table(*_variants_table(record)),
        ],
    )


CLAIMS = Experiment(id="claims", title="The thesis's four claims", section="4.5 to 4.8", run=run_claims)
