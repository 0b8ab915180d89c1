"""The row of controls: which dataset, model and image."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_ad.data.images import SUFFIXES
from xai_ad.data.specs import dataset_spec
from xai_ad.errors import ImageError
from xai_ad.inspection.image_files import ImageFile, decoded, default_sample, list_samples, make_image_file
from xai_ad.presentation.variants import variant_help, variant_titles
from xai_ad.store import ModelCard, StoredModel
from xai_ad.ui import state

UPLOADED = "uploaded photo"
"""The picker's entry for what the person uploaded."""
_POPOVER = "upload"
_SAMPLE_READ, _MEANT = "sample_read", "sample_meant"
_TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the controls say; `image_file` is None where the dataset ships no images and none was uploaded."""

    stored: StoredModel
    image_file: ImageFile | None


def choose(models: dict[str, StoredModel]) -> Choice:
    """Draw the controls and return what they say; `models` holds at least one model."""
    if _MEANT in st.session_state:
        st.session_state[state.SAMPLE] = st.session_state.pop(_MEANT)
    _follow_address(models)
    chosen = models[st.session_state[state.MODEL]]
    dataset = chosen.card.dataset
    meant = _read_sample(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        _choose_model(models, chosen)
        image_file = _choose_image(dataset)
    if meant:
        # Only the next run's change reaches the address: in this one the widget took what it could from it.
        st.session_state[_MEANT] = meant
        st.rerun()
    return Choice(stored=chosen, image_file=image_file)


def upload(dataset: str, *, key: str) -> None:
    """Let the person upload an image to inspect."""
    st.file_uploader(
        "Photograph: PNG, JPEG, BMP, TIFF or WebP",
        _TYPES,
        key=key,
        on_change=_on_upload,
        args=(key, dataset),
    )


def _choose_model(models: dict[str, StoredModel], chosen: StoredModel) -> None:
    """Draw the pickers of dataset and model; what they hold was read from the address, and is written to it."""
    datasets = list(dict.fromkeys(stored.card.dataset for stored in models.values()))
    st.selectbox(
        "Dataset",
        datasets,
        key=state.DATASET,
        format_func=lambda dataset: dataset_spec(dataset).title,
        on_change=_on_dataset,
        args=(models,),
        width=195,
    )
    titles = variant_titles(card for card in _cards(models) if card.dataset == chosen.card.dataset)
    st.selectbox(
        "Model",
        list(titles),
        key=state.MODEL,
        format_func=lambda name: titles.get(name, name),
        help=variant_help(chosen.card),
        on_change=_on_model,
        args=(models,),
        width=365,
    )


def _choose_image(dataset: str) -> ImageFile | None:
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
            width=185,
        )
    st.space("stretch")
    if names:  # else the page itself asks for an image
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
    return make_image_file(f"{dataset}/{chosen}", samples[chosen].read_bytes())


def _spaced(name: str) -> str:
    return name.replace("/", " / ")


def _follow_address(models: dict[str, StoredModel]) -> None:
    """Choose the dataset and the model that the address names; unknown names are reported and taken out of it.

    A model names its dataset. The pickers are not bound to the address: a bound one writes there what it shows, and
    words change where ids stay.
    """
    known = {state.DATASET: [card.dataset for card in _cards(models)], state.MODEL: list(models)}
    for key, names in known.items():
        name = st.query_params.get(key)
        if name is not None and name not in names:
            state.warn(f"There is no {key} {name!r}. Choose one of: {', '.join(dict.fromkeys(names))}.")
            del st.query_params[key]
    dataset = st.query_params.get(state.DATASET, known[state.DATASET][0])
    model = st.query_params.get(state.MODEL, _first_model(models, dataset))
    st.session_state[state.MODEL] = model
    st.session_state[state.DATASET] = models[model].card.dataset


def _read_sample(dataset: str) -> str | None:
    """Return the sample that a session's first address means where the picker would not understand it.

    A sample may be written as its file is; an unknown one is reported. From then on the address follows the picker.
    """
    if st.session_state.get(_SAMPLE_READ):
        return None
    st.session_state[_SAMPLE_READ] = True
    sample = st.query_params.get(state.SAMPLE)
    if sample is None:
        return None
    name = sample.replace(" ", "")
    if name not in list_samples(dataset):
        state.warn(f"There is no sample {sample!r} of {dataset!r}. The picker lists those there are.")
        return None
    return name if sample != _spaced(name) else None


def _cards(models: dict[str, StoredModel]) -> list[ModelCard]:
    return [stored.card for stored in models.values()]


def _first_model(models: dict[str, StoredModel], dataset: str) -> str:
    return next(card.id for card in _cards(models) if card.dataset == dataset)


def _on_dataset(models: dict[str, StoredModel]) -> None:
    dataset = st.session_state[state.DATASET]
    _write_address(models, _first_model(models, dataset))
    sample = UPLOADED if dataset in state.uploads() else default_sample(dataset, list_samples(dataset))
    if sample is not None:
        st.session_state[state.SAMPLE] = sample


def _on_model(models: dict[str, StoredModel]) -> None:
    _write_address(models, st.session_state[state.MODEL])


def _write_address(models: dict[str, StoredModel], model: str) -> None:
    st.query_params.update({state.DATASET: models[model].card.dataset, state.MODEL: model})


def _step(names: list[str], step: int) -> None:
    place = names.index(st.session_state[state.SAMPLE])
    st.session_state[state.SAMPLE] = names[(place + step) % len(names)]


def _read(key: str) -> ImageFile | None:
    """Return what was dropped on an uploader, or say what is wrong with it; nothing else changes then."""
    file: UploadedFile | None = st.session_state[key]
    if file is None:
        return None
    image_file = make_image_file(file.name, file.getvalue())
    try:
        decoded(image_file)
    except ImageError as error:
        state.warn(str(error))
        return None
    return image_file


def _on_upload(key: str, dataset: str) -> None:
    st.session_state[_POPOVER] = False  # neither the result nor what is wrong shall be hidden by it
    image_file = _read(key)
    if image_file is not None:
        state.uploads()[dataset] = image_file
        if list_samples(dataset):
            st.session_state[state.SAMPLE] = UPLOADED
