"""What a person should know of the models at hand, one click away."""

from collections.abc import Sequence

import streamlit as st

from xai_ad.errors import StoreError
from xai_ad.inspection.models import evaluated
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.about import About, ClassLimit, about
from xai_ad.presentation.words import as_markdown
from xai_ad.store import (
    Fingerprint,
    StoredModel,
    fingerprint,
    load_calibration,
    load_evaluation_record,
)
from xai_ad.ui import state

_HEADING = "| | AUC-ROC | 95 % interval | pictures | missed at this limit |\n| :-- | --: | --: | --: | --: |"

_ABOUT: BoundedCache[Fingerprint, About] = BoundedCache(64)


def offer_about(models: Sequence[StoredModel]) -> None:
    """Draw the button behind which it says, of each model, what it learned from, what counts as normal, and its limits."""
    label = "About this model" if len(models) == 1 else "About these models"
    with st.popover(label, icon=":material/info:", key="about_models"):
        for place, stored in enumerate(models):
            if place:
                st.divider()
            _show(stored)


def about_of(stored: StoredModel) -> About:
    """Return what is known of a model under its active calibration; it is read and counted once.

    Raises `StoreError` for a damaged model.
    """
    return _ABOUT.get_or(fingerprint(stored), lambda: _read(stored))


def _show(stored: StoredModel) -> None:
    try:
        found = about_of(stored)
    except StoreError as error:
        state.show_error(str(error))
        return
    st.markdown(f"**{as_markdown(found.title)}**")
    sentences = [found.trained, found.normal, found.disclaimer]
    st.markdown(as_markdown(" ".join(filter(None, sentences))))
    if found.classes:
        st.markdown("\n".join([_HEADING, *map(_line, found.classes)]))
    st.caption(as_markdown(" ".join(filter(None, [found.rates, found.against]))))
    st.caption(as_markdown(f"Licence: {found.licence}"))


def _line(limit: ClassLimit) -> str:
    cells = (
        as_markdown(limit.name),
        f"{limit.auc_roc:.3f}",
        f"{limit.low:.3f} to {limit.high:.3f}",
        f"{limit.images:,}",
        f"{limit.missed:,}",
    )
    return f"| {' | '.join(cells)} |"


def _read(stored: StoredModel) -> About:
    record = load_calibration(stored)
    images = evaluated(stored, record)
    evaluation = load_evaluation_record(stored)
    groups = evaluation.groups if evaluation is not None and images else None
    return about(stored.card, record.calibration.threshold, images, groups)
