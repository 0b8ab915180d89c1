"""The row of controls: which dataset, model and picture. What they hold was read from the address, and is written to it."""

from collections import Counter
from dataclasses import dataclass
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
from xai_ad.presentation.variants import variant_help, variant_titles
from xai_ad.presentation.words import as_markdown
from xai_ad.store import ModelCard, StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.components.stepper import follow_steps, stepper
from xai_ad.ui.inspect.uploading import ABOUT, SHOWN, offer_uploads
from xai_ad.ui.uploads import DIGITS, name_in

_UPLOADED = "upload:"
"""How the picker's entries of uploads begin; what follows is the upload's token."""
OF_THE_MODEL: dict[str, str | None] = {state.SCORE: None, state.METHOD: None}
"""What another model is asked by its own defaults."""
_STEPPER = "stepper"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the controls say. `image_file` is None where there is no picture to show.

    Then `missing` is the name of an upload that the address asks for and this session does not have, or None.
    """

    stored: StoredModel
    image_file: ImageFile | None
    missing: str | None = None


def choose(models: dict[str, StoredModel]) -> Choice:
    """Draw the controls and return what they say; `models` holds at least one model."""
    chosen = models[_follow_address(models)]
    dataset = chosen.card.dataset
    samples = list_samples(dataset)
    entry, missing = _follow_picture(dataset, samples)
    entry = _stepped(list(_labels(dataset, samples)), entry)
    missing = missing if entry is None else None
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        _choose_model(models, chosen)
        _choose_picture(dataset, samples, entry)
    image_file = _opened(dataset, samples, entry)
    shown = image_file and image_file.name
    if shown != st.session_state.get(SHOWN):
        state.retract(ABOUT)  # it may name another picture as the one that is shown
    st.session_state[SHOWN] = shown
    return Choice(stored=chosen, image_file=image_file, missing=missing)


def _choose_model(models: dict[str, StoredModel], chosen: StoredModel) -> None:
    """Draw the pickers of dataset and model."""
    st.selectbox(
        "Dataset",
        list(_dataset_titles(models)),
        key=state.DATASET,
        format_func=lambda dataset: dataset_spec(dataset).title,
        on_change=_on_dataset,
        args=(models,),
        width=195,
    )
    titles = _titles_of(models, chosen.card.dataset)
    st.selectbox(
        "Model",
        list(titles),
        key=state.MODEL,
        format_func=lambda name: titles.get(name, name),
        help=f"{variant_help(chosen.card)}\n\nLicence of its weights: {as_markdown(chosen.card.licence)}.",
        on_change=_on_model,
        args=(models,),
        width=330,
    )


def _choose_picture(dataset: str, samples: dict[str, Path], entry: str | None) -> None:
    """Draw the picker of pictures, the ways to bring one, and Previous and Next; nothing where there is no picture."""
    labels = _labels(dataset, samples)
    if not labels:
        return  # the page itself asks for an image
    entries = list(labels)
    st.session_state[state.SAMPLE] = entry
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
    offer_uploads(dataset)
    place = entries.index(entry) if entry is not None else -1
    stepper(list(labels.values()), place, key=_STEPPER)


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


def _labels(dataset: str, samples: dict[str, Path]) -> dict[str, str]:
    """Return the picker's entries and how they are called, uploads first; no two alike."""
    uploads = state.uploads().of(dataset)
    count = Counter(image_file.name for image_file in uploads.values())
    names = {
        token: file.name if count[file.name] == 1 else f"{file.name} ({token[:4]})"
        for token, file in uploads.items()
    }
    return {_UPLOADED + token: name for token, name in names.items()} | {
        name: name.replace("/", " / ") for name in samples
    }


def _follow_address(models: dict[str, StoredModel]) -> str:
    """Return the model that the address names; a model names its dataset. Unknown names are reported."""
    datasets = _dataset_titles(models)
    dataset = state.asked_of(state.DATASET, "dataset", datasets) or next(iter(datasets))
    asked = address.asked(state.MODEL)
    titles = _titles_of(models, models[asked].card.dataset if asked in models else dataset)
    model = state.asked_of(state.MODEL, "model", titles) or _first_model(models, dataset)
    dataset = models[model].card.dataset
    for key, name in ((state.MODEL, model), (state.DATASET, dataset)):
        st.session_state[key] = name
        address.note(key, name)
    return model


def _follow_picture(dataset: str, samples: dict[str, Path]) -> tuple[str | None, str | None]:
    """Return the picker's entry that the address names, and the name of an upload that is no longer here.

    A sample may be written as the picker has it; an unknown one is reported.
    """
    uploads = state.uploads().of(dataset)
    asked = address.asked(state.UPLOAD)
    if asked is not None:
        address.note(state.UPLOAD, asked)
        known = next((token for token in uploads if token[:DIGITS] == asked[:DIGITS]), None)
        return (_UPLOADED + known, None) if known is not None else (None, name_in(asked))
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
        return next((_UPLOADED + token for token in reversed(uploads)), None), None
    address.note(state.SAMPLE, name)
    return name, None


def _opened(dataset: str, samples: dict[str, Path], entry: str | None) -> ImageFile | None:
    if entry is None:
        return None
    if entry.startswith(_UPLOADED):
        return state.uploads().of(dataset)[entry.removeprefix(_UPLOADED)]
    sample = make_image_file(f"{dataset}/{entry}", samples[entry].read_bytes())
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


def _on_model(models: dict[str, StoredModel]) -> None:
    model = st.session_state[state.MODEL]
    address.choose(**{state.DATASET: models[model].card.dataset, state.MODEL: model, **OF_THE_MODEL})


def _on_dataset(models: dict[str, StoredModel]) -> None:
    dataset = st.session_state[state.DATASET]
    latest = next(reversed(state.uploads().of(dataset)), None)
    model = _first_model(models, dataset)
    address.choose(
        **{
            state.DATASET: dataset,
            state.MODEL: model,
            state.UPLOAD: latest,
            state.SAMPLE: None if latest else default_sample(dataset, list_samples(dataset)),
            state.FIT: None,
            **OF_THE_MODEL,
        }
    )


def _titles_of(models: dict[str, StoredModel], dataset: str) -> dict[str, str]:
    return variant_titles(card for card in _cards(models) if card.dataset == dataset)


def _dataset_titles(models: dict[str, StoredModel]) -> dict[str, str]:
    return {card.dataset: dataset_spec(card.dataset).title for card in _cards(models)}


def _cards(models: dict[str, StoredModel]) -> list[ModelCard]:
    return [stored.card for stored in models.values()]


def _first_model(models: dict[str, StoredModel], dataset: str) -> str:
    return next(card.id for card in _cards(models) if card.dataset == dataset)
