"""Page Compare: one picture under several models, explained by several methods."""

import streamlit as st

from xai_ad.data.fitting import Fitting
from xai_ad.errors import StoreError, XaiAdError
from xai_ad.inspection.explainers import PATIENCE, explainers, machine_known
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.models import open_model, stored_models
from xai_ad.inspection.opening import opening
from xai_ad.inspection.streaming import Line
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.compare.about import offer_about
from xai_ad.ui.compare.board import Board, show_board
from xai_ad.ui.compare.choosing import Chosen, follow_chosen
from xai_ad.ui.compare.controls import draw_controls, titles_of
from xai_ad.ui.compare.marking import offer_mask
from xai_ad.ui.picking.fitting import follow_fit
from xai_ad.ui.picking.levels import offer_levels
from xai_ad.ui.picking.normal import insists
from xai_ad.ui.picking.pictures import follow_picture, opened
from xai_ad.ui.picking.prompt import ask_for_image
from xai_ad.ui.picking.settings import as_chosen, follow_settings
from xai_ad.ui.picking.uploading import listen_for_pastes, take_at


def show_compare() -> None:
    """Draw the page."""
    models = {stored.card.id: stored for stored in stored_models(on_broken=_tell)}
    if not models:
        state.show_notices()
        st.info("No model is stored yet. Train one on page Train.")
        return
    address.follow(carried=state.OF_THE_PICTURE)
    chosen = follow_chosen(models)
    picker = follow_picture(chosen.dataset)
    draw_controls(models, chosen, picker)
    image_file = opened(picker)
    board, problem = None, None
    try:
        machine_known(PATIENCE)  # wrong settings are reported here, before anything depends on them
        state.follow_direction()
        follow_settings(chosen.methods[0])
        if image_file is not None:
            board = _board(chosen, image_file, follow_fit(chosen.models[0].card, image_file))
    except XaiAdError as error:
        problem = str(error)
    with st.container(key="link"):
        listen_for_pastes(chosen.dataset)
        address.keep()
    state.show_notices()
    offer_levels(chosen.dataset, take_at)
    if problem is not None:
        state.show_error(problem)
    elif board is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="compare_more"):
            offer_mask(board.image_file, chosen.models[0].card.subject)
            offer_about(chosen.models)
        show_board(board)
    else:
        _ask_for_image(chosen.models[0], missing=picker.missing)


def _board(chosen: Chosen, image_file: ImageFile, fit: Fitting) -> Board:
    """Return what is asked; a model whose calibrations cannot be read is reported, and left out."""
    every = [explainers()[name] for name in chosen.methods]
    lines = []
    for stored in chosen.models:
        doubted = insists(stored.card)
        normal = state.normals().get(chosen.dataset)
        try:
            question = opening(stored, image_file, fit, normal=normal, insists=doubted)
        except StoreError as error:
            state.warn(str(error), about=stored.card.id)
            continue
        methods = tuple(as_chosen(explainer, insists=doubted) for explainer in every)
        lines.append(Line(opening=question, explainers=methods))
    return Board(
        image_file=image_file,
        methods=tuple(as_chosen(explainer, insists=False) for explainer in every),
        lines=tuple(lines),
        titles=titles_of(chosen.models),
    )


def _ask_for_image(stored: StoredModel, *, missing: str | None) -> None:
    try:
        ask_for_image(open_model(stored), missing=missing)
    except StoreError as error:
        state.show_error(str(error))


def _tell(error: StoreError) -> None:
    state.warn(str(error))
