"""Which picture is shown: the pickers of dataset and picture. What they hold was read from the address, and is written to it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from xai_ad.data.decoding.survey import may_be_deep
from xai_ad.data.specs import dataset_spec
from xai_ad.errors import ImageError
from xai_ad.inspection.image_files import (
    ImageFile,
    default_sample,
    list_samples,
    make_image_file,
    settled,
)
from xai_ad.inspection.models import levels_of
from xai_ad.ui import address, state
from xai_ad.ui.components.stepper import follow_steps, stepper
from xai_ad.ui.picking.uploading import ABOUT, SHOWN, follow_uploads, offer_uploads
from xai_ad.ui.uploads import DIGITS, name_in

_UPLOADED = "upload:"
"""How the picker's entries of uploads begin; what follows is the upload's token."""
_STEPPER = "stepper"


@dataclass(frozen=True, kw_only=True)
class Picker:
    """A dataset's shipped samples, and which entry of the picker is shown; None where there is no picture to show.

    Then `missing` is the name of an upload that the address asks for and this session does not have, or None.
    """

    dataset: str
    samples: Mapping[str, Path]
    entry: str | None
    missing: str | None = None


def follow_picture(dataset: str) -> Picker:
    """Return what the address asks for, once what was uploaded and the steps that were pressed meanwhile are followed."""
    follow_uploads(dataset)
    asked = _asked(dataset, list_samples(dataset))
    entry = _stepped(list(_labels(asked)), asked.entry)
    return replace(asked, entry=entry, missing=asked.missing if entry is None else None)


def choose_picture(picker: Picker) -> None:
    """Draw the picker of pictures, the ways to bring one, and Previous and Next; nothing where there is no picture."""
    labels = _labels(picker)
    if not labels:
        return  # the page itself asks for an image
    entries = list(labels)
    st.session_state[state.SAMPLE] = picker.entry
    st.selectbox(
        "Picture",
        entries,
        key=state.SAMPLE,
        format_func=lambda name: labels.get(name, name),
        on_change=lambda: _show(st.session_state[state.SAMPLE]),
        placeholder="Choose a picture",
        width=205,
    )
    st.space("stretch")
    offer_uploads(picker.dataset)
    place = entries.index(picker.entry) if picker.entry is not None else -1
    stepper(list(labels.values()), place, key=_STEPPER)


def opened(picker: Picker) -> ImageFile | None:
    """Return the picture that is shown, or None; what was said of uploads while another one was is forgotten."""
    image_file = _opened(picker)
    shown = image_file and image_file.name
    if shown != st.session_state.get(SHOWN):
        state.retract(ABOUT)  # it may name another picture as the one that is shown
    st.session_state[SHOWN] = shown
    return image_file


def asking_for_dataset(dataset: str) -> dict[str, str | None]:
    """Return how an address asks for a dataset and its picture: what was uploaded last, else what it opens on."""
    latest = next(reversed(state.uploads().of(dataset)), None)
    return {
        state.DATASET: dataset,
        state.UPLOAD: latest,
        state.SAMPLE: None if latest else default_sample(dataset, list_samples(dataset)),
        state.FIT: None,
    }


def _stepped(entries: list[str], entry: str | None) -> str | None:
    """Return the entry to show once the steps from another are made that were pressed meanwhile."""
    shown, write = [entry], address.writer()

    def move(by: int) -> None:
        shown.append(stepped(entries, -1 if entry is None else entries.index(entry), by))
        write(**_asking_for(shown[-1]))

    if entries:
        follow_steps(_STEPPER, move)
    return shown[-1]


def stepped(entries: list[str], place: int, by: int) -> str:
    """Return the entry that lies `by` steps from a place, round and round; from none, -1, on to the first or last.

    >>> stepped(["a", "b", "c"], 1, 5), stepped(["a", "b", "c"], -1, 1), stepped(["a", "b", "c"], -1, -1)
    ('a', 'a', 'c')
    """
    start = 0 if place < 0 and by < 0 else place
    return entries[(start + by) % len(entries)]


def _labels(picker: Picker) -> dict[str, str]:
    """Return the picker's entries and how they are called, uploads first; no two alike."""
    uploads = state.uploads().of(picker.dataset)
    count = Counter(image_file.name for image_file in uploads.values())
    names = {
        token: file.name if count[file.name] == 1 else f"{file.name} ({token[:4]})"
        for token, file in uploads.items()
    }
    return {_UPLOADED + token: name for token, name in names.items()} | {
        name: name.replace("/", " / ") for name in picker.samples
    }


def _asked(dataset: str, samples: dict[str, Path]) -> Picker:
    """Return what the address names. A sample may be written as the picker has it; an unknown one is reported."""
    picker = Picker(dataset=dataset, samples=samples, entry=None)
    uploads = state.uploads().of(dataset)
    asked = address.asked(state.UPLOAD)
    if asked is not None:
        address.note(state.UPLOAD, asked)
        known = next((token for token in uploads if token[:DIGITS] == asked[:DIGITS]), None)
        if known is None:
            return replace(picker, missing=name_in(asked))
        return replace(picker, entry=_UPLOADED + known)
    sample = address.asked(state.SAMPLE)
    name = sample and sample.replace(" ", "")
    if sample is not None and name not in samples:
        spec = dataset_spec(dataset)
        state.warn(
            f"There is no sample {sample!r} of {spec.title}. The picker lists those there are.",
            about=state.SAMPLE,
        )
        name = None
    name = name or default_sample(dataset, samples)
    if name is None:
        return replace(picker, entry=next((_UPLOADED + token for token in reversed(uploads)), None))
    address.note(state.SAMPLE, name)
    return replace(picker, entry=name)


def _opened(picker: Picker) -> ImageFile | None:
    dataset, entry = picker.dataset, picker.entry
    if entry is None:
        return None
    if entry.startswith(_UPLOADED):
        return state.uploads().of(dataset)[entry.removeprefix(_UPLOADED)]
    sample = make_image_file(f"{dataset}/{entry}", picker.samples[entry].read_bytes())
    if not may_be_deep(sample.content):
        return sample
    try:
        return settled(sample, levels_of(dataset))
    except ImageError:  # it is told where the sample is judged
        return sample


def _show(entry: str | None) -> None:
    """Write into the address which of the picker's entries is to be shown."""
    address.choose(**_asking_for(entry))


def _asking_for(entry: str | None) -> dict[str, str | None]:
    """Return how an address asks for one of the picker's entries."""
    if entry is not None and entry.startswith(_UPLOADED):
        return {state.UPLOAD: entry.removeprefix(_UPLOADED), state.SAMPLE: None, state.FIT: None}
    return {state.SAMPLE: entry, state.UPLOAD: None, state.FIT: None}
