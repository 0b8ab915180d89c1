"""Where the explanations of a comparison agree, as a part of its page: a sentence, two maps, and a table of each two."""

from xai_ad.inspection.agreeing import (
    ORDER,
    OVERLAP,
    TITLE,
    Gathered,
    compared,
    gather,
    left_out_in_words,
)
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Comparison
from xai_ad.inspection.comparison_sheets import SIDE
from xai_ad.inspection.pictures import Picture, View, painted
from xai_ad.metrics.agreement import Matrix
from xai_ad.presentation.agreement import agreement_in_words, caution, names_of
from xai_ad.presentation.agreement_maps import Drawn
from xai_ad.presentation.captions import DrawnScale
from xai_ad.presentation.comparison.page import Section, Table
from xai_ad.presentation.comparison.sheet import Bar, Line, Tile, Tone
from xai_ad.presentation.notes import title_of

MOST = 24
"""Of more maps no table of each two is shown: nobody would find anything in it."""


def gathered_of(comparison: Comparison) -> Gathered:
    """Return the maps of a comparison that are at hand; models go by their ids, which are short, methods by their titles."""
    return gather(comparison, {}, {one.id: title_of(one) for one in comparison.methods})


def agreement_words(gathered: Gathered) -> tuple[str, ...]:
    """Return in sentences where maps agree, with the warning that it proves nothing, and who is left out."""
    told = (agreement_in_words(gathered.voices), caution(gathered.voices), left_out_in_words(gathered))
    return tuple(filter(None, told))


def agreement_section(gathered: Gathered, view: View) -> Section:
    """Return the part of the page on agreement; of fewer than two maps it is a sentence."""
    words = agreement_words(gathered)
    if gathered.case is None or len(gathered.voices) < 2:
        return Section(title=TITLE, sentences=words)
    found, names = compared(gathered), names_of(gathered.voices)
    tables = (_table(ORDER, names, found.order), _table(OVERLAP, names, found.overlap))
    return Section(
        title=TITLE,
        sentences=words,
        tiles=tuple(_tile(one, gathered.case, view) for one in found.drawn),
        bars=tuple(_bar(one, view) for one in found.drawn),
        tables=tables if len(names) <= MOST else (),
    )


def _tile(drawn: Drawn, case: Case, view: View) -> Tile:
    picture = Picture(id=drawn.legend.id, title=drawn.title, shown=drawn.shown, legend=drawn.legend)
    is_empty = not (drawn.shown.values >= view.scale(drawn.shown.scale, drawn.legend).start).any()
    return Tile(
        picture=painted(case, picture, view, largest=SIDE),
        alt=f"{drawn.title} on {case.image_file.name}",
        lines=(
            Line(text=f"{drawn.title}. {drawn.sentence}"),
            *([Line(text=f"{drawn.empty}.", tone=Tone.FAINT)] if is_empty else []),
        ),
    )


def _bar(drawn: Drawn, view: View) -> Bar:
    scale = view.scale(drawn.shown.scale, drawn.legend)
    shown = DrawnScale(scale=scale, signed=False, opacity=view.opacity, legend=drawn.legend)
    return Bar(columns=(drawn.title,), drawn=shown)


def _table(title: str, names: list[str], values: Matrix) -> Table:
    """Return what each two come to, to two digits; nothing of one with itself."""
    rows = tuple(
        (name, *("" if at == other else _two_digits(value) for other, value in enumerate(line)))
        for at, (name, line) in enumerate(zip(names, values, strict=True))
    )
    return Table(title=title, header=("", *names), rows=rows)


def _two_digits(value: float) -> str:
    text = f"{abs(value):.2f}"
    return f"\N{MINUS SIGN}{text}" if value < 0 and float(text) else text
