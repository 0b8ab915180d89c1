"""The trainings there are: where each stands, and the one that is looked at, live."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from xai_ad.errors import XaiAdError
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.jobs import TrainingJob, TrainingState
from xai_ad.inspection.trainings.saying import state_words
from xai_ad.machine import places
from xai_ad.presentation.words import as_markdown, figure
from xai_ad.ui import address, state
from xai_ad.ui.components.losses import BestData, LossesData, losses
from xai_ad.ui.layers import LAYERS, Layer

JOB = "job"
"""Key of the address: the training that is looked at."""
VIEW = "view"
"""Key of the address: what the page shows."""
TRAININGS = "trainings"
"""The view of what trains."""
_POLL = 1.0
_POINTS = 400
"""Of a line; more than a screen shows."""
_CHIPS: dict[TrainingState, tuple[str, str]] = {
    TrainingState.WAITING: (":material/schedule:", "gray"),
    TrainingState.RUNNING: (":material/play_arrow:", "blue"),
    TrainingState.PAUSED: (":material/pause:", "orange"),
    TrainingState.STOPPED: (":material/stop:", "gray"),
    TrainingState.INTERRUPTED: (":material/power_off:", "orange"),
    TrainingState.DONE: (":material/check:", "green"),
    TrainingState.FAILED: (":material/error:", "red"),
}
_LOOKED_AT, _PROBLEMS = "training_states", "training_problems"


def follow_job(every: Sequence[TrainingJob]) -> str | None:
    """Return the training that the address names, else the one that is under way, else the newest; None without any."""
    asked = state.asked_of(JOB, "training", {job.id: job.id for job in every})
    under_way = next((job.id for job in every if job.state is TrainingState.RUNNING), None)
    chosen = asked or under_way or (every[0].id if every else None)
    address.note(JOB, chosen)
    return chosen


def show_trainings(chosen: str) -> None:
    """Draw the list, and the chosen training; both follow what goes on."""
    is_active = any(job.state.active or job.stopping for job in jobs.list_jobs())
    st.fragment(_panel, run_every=_POLL if is_active else None)(chosen, polled=is_active)


def _panel(shown_first: str, *, polled: bool) -> None:
    every = jobs.list_jobs()
    jobs.ensure_runner()
    asked = address.asked(JOB)  # a click within the fragment runs it alone
    chosen = asked if asked is not None and any(job.id == asked for job in every) else shown_first
    for undone in _problems().values():
        state.show_error(undone)
    shown = next((job for job in every if job.id == chosen), None)
    if problem := jobs.worker_problem():
        state.show_error(problem)
    with st.container(horizontal=True, key="trainings"):
        with st.container(key="training_list"):
            for job in every:
                _show_row(job, is_shown=job.id == chosen)
        with st.container(key="training_shown"):
            if shown is None:
                st.info("This training is no longer listed.")
            else:
                _show_job(shown)
    _see_changes(every, polled=polled)


def _see_changes(every: Sequence[TrainingJob], *, polled: bool) -> None:
    """Run the whole page where pickers and polling depend on what became of a training."""
    states = {job.id: (job.state, job.stopping) for job in every}
    before = st.session_state.get(_LOOKED_AT)
    st.session_state[_LOOKED_AT] = states
    is_active = any(job.state.active or job.stopping for job in every)
    if (before is not None and before != states) or is_active != polled:
        st.rerun()


def _show_row(job: TrainingJob, *, is_shown: bool) -> None:
    icon, colour = _CHIPS[job.state]
    with st.container(border=True, key=f"row_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(job.state.value, icon=icon, color=colour)  # type: ignore[arg-type]  # one of its names
            st.markdown(f"**{as_markdown(job.order.name)}**", width="stretch")
            if not is_shown:
                st.button("Look", key=f"look_{job.id}", on_click=_look, args=(job.id,))
        st.markdown(as_markdown(state_words(job)))
        if job.state.active and job.state is not TrainingState.WAITING:
            st.progress(min(max(job.fraction, 0.0), 1.0))
        _offer(job)


def _offer(job: TrainingJob) -> None:
    """Draw what can be done with a training as it stands."""
    rests = {TrainingState.PAUSED, TrainingState.STOPPED, TrainingState.FAILED, TrainingState.INTERRUPTED}
    with st.container(horizontal=True):
        if job.state in {TrainingState.RUNNING, TrainingState.WAITING}:
            for name, icon, act in (("Pause", "pause", jobs.pause), ("Stop", "stop", jobs.stop)):
                st.button(
                    name,
                    icon=f":material/{icon}:",
                    key=f"{name.lower()}_{job.id}",
                    on_click=_do,
                    args=(act, job.id),
                    disabled=job.stopping,
                )
        if job.state in rests:
            st.button(
                "Resume",
                icon=":material/play_arrow:",
                key=f"resume_{job.id}",
                on_click=_do,
                args=(jobs.resume, job.id),
            )
        if job.state in rests | {TrainingState.DONE}:
            st.button(
                "Remove",
                icon=":material/delete:",
                key=f"forget_{job.id}",
                on_click=_do,
                args=(jobs.forget, job.id),
                help="Takes the training off the list, with what it has not finished. A model that it made stays.",
            )


def _do(act: Callable[[str], None], job_id: str) -> None:
    problems = _problems()
    problems.pop(job_id, None)
    try:
        act(job_id)
    except XaiAdError as error:
        problems[job_id] = str(error)
        return
    if act is jobs.forget and address.asked(JOB) == job_id:
        address.write(**{JOB: None})


def _problems() -> dict[str, str]:
    """Return what could not be done, by the training: it is said until something else is done with it."""
    found: dict[str, str] = st.session_state.setdefault(_PROBLEMS, {})
    return found


def _look(job_id: str) -> None:
    address.write(**{JOB: job_id})


def _show_job(job: TrainingJob) -> None:
    st.subheader(job.order.name, anchor=False)
    st.markdown(as_markdown(state_words(job)))
    if job.model is not None:
        _offer_model(job.model)
    losses(_losses_of(job), key=f"losses_{job.id}")
    if job.reconstructions:
        newest = job.reconstructions[-1]
        url = LAYERS.put_once((newest, newest.stat().st_mtime_ns), lambda: Layer(content=newest.read_bytes()))
        st.html(
            f'<figure class="rebuilt"><img src="{url}" alt="Validation pictures above, rebuilt below">'
            "<figcaption>Pictures that it does not learn from above, and below how it rebuilds them by now.</figcaption></figure>"
        )
    for note in job.notes:
        st.info(as_markdown(note), icon=":material/info:")


def _offer_model(model: str) -> None:
    with st.container(horizontal=True):
        inspect, models = st.columns(2)
        with inspect:
            st.page_link(
                places.pages() / "inspect.py",
                label="Inspect pictures with it",
                icon=":material/frame_inspect:",
                query_params={state.MODEL: model},
            )
        with models:
            st.page_link(
                places.pages() / "models.py",
                label="Its limit and figures",
                icon=":material/tune:",
                query_params={state.MODEL: model},
            )


def _losses_of(job: TrainingJob) -> LossesData:
    epochs = job.epochs
    kept = np.unique(np.linspace(0, len(epochs) - 1, min(len(epochs), _POINTS)).round().astype(int)).tolist()
    last = epochs[-1].epoch if epochs else 0
    best = next((report for report in reversed(epochs) if report.is_best), None)
    caption = "Mean error of a picture by epoch; the weights of the lowest validation error are kept."
    words = caption
    if best is not None:
        words = f"After {last} epochs the lowest validation error is {figure(best.validation_loss)}, of epoch {best.epoch}."
    return LossesData(
        epochs=[epochs[place].epoch for place in kept],
        training=[epochs[place].training_loss for place in kept],
        validation=[epochs[place].validation_loss for place in kept],
        planned=max(job.planned or 0, last, 1),
        best=None if best is None else BestData(epoch=best.epoch, loss=best.validation_loss),
        caption=caption,
        words=words,
    )
