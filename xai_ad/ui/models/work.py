"""The slow work on a session's models: it goes on while another page is looked at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import streamlit as st

from xai_ad.errors import BusyError
from xai_ad.inspection.engines.base import JobState, JobStatus, Lane
from xai_ad.inspection.model_export import ExportStatus, ModelExport
from xai_ad.inspection.model_measuring import MeasuringStatus, ModelMeasurement
from xai_ad.inspection.pictures_at_hand import PictureSearch
from xai_ad.ui import state
from xai_ad.ui.engine import ENGINE, OF_MODELS

Asked: TypeAlias = ModelExport | ModelMeasurement
"""What is done once a person asks for it."""
_WANTED = "work_on_models"


def owner() -> str:
    """Return this session's name among the owners of work on models."""
    return state.owner() + OF_MODELS


def search(question: PictureSearch) -> JobStatus[Mapping[str, Path]]:
    """Return how far a search for pictures is, and get it under way."""
    return _ask(question, Lane.CHECKS)


def export(question: ModelExport) -> ExportStatus:
    """Return how far an export is that this session asked for; idle where it did not."""
    return _wanted_status(question)


def measure(question: ModelMeasurement) -> MeasuringStatus:
    """Return how far a measurement is that this session asked for; idle where it did not."""
    return _wanted_status(question)


def begin(question: Asked) -> None:
    """Work from the next look on, whatever became of it before."""
    ENGINE.forget(question)
    _wanted().add(question)


def end(question: Asked) -> None:
    """Work no further."""
    _wanted().discard(question)
    ENGINE.stop(question, owner=owner())


def _wanted_status(question: Asked) -> JobStatus[Any]:
    if question not in _wanted():
        return JobStatus(state=JobState.IDLE)
    found = _ask(question, Lane.BATCHES)
    if found.state is JobState.STOPPED:
        _wanted().discard(question)
    return found


def _wanted() -> set[Asked]:
    found: set[Asked] = st.session_state.setdefault(_WANTED, set())
    return found


def _ask(question: Any, lane: Lane) -> JobStatus[Any]:
    try:
        return ENGINE.submit(question, owner=owner(), lane=lane)
    except BusyError as error:
        return JobStatus(state=JobState.FAILED, error=str(error))
