"""One picture explained by several models and methods, side by side: `compare`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xai_ad.cli.claiming import claims_output
from xai_ad.cli.judging import FitOption, ScoreOption
from xai_ad.cli.parsing import Levels, pairs, terminal_progress, typed_fields, white_of
from xai_ad.errors import InvalidInputError

if TYPE_CHECKING:
    from xai_ad.explain import Explainer
    from xai_ad.inspection.comparing import Row


@claims_output
def compare(
    image: Annotated[Path, typer.Option(help="The picture to explain.")],
    model: Annotated[list[str], typer.Option(help="A model's id or folder; a row for each.")],
    method: Annotated[
        list[str],
        typer.Option(help="An explainer's id; a column for each. A wrong one is answered with all."),
    ],
    output: Annotated[Path, typer.Option(help="The folder to write into.")],
    option: Annotated[list[str], typer.Option(help="A field of an explainer, method.name=value.")] = [],  # noqa: B006  # Typer copies it
    mask: Annotated[
        Path | None,
        typer.Option(
            help="Where the defect is: a mask of the picture's shape, or COCO, LabelMe or Label Studio JSON."
        ),
    ] = None,
    fit: Annotated[str, FitOption] = "crop",
    score: Annotated[str | None, ScoreOption] = None,
    levels: Levels = None,
) -> None:
    """Explain one picture by several models and methods: comparison.png, .html, .csv and .json.

    A model that cannot take the picture is a row that says so. `explain --request` repeats what lies in explanations/.
    """
    from xai_ad.data.fitting import parse_fitting
    from xai_ad.inspection.comparing import compare as compared
    from xai_ad.inspection.comparison_files import write_comparison
    from xai_ad.inspection.image_files import read_image_file
    from xai_ad.inspection.marking import read_marking
    from xai_ad.inspection.pictures import View
    from xai_ad.store import find_model

    chosen_fit = parse_fitting(fit)
    stored = [find_model(name) for name in model]
    explainers = explainers_of(method, option)
    whites = [one.card.preprocessing.levels for one in stored]
    image_file = read_image_file(image, levels=white_of(levels), assumed=next(filter(None, whites), None))
    marking = None if mask is None else read_marking(mask.name, mask.read_bytes(), image_file)
    found = compared(
        stored,
        image_file,
        explainers,
        fit=chosen_fit,
        score=score,
        mask=None if marking is None else marking.on,
        on_progress=terminal_progress("Comparing"),
    )
    if all(row.case is None for row in found.rows):
        reasons = " ".join(filter(None, dict.fromkeys(row.error for row in found.rows)))
        raise InvalidInputError(f"No model can judge {image_file.name}. {reasons}")
    write_comparison(found, output, View(), place=image)
    for row in found.rows:
        typer.echo(_said(row))
    typer.echo(f"Wrote {output}")


def explainers_of(methods: Sequence[str], options: Sequence[str]) -> "list[Explainer]":
    """Return explainers by their ids, with `method.name=value` texts as their options.

    Raises `InvalidInputError` for an option of a method that is not asked for, and as `typed_fields` does.
    """
    from xai_ad.explain import explainer_options, options_of
    from xai_ad.inspection.explainers import explainer_here

    texts: dict[str, dict[str, str]] = {method: {} for method in methods}
    for name, value in pairs(options).items():
        method, separator, field = name.partition(".")
        if not separator or method not in texts:
            raise InvalidInputError(
                f"An option is written method.name=value, of a method that is asked for: {', '.join(texts)}. Got "
                f"{f'{name}={value}'!r}."
            )
        texts[method][field] = value
    return [
        explainer_here(
            method,
            typed_fields(
                options_of(method), given, valid=explainer_options(method), of=f"the explainer {method!r}"
            ),
            on_note=lambda note: typer.echo(note, err=True),
        )
        for method, given in texts.items()
    ]


def _said(row: "Row") -> str:
    """Return a line on what a model says, and which explanations there are not."""
    from xai_ad.presentation.words import WORDING, figure, verdict_word

    name = row.stored.card.id
    if row.case is None:
        return f"{name}: {row.error}"
    word = verdict_word(row.case.judgement.state, WORDING[row.stored.card.subject])
    times = figure(row.case.score / row.case.model.record.calibration.threshold)
    done = sum(cell.outcome.result is not None for cell in row.cells)
    failed = [f"{one.explainer.id}: {one.outcome.error}" for one in row.cells if one.outcome.error]
    return " ".join(
        [f"{name}: {word}, {times} x the limit, {done} of {len(row.cells)} explanations.", *failed]
    )


COMMANDS = (compare,)
