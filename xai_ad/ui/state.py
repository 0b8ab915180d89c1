"""What a session remembers, beside its widgets: uploads, the chosen explanation, what was stopped, and what there is to say."""

import math
import time
from collections.abc import Collection, Mapping
from typing import Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xai_ad.explain import Direction
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.methods import USUAL_METHOD
from xai_ad.inspection.request import Request
from xai_ad.presentation.words import as_markdown
from xai_ad.ui import address
from xai_ad.ui.uploads import Uploads

DATASET, MODEL, SCORE, SAMPLE, UPLOAD, FIT, METHOD, DIRECTION, CLIP, FRAME = (
    "dataset",
    "model",
    "score",
    "sample",
    "upload",
    "fit",
    "method",
    "direction",
    "clip",
    "frame",
)
"""Keys of the address, which says what is asked; a picture is either a sample or an upload, a clip either a `CLIP` of the
samples or an upload, and `FIT` is what is judged of it. `FRAME` is a frame's number."""
COMPARED = "compare"
"""Of page Models: the id of a second model that stands beside the first."""
MODELS, METHODS = "models", "methods"
"""Of page Compare: the rows and columns, ids joined by commas."""
OPTIONS = "options"
"""Settings of methods, as `xai_ad.inspection.options` writes them."""
OF_THE_PICTURE = (DATASET, SAMPLE, UPLOAD, FIT, OPTIONS, DIRECTION)
"""What one page shows and another would show as well."""
_METHOD, _DIRECTION = "chosen_method", "chosen_direction"
LONGEST_MESSAGE = 400
NOTICE_SECONDS = 10.0

Kind = Literal["error", "info"]


def owner() -> str:
    """Return this session's name among the owners of jobs: by it the server knows whether its browser is there."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def uploads() -> Uploads:
    """Return this session's uploads."""
    if "uploads" not in st.session_state:
        st.session_state["uploads"] = Uploads()
    found: Uploads = st.session_state["uploads"]
    return found


def normals() -> dict[str, ImageFile]:
    """Return this session's image of a normal part for each dataset."""
    found: dict[str, ImageFile] = st.session_state.setdefault("normals", {})
    return found


def stopped() -> set[Request]:
    """Return the explanations that this session stopped."""
    found: set[Request] = st.session_state.setdefault("stopped", set())
    return found


def wanted() -> set[Request]:
    """Return the explanations that this session asked for beyond those that a page computes by itself."""
    found: set[Request] = st.session_state.setdefault("wanted", set())
    return found


def warn(message: str, *, about: str | None = None, kind: Kind = "error", lasts: bool = False) -> None:
    """Remember a message for `NOTICE_SECONDS`: the run that shows it first may be cut short by another.

    It takes the place of an earlier one `about` the same. One that `lasts` stays until it is retracted: a busy computer
    may need longer to draw the page.
    """
    notices: dict[str, tuple[str, Kind, float]] = st.session_state.setdefault("notices", {})
    notices[about or message] = (message, kind, math.inf if lasts else time.monotonic())


def retract(about: str) -> None:
    """Forget what was said about something."""
    st.session_state.get("notices", {}).pop(about, None)


def show_notices() -> None:
    """Show what there is to say."""
    notices: dict[str, tuple[str, Kind, float]] = st.session_state.get("notices", {})
    for about, (message, kind, when) in list(notices.items()):
        if time.monotonic() - when > NOTICE_SECONDS:
            del notices[about]
        elif kind == "error":
            show_error(message)
        else:
            st.info(as_markdown(_short(message)), icon=":material/info:")


def show_error(message: str) -> None:
    """Show a message as it is: it may quote an address or a file, which must not be read as Markdown."""
    st.error(as_markdown(_short(message)), icon=":material/error:")


def _short(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]} ..."


def follow_method(titles: Mapping[str, str], default: str) -> None:
    """Take the chosen explanation from the address, else the default; `titles` are those there are, by id.

    An unknown one is reported. Polls between two runs keep to what the session remembers: the address that they come
    with may be older than the latest choice.
    """
    chosen = asked_of(METHOD, "explanation", titles) or default
    st.session_state[_METHOD] = chosen
    address.note(METHOD, chosen)


def follow_direction() -> None:
    """Take from the address which verdict counterfactuals flip; an unknown direction is reported."""
    chosen = asked_of(DIRECTION, "direction", {str(one): str(one) for one in Direction}) or Direction.REPAIR
    st.session_state[_DIRECTION] = str(chosen)
    address.note(DIRECTION, str(chosen))


def asked_of(key: str, noun: str, titles: Mapping[str, str]) -> str | None:
    """Return what the address names under a key, or None; what is not in `titles`, by id, is reported with them."""
    asked = address.asked(key)
    if asked is None or asked in titles:
        return asked
    warn(f"There is no {noun} {asked!r}. Choose one of: {_listed(titles.values())}.", about=key)
    return None


def _listed(names: Collection[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def chosen_method() -> str:
    """Return which explanation is shown large."""
    return str(st.session_state.get(_METHOD, USUAL_METHOD))


def choose_method(method: str) -> None:
    """Show an explanation large, and say so in the address."""
    st.session_state[_METHOD] = method
    address.write(**{METHOD: method})


def direction() -> Direction:
    """Return which verdict this session's counterfactuals flip."""
    return Direction(st.session_state.get(_DIRECTION, Direction.REPAIR))


def choose_direction(chosen: Direction) -> None:
    """Let counterfactuals flip that verdict from now on."""
    st.session_state[_DIRECTION] = str(chosen)
    address.write(**{DIRECTION: str(chosen)})
