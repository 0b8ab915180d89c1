"""The normal photograph: an image of a normal part that explanations fill absent regions from."""

from dataclasses import replace

import streamlit as st

from xai_ad.data.decoding import LevelsError
from xai_ad.errors import ImageError
from xai_ad.inspection.image_files import ImageFile, seen_of, settled, shown_image
from xai_ad.inspection.models import OpenModel, levels_of
from xai_ad.inspection.normals import given_normal, objection_to
from xai_ad.presentation.words import as_markdown
from xai_ad.store import ModelCard
from xai_ad.ui import state
from xai_ad.ui.picking.uploading import LARGEST
from xai_ad.ui.uploads import TYPES, uploaded

_UPLOADER = "normal_uploader"
_ASK = (
    "Explanations ask what would change if a region were normal. "
    "Give them a photograph of a normal part, taken the same way."
)


def with_given_normal(model: OpenModel) -> OpenModel:
    """Return the model with the normal photograph that this session gave for its dataset, where that is normal to it.

    One that is not is left out, unless the person insists. `model` has been given none.
    """
    return given_normal(model, state.normals().get(model.card.dataset), insists=insists(model.card))


def insists(card: ModelCard) -> bool:
    """Return whether this session uses a normal photograph that a model does not take for normal."""
    normal = state.normals().get(card.dataset)
    return normal is not None and (card.id, normal.sha256) in _insisted()


def offer_normal(model: OpenModel) -> None:
    """Let the person point at a normal image, for a model that brings none; show the one in use, and how to remove it."""
    normal = state.normals().get(model.card.dataset)
    if normal is None:
        if not model.has_normals:
            with st.popover("Normal photograph", icon=":material/verified:"):
                st.markdown(_ASK)
                _upload(model, "A normal part")
        return
    wrong = objection_to(_without(model), normal)
    used = not wrong or insists(model.card)
    with st.container(key="normal", gap="small"):
        if wrong:
            st.warning(as_markdown(wrong), icon=":material/warning:")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.image(shown_image(normal, seen_of(normal, model.card)), width=56)
            said = "fills absent regions" if used else "is not used"
            st.caption(f"Normal photograph **{as_markdown(normal.name)}** {said}.", width="stretch")
        with st.container(horizontal=True):
            if wrong and not used:
                st.button("Use it anyway", on_click=_insist, args=(model, normal), key="normal_insist")
            st.button(
                "Remove", icon=":material/delete:", on_click=_remove, args=(model,), key="normal_remove"
            )
            with st.popover("Another", icon=":material/verified:"):
                st.markdown(_ASK)
                _upload(model, "A normal part")


def _without(model: OpenModel) -> OpenModel:
    """Return the model as it judges a normal photograph: without one."""
    return replace(model, normal=None)


def _insisted() -> set[tuple[str, str]]:
    """Return the models and photographs, by their hash, for which this session insists."""
    found: set[tuple[str, str]] = st.session_state.setdefault("insisted", set())
    return found


def _upload(model: OpenModel, label: str) -> None:
    key = f"{_UPLOADER}_{st.session_state.get(_UPLOADER, 0)}"
    st.file_uploader(
        label, TYPES, key=key, on_change=_on_normal, args=(key, model.card.dataset), max_upload_size=LARGEST
    )


def _insist(model: OpenModel, normal: ImageFile) -> None:
    _insisted().add((model.card.id, normal.sha256))


def _remove(model: OpenModel) -> None:
    normal = state.normals().pop(model.card.dataset, None)
    if normal is not None:
        _insisted().discard((model.card.id, normal.sha256))
    st.session_state[_UPLOADER] = st.session_state.get(_UPLOADER, 0) + 1  # an uploader forgets by another key


def _on_normal(key: str, dataset: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    try:
        image_file = settled(uploaded(file.name, file.getvalue()), levels_of(dataset))
    except LevelsError as error:
        state.warn(f"{error.problem} Export it as an 8-bit picture.")
    except ImageError as error:
        state.warn(str(error))
    else:
        state.normals()[dataset] = image_file
