"""How a component comes to the browser, and what may be sent to it.

Each component is a folder: its Python, `<name>.html`, `<name>.css`, and scripts. Streamlit takes one script a
component and loads it from a blob URL, against which a script cannot import another by its path. So the scripts
share one module scope: they import nothing, are listed in the order of their dependence, and are joined; only
the last one exports.

What the components print (labels, sentences, file names in them) is set as text, never as markup.
"""

import math
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from xai_ad.errors import InvalidInputError

FOLDER = Path(__file__).parent


def register(name: str, scripts: tuple[str, ...], styles: tuple[str, ...] = ()) -> ComponentRenderer:
    """Register the component in folder `name` under `xai_ad_<name>`.

    `scripts` are paths from this folder, and so are `styles`, which its own style follows.
    """
    return st.components.v2.component(
        f"xai_ad_{name}",
        html=(FOLDER / name / f"{name}.html").read_text("utf-8"),
        css=_joined((*styles, f"{name}/{name}.css")),
        js=_joined(scripts),
    )


def _joined(paths: tuple[str, ...]) -> str:
    return "\n".join((FOLDER / path).read_text("utf-8") for path in paths)


def require_plain(value: Any, place: str = "data") -> None:
    """Raise unless `value` is made of plain Python values that reach the browser unchanged.

    Streamlit turns *all* data into one string if a single value is a NumPy scalar, and fails in the browser on NaN.

    Raises:
        InvalidInputError: naming the first offending place.

    >>> require_plain({"panels": [{"progress": 0.5, "layer": None}]})
    >>> require_plain({"panels": [{"progress": float("nan")}]})
    Traceback (most recent call last):
    xai_ad.errors.InvalidInputError: data['panels'][0]['progress'] must be a finite number. Got nan.
    """
    kind = type(value)
    if kind is dict:
        for name, item in value.items():
            require_plain(item, f"{place}[{name!r}]")
    elif kind is list:
        for index, item in enumerate(value):
            require_plain(item, f"{place}[{index}]")
    elif kind is float:
        if not math.isfinite(value):
            raise InvalidInputError(f"{place} must be a finite number. Got {value}.")
    elif kind not in (str, int, bool, type(None)):
        raise InvalidInputError(
            f"{place} must be a plain Python value. Got {kind.__module__}.{kind.__name__}."
        )
