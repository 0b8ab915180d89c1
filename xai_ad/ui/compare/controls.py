"""The row of controls: dataset, models, methods and picture. What they hold was read from the address, and is written to it."""

from collections.abc import Mapping, Sequence

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.explain import EXPLAINERS
from xai_ad.presentation.variants import variant_titles
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.compare.choosing import MOST, Chosen, as_text, measured_order
from xai_ad.ui.picking.models import choose_dataset
from xai_ad.ui.picking.pictures import Picker, asking_for_dataset, choose_picture

_MODELS, _METHODS = "compared_models", "compared_methods"
"""Keys of the menus."""
OF_THE_DATASET: dict[str, str | None] = {state.MODELS: None, state.METHODS: None}
"""What another dataset is asked by its own defaults."""


def draw_controls(models: Mapping[str, StoredModel], chosen: Chosen, picker: Picker) -> None:
    """Draw the controls; `models` are all that there are."""
    titles = {stored.card.dataset: dataset_spec(stored.card.dataset).title for stored in models.values()}
    same = [stored for stored in models.values() if stored.card.dataset == chosen.dataset]
    st.session_state[state.DATASET] = chosen.dataset
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        choose_dataset(titles, _on_dataset)
        _choose_models(same, chosen)
        _choose_methods(chosen)
        choose_picture(picker)


def titles_of(models: Sequence[StoredModel]) -> dict[str, str]:
    """Return what the models of one dataset are called, by id."""
    return variant_titles(stored.card for stored in models)


def _choose_models(models: Sequence[StoredModel], chosen: Chosen) -> None:
    titles = titles_of(models)
    now = [stored.card.id for stored in chosen.models]
    with st.popover(f"Models: {len(now)}", icon=":material/table_rows:", key="models_menu"):
        _menu(f"Models to compare, {MOST} at most", titles, now, key=_MODELS, address_key=state.MODELS)


def _choose_methods(chosen: Chosen) -> None:
    order = measured_order(chosen.models[0])
    titles = {name: EXPLAINERS[name].title for name in order}
    with st.popover(f"Methods: {len(chosen.methods)}", icon=":material/view_column:", key="methods_menu"):
        _menu("Methods to compare", titles, chosen.methods, key=_METHODS, address_key=state.METHODS)


def _menu(label: str, titles: Mapping[str, str], now: Sequence[str], *, key: str, address_key: str) -> None:
    st.session_state[key] = list(now)
    st.pills(
        label,
        list(titles),
        selection_mode="multi",
        format_func=lambda name: titles.get(name, name),
        key=key,
        on_change=_on_menu,
        args=(key, address_key, tuple(now)),
    )


def _on_menu(key: str, address_key: str, before: tuple[str, ...]) -> None:
    """Write what is chosen: what was stays in its order, and what is new comes last; the last one cannot be left out."""
    chosen = list(st.session_state[key])
    kept = [name for name in before if name in chosen]
    new = [name for name in chosen if name not in before]
    if kept or new:
        address.choose(**{address_key: as_text([*kept, *new])})
    else:
        state.warn(
            "At least one stays: choose another before you leave out the last.",
            about=address_key,
            kind="info",
        )


def _on_dataset(dataset: str) -> None:
    address.choose(**asking_for_dataset(dataset), **OF_THE_DATASET)
