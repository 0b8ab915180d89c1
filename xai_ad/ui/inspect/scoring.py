"""By which score a model judges: the one measured best, or another of its own, the thesis's among them."""

import streamlit as st

from xai_ad.inspection.results import BoundedCache
from xai_ad.inspection.settings import Setting, settings
from xai_ad.presentation.words import figure
from xai_ad.store import Fingerprint, StoredModel, fingerprint
from xai_ad.ui import address, state

_SETTINGS: BoundedCache[tuple[Fingerprint, str], list[Setting]] = BoundedCache(32)


def follow_score(stored: StoredModel) -> Setting:
    """Return the setting that the address names, else the default; an unknown one is reported.

    Raises `StoreError` where the model is damaged.
    """
    known = {str(setting.score): setting for setting in _settings_of(stored)}
    asked = state.asked_of(state.SCORE, "score", {name: setting.title for name, setting in known.items()})
    chosen = known[asked] if asked is not None else next(iter(known.values()))
    address.note(state.SCORE, str(chosen.score))
    return chosen


def offer_scores(stored: StoredModel, chosen: Setting) -> None:
    """Let the person choose another score, where the model has any; each says what is known of it."""
    known = {str(setting.score): setting for setting in _settings_of(stored)}
    if len(known) < 2:
        return
    st.session_state[state.SCORE] = str(chosen.score)
    st.radio(
        "Judge by",
        list(known),
        key=state.SCORE,
        format_func=lambda name: title_of(known[name]),
        on_change=lambda: address.write(**{state.SCORE: st.session_state[state.SCORE]}),
    )


def title_of(setting: Setting) -> str:
    """Return a setting's score in words, whether it is the thesis's own, and how well it detects."""
    told = [setting.title]
    if setting.is_thesis:
        told.append("the thesis's own")
    if setting.auc_roc is not None:
        told.append(f"AUC-ROC {figure(setting.auc_roc)}")
    return ", ".join(told)


def _settings_of(stored: StoredModel) -> list[Setting]:
    files = ", ".join(f"{name} {content}" for name, content in sorted(stored.card.sha256.items()))
    return _SETTINGS.get_or((fingerprint(stored), files), lambda: settings(stored))
