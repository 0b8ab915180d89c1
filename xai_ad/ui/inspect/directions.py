"""The button that changes from one question of a counterfactual to the other, and the viewer's switch for both."""

from dataclasses import replace

import streamlit as st

from xai_ad.explain import CounterfactualSearch, Direction
from xai_ad.explain.base import Explainer
from xai_ad.explain.results import Counterfactual
from xai_ad.presentation.questions import QUESTIONS
from xai_ad.ui import state
from xai_ad.ui.components.viewer import ChangeData


def directed(explainer: Explainer) -> Explainer:
    """Return a counterfactual search in the direction that this session chose, and any other explainer as it is."""
    if isinstance(explainer, CounterfactualSearch):
        return replace(explainer, direction=state.direction())
    return explainer


def offer_direction(selected: str) -> None:
    """Offer the other question, where a counterfactual is shown large."""
    if selected != CounterfactualSearch.id:
        return
    now = state.direction()
    other = Direction.TRANSPLANT if now is Direction.REPAIR else Direction.REPAIR
    question = QUESTIONS[other]
    if st.button(question.offer, icon=question.icon, key="direction"):
        state.choose_direction(other)
        st.rerun()


def change_data(explanation: Counterfactual) -> ChangeData:
    """Return how the viewer switches between the image before and after."""
    question = QUESTIONS[explanation.direction]
    return ChangeData(id=str(explanation.direction), label=question.switch, shown=question.shown)
