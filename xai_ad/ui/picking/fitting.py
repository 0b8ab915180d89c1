"""What is judged of a photo whose shape is not the model's: chosen here, kept for the photo, and in the address."""

import streamlit as st

from xai_ad.data.fitting import MIN_SIDE, Cut, Fit, Fitting, Proportions, fitting_text, parse_fitting
from xai_ad.data.reading import needs_fit, seen_part, seen_shape
from xai_ad.errors import ImageError, InvalidInputError
from xai_ad.inspection.cases import Case
from xai_ad.inspection.image_files import ImageFile, size_of
from xai_ad.presentation import render
from xai_ad.store import ModelCard
from xai_ad.ui import address, state
from xai_ad.ui.components.cropper import CropperData, CutData, cropper
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.showing.photographs import original_url

DRAW = "draw"
_FITS, _CHOICE, _CROPPER = "fits", "fit_choice", "cropper"
_NAMES = {
    Fit.CROP: "Crop the middle",
    Fit.PAD: "Pad",
    Fit.STRETCH: "Stretch",
    DRAW: "Draw a crop",
}
_SAID = {
    Fit.CROP: "Only its middle is judged.",
    Fit.PAD: "All of it is judged, with a margin in the colour of its border.",
    Fit.STRETCH: "All of it is judged, squeezed: what is round becomes oval.",
    DRAW: "Draw on the photo, or move and resize the rectangle.",
}


def follow_fit(card: ModelCard, image_file: ImageFile | None) -> Fitting:
    """Take from the address what is judged of a photo, else what the person chose for it; what cannot be is reported."""
    try:
        if image_file is None or not needs_fitting(card, image_file):
            return Fit.CROP
    except ImageError:  # it is told where the photo is judged
        return Fit.CROP
    asked = address.asked(state.FIT)
    if asked is not None:
        _take(asked, image_file)
    fit = _fits().get(image_file.sha256, _usual(card))
    address.note(state.FIT, fitting_text(fit))
    return fit


def needs_fitting(card: ModelCard, image_file: ImageFile) -> bool:
    """Return whether a photo has another shape than the model's, or than a square where that is not known."""
    return needs_fit(size_of(image_file), card)


def offer_fitting(case: Case) -> None:
    """Say that a photo's shape is not the model's, let the person choose what is judged, and show what the network saw.

    Nothing is drawn for a photo of the model's own shape.
    """
    card, image_file = case.model.card, case.image_file
    if not needs_fitting(card, image_file):
        return
    fit = _fits().get(image_file.sha256, _usual(card))
    choice = DRAW if isinstance(fit, Cut) else fit
    st.session_state[_CHOICE] = choice
    drawing = choice == DRAW
    with st.container(key="fitting", horizontal=True, border=True):
        with st.container(key="fitting_choice", width=390, gap="small"):
            st.markdown(_difference(card, image_file))
            st.segmented_control(
                "What is judged of it",
                [name for name in _NAMES if card.photograph is not None or name in {Fit.STRETCH, DRAW}],
                required=True,
                format_func=_NAMES.__getitem__,
                key=_CHOICE,
                on_change=_on_choice,
                args=(case,),
                label_visibility="collapsed",
            )
            st.caption(_SAID[choice])
        cropper(_cropper_data(case, drawing=drawing), key=_CROPPER, on_cut=lambda: _on_cut(image_file))


def _difference(card: ModelCard, image_file: ImageFile) -> str:
    own = Proportions.of(size_of(image_file)).words
    if card.photograph is None:
        return f"This photo is **{own}**, and the model does not know what shape its pictures had."
    shape = card.photograph.words
    return f"This photo is **{own}**; the model's pictures are **{'square' if shape == '1:1' else shape}**."


def _usual(card: ModelCard) -> Fit:
    return Fit.STRETCH if card.photograph is None else Fit.CROP


def _cropper_data(case: Case, *, drawing: bool) -> CropperData:
    height, width = size_of(case.image_file)
    seen = case.placement.seen
    return CropperData(
        photo=original_url(case.image_file),
        width=width,
        height=height,
        rectangle=CutData(top=seen.top, left=seen.left, height=seen.height, width=seen.width),
        ratio=_ratio(case),
        least=MIN_SIDE,
        drawing=drawing,
        network=LAYERS.put_once(("network", case.key), lambda: Layer(content=render.image_png(case.image))),
        side=case.image.shape[-1],
    )


def _ratio(case: Case) -> float:
    """Return the width to the height of what the model sees of its own photographs, a square where that is not known."""
    height, width = seen_shape(case.model.card) or (1, 1)
    return width / height


def _fits() -> dict[str, Fitting]:
    """Return what this session chose for photos, by their hash."""
    found: dict[str, Fitting] = st.session_state.setdefault(_FITS, {})
    return found


def _take(asked: str, image_file: ImageFile) -> None:
    """Choose what the address asks for."""
    try:
        fit = parse_fitting(asked)
    except InvalidInputError as error:
        state.warn(str(error), about=state.FIT)
        return
    if isinstance(fit, Cut) and not fit.touches(size_of(image_file)):
        state.warn(
            f"The rectangle {asked} of the address lies beside the photo. Its middle is judged.",
            about=state.FIT,
        )
        return
    _fits()[image_file.sha256] = fit


def _choose(image_file: ImageFile, fit: Fitting) -> None:
    _fits()[image_file.sha256] = fit
    state.retract(state.FIT)
    address.write(**{state.FIT: fitting_text(fit)})


def _on_choice(case: Case) -> None:
    chosen = st.session_state[_CHOICE]
    if chosen == DRAW:  # from the middle on
        chosen = seen_part(size_of(case.image_file), case.model.card)
    _choose(case.image_file, chosen)


def _on_cut(image_file: ImageFile) -> None:
    cut = st.session_state[_CROPPER].cut
    if cut is not None:
        top, left, height, width = (int(value) for value in cut)
        _choose(image_file, Cut(top=top, left=left, height=height, width=width))
