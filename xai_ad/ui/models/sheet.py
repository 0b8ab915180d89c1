"""A model's card as readable words."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from xai_ad.inspection.model_sheets import KnownModel
from xai_ad.presentation.limits import placed_words
from xai_ad.presentation.sheets import Row


def show_sheet(known: KnownModel) -> None:
    """Draw the sheet; what it quotes of a card is text and no markup."""
    sheet = known.sheet
    title = escape(sheet.title)
    if not known.stored.is_shipped:
        title = f'{escape(known.stored.card.id)} <span class="own">your own</span><small>{title}</small>'
    st.subheader("What it is", anchor=False)
    limits = Row(label="Its limit", text=f"{placed_words(known.record)}.".capitalize())
    not_for = "".join(f"<li>{escape(text)}</li>" for text in sheet.not_for)
    st.html(
        f'<article class="sheet" data-testid="sheet"><h3>{title}</h3>'
        f"{_listed([*sheet.rows, limits])}"
        f'<section class="not-for"><h4>Not to be used for</h4><ul>{not_for}</ul></section>'
        f"{_listed([Row(label='Licence', text=sheet.licence)])}"
        f"<details><summary>Details</summary>{_listed(sheet.details)}</details></article>"
    )


def _listed(rows: Iterable[Row]) -> str:
    return (
        "<dl>" + "".join(f"<dt>{escape(row.label)}</dt><dd>{escape(row.text)}</dd>" for row in rows) + "</dl>"
    )
