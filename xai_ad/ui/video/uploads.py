"""Clips from outside: on this computer's disk, listed for the session that brought them, and gone with it."""

from collections.abc import Iterator

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_ad.errors import XaiAdError
from xai_ad.inspection.clip_files import CLIP_SUFFIXES, ClipFile, keep_upload
from xai_ad.presentation.words import as_markdown
from xai_ad.ui import address, state
from xai_ad.ui.picking.uploaders import brought, empty, widget_of
from xai_ad.ui.uploads import DIGITS, safe_name

TYPES = sorted(suffix.removeprefix(".") for suffix in CLIP_SUFFIXES)
"""Endings of the files that the uploader takes."""
LARGEST = 2048
"""Megabytes of a clip: the browser sends it into this computer's memory, and from there it goes to disk."""
MOST = 12
"""So many clips are kept; the oldest go."""
ABOUT = "uploaded clips"
"""What is said about them."""
_PART = 2**20
UPLOADER, PROMPT = "clip_uploader", "clip_prompt"
"""Keys of the page's uploaders: in the popover, and where there is no clip to show."""
_POPOVER = "upload_clip"
_KEPT = "clips"
_PRIVACY = "Uploads stay on the computer that runs this app, until this page is closed. A single picture is for page Inspect."


def kept() -> dict[str, ClipFile]:
    """Return this session's clips by token, in the order they came."""
    found: dict[str, ClipFile] = st.session_state.setdefault(_KEPT, {})
    return found


def token_of(clip: ClipFile) -> str:
    """Return what the address calls an uploaded clip: the beginning of its hash, and its name for those who lack it."""
    return f"{clip.sha256[:DIGITS]}-{clip.name}"


def offer_upload() -> None:
    """Draw the button that opens the uploader and the list of what was brought."""
    with st.popover("Upload a clip", icon=":material/upload:", key=_POPOVER, on_change="rerun"):
        ask_for_clips(key=UPLOADER)
        for token, clip in list(kept().items()):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(as_markdown(clip.name), width="stretch")
                st.button(
                    "Forget", icon=":material/delete:", key=f"forget_{token}", on_click=_forget, args=(token,)
                )


def ask_for_clips(*, key: str) -> None:
    """Draw an uploader of clips."""
    st.file_uploader(
        "A clip: a video file, a GIF, or a ZIP of numbered pictures",
        TYPES,
        accept_multiple_files=True,
        key=widget_of(key),
        on_change=_on_upload,
        args=(key,),
        max_upload_size=LARGEST,
    )
    st.caption(_PRIVACY)


def follow_uploads() -> None:
    """Take, before a run draws anything, what was uploaded and not taken: a quicker run cut its callback short."""
    for key in (UPLOADER, PROMPT):
        _on_upload(key)


def _on_upload(key: str) -> None:
    files = brought(key)
    if not files:
        return
    write, clips = address.writer(), kept()
    state.retract(ABOUT)
    refused, shown = [], None
    for file in files:
        try:
            clip = keep_upload(safe_name(file.name), _parts(file))
        except XaiAdError as error:
            refused.append(str(error))
            continue
        token = next((known for known, one in clips.items() if one == clip), token_of(clip))
        clips.setdefault(token, clip)
        shown = shown or token
    for token in [known for known in clips if known != shown][: max(0, len(clips) - MOST)]:
        del clips[token]
    if shown is not None:
        write(**{state.UPLOAD: shown, state.CLIP: None, state.FRAME: None, state.FIT: None})
    if refused:
        state.warn(" ".join(refused), about=ABOUT, lasts=True)
    st.session_state[_POPOVER] = False  # neither the result nor what is wrong shall be hidden by it
    empty(key, files)


def _parts(file: UploadedFile) -> Iterator[bytes]:
    file.seek(0)
    while part := file.read(_PART):
        yield part


def _forget(token: str) -> None:
    kept().pop(token, None)
    if address.asked(state.UPLOAD) == token:
        address.write(**{state.UPLOAD: None, state.FRAME: None, state.FIT: None})
