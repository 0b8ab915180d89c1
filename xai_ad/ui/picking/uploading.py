"""Photographs from outside: as files, pasted, or from a camera; what cannot be read is named in one message."""

import time
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_ad.data.decoding import KINDS, LevelsError
from xai_ad.data.decoding.survey import may_be_deep
from xai_ad.data.specs import dataset_spec
from xai_ad.errors import ImageError
from xai_ad.inspection.image_files import ImageFile, settled
from xai_ad.inspection.models import levels_of
from xai_ad.presentation.words import as_markdown, listed
from xai_ad.ui import address, state
from xai_ad.ui.components.paste import paste
from xai_ad.ui.picking.levels import ask_for_levels
from xai_ad.ui.picking.uploaders import brought, empty, release, widget_of
from xai_ad.ui.uploads import TYPES, same_upload, token_of, uploaded

SHOWN = "shown_picture"
"""Where the session keeps the name of the picture that is shown."""
PRIVACY = "Uploads stay on the computer that runs this app, in memory, until this page is closed."
LARGEST = 64
"""Megabytes of a photograph."""
ABOUT = "uploads"
"""What is said about uploads."""
UPLOADER, PROMPT = "uploader", "prompt_uploader"
"""Keys of the page's uploaders: in the popover, and where there is no picture to show."""
_POPOVER = "upload"

_CHOOSE = "Choose below how many grey levels there are."

Incoming = tuple[str, bytes]
"""A file's name and content."""


def offer_uploads(dataset: str) -> None:
    """Draw the button that opens the ways to bring photographs, and the list of those that were brought."""
    with st.popover("Upload a photo", icon=":material/upload:", key=_POPOVER, on_change="rerun"):
        st.markdown(f"The model expects {dataset_spec(dataset).photograph}.")
        ask_for_photographs(dataset, key=UPLOADER)
        for token, image_file in state.uploads().of(dataset).items():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(as_markdown(image_file.name), width="stretch")
                st.button(
                    "Forget",
                    icon=":material/delete:",
                    key=f"forget_{token}",
                    on_click=_forget,
                    args=(dataset, token),
                )


def ask_for_photographs(dataset: str, *, key: str) -> None:
    """Draw an uploader of several files, beside it a camera; pasting works anywhere on the page."""
    widget = widget_of(key)
    with st.container(key=f"{key}s"):
        st.file_uploader(
            f"Photographs: {KINDS}; several at once, or pasted with Ctrl V",
            TYPES,
            accept_multiple_files=True,
            key=widget,
            on_change=_on_upload,
            args=(key, dataset),
            max_upload_size=LARGEST,
        )
        if st.toggle("Use the camera", key=f"{key}_camera_on"):
            st.camera_input(
                "A photograph from the camera",
                key=f"{key}_camera",
                on_change=_on_camera,
                args=(key, dataset),
                label_visibility="collapsed",
            )
        st.caption(PRIVACY)


def listen_for_pastes(dataset: str) -> None:
    """Take pictures that are pasted anywhere on the page."""
    paste(key="paste", on_paste=lambda files: take(files, dataset))


def take(files: Sequence[Incoming], dataset: str) -> None:
    """Keep the pictures among the files and show the first of them; what is none changes nothing and is named."""
    _take([uploaded(name, content) for name, content in files], dataset)


def take_at(image_files: Sequence[ImageFile], dataset: str, levels: int) -> None:
    """Keep pictures of more than 8 bits a pixel of which the person has said which value is white."""
    _take([replace(image_file, levels=levels) for image_file in image_files], dataset)


def _take(image_files: Sequence[ImageFile], dataset: str) -> None:
    uploads = state.uploads()
    refused: dict[str, str] = {}
    unsure: dict[ImageFile, LevelsError] = {}
    tokens: list[str] = []
    copies: list[str] = []
    for given in image_files:
        try:
            image_file = settled(given, levels_of(dataset) if may_be_deep(given.content) else None)
        except LevelsError as error:
            refused[given.name] = f"{error.problem} {_CHOOSE}"
            unsure[given] = error
            continue
        except ImageError as error:
            refused[given.name] = str(error)
            continue
        known = {one.sha256: one for one in uploads.of(dataset).values()}
        copy = known.get(image_file.sha256)
        if copy is not None and copy.name != image_file.name:
            copies.append(f"{image_file.name} is the same picture as {copy.name}.")
        kept = image_file if copy is None else replace(image_file, name=copy.name)  # its levels may be others
        tokens.append(uploads.add(dataset, kept))
    common = set.intersection(*(set(error.choices) for error in unsure.values())) if unsure else set()
    ask_for_levels(dataset, list(unsure), sorted(common))
    gone = uploads.trim(keep=tokens)
    if tokens:
        show_upload(dataset, tokens[0])
    _tell(refused, copies, gone, news=bool(tokens))


def show_upload(dataset: str, token: str) -> None:
    """Let the page show an upload; what is judged of it stays what a link asked for that was waiting for it."""
    st.session_state[SHOWN] = state.uploads().of(dataset)[token].name
    awaited = address.asked(state.UPLOAD)
    is_awaited = address.asked(state.SAMPLE) is None and (awaited is None or same_upload(awaited, token))
    fit = address.asked(state.FIT) if is_awaited else None
    address.write(**{state.UPLOAD: token, state.SAMPLE: None, state.FIT: fit})


def _tell(refused: dict[str, str], copies: list[str], gone: list[str], *, news: bool) -> None:
    """Leave one message about a batch of files; an earlier batch's is forgotten."""
    state.retract(ABOUT)
    sentences = list(copies)
    if gone:
        sentences.append(f"To make room, the oldest uploads were forgotten: {listed(gone)}.")
    if refused:
        shown = st.session_state.get(SHOWN)
        still = f" {'Now' if news else 'Still'} shown: {shown}." if shown else ""
        sentences.insert(0, f"{_refusal(refused)}{still}")
    if sentences:
        state.warn(" ".join(sentences), about=ABOUT, kind="error" if refused else "info", lasts=bool(refused))


def _refusal(refused: dict[str, str]) -> str:
    if len(refused) == 1:
        return next(iter(refused.values()))
    return f"{len(refused)} files could not be read: {listed(list(refused))}."


def follow_uploads(dataset: str) -> None:
    """Take, before a run draws anything, what was uploaded and not taken: a quicker run cut its callback short."""
    for key in (UPLOADER, PROMPT):
        _on_upload(key, dataset)


def _on_upload(key: str, dataset: str) -> None:
    files = brought(key)
    if not files:
        return
    take([(file.name, file.getvalue()) for file in files], dataset)
    st.session_state[_POPOVER] = False  # neither the result nor what is wrong shall be hidden by it
    empty(key, files)


def _on_camera(key: str, dataset: str) -> None:
    taken: UploadedFile | None = st.session_state[f"{key}_camera"]
    if taken is None:
        return
    content = taken.getvalue()
    release([taken])
    st.session_state[f"{key}_camera_on"] = False
    st.session_state[_POPOVER] = False
    take([(f"camera {time.strftime('%H.%M.%S')}.jpg", content)], dataset)


def _forget(dataset: str, token: str) -> None:
    uploads = state.uploads()
    removed = uploads.of(dataset)[token]
    uploads.remove(dataset, token)
    if address.asked(state.UPLOAD) == token_of(removed):
        address.write(**{state.UPLOAD: None, state.FIT: None})
