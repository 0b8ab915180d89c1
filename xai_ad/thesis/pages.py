"""An experiment's results on paper: JSON for programs, Markdown for repositories, a Plotly page for browsers."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_ad.presentation.report import write_json

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.3rem .7rem;border-bottom:1px solid #d0d7de;"
    "text-align:right}td:first-child,th:first-child{text-align:left}th{background:#f6f8fa}"
)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its first column left-aligned and the others right-aligned.

    >>> print(markdown_table(["a", "b"], [["x", "1"]]))
    | a | b |
    | :-- | --: |
    | x | 1 |
    """
    rules = [":--", *["--:"] * (len(header) - 1)]
    escaped = ([cell.replace("|", "\\|") for cell in cells] for cells in (header, rules, *rows))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in escaped)


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return an HTML table; every cell is escaped."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def html_page(title: str, parts: Sequence["str | Figure"]) -> str:
    """Return a page that needs no network: HTML parts as they are, Plotly figures with the library once inside."""
    library: bool | str = True
    body = []
    for part in parts:
        if isinstance(part, str):
            body.append(part)
        else:
            body.append(part.to_html(full_html=False, include_plotlyjs=library))
            library = False
    title = html.escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{''.join(body)}</body></html>\n"
    )


def write_results(
    output: Path, name: str, record: Mapping[str, Any], *, markdown: str, page: str
) -> tuple[Path, ...]:
    """Write `<name>.json`, `<name>.md` and `<name>.html`; return them, the Markdown first."""
    output.mkdir(parents=True, exist_ok=True)
    written = tuple(output / f"{name}{suffix}" for suffix in (".md", ".html", ".json"))
    written[0].write_text(markdown, encoding="utf-8")
    written[1].write_text(page, encoding="utf-8")
    write_json(written[2], dict(record))
    return written
