"""Which clip is shown, and by which model it is judged: the row of controls, read from the address and written to it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.errors import ImageError
from xai_ad.inspection.clip_files import ClipFile, default_clip, list_clips, open_clip
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.picking.models import (
    OF_THE_MODEL,
    choose_dataset,
    choose_model,
    dataset_titles,
    first_model,
    follow_model,
)
from xai_ad.ui.uploads import DIGITS, name_in
from xai_ad.ui.video.uploads import follow_uploads, kept, offer_upload

_UPLOADED = "upload:"
"""How the picker's entries of uploads begin; what follows is the upload's token."""
_PICKER = "clip_picker"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the controls say. `clip` is None where there is none to show.

    Then `missing` is the name of an upload that the address asks for and this session does not have, or None.
    """

    stored: StoredModel
    clip: ClipFile | None
    missing: str | None = None


def choose(models: Mapping[str, StoredModel]) -> Choice:
    """Draw the controls and return what they say; `models` holds at least one."""
    follow_uploads()
    chosen = models[follow_model(models)]
    samples = list_clips(chosen.card.dataset)
    entry, missing = _asked(chosen.card.dataset, samples)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        choose_dataset(dataset_titles(models), lambda dataset: _on_dataset(models, dataset))
        choose_model(models, chosen)
        _choose_clip(samples, entry)
        st.space("stretch")
        if samples or kept():  # else the page itself asks for a clip
            offer_upload()
    return Choice(stored=chosen, clip=_opened(chosen.card.dataset, samples, entry), missing=missing)


def _asked(dataset: str, samples: Mapping[str, Path]) -> tuple[str | None, str | None]:
    """Return the picker's entry that the address names, and the name of an upload that is not here."""
    asked, clips = address.asked(state.UPLOAD), kept()
    if asked is not None:
        address.note(state.UPLOAD, asked)
        known = next((token for token in clips if token[:DIGITS] == asked[:DIGITS]), None)
        return (None, name_in(asked)) if known is None else (_UPLOADED + known, None)
    name = address.asked(state.CLIP)
    if name is not None and name not in samples:
        state.warn(
            f"There is no clip {name!r} of {dataset_spec(dataset).title}. The picker lists those there are.",
            about=state.CLIP,
        )
        name = None
    name = name or default_clip(samples)
    if name is None:
        latest = next(reversed(clips), None)
        if latest is not None:
            address.note(state.UPLOAD, latest)
        return None if latest is None else _UPLOADED + latest, None
    address.note(state.CLIP, name)
    return name, None


def _choose_clip(samples: Mapping[str, Path], entry: str | None) -> None:
    labels = _labels(samples)
    if not labels:
        return
    st.session_state[_PICKER] = entry
    st.selectbox(
        "Clip",
        list(labels),
        key=_PICKER,
        format_func=lambda name: labels.get(name, name),
        on_change=lambda: _show(st.session_state[_PICKER]),
        placeholder="Choose a clip",
        width=230,
    )


def _labels(samples: Mapping[str, Path]) -> dict[str, str]:
    """Return the picker's entries and how they are called, uploads first; no two alike."""
    clips = kept()
    count = Counter(clip.name for clip in clips.values())
    named = {
        _UPLOADED + token: clip.name if count[clip.name] == 1 else f"{clip.name} ({token[:4]})"
        for token, clip in clips.items()
    }
    return named | {name: name.replace("/", " / ") for name in samples}


def _opened(dataset: str, samples: Mapping[str, Path], entry: str | None) -> ClipFile | None:
    if entry is None:
        return None
    if entry.startswith(_UPLOADED):
        return kept()[entry.removeprefix(_UPLOADED)]
    try:
        return open_clip(f"{dataset}/{entry}", samples[entry])
    except (ImageError, OSError) as error:
        state.warn(f"The clip {entry} cannot be read: {error}", about=state.CLIP)
        return None


def _show(entry: str | None) -> None:
    chosen: dict[str, str | None] = {state.UPLOAD: None, state.CLIP: entry}
    if entry is not None and entry.startswith(_UPLOADED):
        chosen = {state.UPLOAD: entry.removeprefix(_UPLOADED), state.CLIP: None}
    address.choose(**{**chosen, state.FRAME: None, state.FIT: None})


def _on_dataset(models: Mapping[str, StoredModel], dataset: str) -> None:
    """Ask for another dataset's first model; what was uploaded stays what is shown."""
    address.choose(
        **{
            state.DATASET: dataset,
            state.MODEL: first_model(models, dataset),
            state.CLIP: None,
            **({} if address.asked(state.UPLOAD) else {state.FRAME: None}),
            **OF_THE_MODEL,
        }
    )
