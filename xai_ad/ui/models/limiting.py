"""A model's limit: what it does to scored images, moved by hand, and set for good with a reason and a name."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from xai_ad.errors import XaiAdError
from xai_ad.inspection.engines.base import JobStatus
from xai_ad.inspection.limits import set_limit
from xai_ad.inspection.model_comparison import roc_points
from xai_ad.inspection.model_sheets import (
    MEASURED,
    KnownModel,
    ScoredSet,
    areas_of,
    kind_name,
    kinds_of,
)
from xai_ad.inspection.pictures_at_hand import (
    PictureAtHand,
    PictureSearch,
    own_folder,
    pictures_at_hand,
    pictures_in,
    worst_candidates,
)
from xai_ad.presentation.limits import LIMIT_WORDS, elsewhere_words
from xai_ad.presentation.words import TIMES, figure
from xai_ad.store import ModelCard
from xai_ad.ui import state
from xai_ad.ui.components.limit import (
    LimitData,
    OtherData,
    PictureData,
    ScoredData,
    WordsData,
    limit,
    moved_limit,
)
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.models.work import search
from xai_ad.ui.thumbnails import thumbnail_url

_LIMIT = "limit_of_model"
_POLL = 1.0
_NAME = "limit_set_by"
"""Where the session keeps who set a limit last."""
HINT = "Drag the handle, or focus it and press the arrow keys."


def show_limit(known: KnownModel, other: KnownModel | None) -> None:
    """Draw the limit and, once it was moved, what sets it for good; the ROC curve of `other` lies beside the model's own."""
    searching = _search(known)
    active = searching is not None and searching.active
    st.fragment(_draw, run_every=_POLL if active else None)(known, other, was_active=active)


def _draw(known: KnownModel, other: KnownModel | None, *, was_active: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="set_limit"):
        st.subheader("Decision limit", anchor=False, width="content")
        if known.sets:
            _offer(known)
    if known.sets:
        searching = _search(known)
        limit(_data(known, other, searching), key=_LIMIT)
        if searching is not None and was_active and not searching.active:
            st.rerun()
    else:
        st.info("No scored pictures are stored with this limit: there is nothing to show it on.")


def _offer(known: KnownModel) -> None:
    """Draw what sets the limit that it was moved to; before the limit itself, so that it stands where it is seen."""
    moved, active = moved_limit(_LIMIT, _calibration(known)), known.record.calibration.threshold
    st.space("stretch")
    if moved is None or moved["limit"] == active:
        st.caption(HINT, width="content")
        st.button("Use as the limit", icon=":material/check:", disabled=True, key="use_limit_off")
        return
    st.caption("The limits before it are kept.", width="content")
    title = f"Use {figure(moved['limit'] / active)}{TIMES} as the limit"
    with st.popover(title, icon=":material/check:", type="primary", key="use_limit"):
        _ask(known, moved["limit"])


def _ask(known: KnownModel, threshold: float) -> None:
    """Ask for the reason and the name that a limit is set with, and set it."""
    with st.form("limit_form", border=False):
        reason = st.text_input(
            "Why is it moved?", key="limit_reason", placeholder="Too many good parts were rejected"
        )
        name = st.text_input("Your name", st.session_state.get(_NAME, ""), key="limit_name")
        if not st.form_submit_button("Set the limit", type="primary", width="stretch"):
            return
    try:
        set_limit(known.stored, threshold, reason=reason, by=name)
    except XaiAdError as error:
        state.show_error(str(error))
        return
    st.session_state[_NAME] = name
    state.warn(
        f"The limit of {known.stored.card.id} is set. Page Inspect, Compare and Video judge by it from now on.",
        about="limit",
        kind="info",
    )
    st.rerun()


def _search(known: KnownModel) -> JobStatus[Mapping[str, Path]] | None:
    """Return how far the search for the worst pictures of one's own model is; None where nobody knows where to look."""
    folder = None if known.stored.is_shipped else own_folder(known.stored.card.id)
    if folder is None:
        return None
    wanted = {image.sha256 for each in known.sets for image in worst_candidates(each.images)}
    return search(PictureSearch(folder=folder, wanted=frozenset(wanted)))


def _data(
    known: KnownModel, other: KnownModel | None, searching: JobStatus[Mapping[str, Path]] | None
) -> LimitData:
    parts = [_drawn_of(known)] if other is None else [_drawn_of(known), _drawn_of(other)]
    found = (searching and searching.result) or {}
    where = tuple(sorted((sha256, str(path)) for sha256, path in found.items()))
    url = LAYERS.put_once(("limit", *parts, where), lambda: _scores(known, other, found))
    return LimitData(
        calibration=_calibration(known),
        limit=known.record.calibration.threshold,
        url=url,
        words=_words(known),
    )


def _drawn_of(known: KnownModel) -> tuple[str, str]:
    """Return what of a model its drawing depends on."""
    files = sorted(known.stored.card.sha256.items())
    return _calibration(known), " ".join(f"{name} {content}" for name, content in files)


def _calibration(known: KnownModel) -> str:
    """Return what tells a model's limit in force from every other: a limit that was moved is moved from it."""
    return f"{known.stored.card.id}/{known.record.id}/{known.record.calibration.threshold!r}"


def _words(known: KnownModel) -> WordsData:
    words = LIMIT_WORDS[known.stored.card.subject]
    return WordsData(
        normal=words.normal,
        abnormal=words.abnormal,
        passed=words.passed,
        flagged=words.flagged,
        passed_ones=words.passed_ones,
        flagged_ones=words.flagged_ones,
        rejected=words.rejected,
        rejected_short=words.rejected_short,
        caught=words.caught,
        precision=words.precision,
        recall=words.caught,
        by_kind=words.by_kind,
        alarms=words.alarms,
        misses=words.misses,
        no_alarms=words.no_alarms,
        no_misses=words.no_misses,
        active="The limit in force",
    )


def _scores(known: KnownModel, other: KnownModel | None, files: Mapping[str, Path]) -> Layer:
    """Encode what is drawn of every set: figures as they are, so that the browser counts as the verdicts do."""
    drawn = [_scored(known, other, each, files) for each in known.sets]
    return Layer(content=json.dumps(drawn, separators=(",", ":")).encode(), media_type="application/json")


def _other(other: KnownModel | None, name: str) -> OtherData | None:
    """Return another model's ROC curve, where it was measured as well."""
    scored = other.set_of(MEASURED) if other is not None and name == MEASURED else None
    points = roc_points(scored) if scored else []
    return OtherData(title=other.about.title, roc=points) if other is not None and points else None


def _scored(
    known: KnownModel, other: KnownModel | None, scored: ScoredSet, files: Mapping[str, Path]
) -> ScoredData:
    kinds, areas = kinds_of(scored.images), areas_of(scored)
    places = {kind: place for place, kind in enumerate(kinds)}
    dataset = known.stored.card.dataset
    worst = worst_candidates(scored.images)
    found = pictures_in(files, worst) or pictures_at_hand(dataset, worst)
    return ScoredData(
        id=scored.id,
        title=scored.title,
        measures=scored.id == MEASURED,
        about=scored.about,
        moved=scored.moved,
        elsewhere=elsewhere_words(len(worst) - len(found), len(worst), known.stored.card.subject),
        scores=[image.score for image in scored.images],
        labels=[image.label for image in scored.images],
        kinds=[places.get(image.kind, -1) for image in scored.images],
        names=[kind_name(kind) for kind in kinds],
        areas=[list(areas[kind]) if kind in areas else None for kind in kinds],
        pictures=[_picture(known, each) for each in found],
        other=_other(other, scored.id),
    )


def _inspect_link(card: ModelCard, sample: str) -> str:
    """Return the address of page Inspect that shows a sample under a model."""
    return f"/?{urlencode({state.DATASET: card.dataset, state.MODEL: card.id, state.SAMPLE: sample})}"


def _picture(known: KnownModel, found: PictureAtHand) -> PictureData:
    card = known.stored.card
    is_judged_alone = card.preprocessing.frames is None
    link = _inspect_link(card, found.sample) if found.sample and is_judged_alone else None
    return PictureData(
        url=thumbnail_url(found.path, card.preprocessing.levels),
        name=found.name,
        link=link,
        score=found.image.score,
        label=found.image.label,
    )
