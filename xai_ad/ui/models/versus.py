"""Two models of one dataset side by side, each at its own limit."""

import streamlit as st

from xai_ad.inspection.model_comparison import compare_models
from xai_ad.inspection.model_sheets import KnownModel
from xai_ad.presentation.versus import advantage_words
from xai_ad.presentation.words import as_markdown


def show_comparison(known: KnownModel, other: KnownModel) -> None:
    """Draw both models' figures and say whether one is better, as far as that can be known."""
    found = compare_models(known, other)
    with st.container(key="versus"):
        st.subheader("Beside the other model", anchor=False)
        titles = [as_markdown(each.about.title) for each in (known, other)]
        if titles[0] == titles[1]:
            titles = [as_markdown(each.stored.card.id) for each in (known, other)]
        lines = [f"| | {titles[0]} | {titles[1]} |", "| :-- | --: | --: |"]
        lines += [
            f"| {' | '.join(as_markdown(text) for text in (row.label, row.one, row.other))} |"
            for row in found.rows
        ]
        st.markdown("\n".join(lines))
        st.caption(as_markdown(advantage_words(found.advantage, found.images)))
