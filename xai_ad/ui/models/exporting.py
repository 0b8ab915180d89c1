"""A model to take away: as a ZIP that this program reads again."""

import tempfile
from pathlib import Path

import streamlit as st

from xai_ad.presentation.words import as_markdown
from xai_ad.store import StoredModel, export_zip
from xai_ad.ui.showing.files import ZIP, offer_file


def offer_export(stored: StoredModel) -> None:
    """Draw the buttons that give a model away; its licence goes with it."""
    with st.popover("Export", icon=":material/download:", key="export_model"):
        offer_file("Model", "ZIP", lambda: _zipped(stored), f"{stored.card.id}.zip", ZIP)
        st.caption(
            f"All of it with your own limits; page Models reads it again. Licence: {as_markdown(stored.card.licence)}."
        )


def _zipped(stored: StoredModel) -> bytes:
    with tempfile.TemporaryDirectory(prefix="xai_ad-export-") as folder:
        return export_zip(stored, Path(folder) / "model.zip").read_bytes()
