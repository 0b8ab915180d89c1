"""Page Inspect: one image, its verdict and its explanations."""

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.errors import StoreError, XaiAdError
from xai_ad.explain import EXPLAINERS
from xai_ad.inspection.cases import Case, open_case
from xai_ad.inspection.explainers import PATIENCE, machine_known
from xai_ad.inspection.models import open_model, stored_models
from xai_ad.ui import state
from xai_ad.ui.components.verdict import verdict
from xai_ad.ui.inspect import workbench
from xai_ad.ui.inspect.card import card_of
from xai_ad.ui.inspect.controls import Choice, choose, upload
from xai_ad.ui.inspect.normal import offer_normal, with_given_normal
from xai_ad.ui.inspect.pictures import PICTURES
from xai_ad.ui.inspect.settings import follow_settings


def show_inspect() -> None:
    """Draw the page."""
    models = {stored.card.id: stored for stored in stored_models(on_broken=_tell)}
    if not models:
        state.show_notices()
        st.info("No model is stored yet. Train one with `python -m xai_ad train --help`.")
        return
    choice = choose(models)
    state.follow_method([*PICTURES, *EXPLAINERS])
    state.follow_direction()
    follow_settings()
    try:
        machine_known(PATIENCE)  # wrong settings are reported here, before anything depends on them
        model = with_given_normal(open_model(choice.stored))
        case = open_case(model, choice.image_file) if choice.image_file else None
    except XaiAdError as error:
        state.show_notices()
        state.show_error(str(error))
        return
    state.show_notices()
    if case is None:
        _ask_for_image(choice)
    else:
        _show_case(case)


def _show_case(case: Case) -> None:
    with st.container(horizontal=True, key="inspect"):
        with st.container(key="judgement"):
            verdict(card_of(case), key="verdict")
            offer_normal(case.model)
        with st.container(key="explanations"):
            workbench.show_explanations(case)


def _ask_for_image(choice: Choice) -> None:
    dataset = choice.stored.card.dataset
    spec = dataset_spec(dataset)
    with st.container(border=True, key="prompt"):
        st.subheader("Upload a photograph to inspect")
        st.markdown(
            f"No pictures of **{spec.title}** come with this app. The model expects {spec.photograph}."
        )
        upload(dataset, key="prompt_uploader")


def _tell(error: StoreError) -> None:
    state.warn(str(error))
