"""The slow work on a session's models: it goes on while another page is looked at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from xai_ad.errors import BusyError
from xai_ad.inspection.engines.base import JobState, JobStatus, Lane
from xai_ad.inspection.model_export import ExportStatus, ModelExport
from xai_ad.inspection.pictures_at_hand import PictureSearch
from xai_ad.ui import state
from xai_ad.ui.engine import ENGINE, OF_MODELS

_EXPORTS = "exports_of_models"


def owner() -> str:
    """Return this session's name among the owners of work on models."""
    return state.owner() + OF_MODELS


def search(question: PictureSearch) -> JobStatus[Mapping[str, Path]]:
    """Return how far a search for pictures is, and get it under way."""
    return _ask(question, Lane.CHECKS)


def export(question: ModelExport) -> ExportStatus:
    """Return how far an export is that this session asked for; idle where it did not."""
    if question not in _wanted():
        return ExportStatus(state=JobState.IDLE)
    found = _ask(question, Lane.BATCHES)
    if found.state is JobState.STOPPED:
        _wanted().discard(question)
    return found


def ask_to_export(question: ModelExport) -> None:
    """Export a model from the next look on, whatever became of it before."""
    ENGINE.forget(question)
    _wanted().add(question)


def export_no_more(question: ModelExport) -> None:
    """Export a model no further."""
    _wanted().discard(question)
    ENGINE.stop(question, owner=owner())


def _wanted() -> set[ModelExport]:
    found: set[ModelExport] = st.session_state.setdefault(_EXPORTS, set())
    return found


def _ask(question: Any, lane: Lane) -> JobStatus[Any]:
    try:
        return ENGINE.submit(question, owner=owner(), lane=lane)
    except BusyError as error:
        return JobStatus(state=JobState.FAILED, error=str(error))
