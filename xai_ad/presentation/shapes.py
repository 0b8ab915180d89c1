"""What is said of an image whose shape is not that of the model's."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from xai_ad.data.fitting import Cut, Fit, Fitting, Proportions, Size, fitting_text
from xai_ad.data.reading import HasPreprocessing, needs_fit
from xai_ad.presentation.report import InspectedFile

_ONE = {
    Fit.CROP: "judged by its middle",
    Fit.PAD: "judged whole, with a margin",
    Fit.STRETCH: "judged whole, squeezed",
}
_MANY = {**_ONE, Fit.CROP: "judged by their middle"}
_DEFAULT = "--fit crop, the default"


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """How an image whose shape is not the model's was fitted to it, as a row of results has it; nothing where it was not."""

    shape: str | None = None
    """The image's own, as 4:3."""
    fit: str | None = None
    note: str | None = None


def fitted_as(size: Size, card: HasPreprocessing, fit: Fitting) -> Fitted:
    """Return how an image of (height, width) pixels is fitted by a rule, or by a rectangle."""
    own = Proportions.of(size).words
    if isinstance(fit, Cut):
        place = f"row {fit.top} and column {fit.left}"
        note = f"Judged by the rectangle of {fit.width}x{fit.height} pixels from {place}."
        return Fitted(shape=own, fit=fitting_text(fit), note=note)
    if not needs_fit(size, card):
        return Fitted()
    if card.photograph is None:
        note = f"It is {own} and what shape the model's pictures had is not known: {_ONE[Fit.STRETCH]}."
        return Fitted(shape=own, fit=str(Fit.STRETCH), note=note)
    note = f"It is {own} and the model's pictures are {card.photograph.words}: {_ONE[fit]}."
    return Fitted(shape=own, fit=str(fit), note=note)


def squeezed_note(shape: Proportions, card: HasPreprocessing) -> str | None:
    """Return a line where a dataset's images have another shape than a model's; None where they have the same.

    Whatever is trained on, evaluated or calibrated by is squeezed whole into the network's square.
    """
    if card.photograph is None or card.photograph.fits((shape.height, shape.width)):
        return None
    return (
        f"The dataset's pictures are {shape.words} and the model's are {card.photograph.words}: they are judged whole, "
        "squeezed, and not by their middle as single pictures are."
    )


def shape_lines(rows: Iterable[InspectedFile], shape: Proportions | None, *, fit: Fitting) -> list[str]:
    """Return a line on all files of each other shape than a model's, and how they were judged by a rule."""
    if isinstance(fit, Cut):
        return []
    counts = Counter(row.shape for row in rows if row.shape is not None)
    lines = []
    for own, count in counts.items():
        files = f"1 picture is {own}" if count == 1 else f"{count} pictures are {own}"
        if shape is None:
            lines.append(
                f"{files} and what shape the model's had is not known: {_MANY[Fit.STRETCH]}. Calibrated on the "
                "dataset that it was trained on, the model learns it."
            )
        else:
            words = (_ONE if count == 1 else _MANY)[fit]
            said = _DEFAULT if fit is Fit.CROP else f"--fit {fit}"
            lines.append(f"{files} and the model's are {shape.words}: {words} ({said}).")
    return lines
