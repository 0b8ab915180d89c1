"""The two questions that a counterfactual answers, in words, and the button that changes from one to the other."""

from dataclasses import dataclass, replace

import streamlit as st

from xai_ad.explain import CounterfactualSearch, Direction
from xai_ad.explain.base import Counterfactual, Explainer
from xai_ad.ui import state
from xai_ad.ui.components import ChangeData


@dataclass(frozen=True, kw_only=True)
class Question:
    """How one direction is told: its panel's `label` and `sentence`, the `switch` between before and after.

    `offer` is the button that asks this question instead of the other.
    """

    label: str
    sentence: str
    switch: str
    shown: bool
    offer: str
    icon: str


QUESTIONS = {
    Direction.REPAIR: Question(
        label=CounterfactualSearch.title,
        sentence=CounterfactualSearch.sentence,
        switch="Show repaired",
        shown=False,
        offer="Back: repair this picture",
        icon=":material/healing:",
    ),
    Direction.TRANSPLANT: Question(
        label="Transplant",
        sentence=(
            "What of this picture would make a normal one fail? "
            "The smallest rectangle that, pasted into a normal picture, flips its verdict."
        ),
        switch="Show pasted",
        shown=True,
        offer="Paste parts of it into a normal picture",
        icon=":material/content_paste:",
    ),
}

NOTHING_TO_REPAIR = "It passes already: there is nothing to repair."
ASK_INSTEAD = "Below, ask instead what of it would make a normal picture fail."


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


def question_of(explainer: Explainer) -> Question | None:
    """Return what a counterfactual search asks, or None for any other explainer."""
    return QUESTIONS[explainer.direction] if isinstance(explainer, CounterfactualSearch) else None


def change_data(explanation: Counterfactual) -> ChangeData:
    """Return how the viewer switches between the picture before and after."""
    question = QUESTIONS[Direction(explanation.direction)]
    return ChangeData(id=str(explanation.direction), label=question.switch, shown=question.shown)
