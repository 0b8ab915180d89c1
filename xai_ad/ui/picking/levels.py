"""Uploads of more than 8 bits a pixel that do not say which value is white: the person says it."""

from collections.abc import Callable, Sequence

import streamlit as st

from xai_ad.data.decoding import levels_text
from xai_ad.inspection.image_files import ImageFile
from xai_ad.presentation.words import as_markdown, listed

_UNSURE = "unsure_levels"
"""Where the session keeps the dataset, the files that wait for an answer, and what can be answered."""
_CHOICE = "levels_choice"

Unsure = tuple[str, tuple[ImageFile, ...], tuple[int, ...]]


def ask_for_levels(dataset: str, image_files: Sequence[ImageFile], choices: Sequence[int]) -> None:
    """Keep files until the person has said which of some values is white in them; no files, no question."""
    st.session_state.pop(_UNSURE, None)
    st.session_state.pop(_CHOICE, None)
    if image_files:
        st.session_state[_UNSURE] = (dataset, tuple(image_files), tuple(choices))


def offer_levels(dataset: str, on_levels: Callable[[Sequence[ImageFile], str, int], None]) -> None:
    """Draw the question, where there is one about a dataset's uploads."""
    unsure: Unsure | None = st.session_state.get(_UNSURE)
    if unsure is None or unsure[0] != dataset:
        return
    _, image_files, choices = unsure
    names = as_markdown(listed([image_file.name for image_file in image_files]))
    st.selectbox(
        f"Grey levels of {names}",
        choices,
        index=None,
        format_func=lambda white: f"{levels_text(white)}: white is {white}",
        placeholder="Choose how many there are, black and white included",
        key=_CHOICE,
        on_change=_on_choice,
        args=(on_levels,),
        width=480,
    )


def _on_choice(on_levels: Callable[[Sequence[ImageFile], str, int], None]) -> None:
    white: int | None = st.session_state[_CHOICE]
    unsure: Unsure | None = st.session_state.get(_UNSURE)
    if white is not None and unsure is not None:
        on_levels(unsure[1], unsure[0], white)
