"""An experiment's results on paper: JSON for programs, Markdown for repositories, a page for browsers, figures as PNG."""

import base64
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, TypeAlias, TypeVar

from xai_ad.machine.files import write_whole, writing
from xai_ad.presentation.figures.renderer import png
from xai_ad.presentation.figures.shown import Shown
from xai_ad.presentation.report import to_json

Row = TypeVar("Row")


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
        drawn = {part.alt: png(part.shown) for part in self.parts if isinstance(part, Drawn)}
        text = "\n\n".join(filter(None, map(markdown, self.parts)))
        contents = {f"{name}.md": f"# {self.title}\n\n{text}\n".encode()}
        if self.page:
            contents[f"{name}.html"] = _page(self.title, self.parts, drawn).encode()
        contents[f"{name}.json"] = to_json(dict(self.record)).encode()
        contents |= {
            part.file: drawn[part.alt] for part in self.parts if isinstance(part, Drawn) and part.file
        }
        with writing(output):
            output.mkdir(parents=True, exist_ok=True)
        for file, content in contents.items():
            write_whole(output / file, content)
        return tuple(output / file for file in contents)


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
    page = Template((files(__package__) / "page.html").read_text(encoding="utf-8"))
    body = "".join(_html(part, drawn) for part in parts)
    return page.substitute(title=html.escape(title), body=body)


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
