"""Who does the app's slow work, and for whom: every session shares one engine, and owns what it asked of it."""

import os
from typing import TYPE_CHECKING, Any

from streamlit import runtime

from xai_ad.errors import InvalidInputError
from xai_ad.inspection.engines.base import Lane
from xai_ad.inspection.engines.queued import Terms
from xai_ad.inspection.engines.threads import ThreadEngine
from xai_ad.progress import Progress

if TYPE_CHECKING:
    from xai_ad.inspection.engines.base import Answerable
    from xai_ad.inspection.request import Request

WARM_UP = "warm-up"
"""Who owns the jobs that the server begins by itself, until the first session takes over."""
OF_CLIPS = "/clips"
"""How the names end under which sessions own the work on their clips: it goes on while they look at another page."""
OF_MODELS = "/models"
"""How the names end under which sessions own the work on their models, likewise."""
CLIPS_AT_ONCE = 3
"""So many clips are worked on at a time: one of hours keeps no other session waiting."""
LEASE = "XAI_AD_LEASE"
"""The environment variable for how many seconds work goes on after its browser has gone."""


def is_present(owner: str) -> bool:
    """Return whether a session's browser is connected: a hidden tab is, though it asks for nothing for a minute."""
    session = owner.removesuffix(OF_CLIPS).removesuffix(OF_MODELS)
    return owner == WARM_UP or (runtime.exists() and runtime.get_instance().is_active_session(session))


def lease() -> float:
    """Return for how long an owner may be out of sight; raises `InvalidInputError` for a setting that is no time."""
    text = os.environ.get(LEASE, "30")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise InvalidInputError(
            f"The environment variable {LEASE} is a positive number of seconds. Got {text!r}."
        )
    return seconds


def _perform(question: "Request | Answerable", progress: Progress) -> Any:
    from xai_ad.inspection.cases import perform  # late: the server answers before torch is imported

    return perform(question, progress)


ENGINE: "ThreadEngine[Request | Answerable, Any]" = ThreadEngine(
    _perform, Terms(lease=lease(), is_present=is_present), workers={Lane.CLIPS: CLIPS_AT_ONCE}
)
"""The engine of this process."""
