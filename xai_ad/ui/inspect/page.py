"""Page Inspect: one image, its verdict and its explanations."""

import streamlit as st

from xai_ad.detector.calibration import State
from xai_ad.errors import ImageError, StoreError, XaiAdError
from xai_ad.inspection.cases import Case, open_case
from xai_ad.inspection.explainers import PATIENCE, machine_known
from xai_ad.inspection.methods import default_method
from xai_ad.inspection.models import open_model, stored_models
from xai_ad.inspection.scorings import ScoreChoice
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.compare.about import offer_about
from xai_ad.ui.compare.links import offer_comparison, offer_sheet
from xai_ad.ui.components.verdict import verdict
from xai_ad.ui.inspect import workbench
from xai_ad.ui.inspect.controls import Choice, choose
from xai_ad.ui.inspect.other_dataset import offer_other_dataset
from xai_ad.ui.inspect.panels import method_titles
from xai_ad.ui.picking.fitting import follow_fit, offer_fitting
from xai_ad.ui.picking.levels import offer_levels
from xai_ad.ui.picking.normal import offer_normal, with_given_normal
from xai_ad.ui.picking.prompt import ask_for_image
from xai_ad.ui.picking.scoring import follow_score, offer_scores
from xai_ad.ui.picking.settings import follow_settings
from xai_ad.ui.picking.uploading import listen_for_pastes, take_at
from xai_ad.ui.showing.card import card_of


def show_inspect() -> None:
    """Draw the page."""
    models = {stored.card.id: stored for stored in stored_models(on_broken=_tell)}
    if not models:
        state.show_notices()
        st.info("No model is stored yet. Train one on page Train.")
        return
    address.follow(carried=state.OF_THE_PICTURE)
    choice = choose(models)
    try:
        machine_known(PATIENCE)  # wrong settings are reported here, before anything depends on them
        scoring = follow_score(choice.stored)
        state.follow_method(method_titles(), default_method(choice.stored, scoring.score))
        state.follow_direction()
        follow_settings(state.chosen_method())
        fit = follow_fit(choice.stored.card, choice.image_file)
        model = with_given_normal(open_model(choice.stored, scoring.id))
        case = open_case(model, choice.image_file, fit) if choice.image_file else None
    except XaiAdError as error:
        _listen(choice)
        _show_notices(choice)
        state.show_error(_named(error, choice))
        return
    _listen(choice)
    _show_notices(choice)
    if case is None:
        ask_for_image(model, missing=choice.missing)
    else:
        _show_case(case, choice.stored, scoring, list(models.values()))


def _show_notices(choice: Choice) -> None:
    state.show_notices()
    offer_levels(choice.stored.card.dataset, take_at)


def _named(error: XaiAdError, choice: Choice) -> str:
    """Return what is wrong; of a picture with its name."""
    image_file = choice.image_file
    if image_file is None or not isinstance(error, ImageError) or image_file.name in str(error):
        return str(error)
    return f"{image_file.name}: {error}"


def _listen(choice: Choice) -> None:
    """Mount what has no place of its own on the page."""
    with st.container(key="link"):
        listen_for_pastes(choice.stored.card.dataset)
        address.keep()


def _show_case(case: Case, stored: StoredModel, scoring: ScoreChoice, models: list[StoredModel]) -> None:
    with st.container(horizontal=True, key="inspect"):
        with st.container(key="judgement"):
            verdict(card_of(case), key="verdict")
            if case.judgement.state is State.STRANGER:
                offer_other_dataset(case.image_file, stored, models)
            offer_comparison(stored, models)
            offer_about([stored])
            offer_sheet(stored)
            offer_scores(stored, scoring)
            offer_normal(case.model)
        with st.container(key="explanations"):
            offer_fitting(case)
            workbench.show_explanations(case)


def _tell(error: StoreError) -> None:
    state.warn(str(error))
