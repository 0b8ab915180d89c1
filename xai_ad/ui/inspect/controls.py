"""The row of controls: which dataset, model and picture. What they hold was read from the address, and is written to it."""

from dataclasses import dataclass

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.inspection.image_files import ImageFile
from xai_ad.presentation.variants import variant_help, variant_titles
from xai_ad.presentation.words import as_markdown
from xai_ad.store import ModelCard, StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.picking.pictures import (
    asking_for_dataset,
    choose_dataset,
    choose_picture,
    follow_picture,
    opened,
)

OF_THE_MODEL: dict[str, str | None] = {state.SCORE: None, state.METHOD: None}
"""What another model is asked by its own defaults."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the controls say. `image_file` is None where there is no picture to show.

    Then `missing` is the name of an upload that the address asks for and this session does not have, or None.
    """

    stored: StoredModel
    image_file: ImageFile | None
    missing: str | None = None


def choose(models: dict[str, StoredModel]) -> Choice:
    """Draw the controls and return what they say; `models` holds at least one model."""
    chosen = models[_follow_address(models)]
    picker = follow_picture(chosen.card.dataset)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        choose_dataset(_dataset_titles(models), lambda dataset: _on_dataset(models, dataset))
        _choose_model(models, chosen)
        choose_picture(picker)
    return Choice(stored=chosen, image_file=opened(picker), missing=picker.missing)


def _choose_model(models: dict[str, StoredModel], chosen: StoredModel) -> None:
    titles = _titles_of(models, chosen.card.dataset)
    st.selectbox(
        "Model",
        list(titles),
        key=state.MODEL,
        format_func=lambda name: titles.get(name, name),
        help=f"{variant_help(chosen.card)}\n\nLicence of its weights: {as_markdown(chosen.card.licence)}.",
        on_change=_on_model,
        args=(models,),
        width=330,
    )


def _follow_address(models: dict[str, StoredModel]) -> str:
    """Return the model that the address names; a model names its dataset. Unknown names are reported."""
    datasets = _dataset_titles(models)
    dataset = state.asked_of(state.DATASET, "dataset", datasets) or next(iter(datasets))
    asked = address.asked(state.MODEL)
    titles = _titles_of(models, models[asked].card.dataset if asked in models else dataset)
    model = state.asked_of(state.MODEL, "model", titles) or _first_model(models, dataset)
    dataset = models[model].card.dataset
    for key, name in ((state.MODEL, model), (state.DATASET, dataset)):
        st.session_state[key] = name
        address.note(key, name)
    return model


def _on_model(models: dict[str, StoredModel]) -> None:
    model = st.session_state[state.MODEL]
    address.choose(**{state.DATASET: models[model].card.dataset, state.MODEL: model, **OF_THE_MODEL})


def _on_dataset(models: dict[str, StoredModel], dataset: str) -> None:
    address.choose(
        **{**asking_for_dataset(dataset), state.MODEL: _first_model(models, dataset), **OF_THE_MODEL}
    )


def _titles_of(models: dict[str, StoredModel], dataset: str) -> dict[str, str]:
    return variant_titles(card for card in _cards(models) if card.dataset == dataset)


def _dataset_titles(models: dict[str, StoredModel]) -> dict[str, str]:
    return {card.dataset: dataset_spec(card.dataset).title for card in _cards(models)}


def _cards(models: dict[str, StoredModel]) -> list[ModelCard]:
    return [stored.card for stored in models.values()]


def _first_model(models: dict[str, StoredModel], dataset: str) -> str:
    return next(card.id for card in _cards(models) if card.dataset == dataset)
