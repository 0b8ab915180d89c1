"""Page Models: one model's sheet, its limit, its older limits, and what can be done with it."""

from collections.abc import Mapping

import streamlit as st

from xai_ad.errors import StoreError, XaiAdError
from xai_ad.inspection.model_sheets import known_model
from xai_ad.inspection.models import every_model
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.models.choosing import Choice, choose
from xai_ad.ui.models.embeddings import show_embeddings
from xai_ad.ui.models.importing import offer_import
from xai_ad.ui.models.limiting import show_limit
from xai_ad.ui.models.measuring import offer_measuring
from xai_ad.ui.models.older import show_limits
from xai_ad.ui.models.sheet import show_sheet
from xai_ad.ui.models.versus import show_comparison

_OWN = (state.DATASET, state.MODEL, state.COMPARED)
_LAST = "models_address"
"""Where the session keeps what this page showed last: the address goes with the page."""


def show_models() -> None:
    """Draw the page."""
    models = {stored.card.id: stored for stored in every_model(on_broken=_tell)}
    if not models:
        state.show_notices()
        st.info("No model is stored yet. Train one on page Train, or import one.")
        offer_import()
        return
    address.follow(carried=(state.DATASET, state.MODEL))
    _come_back(models)
    choice = choose(models)
    notices = st.container(key="notices")
    try:
        _show(choice, models)
    except XaiAdError as error:
        state.show_error(str(error))
    with notices:
        state.show_notices()
    with st.container(key="link"):
        address.keep()
    st.session_state[_LAST] = address.shown(_OWN)


def _come_back(models: Mapping[str, StoredModel]) -> None:
    """Take over what this page showed last, where it is gone to by its tab and another page named no model."""
    last: Mapping[str, str] = st.session_state.get(_LAST, {})
    if last.get(state.MODEL) in models and not any(address.asked(key) for key in _OWN):
        address.write(**last)


def _show(choice: Choice, models: Mapping[str, StoredModel]) -> None:
    known = known_model(choice.stored)
    other = None if choice.other is None else known_model(choice.other)
    with st.container(horizontal=True, key="models"):
        with st.container(key="model_limit"):
            show_limit(known, other)
            show_limits(known)
        with st.container(key="model_sheet"):
            show_sheet(known)
            offer_measuring(known)
    if other is not None:
        show_comparison(known, other)
    show_embeddings(known, models.values())


def _tell(error: StoreError) -> None:
    state.warn(str(error))
