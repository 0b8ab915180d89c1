"""A table of figures between the same things in rows and columns, shaded by their size: figures first, colour beside them."""

from typing import TypedDict

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("matrix/matrix.js",)


class MatrixData(TypedDict):
    """A square table called `caption`: `names` of its rows and columns, and `values` from -1 to 1 row by row.

    A value is shaded by its size, from `low` on, and written with two digits; what is None is left blank.
    """

    caption: str
    names: list[str]
    values: list[list[float | None]]
    low: float


_matrix = register("matrix", SCRIPTS)


def matrix(data: MatrixData, *, key: str) -> None:
    """Mount the table.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _matrix(key=key, data=data)
