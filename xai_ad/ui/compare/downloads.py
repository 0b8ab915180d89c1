"""Files of a comparison to take away: one picture, one page, the table of its figures, and its questions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from xai_ad.inspection.comparing import Comparison
from xai_ad.inspection.comparison_files import (
    comparison_csv,
    comparison_html,
    comparison_json,
    comparison_png,
)
from xai_ad.inspection.files import name_stem
from xai_ad.inspection.pictures import View
from xai_ad.ui.showing.files import CSV, HTML, JSON, PNG, offer_file

Maker = Callable[[Comparison, View], bytes]

FILES: tuple[tuple[str, str, str, str, Maker], ...] = (
    ("Picture", "PNG", "png", PNG, comparison_png),
    ("Page", "HTML", "html", HTML, comparison_html),
    ("Figures", "CSV", "csv", CSV, lambda comparison, _: comparison_csv(comparison)),
    ("Record", "JSON", "json", JSON, comparison_json),
)
"""Each file's title, kind, ending, MIME type and maker."""


def offer_downloads(comparison: Comparison, view: View) -> None:
    """Offer a comparison's files, as it stands; they are made when they are asked for."""
    stem = f"{name_stem(comparison.image_file)}.comparison"
    with st.popover("Download", icon=":material/download:"):
        for title, kind, ending, mime, make in FILES:
            offer_file(title, kind, _made(make, comparison, view), f"{stem}.{ending}", mime)
        cells = [cell for row in comparison.rows for cell in row.cells]
        waiting = sum(cell.outcome.active for cell in cells)
        if waiting:
            st.caption(
                f"{waiting} of {len(cells)} explanations are not computed yet, and will not be in them."
            )


def _made(make: Maker, comparison: Comparison, view: View) -> Callable[[], bytes]:
    """Return what makes a file, with the time of the click."""
    return lambda: make(comparison, replace(view, at=datetime.now(UTC)))
