"""What is to be trained: name, network, minutes, and what the limit promises; and the button that starts it."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from xai_ad.detector.scores import Score
from xai_ad.errors import BusyError, XaiAdError
from xai_ad.inspection.engines.base import JobState, JobStatus, Lane
from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.estimate import Estimate, EstimateQuestion
from xai_ad.inspection.trainings.intake import Intake
from xai_ad.inspection.trainings.orders import LONGEST, TrainingOrder
from xai_ad.inspection.trainings.saying import LOSSES, out_of_reach, promise_title
from xai_ad.inspection.trainings.suggesting import free_name
from xai_ad.inspection.trainings.survey import Survey
from xai_ad.inspection.trainings.survey_words import estimate_words
from xai_ad.networks import NETWORKS, NetworkKind
from xai_ad.presentation.promises import alarm_words, clip_words
from xai_ad.presentation.words import SCORES, as_markdown
from xai_ad.training.promises import Promise, false_alarms, offered
from xai_ad.training.recipe import Loss
from xai_ad.training.recommended import FEW, MINUTES, recommended
from xai_ad.ui import address, state
from xai_ad.ui.engine import ENGINE
from xai_ad.ui.train.running import JOB, TRAININGS, VIEW
from xai_ad.ui.train.surveying import left_out

NAME, NETWORK, LOSS, SCORE, FINE_TUNING, MINUTES_OF, LIMIT = (
    "train_name",
    "train_network",
    "train_loss",
    "train_score",
    "train_fine_tuning",
    "train_minutes",
    "train_limit",
)
SETTINGS = (NAME, NETWORK, LOSS, SCORE, FINE_TUNING, MINUTES_OF, LIMIT)
"""Keys of widgets."""
_SET, _KEPT = "train_set", "train_settings"
_POLL = 0.5
BEST = "best"
"""Of what judges: whichever score tells the defects apart best."""
ABOUT = "order"
"""What is said about it."""


@dataclass(frozen=True, kw_only=True)
class _How:
    """What a person chose of how to train."""

    network: str
    loss: Loss
    score: Score | None
    fine_tuning: bool


def order_training(intake: Intake, survey: Survey) -> None:
    """Draw the settings, with which nothing has to be done, what they buy, and the button that starts the training."""
    _begin_anew(intake, survey)
    with st.container(border=True, key="order"):
        st.subheader("Train", anchor=False)
        st.text_input("Name of the model", key=NAME, max_chars=80)
        st.number_input(
            "Minutes, at most",
            min_value=0.5,
            max_value=LONGEST,
            step=1.0,
            format="%g",
            key=MINUTES_OF,
            help="Training ends after the epoch in which they run out; the best weights so far are kept.",
        )
        promise = _choose_limit(survey)
        how = _choose_network(intake, has_defects=survey.defects > 0 and not survey.clips)
        _kept().update({key: st.session_state[key] for key in SETTINGS if key in st.session_state})
        _show_estimate(intake, survey, how)
        st.button(
            "Start training",
            type="primary",
            icon=":material/model_training:",
            key="start_training",
            width="stretch",
            on_click=_start,
            args=(intake, survey, how, promise),
        )
        st.caption("It runs by itself: leave this page, or close the browser, and come back.")


def _begin_anew(intake: Intake, survey: Survey) -> None:
    """Set the settings to their defaults for pictures that were not here before."""
    kept = _kept()
    if kept.get(_SET) == intake.key:
        for (
            key
        ) in SETTINGS:  # another page, or what trains, was looked at meanwhile: Streamlit has let them go
            if key not in st.session_state:
                st.session_state[key] = kept[key]
        return
    suggested = recommended(1000, of_videos=intake.of_videos)
    defaults = {
        NAME: free_name(intake.title),
        NETWORK: suggested.network,
        LOSS: suggested.recipe.loss,
        SCORE: BEST if survey.defects and not survey.clips else str(suggested.score),
        FINE_TUNING: False,
        MINUTES_OF: MINUTES,
        LIMIT: Promise.BALANCED,
    }
    kept.clear()
    kept.update(defaults)
    kept[_SET] = intake.key
    for key, value in defaults.items():
        st.session_state[key] = value


def _kept() -> dict[str, Any]:
    """Return what this session chose, of the settings of the pictures that it looked at last."""
    found: dict[str, Any] = st.session_state.setdefault(_KEPT, {})
    return found


def _choose_limit(survey: Survey) -> Promise:
    has_defects = survey.defects > 0 and not survey.clips
    possible = [Promise.BALANCED] if survey.clips else list(offered(survey.setting))
    if st.session_state.get(LIMIT) not in possible:
        st.session_state[LIMIT] = Promise.BALANCED
    promise: Promise = st.selectbox(
        "The limit",
        possible,
        key=LIMIT,
        format_func=lambda each: promise_title(each, has_defects=has_defects),
        help="It can be moved later on page Models, which shows what each limit costs.",
    )
    if survey.clips:
        quantile = min(0.99, survey.setting / (survey.setting + 1))
        st.caption(as_markdown(clip_words(false_alarms(survey.setting, quantile))))
    elif promise is not Promise.BALANCED or not has_defects:
        quantile = promise.quantile or min(0.99, survey.setting / (survey.setting + 1))
        st.caption(as_markdown(alarm_words(false_alarms(survey.setting, quantile))))
    beyond = [each for each in Promise if each not in possible]
    if beyond and not survey.clips:
        st.caption(as_markdown(f"Not offered: {out_of_reach(beyond[0], survey.setting)}."))
    return promise


def _choose_network(intake: Intake, *, has_defects: bool) -> _How:
    kind = {True: NetworkKind.CLIP, False: NetworkKind.IMAGE}[intake.of_videos]
    networks = [name for name, spec in NETWORKS.items() if spec.kind is kind or intake.of_videos]
    suggested = recommended(1000, of_videos=intake.of_videos)

    def title(name: str) -> str:
        words = NETWORKS[name].title
        words = f"{words[:1].upper()}{words[1:]}"
        return f"{words} (recommended)" if name == suggested.network else words

    with st.expander("Network and loss", icon=":material/tune:"):
        st.selectbox("Network", networks, key=NETWORK, format_func=title)
        network = st.session_state[NETWORK]
        st.caption(as_markdown(NETWORKS[network].sentence))
        st.selectbox("What training minimises", list(Loss), key=LOSS, format_func=LOSSES.__getitem__)
        _choose_score(has_defects=has_defects, usual=suggested.score)
        can_tune = NETWORKS[network].kind is NetworkKind.IMAGE
        st.checkbox(
            "Fine-tune afterwards (SVDD)",
            key=FINE_TUNING,
            disabled=not can_tune,
            help="Draws the embeddings of all good pictures together (3.7). It makes a second model.",
        )
    return _How(
        network=network,
        loss=st.session_state[LOSS],
        score=None if st.session_state[SCORE] == BEST else Score(st.session_state[SCORE]),
        fine_tuning=bool(st.session_state[FINE_TUNING]) and can_tune,
    )


def _choose_score(*, has_defects: bool, usual: Score) -> None:
    titles = {BEST: "Whichever tells the defects apart best"} if has_defects else {}
    for score in Score:
        if score is not Score.COMPOUND or st.session_state[LOSS] is Loss.COMPOUND:
            titles[str(score)] = SCORES[score]
    if st.session_state[SCORE] not in titles:
        st.session_state[SCORE] = str(usual)
    st.selectbox("What judges", list(titles), key=SCORE, format_func=titles.__getitem__)


def _show_estimate(intake: Intake, survey: Survey, how: _How) -> None:
    question = EstimateQuestion(
        network=how.network,
        loss=how.loss,
        channels=survey.channels,
        of_videos=intake.of_videos,
        few=survey.training < FEW,
    )
    found = _estimated(question)
    if found.result is not None:
        words = estimate_words(
            found.result, survey.training, float(st.session_state[MINUTES_OF]), of_videos=intake.of_videos
        )
        st.caption(as_markdown(words))
    elif found.error is not None:
        st.caption(as_markdown(found.error))
    else:
        st.fragment(_await_estimate, run_every=_POLL)(question)


def _estimated(question: EstimateQuestion) -> JobStatus[Estimate]:
    try:
        return ENGINE.submit(question, owner=state.owner(), lane=Lane.TRAININGS)
    except BusyError as error:
        return JobStatus(state=JobState.FAILED, error=str(error))


def _await_estimate(question: EstimateQuestion) -> None:
    if not _estimated(question).active:
        st.rerun()
    st.caption("Timing twenty steps of a training ...")


def _start(intake: Intake, survey: Survey, how: _How, promise: Promise) -> None:
    write = address.writer()
    try:
        order = TrainingOrder(
            name=str(st.session_state[NAME]).strip(),
            data=intake.path,
            layout=intake.layout,
            network=how.network,
            loss=how.loss,
            score=how.score,
            fine_tuning=how.fine_tuning,
            minutes=float(st.session_state[MINUTES_OF]),
            limit=promise,
            left_out=tuple(sorted({*survey.unreadable, *left_out(intake)})),
        )
        job = jobs.submit(order)
    except XaiAdError as error:
        state.warn(str(error), about=ABOUT)
        return
    state.retract(ABOUT)
    _kept().clear()  # another training of the same pictures gets another name
    write(**{VIEW: TRAININGS, JOB: job})
