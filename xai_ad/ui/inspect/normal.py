"""The normal photograph: an image of a normal part that explanations fill absent regions from."""

import streamlit as st

from xai_ad.data.images import SUFFIXES
from xai_ad.errors import ImageError
from xai_ad.inspection.image_files import decoded, make_image_file
from xai_ad.inspection.models import OpenModel, with_normal
from xai_ad.ui import state

_TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)


def with_given_normal(model: OpenModel) -> OpenModel:
    """Return the model with the normal photograph that this session gave for its dataset, where it gave one."""
    normal = state.normals().get(model.card.dataset)
    return model if normal is None else with_normal(model, normal)


def offer_normal(model: OpenModel) -> None:
    """Let the person point at a normal image, for a model that brings none."""
    dataset = model.card.dataset
    if model.has_normals and dataset not in state.normals():
        return
    with st.popover("Normal photograph", icon=":material/verified:"):
        st.markdown(
            "Explanations ask what would change if a region were normal. "
            "Give them a photograph of a normal part, taken the same way."
        )
        key = "normal_uploader"
        st.file_uploader("A normal part", _TYPES, key=key, on_change=_on_normal, args=(key, dataset))


def _on_normal(key: str, dataset: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    image_file = make_image_file(file.name, file.getvalue())
    try:
        decoded(image_file)
    except ImageError as error:
        state.warn(str(error))
    else:
        state.normals()[dataset] = image_file
