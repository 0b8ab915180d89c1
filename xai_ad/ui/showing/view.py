"""How a component shows pictures, as the browser said last: files that are taken from the screen look like it."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from xai_ad.inspection.pictures import View
from xai_ad.presentation.scales import MapScale


def view_of(component: str, scales: Mapping[str, MapScale] | None = None) -> View:
    """Return how the browser last said that it shows pictures; what it did not say is as a page begins.

    Where maps share `scales`, by id, it said from which values on they are drawn; else, from which strengths on.
    """
    said = st.session_state.get(component) or {}
    opacity, outlined = _shares(said.get("opacity")), said.get("outlined")
    started = said.get("start")
    starts = _shares(started if scales is None else _strengths(started, scales))
    begun = View()
    return View(
        opacity=opacity.get("map", begun.opacity),
        picture_opacity=opacity.get("picture", begun.picture_opacity),
        starts=starts,
        outlined=outlined if isinstance(outlined, bool) else None,
    )


def _strengths(started: object, scales: Mapping[str, MapScale]) -> dict[str, float]:
    """Return how strong values are on their scales, as far as a browser named values of these scales."""
    if not isinstance(started, Mapping):
        return {}
    return {
        str(name): float(scales[name].strength(np.array(float(value))))
        for name, value in started.items()
        if name in scales and isinstance(value, int | float) and not isinstance(value, bool)
    }


def _shares(given: object) -> dict[str, float]:
    """Return the shares of 1 that a browser gave by name, without what is none."""
    if not isinstance(given, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in given.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    }
