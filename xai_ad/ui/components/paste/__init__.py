"""Pictures that are pasted anywhere on the page."""

import base64
import binascii
from collections.abc import Callable
from typing import TypedDict

import streamlit as st

from xai_ad.ui.components.mounting import register

SCRIPTS = ("paste/paste.js",)
LARGEST = 16 * 2**20
"""Bytes of one pasted picture; a larger one is uploaded as a file."""


class PasteData(TypedDict):
    """How many bytes a picture may have."""

    largest: int


_paste = register("paste", SCRIPTS)


def paste(*, key: str, on_paste: Callable[[list[tuple[str, bytes]]], None]) -> None:
    """Listen for pasted pictures; `on_paste` is called with names and bytes before the script runs again."""
    _paste(
        key=key,
        width="content",
        data=PasteData(largest=LARGEST),
        on_pasted_change=lambda: on_paste(pasted(st.session_state[key].get("pasted"))),
    )


def pasted(told: object) -> list[tuple[str, bytes]]:
    r"""Return the pictures of the browser's message, and none of what is no such message.

    >>> pasted([{"name": "a.png", "content": "AAE="}]), pasted([{"name": "a.png", "content": "?"}]), pasted("a")
    ([('a.png', b'\x00\x01')], [], [])
    """
    found = []
    for entry in told if isinstance(told, list) else []:
        name, content = (entry.get(key) if isinstance(entry, dict) else None for key in ("name", "content"))
        if not isinstance(name, str) or not isinstance(content, str):
            continue
        try:
            data = base64.b64decode(content, validate=True)
        except binascii.Error:
            continue
        if 0 < len(data) <= LARGEST:
            found.append((name, data))
    return found
