"""An experiment's results on paper: JSON for programs, Markdown for repositories, a page for browsers, figures as PNG."""

import base64
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from xai_ad.presentation.figures.renderer import png
from xai_ad.presentation.figures.shown import Shown
from xai_ad.presentation.report import write_json

Row = TypeVar("Row")

_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.3rem .7rem;border-bottom:1px solid #d0d7de;"
    "text-align:right}td:first-child,th:first-child{text-align:left}th{background:#f6f8fa}img{max-width:100%}"
)


@dataclass(frozen=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True)
class Rows:
    """A table: its header and its rows, as text."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    @classmethod
    def of(cls, rows: Iterable[Row], columns: Mapping[str, Callable[[Row], str]]) -> "Rows":
        """Return a table of rows of any kind, by what writes each column.

        >>> Rows.of([{"size": 1200}], {"pixels": "{size:,}".format_map})
        Rows(header=['pixels'], rows=[['1,200']])
        """
        return cls(list(columns), [[write(row) for write in columns.values()] for row in rows])


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A figure, and the name of the file that it is written to; without one, the page alone shows it."""

    shown: Shown
    alt: str
    file: str = ""


Part: TypeAlias = str | Heading | Rows | Drawn
"""What stands below another: a paragraph, a heading, a table or a figure."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an experiment found: the text under its title, and the numbers for the JSON; most have a page, too."""

    title: str
    parts: Sequence[Part]
    record: Mapping[str, Any]
    page: bool = True

    def write(self, output: Path, name: str) -> tuple[Path, ...]:
        """Write `<name>.md`, `.html` and `.json` and the figures' files; return them in this order."""
        output.mkdir(parents=True, exist_ok=True)
        drawn = {part.alt: png(part.shown) for part in self.parts if isinstance(part, Drawn)}
        written = [output / f"{name}.md"]
        text = "\n\n".join(filter(None, map(markdown, self.parts)))
        written[0].write_text(f"# {self.title}\n\n{text}\n", encoding="utf-8")
        if self.page:
            written.append(output / f"{name}.html")
            written[-1].write_text(_page(self.title, self.parts, drawn), encoding="utf-8")
        written.append(output / f"{name}.json")
        write_json(written[-1], dict(self.record))
        for part in self.parts:
            if isinstance(part, Drawn) and part.file:
                written.append(output / part.file)
                written[-1].write_bytes(drawn[part.alt])
        return tuple(written)


def markdown(part: Part) -> str:
    """Return a part as Markdown; a table's first column is left-aligned and the others right-aligned.

    >>> print(markdown(Rows(["a", "b"], [["x", "1"]])))
    | a | b |
    | :-- | --: |
    | x | 1 |
    """
    if isinstance(part, Drawn):
        return f"![{part.alt}]({part.file})" if part.file else ""
    if isinstance(part, Rows):
        rules = [":--", *["--:"] * (len(part.header) - 1)]
        escaped = ([cell.replace("|", "\\|") for cell in cells] for cells in (part.header, rules, *part.rows))
        return "\n".join(f"| {' | '.join(cells)} |" for cells in escaped)
    return f"## {part.text}" if isinstance(part, Heading) else part


def _page(title: str, parts: Sequence[Part], drawn: Mapping[str, bytes]) -> str:
    """A page that needs no network; all text is escaped."""
    body = "".join(_html(part, drawn) for part in parts)
    title = html.escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>\n"
    )


def _html(part: Part, drawn: Mapping[str, bytes]) -> str:
    if isinstance(part, Drawn):
        image = base64.b64encode(drawn[part.alt]).decode("ascii")
        return f'<p><img alt="{html.escape(part.alt)}" src="data:image/png;base64,{image}"></p>'
    if isinstance(part, Rows):
        rows = "".join(_html_row("td", row) for row in part.rows)
        return f"<table><thead>{_html_row('th', part.header)}</thead><tbody>{rows}</tbody></table>"
    tag, text = ("h2", part.text) if isinstance(part, Heading) else ("p", part)
    return f"<{tag}>{html.escape(text)}</{tag}>"


def _html_row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"
