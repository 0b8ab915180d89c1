"""What the pictures are: how many, which ones are remarkable, and which ones a person leaves out."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from xai_ad.data.layouts import find_layout, one_of_copies
from xai_ad.errors import BusyError
from xai_ad.inspection.engines.base import JobState, JobStatus, Lane
from xai_ad.inspection.trainings.intake import Intake
from xai_ad.inspection.trainings.remarks import PictureState, SurveyedPicture
from xai_ad.inspection.trainings.states import state_of
from xai_ad.inspection.trainings.survey import Survey, SurveyQuestion
from xai_ad.inspection.trainings.survey_words import counts_words, sizes_words
from xai_ad.presentation.words import as_markdown
from xai_ad.ui import state
from xai_ad.ui.components.gallery import GalleryData, ItemData, chosen_in, gallery
from xai_ad.ui.engine import ENGINE
from xai_ad.ui.thumbnails import thumbnail_url
from xai_ad.ui.train.bringing import offer_others, offer_to_forget

_GALLERY, _SHOWN, _MORE = "training_gallery", "gallery_of", "gallery_pages"
_PAGE = 48
"""Pictures that a gallery shows at first, and that each click adds."""
_POLL = 0.5
_LEFT_OUT = "left_out"
_TITLES = {
    PictureState.UNREADABLE: "Cannot be read",
    PictureState.DIFFERENT: "Unlike the rest",
    PictureState.DUPLICATE: "Twice",
    PictureState.DEFECT: "Defects",
    PictureState.FINE: "All others",
}
_ADVICE = {
    PictureState.UNREADABLE: "These files are skipped.",
    PictureState.DIFFERENT: "They are about to be learnt as normal. Leave out what is not.",
    PictureState.DUPLICATE: "Copies do no harm, but they are no further evidence. What you leave out here leaves the first of its kind in.",
    PictureState.DEFECT: "They are not learnt: with them the limit is set, and the model measured.",
}


def show_survey(intake: Intake) -> Survey | None:
    """Draw what was found of some pictures; None while they are looked through, and where nothing can be learnt from them."""
    question = SurveyQuestion(key=intake.key, state=state_of(intake.path))
    found = _asked(question)
    with st.container(horizontal=True, vertical_alignment="center", key="pictures_title"):
        st.subheader(intake.title, anchor=False)
        offer_others()
        offer_to_forget(intake)
    if found.state is JobState.FAILED:
        state.show_error(found.error or "The pictures cannot be looked through.")
        st.button("Look again", icon=":material/refresh:", on_click=ENGINE.forget, args=(question,))
        return None
    if found.result is None:
        st.fragment(_await_survey, run_every=_POLL)(question)
        return None
    survey = found.result
    st.markdown(f"**{as_markdown(counts_words(survey))}** {as_markdown(sizes_words(survey))}")
    st.caption(f"Read as the layout *{intake.layout}*: {as_markdown(find_layout(intake.layout).expects)}.")
    if survey.refusal is not None:
        state.show_error(survey.refusal)
    for note in survey.notes:
        st.info(as_markdown(note), icon=":material/info:")
    if survey.pictures:
        _show_gallery(intake, survey)
    return survey if survey.refusal is None else None


def left_out(intake: Intake) -> frozenset[str]:
    """Return what a person leaves out of some pictures: SHA-256s, and single files among copies."""
    kept: dict[str, set[str]] = st.session_state.setdefault(_LEFT_OUT, {})
    return frozenset(kept.get(intake.key, ()))


def _asked(question: SurveyQuestion) -> JobStatus[Survey]:
    try:
        return ENGINE.submit(question, owner=state.owner(), lane=Lane.TRAININGS)
    except BusyError as error:
        return JobStatus(state=JobState.FAILED, error=str(error))


def _await_survey(question: SurveyQuestion) -> None:
    found = _asked(question)
    if not found.active:
        st.rerun()
    st.progress(found.fraction, text="Looking through the pictures")


def _show_gallery(intake: Intake, survey: Survey) -> None:
    entries = _entries(intake, survey)
    chosen = _followed(intake, entries)
    counts = {kind: len(survey.of(kind)) for kind in _TITLES}
    kinds = [kind for kind in _TITLES if counts[kind]]
    shown = st.session_state.get(_SHOWN)
    shown = shown if shown in kinds else kinds[0]
    st.session_state[_SHOWN] = shown
    st.segmented_control(
        "Which pictures",
        kinds,
        key=_SHOWN,
        format_func=lambda kind: f"{_TITLES[kind] if len(kinds) > 1 else 'All'} ({counts[kind]:,})",
        label_visibility="collapsed",
        required=True,
    )
    if shown in _ADVICE:
        st.caption(_ADVICE[shown])
    pictures = survey.of(shown)
    pages = st.session_state.setdefault(_MORE, {})
    most = _PAGE * pages.get((intake.key, shown), 1)
    gallery(
        GalleryData(
            set=intake.key,
            title=_TITLES[shown],
            out_word="Leave out",
            items=_items(pictures[:most], entries, chosen),
        ),
        key=_GALLERY,
    )
    if len(pictures) > most:
        st.button(
            f"{min(_PAGE, len(pictures) - most)} more of {len(pictures):,}",
            key="gallery_more",
            on_click=lambda: pages.update({(intake.key, shown): most // _PAGE + 1}),
        )
    if chosen:
        st.caption(f"{len(chosen):,} left out by you.")


def _entries(intake: Intake, survey: Survey) -> dict[str, str]:
    """Return what leaves out each picture, by its `_id`: of copies each by itself, so that the others stay."""
    copies = Counter(picture.sha256 for picture in survey.pictures)
    return {
        _id(picture): one_of_copies(picture.sha256, picture.path, intake.path)
        if copies[picture.sha256] > 1 and picture.path.is_relative_to(intake.path)
        else picture.sha256
        for picture in survey.pictures
    }


def _followed(intake: Intake, entries: Mapping[str, str]) -> set[str]:
    """Take over what the browser was told, and return what is left out."""
    kept: dict[str, set[str]] = st.session_state.setdefault(_LEFT_OUT, {})
    chosen = kept.setdefault(intake.key, set())
    told = chosen_in(_GALLERY, intake.key)
    for each, entry in entries.items() if told else ():
        if (out := told.get(each)) is not None:
            (chosen.add if out else chosen.discard)(entry)
    return chosen


def _items(
    pictures: Sequence[SurveyedPicture], entries: Mapping[str, str], chosen: set[str]
) -> list[ItemData]:
    return [
        ItemData(
            id=_id(picture),
            name=picture.path.name,
            url="" if picture.size is None else thumbnail_url(picture.path, picture.levels),
            state=str(picture.state),
            note=picture.note,
            out=entries[_id(picture)] in chosen or picture.size is None,
            can_choose=picture.size is not None,
        )
        for picture in pictures
    ]


def _id(picture: SurveyedPicture) -> str:
    """Return what the browser calls a picture: not by where it lies."""
    return hashlib.sha256(f"{picture.sha256} {picture.path}".encode()).hexdigest()[:16]
