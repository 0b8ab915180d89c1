"""Judging a model and explaining a picture: `evaluate` and `explain`."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xai_ad.cli.making import Data, LayoutId
from xai_ad.cli.parsing import one_of, pairs, terminal_progress, typed_fields

if TYPE_CHECKING:
    from xai_ad.detector.detector import AnomalyClassifier
    from xai_ad.explain import Explainer
    from xai_ad.store import ModelCard

Model = Annotated[str, typer.Option(help="A model's id or folder.")]


def evaluate(
    model: Model,
    data: Data,
    layout: LayoutId,
    json: Annotated[Path, typer.Option("--json", help="Where to write the figures.")],
    protocol: Annotated[str, typer.Option(help="held-out, or the thesis's leak.")] = "held-out",
    record: Annotated[
        bool, typer.Option("--record", help="Also write them into the model's folder.")
    ] = False,
) -> None:
    """Measure a model on a dataset's reported images."""
    from xai_ad.data.layouts import Protocol
    from xai_ad.evaluation import evaluate as evaluate_model
    from xai_ad.presentation.report import write_json
    from xai_ad.store import find_model, record_evaluation

    stored = find_model(model)
    chosen = one_of(Protocol, protocol, "protocol")
    result = evaluate_model(
        stored,
        data,
        layout,
        protocol=chosen,
        components=record,
        on_progress=terminal_progress("Evaluating"),
    )
    write_json(json, result.metrics)
    if record:
        record_evaluation(
            stored,
            protocol=chosen,
            metrics=result.metrics,
            images=result.images,
            components=result.components,
        )
    if result.metrics["dataset"] != stored.card.dataset:
        typer.echo(f"Note: {stored.card.id} was trained on {stored.card.dataset!r}.", err=True)
    for name, value in result.metrics.items():
        typer.echo(f"{name:<16} {f'{value:.4f}' if isinstance(value, float) else value}")


def explain(
    model: Model,
    image: Annotated[Path, typer.Option(help="The picture to explain.")],
    method: Annotated[str, typer.Option(help="An explainer's id; a wrong one is answered with all of them.")],
    output: Annotated[Path, typer.Option(help="The folder to write into.")],
    option: Annotated[list[str], typer.Option(help="A field of the explainer, name=value.")] = [],  # noqa: B006  # Typer copies it
    normal: Annotated[
        Path | None, typer.Option(help="A normal photograph, to fill absent parts from.")
    ] = None,
) -> None:
    """Explain one picture: relevance.npy, overlay.png, explanation.json, and segments.npy where it has segments."""
    from xai_ad.data.images import read_image
    from xai_ad.explain import explainer_options, options_of
    from xai_ad.inspection.explainers import explainer_here
    from xai_ad.store import load

    valid, what = explainer_options(method), f"the explainer {method!r}"
    explainer = explainer_here(method, typed_fields(options_of(method), pairs(option), valid=valid, of=what))
    classifier, card = load(model)
    if normal is not None:
        classifier = classifier.with_normals(read_image(normal, card)[None])
    verdict = write_explanation(classifier, card, explainer, image, output)
    typer.echo(f"{verdict}  Wrote {output}")


def write_explanation(
    classifier: "AnomalyClassifier", card: "ModelCard", explainer: "Explainer", path: Path, output: Path
) -> str:
    """Explain one picture into a folder; return a line on what was found, and what to be warned of."""
    import numpy as np

    from xai_ad.data.images import cropped, decode_picture, read_image, sha256_of
    from xai_ad.presentation.render import explanation_overlay
    from xai_ad.presentation.report import explanation_record, relevance_of, segments_of, write_json

    image = read_image(path, card)
    began = time.perf_counter()
    on_progress = terminal_progress(explainer.title)
    explanation = explainer.explain(classifier, image, on_progress=on_progress)
    seconds = time.perf_counter() - began
    output.mkdir(parents=True, exist_ok=True)
    np.save(output / "relevance.npy", relevance_of(explanation))
    if segments := segments_of(explanation):
        np.save(output / "segments.npy", segments.segments)
    photo = cropped(decode_picture(path), card.preprocessing)
    explanation_overlay(photo, explanation, classifier.calibration).save(output / "overlay.png")
    calibration = classifier.calibration
    record = explanation_record(
        explanation, model=card.id, image_sha256=sha256_of(path), calibration=calibration, seconds=seconds
    )
    write_json(output / "explanation.json", record)
    word = "anomalous" if record["is_anomalous"] else "normal"
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    verdict = f"{name}: {word}, {explanation.score / calibration.threshold:.3g} x the limit."
    warning = explanation.diagnostics.get("warning")
    return verdict if warning is None else f"{verdict} {warning}"


COMMANDS = (evaluate, explain)
