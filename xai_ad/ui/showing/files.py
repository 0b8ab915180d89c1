"""Buttons that give a file away; it is made when it is asked for."""

from collections.abc import Callable

import streamlit as st

PNG, JSON, NUMPY, ZIP = "image/png", "application/json", "application/octet-stream", "application/zip"
HTML, CSV = "text/html", "text/csv"


def offer_file(title: str, kind: str, make: Callable[[], bytes], name: str, mime: str) -> None:
    """Draw the button of a file of a `kind`; `make` runs at the click, outside of the session."""
    st.download_button(
        f"{title} ({kind})",
        make,
        name,
        mime,
        key=f"download_{title.lower()}",
        on_click="ignore",
        width="stretch",
    )
