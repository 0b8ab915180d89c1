"""Pictures that a model is to learn from: what is remarkable about each, and a box that leaves it out."""

from typing import TypedDict

import streamlit as st

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("gallery/gallery.js",)


class ItemData(TypedDict):
    """One picture: its `url`, empty where it cannot be shown, its `state`, a `note`, and whether it is `out`."""

    id: str
    name: str
    url: str
    state: str
    note: str
    out: bool
    can_choose: bool


class GalleryData(TypedDict):
    """Pictures of the set `set`; `out_word` is what a box beside each does."""

    set: str
    title: str
    out_word: str
    items: list[ItemData]


_gallery = register("gallery", SCRIPTS)


def chosen_in(key: str, of_set: str) -> dict[str, bool]:
    """Return which pictures of a set the browser was told to leave out, or to keep, by id; anything else is ignored."""
    state = st.session_state.get(key)
    told = state and state.get("chosen")
    if not isinstance(told, dict) or told.get("set") != of_set or not isinstance(told.get("chosen"), dict):
        return {}
    return {
        name: out for name, out in told["chosen"].items() if isinstance(name, str) and isinstance(out, bool)
    }


def gallery(data: GalleryData, *, key: str) -> None:
    """Mount the pictures.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _gallery(key=key, data=data, on_chosen_change=lambda: None)  # else it has no state
