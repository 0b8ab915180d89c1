"""Page Inspect: one photograph, its verdict and its explanations."""

from collections.abc import Callable

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.errors import StoreError, XaiAdError
from xai_ad.explain import EXPLAINERS
from xai_ad.store import StoredModel, list_models
from xai_ad.ui import state, workbench
from xai_ad.ui.cases import Case, open_case
from xai_ad.ui.components import verdict
from xai_ad.ui.controls import Choice, choose, choose_normal, upload
from xai_ad.ui.judgement import verdict_data
from xai_ad.ui.models import OpenModel, open_model, with_normal
from xai_ad.ui.photos import list_samples
from xai_ad.ui.pictures import PICTURES
from xai_ad.ui.variants import model_order
from xai_ad.ui.words import WORDING


def show_inspect() -> None:
    """Draw the page."""
    models = {stored.card.id: stored for stored in stored_models(on_broken=_tell)}
    if not models:
        state.show_notices()
        st.info("No model is stored yet. Train one with `python -m xai_ad train --help`.")
        return
    choice = choose(models)
    state.follow_method([*PICTURES, *EXPLAINERS])
    try:
        model = _opened(choice)
        case = open_case(model, choice.photo) if choice.photo else None
    except XaiAdError as error:
        state.show_notices()
        state.show_error(str(error))
        return
    state.show_notices()
    if case is None:
        _ask_for_photo(choice)
    else:
        _show_case(case)


def _show_case(case: Case) -> None:
    with st.container(horizontal=True, key="inspect"):
        with st.container(key="judgement"):
            verdict(
                verdict_data(case.score, case.model.record, WORDING[case.model.card.subject]), key="verdict"
            )
            if not case.model.has_normals or case.model.card.dataset in state.normals():
                choose_normal(case.model.card.dataset)
        with st.container(key="explanations"):
            workbench.show_explanations(case)


def _ask_for_photo(choice: Choice) -> None:
    dataset = choice.stored.card.dataset
    spec = dataset_spec(dataset)
    with st.container(border=True, key="prompt"):
        st.subheader("Upload a photograph to inspect")
        st.markdown(
            f"No pictures of **{spec.title}** come with this app. The model expects {spec.photograph}."
        )
        upload(dataset, key="prompt_uploader")


def _opened(choice: Choice) -> OpenModel:
    model = open_model(choice.stored)
    normal = state.normals().get(choice.stored.card.dataset)
    return model if normal is None else with_normal(model, normal)


def stored_models(*, on_broken: Callable[[StoreError], None]) -> list[StoredModel]:
    """Return the models of pictures in the pickers' order; those of clips judge no single one.

    Those with sample pictures come first: the page opens on a result, not on a prompt.
    """
    listed = list_models(on_broken=on_broken)
    models = [stored for stored in listed if stored.card.preprocessing.frames is None]
    return sorted(models, key=lambda stored: (not list_samples(stored.card.dataset), model_order(stored)))


def _tell(error: StoreError) -> None:
    state.warn(str(error))
