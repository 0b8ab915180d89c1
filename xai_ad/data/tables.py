"""Tables that come with datasets, whatever saved them: separators, encodings and headers differ by program."""

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path

from xai_ad.data.wording import bare, listed
from xai_ad.errors import DatasetError

SEPARATORS = ",;\t|"
_MARKS = (  # UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_table(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the cells of some columns of a table with a header, a tuple for each row that is not empty, stripped.

    Commas, semicolons, tabs or bars part the cells; a column is found whatever the letter case, spaces and underscores
    in its name. Raises `DatasetError` for a table that lacks one or has it twice, and for a row that is too long.
    """
    try:
        text = _decoded(path.read_bytes())
        header, rows, places = _parsed(text, path, columns)
    except (csv.Error, OSError, UnicodeError) as error:
        raise DatasetError(f"{str(path)!r} is not a table of comma-separated values: {error}.") from error
    cells = []
    for number, row in enumerate(rows, 1):
        if any(cell.strip() for cell in row[len(header) :]):
            raise DatasetError(
                f"Row {number} of {str(path)!r} has {len(row)} cells, and the header {len(header)}: {listed(row, 8)}. "
                "Quote what holds the separator."
            )
        padded = [*row, *[""] * len(header)]
        cells.append(tuple(padded[place].strip() for place in places))
    return cells


def _decoded(data: bytes) -> str:
    """Return a text by its byte order mark, else by where its zero bytes are, else as UTF-8, and if it is none, as Latin 1."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    head = data[:512]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd > len(head) // 4:  # a text of mostly ASCII in 16 bits
        return data.decode("utf-16-be" if even > odd else "utf-16-le")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parsed(text: str, path: Path, columns: Sequence[str]) -> tuple[list[str], list[list[str]], list[int]]:
    """Return a table's header, its rows and the columns' places, by the separator that shows all columns."""
    lacking: list[list[str]] = []
    for separator in _separators(text):
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        rows = [row for row in lines if any(cell.strip() for cell in row)]
        if rows and bare("".join(rows[0])).startswith("sep"):
            rows = rows[1:]
        header = [bare(name) for name in rows[0]] if rows else []
        missing = [column for column in columns if bare(column) not in header]
        if not missing:
            twice = [column for column in columns if header.count(bare(column)) > 1]
            if twice:
                raise DatasetError(f"{str(path)!r} has several columns {listed(twice)}. Keep one of each.")
            return header, rows[1:], [header.index(bare(column)) for column in columns]
        lacking.append(missing)
    fewest: list[str] = min(lacking, key=len)
    raise DatasetError(f"{str(path)!r} lacks the columns {', '.join(fewest)}.")


def _separators(text: str) -> str:
    """Return the separators to try, in their order: the one that a spreadsheet's first line names alone."""
    first = text.partition("\n")[0].strip().lower()
    return first[4] if first.startswith("sep=") and len(first) == 5 else SEPARATORS
