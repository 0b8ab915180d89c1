"""The tables of docs/explanations.md: one section a model, between two marks of its own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xai_ad.errors import BenchmarkError
from xai_ad.explain import EXPLAINERS
from xai_ad.explain.base import Depiction
from xai_ad.inspection.methods import first_of, order_of
from xai_ad.machine.files import write_whole
from xai_ad.metrics.medians import Estimate
from xai_ad.presentation.worth import doubts, is_noise
from xai_ad.store import MeasuredExplanations, ModelCard

GOOD: Mapping[str, str] = {
    "localisation": "localisation",
    "iou": "IoU",
    "hits": "hits",
    "pointing": "pointing",
    "faithfulness": "faithfulness",
}
HOLDS: Mapping[str, str] = {
    "noise": "noise",
    "noise_shared": "strongest in both",
    "seed": "another seed",
    "seed_shared": "strongest in both",
    "randomised": "shuffled weights",
    "evaluations": "evaluations",
    "seconds": "seconds",
}
CLAIMED = ("kernel_shap", "counterfactual")
"""What the thesis claims to place anomalies better than the residual map (4.10)."""
JUDGED = {
    "localisation": "by pixel AUC-ROC",
    "iou": "by intersection over union",
    "faithfulness": "by faithfulness",
}


def write_section(
    page: Path,
    card: ModelCard,
    measured: MeasuredExplanations,
    titles: Mapping[str, str],
    rivals: Sequence[str],
) -> None:
    """Write a model's section between its two marks; raises as `around` does."""
    before, after = around(page, card)
    body = "\n\n".join(section(card, measured, titles, rivals))
    write_whole(page, f"{before}\n\n{body}\n\n{after}".encode())


def around(page: Path, card: ModelCard) -> tuple[str, str]:
    """Return what stands before and after a model's section, its two marks included.

    Raises `BenchmarkError` for a page that has not two, or is not there.
    """
    mark = f"<!-- {card.id} -->"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    if text.count(mark) != 2:
        raise BenchmarkError(f"The page {str(page)!r} has not two marks {mark!r} to write between.")
    before, _, after = text.split(mark)
    return before + mark, mark + after


def section(
    card: ModelCard, measured: MeasuredExplanations, titles: Mapping[str, str], rivals: Sequence[str]
) -> Iterator[str]:
    """Yield the parts of a section: its heading, what is shown first and why, the tables, and the thesis's claim."""
    yield f"## `{card.id}`, {measured.score}, {len(measured.images)} images"
    first = first_of(measured)
    yield f"Shown first: `{first}`{_why(measured, first)}"
    own = [method.method for method in measured.methods if method.method not in rivals]
    order = [name for name in order_of(measured) if name in own]
    yield from _tables(measured, order, GOOD, titles)
    if repeated := _count(measured, order, "noise"):
        yield f"Whether maps hold, on the first {repeated} images, of shuffled weights on the first {_count(measured, order, 'randomised')}:"
    yield from _tables(measured, order, HOLDS, titles)
    yield "\n".join(_claims(measured))
    if rivals:
        yield f"Rivals on the first {_count(measured, rivals, 'faithfulness')} of the images:"
        yield from _tables(measured, rivals, {**GOOD, **HOLDS}, titles)
        best = [name for name in order if EXPLAINERS[name].picture is Depiction.MAP]
        yield "\n".join(_against(measured, best, rivals, titles))


def _count(measured: MeasuredExplanations, methods: Sequence[str], name: str) -> int:
    """Return on how many pictures a figure was measured."""
    return max((figure.n for method in methods if (figure := measured.figure(method, name))), default=0)


def _tables(
    measured: MeasuredExplanations,
    methods: Sequence[str],
    columns: Mapping[str, str],
    titles: Mapping[str, str],
) -> Iterator[str]:
    """Yield a table of the columns that any of the methods has; nothing where none has any."""
    known = {name: {method: measured.figure(method, name) for method in methods} for name in columns}
    shown = [name for name in columns if any(known[name].values())]
    if not shown:
        return
    lines = [["method", *(columns[name] for name in shown)], ["---"] * (1 + len(shown))]
    lines += [[titles[method], *(_cell(name, known[name][method]) for name in shown)] for method in methods]
    yield "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(name: str, figure: Estimate | None) -> str:
    if figure is None:
        return "-"
    if name == "evaluations":
        return f"{figure.value:,.0f}"
    if name == "seconds":
        return f"{figure.value:.2g}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def _why(measured: MeasuredExplanations, first: str) -> str:
    """Say why a method is shown first, and why those before it in the order are not."""
    by = "placed best" if measured.figure(first, "localisation") else "the most faithful"
    passed = []
    for name in order_of(measured):
        if name == first:
            break
        passed.append(f"`{name}` ({_objection(measured, name)})")
    others = f"; before it in the order, but not shown first: {', '.join(passed)}" if passed else ""
    return f", {by} of the maps that may be trusted{others}."


def _objection(measured: MeasuredExplanations, name: str) -> str:
    if EXPLAINERS[name].picture is not Depiction.MAP:
        return "no map"
    if is_noise(measured, name):
        return "noise"
    return "does not hold" if doubts(measured, name) else "misses too many"


def _claims(measured: MeasuredExplanations) -> Iterator[str]:
    """Yield whether the thesis's claim holds here, method by method and figure by figure."""
    yield "Does it place anomalies better than the residual map, as the thesis claims (4.10)? On the same images, median difference:"
    yield ""
    for name in CLAIMED:
        for figure, words in JUDGED.items():
            found = measured.less(name, "residual", figure)
            if found is not None:
                yield f"- {EXPLAINERS[name].title} {words}: {_verdict(found)}."
    if not measured.figure("residual", "localisation"):
        yield "- No mask says where its anomalies lie, so that where methods place them cannot be measured."


def _verdict(found: Estimate) -> str:
    said = (
        "yes"
        if found.is_above_zero
        else "no, worse"
        if found.is_below_zero
        else "no difference to be sure of"
    )
    return f"{said}, {found.value:+.2f} [{found.low:+.2f}, {found.high:+.2f}]"


def _against(
    measured: MeasuredExplanations, own: Sequence[str], rivals: Sequence[str], titles: Mapping[str, str]
) -> Iterator[str]:
    """Yield, for each figure that has a winner among the rivals, how this package's best does against it."""
    for name, words in JUDGED.items():
        figures = {method: measured.figure(method, name) for method in (*own, *rivals)}
        known = {method: figure.value for method, figure in figures.items() if figure is not None}
        ours, theirs = ({method for method in known if method in group} for group in (own, rivals))
        if not ours or not theirs:
            continue
        best, rival = (max(sorted(group), key=known.__getitem__) for group in (ours, theirs))
        less = measured.less(best, rival, name)
        if less is not None:
            yield (
                f"- Best {words}: {titles[best]} {known[best]:.2f} of ours, {titles[rival]} {known[rival]:.2f} of theirs; "
                f"ours less theirs {less.value:+.2f} [{less.low:+.2f}, {less.high:+.2f}]."
            )
