"""Which model judges: the pickers of dataset and model. What they hold was read from the address, and is written to it."""

from collections.abc import Callable, Mapping

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.presentation.variants import variant_help, variant_titles
from xai_ad.presentation.words import as_markdown
from xai_ad.store import StoredModel
from xai_ad.ui import address, state

OF_THE_MODEL: dict[str, str | None] = {state.SCORE: None, state.METHOD: None}
"""What another model is asked by its own defaults."""

Models = Mapping[str, StoredModel]
"""Models by their ids, at least one, in the pickers' order."""


def follow_model(models: Models) -> str:
    """Return the model that the address names; a model names its dataset. Unknown names are reported."""
    datasets = dataset_titles(models)
    dataset = state.asked_of(state.DATASET, "dataset", datasets) or next(iter(datasets))
    asked = address.asked(state.MODEL)
    named = models.get(asked) if asked is not None else None
    titles = _titles_of(models, dataset if named is None else named.card.dataset)
    model = state.asked_of(state.MODEL, "model", titles) or first_model(models, dataset)
    dataset = models[model].card.dataset
    for key, name in ((state.MODEL, model), (state.DATASET, dataset)):
        st.session_state[key] = name
        address.note(key, name)
    return model


def choose_dataset(titles: Mapping[str, str], on_choice: Callable[[str], None]) -> None:
    """Draw the picker of datasets, `titles` by id; `on_choice` is told another one, and writes it into the address."""
    st.selectbox(
        "Dataset",
        list(titles),
        key=state.DATASET,
        format_func=lambda dataset: titles.get(dataset, dataset),
        on_change=lambda: on_choice(st.session_state[state.DATASET]),
        width=195,
    )


def choose_model(models: Models, chosen: StoredModel) -> None:
    """Draw the picker of the chosen one's dataset's models."""
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


def dataset_titles(models: Models) -> dict[str, str]:
    """Return the titles of the models' datasets, by id."""
    datasets = dict.fromkeys(stored.card.dataset for stored in models.values())
    return {dataset: dataset_spec(dataset).title for dataset in datasets}


def first_model(models: Models, dataset: str) -> str:
    """Return the model that a dataset begins with."""
    return next(name for name, stored in models.items() if stored.card.dataset == dataset)


def _titles_of(models: Models, dataset: str) -> dict[str, str]:
    return variant_titles(stored.card for stored in models.values() if stored.card.dataset == dataset)


def _on_model(models: Models) -> None:
    model = st.session_state[state.MODEL]
    address.choose(**{state.DATASET: models[model].card.dataset, state.MODEL: model, **OF_THE_MODEL})
