"""Judging a model, explaining a picture, and judging many: `evaluate`, `explain` and `inspect`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from xai_ad.cli.claiming import claims_output
from xai_ad.cli.making import Data, LayoutId
from xai_ad.cli.parsing import Levels, one_of, pairs, terminal_progress, typed_fields, white_of
from xai_ad.errors import InvalidInputError

if TYPE_CHECKING:
    from xai_ad.presentation.report import InspectedFile

_Value = TypeVar("_Value")

_REASONS = 5
"""How many files that could not be judged are told of with their reasons; the results have all."""
ScoreOption = typer.Option(
    help="Judge by this stored score of the model, or by a calibration's id, in place of its default."
)
Model = Annotated[str, typer.Option(help="A model's id or folder.")]
FitOption = typer.Option(
    "--fit",
    help="What is judged of a picture whose shape is not the model's: crop, its middle, the default; pad, all of it with "
    "a margin; stretch, all of it squeezed. Or of every picture a rectangle: top,left,height,width in pixels.",
)


def evaluate(
    model: Model,
    data: Data,
    layout: LayoutId,
    json: Annotated[Path, typer.Option("--json", help="Where to write the figures.")],
    protocol: Annotated[str, typer.Option(help="held-out, or the thesis's leak.")] = "held-out",
    masks: Annotated[
        Path | None,
        typer.Option(
            help="Where the defects are, in place of the layout's masks: COCO, LabelMe or Label Studio JSON, or a folder "
            "of such files or of masks."
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Also write them into the model's folder.")
    ] = False,
    choose: Annotated[
        bool,
        typer.Option("--choose", help="With --record: let the stored score that was measured best judge."),
    ] = False,
    levels: Levels = None,
) -> None:
    """Measure a model on a dataset's reported images."""
    from xai_ad.data.layouts import Protocol
    from xai_ad.inspection.evaluating import evaluate_stored
    from xai_ad.machine.files import require_writable
    from xai_ad.presentation.report import write_json
    from xai_ad.presentation.shapes import squeezed_note
    from xai_ad.store import find_model

    require_writable(json)
    stored, protocol_of = find_model(model), one_of(Protocol, protocol, "protocol")
    result = evaluate_stored(
        stored,
        data,
        layout,
        protocol=protocol_of,
        masks=masks,
        record=record,
        choose=choose,
        levels=white_of(levels),
        on_progress=terminal_progress("Evaluating"),
        on_measured=lambda measured: write_json(json, measured.metrics),
    )
    if result.metrics["dataset"] != stored.card.dataset:
        typer.echo(f"Note: {stored.card.id} was trained on {stored.card.dataset!r}.", err=True)
    if note := squeezed_note(result.photograph, stored.card):
        typer.echo(note, err=True)
    for name, value in result.metrics.items():
        typer.echo(f"{name:<16} {f'{value:.4f}' if isinstance(value, float) else value}")
    if result.unmarked:
        typer.echo(f"Pixel figures leave out {', '.join(result.unmarked)}: no picture there has a mask.")


@claims_output
def explain(
    output: Annotated[Path, typer.Option(help="The folder to write into.")],
    model: Annotated[str | None, typer.Option(help="A model's id or folder.")] = None,
    image: Annotated[Path | None, typer.Option(help="The picture to explain, or a clip.")] = None,
    method: Annotated[
        str | None, typer.Option(help="An explainer's id; a wrong one is answered with all of them.")
    ] = None,
    option: Annotated[list[str], typer.Option(help="A field of the explainer, name=value.")] = [],  # noqa: B006  # Typer copies it
    normal: Annotated[
        Path | None, typer.Option(help="A normal photograph, to fill absent parts from.")
    ] = None,
    frame: Annotated[int | None, typer.Option(help="The number of the clip's frame to explain.")] = None,
    fit: Annotated[str | None, FitOption] = None,
    score: Annotated[str | None, ScoreOption] = None,
    levels: Levels = None,
    request: Annotated[
        Path | None,
        typer.Option(
            help="An explanation.json, or the request in one: explain again, to the byte, or say what has changed. "
            "--image and --normal say where its files lie now."
        ),
    ] = None,
) -> None:
    """Explain one picture: relevance.npy, overlay.png, explanation.json, and segments.npy where it has segments."""
    from xai_ad.data.fitting import Fit, parse_fitting
    from xai_ad.explain import explainer_options, options_of
    from xai_ad.inspection.explainers import explainer_here
    from xai_ad.inspection.explaining import ask
    from xai_ad.inspection.repeating import reopen

    chosen = {
        "--model": model,
        "--method": method,
        "--option": option,
        "--frame": frame,
        "--fit": fit,
        "--score": score,
        "--levels": levels,
    }
    if request is not None:
        for flag, value in chosen.items():
            if value not in (None, []):
                raise InvalidInputError(f"A --request names all of it already. Leave out {flag}.")
        again = reopen(request, image=image, normal=normal)
        progress = terminal_progress(again.question.request.explainer.title)
        verdict = again.write(output, on_progress=progress)
    else:
        model, image = _needed(model, "--model"), _needed(image, "--image")
        method = _needed(method, "--method")
        valid, what = explainer_options(method), f"the explainer {method!r}"
        options = typed_fields(options_of(method), pairs(option), valid=valid, of=what)
        explainer, chosen_fit = explainer_here(method, options, on_note=_note), parse_fitting(fit or Fit.CROP)
        question = ask(
            model,
            image,
            explainer,
            normal=normal,
            frame=frame,
            fit=chosen_fit,
            score=score,
            levels=white_of(levels),
        )
        for note in question.subject.notes:
            _note(note)
        progress = terminal_progress(question.request.explainer.title)
        verdict = question.write(question.answer(progress), output)
    typer.echo(f"{verdict}  Wrote {output}")


def _note(text: str) -> None:
    typer.echo(text, err=True)


def _needed(value: _Value | None, flag: str) -> _Value:
    if value is None:
        raise typer.BadParameter("It is needed, unless there is a --request.", param_hint=flag)
    return value


@claims_output
def inspect(
    model: Model,
    paths: Annotated[
        list[Path], typer.Argument(help="Pictures, videos, ZIPs of frames, and folders of them.")
    ],
    output: Annotated[Path, typer.Option(help="The folder to write into.")],
    method: Annotated[
        list[str],
        typer.Option(help="Also explain each picture by this method, and of a video its highest frame."),
    ] = [],  # noqa: B006
    fit: Annotated[str, FitOption] = "crop",
    score: Annotated[str | None, ScoreOption] = None,
    fdr: Annotated[
        float | None,
        typer.Option(
            "--fdr",
            help="Also flag pictures so that on average at most this share of those flagged is normal, as 0.05.",
        ),
    ] = None,
    levels: Levels = None,
) -> None:
    """Judge many pictures and videos: results.csv and results.json with a row for each, unreadable ones with their error.

    A video's row has the score of its highest frame, and <name>.frames.csv all of them. A folder of numbered pictures
    is a video for models of video sets, and for others its pictures are judged one by one.
    """
    from xai_ad.data.fitting import parse_fitting
    from xai_ad.detector.calibration import State
    from xai_ad.inspection.batch import inspect_files
    from xai_ad.inspection.discovering import discovery_lines
    from xai_ad.inspection.explainers import explainer_here
    from xai_ad.inspection.scorings import find_calibration
    from xai_ad.presentation.shapes import shape_lines
    from xai_ad.presentation.words import WORDING
    from xai_ad.store import find_model

    explainers = [explainer_here(name, on_note=_note) for name in method]
    chosen = parse_fitting(fit)
    rows = inspect_files(
        model,
        paths,
        output,
        explainers=explainers,
        fit=chosen,
        score=score,
        fdr=fdr,
        levels=white_of(levels),
        on_progress=terminal_progress("Inspecting"),
        on_note=_note,
    )
    for line in shape_lines(rows, find_model(model).card.photograph, fit=chosen):
        typer.echo(line, err=True)
    for line in _reasons(rows):
        typer.echo(line, err=True)
    unreadable = sum(row.score is None for row in rows)
    anomalous = sum(bool(row.is_anomalous) for row in rows)
    strangers = sum(bool(row.stranger) for row in rows)
    unlike = f"{strangers} of them not like the training pictures, " if strangers else ""
    borderline = sum(row.state == State.BORDERLINE for row in rows)
    unsure = f"{borderline} too close to the limit to call, " if borderline else ""
    typer.echo(
        f"{len(rows)} files: {anomalous} anomalous, {len(rows) - anomalous - unreadable} normal, {unlike}{unsure}"
        f"{unreadable} unreadable. Wrote {output}"
    )
    if fdr is not None:
        stored = find_model(model)
        record, wording = find_calibration(stored, score), WORDING[stored.card.subject]
        for line in discovery_lines(rows, fdr, record, wording):
            typer.echo(line)


def _reasons(rows: Sequence["InspectedFile"]) -> list[str]:
    """Say why files could not be judged, a line each; of more than `_REASONS` the first, and where the others stand."""
    told = [
        f"{row.path}: {row.error}" if row.path not in str(row.error) else str(row.error)
        for row in rows
        if row.error
    ]
    more = len(told) - _REASONS
    return told[:_REASONS] + (
        [f"Why {more} more cannot be judged stands in results.csv."] if more > 0 else []
    )


COMMANDS = (evaluate, explain, inspect)
