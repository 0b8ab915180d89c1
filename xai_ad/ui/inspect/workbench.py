"""The explanations of one case: the viewer, the row with the progress of slow ones, and the downloads."""

from functools import partial

import streamlit as st

from xai_ad.explain import CounterfactualSearch, Direction
from xai_ad.explain.base import Explainer
from xai_ad.inspection.cases import Case, CaseKey, Outcome, ask, known, unasked
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.explainers import explainers, machine_known
from xai_ad.inspection.trusting import Trusted
from xai_ad.presentation.legends import TYPICAL
from xai_ad.presentation.notes import QUESTIONS, provenance
from xai_ad.presentation.words import listed
from xai_ad.ui import state
from xai_ad.ui.components.viewer import viewer
from xai_ad.ui.engine import ENGINE, WARM_UP
from xai_ad.ui.inspect.downloads import offer_downloads
from xai_ad.ui.inspect.panels import viewer_data
from xai_ad.ui.picking.normal import insists
from xai_ad.ui.picking.settings import as_chosen, difference_of, offer_settings, took_change
from xai_ad.ui.showing.measured import say_settings, standing_of
from xai_ad.ui.showing.trust import ask_for_trust, trust_question

_VIEWER = "viewer"


def show_explanations(case: Case) -> None:
    """Draw the explanations; while slow ones are at work, look again once a second."""
    if machine_known():  # else nothing was asked for yet
        asked = _asked(case)
        keep = [build(case, explainer) for explainer in asked for build in (Case.request, trust_question)]
        ENGINE.release(state.owner(), keep=keep)
    outcomes = _outcomes(case)
    active = _any_at_work(case, outcomes) or _trusted(case, outcomes).active
    if machine_known():
        ENGINE.release(WARM_UP)  # by now this session owns what it needs, and its Stop shall stop it
    st.fragment(_draw, run_every=1.0 if active else None)(case, active)


def _outcomes(case: Case) -> dict[Explainer, Outcome]:
    """Return how far each explanation is, in the strip's order.

    The one that is shown large is asked for first, so that it comes first.
    """
    asked = _asked(case)
    chosen = _chosen(case)
    first = sorted(asked, key=lambda explainer: explainer.id != chosen)
    found = {explainer: _outcome(case, explainer, is_chosen=explainer.id == chosen) for explainer in first}
    return {explainer: found[explainer] for explainer in asked}


def _asked(case: Case) -> list[Explainer]:
    """Return every explainer as this session asks for it."""
    use_normal = insists(case.model.card)
    return [as_chosen(explainer, insists=use_normal) for explainer in explainers().values()]


def _outcome(case: Case, explainer: Explainer, *, is_chosen: bool) -> Outcome:
    """Return how far one is, and ask for it where it should be computed.

    One that this session stopped is not asked for again, and one outside of what is computed unasked only once it was
    chosen. A result that is at hand is shown in any case.
    """
    on_demand = explainer.id not in unasked(case) or not case.judgement.may_be_explained
    if explainer.is_open and not machine_known():
        return Outcome(state=JobState.IDLE if on_demand and not is_chosen else JobState.WAITING)
    request = case.request(explainer)
    if known(case, explainer) is None:
        if request in state.stopped():
            return Outcome(state=JobState.STOPPED)
        if on_demand and is_chosen:
            state.wanted().add(request)
        elif on_demand and request not in state.wanted():
            return Outcome(state=JobState.IDLE)
    return ask(case, explainer, engine=ENGINE, owner=state.owner())


def _trusted(case: Case, outcomes: dict[Explainer, Outcome]) -> Trusted:
    """Return how far it is known to what degree the explanation that is shown large can be trusted."""
    chosen = next((explainer for explainer in outcomes if explainer.id == _chosen(case)), None)
    if chosen is None or outcomes[chosen].result is None:
        return Trusted(state=JobState.IDLE)
    return ask_for_trust(case, chosen)


def _any_at_work(case: Case, outcomes: dict[Explainer, Outcome]) -> bool:
    """Return whether there is something to look at again: work, or work that was stopped and has not ended yet."""
    return any(
        outcome.active or _is_stopping(case, explainer, outcome) for explainer, outcome in outcomes.items()
    )


def _is_stopping(case: Case, explainer: Explainer, outcome: Outcome) -> bool:
    """Return whether a job that was stopped still works on its last batch."""
    if outcome.state is not JobState.STOPPED:
        return False
    status = ENGINE.status(case.request(explainer))
    return status is not None and status.stopping


def _draw(case: Case, was_active: bool) -> None:
    outcomes = _outcomes(case)
    selected, trusted = _chosen(case), _trusted(case, outcomes)
    data = viewer_data(case, outcomes, selected)
    for panel in data["panels"]:
        if differs := difference_of(panel["id"]):
            say_settings(panel, differs, standing_of(case))
    viewer(data, key=_VIEWER, on_select=partial(_on_select, case))
    with st.container(horizontal=True, vertical_alignment="center", key="status"):
        _status(case, outcomes)
        st.space("stretch")
        _offer_direction(selected)
        offer_settings(selected)
        offer_downloads(case, outcomes, selected, viewer=_VIEWER)
    _provenance(outcomes, selected)
    changed = took_change()
    if changed or was_active != (_any_at_work(case, outcomes) or trusted.active):
        st.rerun()  # a full run, which ends the polling or begins it, and lets go of what is no longer asked for


def _status(case: Case, outcomes: dict[Explainer, Outcome]) -> None:
    active = [explainer for explainer, outcome in outcomes.items() if outcome.active]
    ended = [
        explainer
        for explainer, outcome in outcomes.items()
        if outcome.state in {JobState.STOPPED, JobState.FAILED}
    ]
    if active and not machine_known():  # nothing was asked for yet that could be stopped
        st.markdown(
            ":material/progress_activity: Measuring how fast this machine computes, once", width="content"
        )
    elif active:
        st.markdown(
            f":material/progress_activity: Computing {listed([e.title for e in active])}", width="content"
        )
        # By callbacks: what they change is drawn in the very run that the click begins.
        st.button("Stop", icon=":material/stop_circle:", key="stop", on_click=_stop, args=(case, active))
    elif ended:
        stopping = [explainer for explainer in ended if _is_stopping(case, explainer, outcomes[explainer])]
        words = f":material/progress_activity: Stopping {listed([e.title for e in stopping])}"
        if not stopping:
            words = f"{listed([e.title for e in ended])}: not computed"
        st.markdown(words, width="content")
        st.button("Run again", icon=":material/replay:", key="again", on_click=_run_again, args=(case, ended))
    elif case.judgement.may_be_explained:  # else there may be no panels to click
        st.caption(
            "Click a panel to see it large. Scroll to zoom, drag to move; every panel follows.",
            width="content",
        )


def _provenance(outcomes: dict[Explainer, Outcome], selected: str) -> None:
    shown = next((found.result for explainer, found in outcomes.items() if explainer.id == selected), None)
    if shown is not None:
        st.caption(provenance(shown.explanation, shown.seconds))


def _offer_direction(selected: str) -> None:
    """Offer the other question, where a counterfactual is shown large."""
    if selected != CounterfactualSearch.id:
        return
    now = state.direction()
    other = Direction.TRANSPLANT if now is Direction.REPAIR else Direction.REPAIR
    question = QUESTIONS[other]
    if st.button(question.offer, icon=question.icon, key="direction"):
        state.choose_direction(other)
        st.rerun()


def _stop(case: Case, active: list[Explainer]) -> None:
    for explainer in active:
        request = case.request(explainer)
        state.stopped().add(request)
        ENGINE.stop(request, owner=state.owner())


def _run_again(case: Case, ended: list[Explainer]) -> None:
    for explainer in ended:
        request = case.request(explainer)
        state.stopped().discard(request)
        ENGINE.forget(request)


def _chosen(case: Case) -> str:
    """Return what is shown large: of a stranger an explanation only once this session chose one for it."""
    if case.judgement.may_be_explained or case.key in _explained_strangers():
        return state.chosen_method()
    return TYPICAL


def _explained_strangers() -> set[CaseKey]:
    found: set[CaseKey] = st.session_state.setdefault("explained_strangers", set())
    return found


def _on_select(case: Case) -> None:
    chosen = st.session_state[_VIEWER].selected
    if not case.judgement.may_be_explained:
        _explained_strangers().add(case.key)
    if chosen == TYPICAL:
        _explained_strangers().discard(case.key)
    else:
        state.choose_method(chosen)
