"""By which score a model judges: the one measured best, or another of its own, the thesis's among them."""

import streamlit as st

from xai_ad.inspection.results import BoundedCache
from xai_ad.inspection.scorings import ScoreChoice, score_choices
from xai_ad.presentation.words import figure
from xai_ad.store import Fingerprint, StoredModel, fingerprint
from xai_ad.ui import address, state

_CHOICES: BoundedCache[tuple[Fingerprint, str], list[ScoreChoice]] = BoundedCache(32)


def follow_score(stored: StoredModel) -> ScoreChoice:
    """Return the choice that the address names, else the default; an unknown one is reported.

    Raises `StoreError` where the model is damaged.
    """
    known = {str(choice.score): choice for choice in _choices_of(stored)}
    asked = state.asked_of(state.SCORE, "score", {name: choice.title for name, choice in known.items()})
    chosen = known[asked] if asked is not None else next(iter(known.values()))
    address.note(state.SCORE, str(chosen.score))
    return chosen


def offer_scores(stored: StoredModel, chosen: ScoreChoice) -> None:
    """Let the person choose another score, where the model has any; each says what is known of it."""
    known = {str(choice.score): choice for choice in _choices_of(stored)}
    if len(known) < 2:
        return
    st.session_state[state.SCORE] = str(chosen.score)
    st.radio(
        "Judge by",
        list(known),
        key=state.SCORE,
        format_func=lambda name: title_of(known[name]),
        on_change=lambda: address.choose(**{state.SCORE: st.session_state[state.SCORE]}),
    )


def title_of(choice: ScoreChoice) -> str:
    """Return a score in words, whether it is the thesis's own, and how well it detects."""
    words = [choice.title]
    if choice.is_thesis:
        words.append("the thesis's own")
    if choice.auc_roc is not None:
        words.append(f"AUC-ROC {figure(choice.auc_roc)}")
    return ", ".join(words)


def _choices_of(stored: StoredModel) -> list[ScoreChoice]:
    files = ", ".join(f"{name} {content}" for name, content in sorted(stored.card.sha256.items()))
    return _CHOICES.get_or((fingerprint(stored), files), lambda: score_choices(stored))
