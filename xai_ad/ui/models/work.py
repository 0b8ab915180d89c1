"""The slow work on a session's models: it goes on while another page is looked at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xai_ad.errors import BusyError
from xai_ad.inspection.engines.base import JobState, JobStatus, Lane
from xai_ad.inspection.pictures_at_hand import PictureSearch
from xai_ad.ui import state
from xai_ad.ui.engine import ENGINE, OF_MODELS


def owner() -> str:
    """Return this session's name among the owners of work on models."""
    return state.owner() + OF_MODELS


def search(question: PictureSearch) -> JobStatus[Mapping[str, Path]]:
    """Return how far a search for pictures is, and get it under way."""
    return _ask(question, Lane.CHECKS)


def _ask(question: Any, lane: Lane) -> JobStatus[Any]:
    try:
        return ENGINE.submit(question, owner=owner(), lane=lane)
    except BusyError as error:
        return JobStatus(state=JobState.FAILED, error=str(error))
