"""Which model is shown, and which stands beside it: read from the address, and written to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from xai_ad.presentation.variants import variant_titles
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.models.exporting import offer_export
from xai_ad.ui.models.importing import offer_import
from xai_ad.ui.models.managing import offer_management
from xai_ad.ui.picking.models import (
    choose_dataset,
    choose_model,
    dataset_titles,
    first_model,
    follow_model,
)

_NONE = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The model that is shown, and the one of the same dataset that it is compared with, or None."""

    stored: StoredModel
    other: StoredModel | None


def choose(models: Mapping[str, StoredModel]) -> Choice:
    """Draw the controls and return what they say; `models` holds at least one."""
    chosen = models[follow_model(models)]
    same = {
        name: stored
        for name, stored in models.items()
        if stored.card.dataset == chosen.card.dataset and name != chosen.card.id
    }
    other = _follow_other(same)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        choose_dataset(dataset_titles(models), lambda dataset: _on_dataset(models, dataset))
        choose_model(models, chosen)
        if same:
            _choose_other(same, other)
        st.space("stretch")
        offer_management(chosen)
        offer_export(chosen)
        offer_import()
    return Choice(stored=chosen, other=same[other] if other else None)


def _follow_other(same: Mapping[str, StoredModel]) -> str:
    """Return which other model the address asks for, or nothing; one that is not there is reported."""
    asked = state.asked_of(state.COMPARED, "other model", {name: name for name in same})
    address.note(state.COMPARED, asked)
    return asked or _NONE


def _choose_other(same: Mapping[str, StoredModel], other: str) -> None:
    titles = {_NONE: "No other model", **variant_titles(stored.card for stored in same.values())}
    st.session_state[state.COMPARED] = other
    st.selectbox(
        "Compare with",
        list(titles),
        key=state.COMPARED,
        format_func=lambda name: titles.get(name, name),
        on_change=lambda: address.choose(**{state.COMPARED: st.session_state[state.COMPARED] or None}),
        width=260,
    )


def _on_dataset(models: Mapping[str, StoredModel], dataset: str) -> None:
    address.choose(
        **{state.DATASET: dataset, state.MODEL: first_model(models, dataset), state.COMPARED: None}
    )
