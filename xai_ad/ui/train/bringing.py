"""Which pictures a model is to learn from: uploaded, or in a folder of this computer."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_ad.data.decoding import SUFFIXES
from xai_ad.errors import XaiAdError
from xai_ad.inspection.clip_files import CLIP_SUFFIXES
from xai_ad.inspection.trainings.forgetting import forget_intake
from xai_ad.inspection.trainings.intake import Intake, known_intake, take_files, take_folder, take_zip
from xai_ad.machine.files import writing
from xai_ad.ui import address, state
from xai_ad.ui.picking.uploaders import brought, empty, widget_of
from xai_ad.ui.uploads import safe_name

DATA = "data"
"""Key of the address: the folder whose pictures are shown."""
UPLOADER, FOLDER = "training_uploader", "training_folder"
ABOUT = "training pictures"
"""What is said about them."""
LARGEST = 2048
"""Megabytes of an upload."""
_TYPES = sorted({suffix.removeprefix(".") for suffix in {*SUFFIXES, *CLIP_SUFFIXES, ".zip"}})
_PART = 2**20


def follow_intake() -> Intake | None:
    """Return the pictures that the address names; None where none are asked for, or they are not there (which is said)."""
    asked = address.asked(DATA)
    if asked is None:
        return None
    try:
        return known_intake(asked)
    except XaiAdError as error:
        state.warn(str(error), about=ABOUT)
        return None


def ask_for_pictures() -> None:
    """Draw the uploader, and the line for a folder."""
    with st.container(border=True, key="prompt"):
        st.subheader("Pictures of good parts", anchor=False)
        st.markdown(
            "A model learns what is normal from pictures of **good** parts alone: some 50 to 500, taken as those will be that "
            "it is to judge. Pictures of defects are welcome, in folders of their own: they are not learnt, they set the "
            "limit and measure the model."
        )
        st.file_uploader(
            "A ZIP of pictures, the pictures themselves, or a clip",
            _TYPES,
            accept_multiple_files=True,
            key=widget_of(UPLOADER),
            on_change=follow_uploads,
            max_upload_size=LARGEST,
        )
        st.text_input(
            "Or a folder on the computer that runs this app",
            key=FOLDER,
            placeholder="/photographs/good_parts",
            on_change=_on_folder,
        )
        st.caption(
            "Pictures stay on the computer that runs this app. Folders named good and bad, or laid out as MVTec AD, VisA, BTAD, "
            "UCSD and other published sets are, are recognised."
        )


def follow_uploads() -> None:
    """Take what was uploaded and not taken, before a run draws anything: a quicker run may have cut its callback short."""
    files = brought(UPLOADER)
    if not files:
        return
    write = address.writer()
    state.retract(ABOUT)
    try:
        intake = _taken(files)
    except XaiAdError as error:
        state.warn(str(error), about=ABOUT, lasts=True)
    else:
        write(**{DATA: intake.key})
    empty(UPLOADER, files)


def _taken(files: Sequence[UploadedFile]) -> Intake:
    """Return what was uploaded, on this computer's disk."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_written(file, Path(folder) / f"{place:05d}") for place, file in enumerate(files)]
        names = [safe_name(file.name) for file in files]
        if len(files) == 1 and names[0].lower().endswith(".zip"):
            return take_zip(paths[0], names[0])
        return take_files(
            dict(zip(names, paths, strict=False))
            if len(set(names)) == len(names)
            else _told_apart(names, paths)
        )


def _told_apart(names: Sequence[str], paths: Sequence[Path]) -> dict[str, Path]:
    """Return files by names of which no two are alike."""
    return {f"{place:05d}-{name}": path for place, (name, path) in enumerate(zip(names, paths, strict=True))}


def _written(file: UploadedFile, path: Path) -> Path:
    file.seek(0)
    with writing(path), path.open("wb") as target:
        while part := file.read(_PART):
            target.write(part)
    return path


def _on_folder() -> None:
    text = str(st.session_state[FOLDER]).strip()
    if not text:
        return
    state.retract(ABOUT)
    try:
        intake = take_folder(Path(text).expanduser())
    except XaiAdError as error:
        state.warn(str(error), about=ABOUT, lasts=True)
    else:
        address.write(**{DATA: intake.key})


def offer_others() -> None:
    """Draw the button that leads back to the uploader."""
    st.button(
        "Other pictures",
        icon=":material/folder_open:",
        key="other_pictures",
        on_click=lambda: address.write(**{DATA: None}),
    )


def offer_to_forget(intake: Intake) -> None:
    """Draw what deletes arranged pictures; nothing for a folder that is used where it lies."""
    if Path(intake.key).is_absolute():
        return
    with st.popover("Delete these pictures", icon=":material/delete:"):
        st.caption(
            "Deleted is what was uploaded or arranged for the training. Your own files stay, and so do models."
        )
        st.button("Delete", type="primary", key="forget_pictures", on_click=_forget, args=(intake.key,))


def _forget(key: str) -> None:
    state.retract(ABOUT)
    try:
        forget_intake(key)
    except XaiAdError as error:
        state.warn(str(error), about=ABOUT, lasts=True)
    else:
        address.write(**{DATA: None})
