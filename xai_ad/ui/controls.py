"""The row of controls: which dataset, model and photograph."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_ad.data.images import SUFFIXES, decode_picture
from xai_ad.data.specs import dataset_spec
from xai_ad.errors import ImageError
from xai_ad.store import StoredModel
from xai_ad.ui import state
from xai_ad.ui.photos import Photo, default_sample, list_samples, make_photo

UPLOADED = "uploaded photo"
"""The picker's entry for what the person uploaded."""
_POPOVER = "upload"
_ADDRESS_READ, _MEANT = "address_read", "address_meant"
_TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the controls say; `photo` is None where the dataset ships no pictures and none was uploaded."""

    stored: StoredModel
    photo: Photo | None


def choose(models: dict[str, StoredModel]) -> Choice:
    """Draw the controls and return what they say; `models` holds at least one model."""
    for key, value in st.session_state.pop(_MEANT, {}).items():
        st.session_state[key] = value
    meant = _read_address(models)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        datasets = list(dict.fromkeys(stored.card.dataset for stored in models.values()))
        dataset = st.selectbox(
            "Dataset",
            datasets,
            key=state.DATASET,
            bind="query-params",
            on_change=_on_dataset,
            args=(models,),
            width=205,
        )
        names = [name for name, stored in models.items() if stored.card.dataset == dataset]
        model = st.selectbox("Model", names, key=state.MODEL, bind="query-params", width=205)
        photo = _choose_photo(dataset)
    if meant:
        # Only the next run's change reaches the address: in this one the widgets took what they could from it.
        st.session_state[_MEANT] = meant
        st.rerun()
    return Choice(stored=models[model], photo=photo)


def upload(dataset: str, *, key: str) -> None:
    """Let the person upload a photograph to inspect."""
    st.file_uploader(
        "Photograph: PNG, JPEG, BMP, TIFF or WebP",
        _TYPES,
        key=key,
        on_change=_on_upload,
        args=(key, dataset),
    )


def choose_normal(dataset: str) -> None:
    """Let the person point at a normal photograph, for a model that may not bring any."""
    with st.popover("Normal photograph", icon=":material/verified:"):
        st.markdown(
            "Explanations ask what would change if a region were normal. "
            "Give them a photograph of a normal part, taken the same way."
        )
        key = "normal_uploader"
        st.file_uploader("A normal part", _TYPES, key=key, on_change=_on_normal, args=(key, dataset))


def _choose_photo(dataset: str) -> Photo | None:
    samples = list_samples(dataset)
    uploaded = state.uploads().get(dataset)
    names = [*([UPLOADED] if uploaded else []), *samples]
    chosen: str | None = UPLOADED if uploaded else None
    if samples:
        default = default_sample(dataset, samples)
        chosen = st.selectbox(
            "Sample",
            names,
            index=names.index(default) if default else 0,
            key=state.SAMPLE,
            bind="query-params",
            format_func=_spaced,
            width=220,
        )
    st.space("stretch")
    if names:  # else the page itself asks for a photograph
        with st.popover("Upload a photo", icon=":material/upload:", key=_POPOVER, on_change="rerun"):
            st.markdown(f"The model expects {dataset_spec(dataset).photograph}.")
            upload(dataset, key="uploader")
    if samples:
        st.button(
            "Previous", icon=":material/chevron_left:", shortcut="Left", on_click=_step, args=(names, -1)
        )
        st.button(
            "Next",
            icon=":material/chevron_right:",
            icon_position="right",
            shortcut="Right",
            on_click=_step,
            args=(names, 1),
        )
    if chosen is None or chosen == UPLOADED:
        return uploaded
    return make_photo(f"{dataset}/{chosen}", samples[chosen].read_bytes())


def _spaced(name: str) -> str:
    return name.replace("/", " / ")


def _read_address(models: dict[str, StoredModel]) -> dict[str, str]:
    """Return what the widgets would not understand of the address that a session starts with.

    A model names its dataset, and a sample may be written as its file is; unknown names are told. The address is read
    once: from then on it follows the widgets.
    """
    if st.session_state.get(_ADDRESS_READ):
        return {}
    st.session_state[_ADDRESS_READ] = True
    meant: dict[str, str] = {}
    known = dict.fromkeys(stored.card.dataset for stored in models.values())
    default = next(iter(known))
    dataset = st.query_params.get(state.DATASET, default)
    if dataset not in known:
        state.warn(f"There is no dataset {dataset!r}. Choose one of: {', '.join(known)}.")
        dataset = default
    model, sample = st.query_params.get(state.MODEL), st.query_params.get(state.SAMPLE)
    if model is not None and model not in models:
        state.warn(f"There is no model {model!r}. Choose one of: {', '.join(models)}.")
    elif model is not None and models[model].card.dataset != dataset:
        dataset = models[model].card.dataset
        meant |= {state.DATASET: dataset, state.MODEL: model}
    name = sample.replace(" ", "") if sample is not None else None
    if name is not None and name not in list_samples(dataset):
        state.warn(f"There is no sample {sample!r} of {dataset!r}. The picker lists those there are.")
    elif name is not None and (meant or sample != _spaced(name)):
        meant[state.SAMPLE] = name
    return meant


def _on_dataset(models: dict[str, StoredModel]) -> None:
    dataset = st.session_state[state.DATASET]
    st.session_state[state.MODEL] = next(
        name for name, stored in models.items() if stored.card.dataset == dataset
    )
    sample = UPLOADED if dataset in state.uploads() else default_sample(dataset, list_samples(dataset))
    if sample is not None:
        st.session_state[state.SAMPLE] = sample


def _step(names: list[str], step: int) -> None:
    place = names.index(st.session_state[state.SAMPLE])
    st.session_state[state.SAMPLE] = names[(place + step) % len(names)]


def _read(key: str) -> Photo | None:
    """Return what was dropped on an uploader, or say what is wrong with it; nothing else changes then."""
    file: UploadedFile | None = st.session_state[key]
    if file is None:
        return None
    photo = make_photo(file.name, file.getvalue())
    try:
        decode_picture(photo.content)
    except ImageError as error:
        state.warn(str(error))
        return None
    return photo


def _on_upload(key: str, dataset: str) -> None:
    st.session_state[_POPOVER] = False  # neither the result nor what is wrong shall be hidden by it
    photo = _read(key)
    if photo is not None:
        state.uploads()[dataset] = photo
        if list_samples(dataset):
            st.session_state[state.SAMPLE] = UPLOADED


def _on_normal(key: str, dataset: str) -> None:
    photo = _read(key)
    if photo is not None:
        state.normals()[dataset] = photo
