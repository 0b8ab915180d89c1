"""The ways between pages: from Inspect to a comparison, with the picture at hand, and to the model; back to one cell."""

from collections.abc import Collection
from typing import NoReturn

import streamlit as st

from xai_ad.inspection.explainers import MAIN
from xai_ad.machine import places
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.compare.choosing import as_text, measured_order, with_others


def offer_comparison(stored: StoredModel, models: Collection[StoredModel]) -> None:
    """Lead from page Inspect to a comparison of the model at hand with others, on the same picture."""
    chosen = state.chosen_method()
    compared = [method for method in measured_order(stored) if method in {*MAIN, chosen}]
    st.page_link(
        places.pages() / "compare.py",
        label="Compare models and methods",
        icon=":material/grid_view:",
        query_params={
            **address.shown(state.OF_THE_PICTURE),
            state.MODELS: as_text(other.card.id for other in with_others(stored, models)),
            state.METHODS: as_text(compared),
        },
        width="stretch",
    )


def offer_sheet(stored: StoredModel) -> None:
    """Lead from page Inspect to the page of the model at hand, where its limit is seen and moved."""
    st.page_link(
        places.pages() / "models.py",
        label="The model's page and its limit",
        icon=":material/tune:",
        query_params={state.DATASET: stored.card.dataset, state.MODEL: stored.card.id},
        width="stretch",
    )


def open_in_inspect(model: str, method: str) -> NoReturn:
    """Go to page Inspect, which shows the picture at hand under a model, explained by a method.

    Streamlit writes the address first, as a step of the history, and goes then: so this page has to understand it too,
    or Back would lead to another comparison.
    """
    st.switch_page(
        places.pages() / "inspect.py",
        query_params={
            **address.shown((*state.OF_THE_PICTURE, state.MODELS, state.METHODS)),
            state.MODEL: model,
            state.METHOD: method,
        },
    )
