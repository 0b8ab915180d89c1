"""Where the defect of a picture is: a sample's own mask, else one that a person brings or paints, for each picture by itself."""

from dataclasses import replace

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xai_ad.data.specs import Subject
from xai_ad.detector.placement import Placement
from xai_ad.errors import DatasetError, ImageError
from xai_ad.explain.results import map_of
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Cell, Row
from xai_ad.inspection.image_files import ImageFile, size_of
from xai_ad.inspection.marking import ANNOTATIONS, Marking, mask_of, read_marking
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import BoundedCache
from xai_ad.inspection.truth import has_truth
from xai_ad.metrics.agreement import Placed, placed
from xai_ad.presentation.regions import defect_regions
from xai_ad.presentation.words import as_markdown
from xai_ad.types import Mask
from xai_ad.ui import state
from xai_ad.ui.components.drawing import TruthData
from xai_ad.ui.components.marker import MarkerData, marker
from xai_ad.ui.showing.marks import PLACES, outlines_of, truth_data
from xai_ad.ui.showing.photographs import original_url
from xai_ad.ui.uploads import TYPES, safe_name

_ROUND = "mask_round"
_DIGITS = 12
"""Of a picture's hash, in the keys of widgets."""
_MOST = 16
"""So many pictures' markings are kept."""

_MASKS: BoundedCache[tuple[str, str, Placement, Marking | None], list[Mask]] = BoundedCache(64)
_PLACED: BoundedCache[tuple[Request, Marking | None], list[Placed]] = BoundedCache(512)


def offer_mask(image_file: ImageFile, subject: Subject) -> None:
    """Draw what lets a person say where the defect is, by a file or by hand; a sample's own mask is named instead."""
    place = PLACES[subject]
    if has_truth(image_file):
        st.caption(f"The maps are compared with the sample's own mask of the {place}.", width="content")
        return
    _on_file(image_file)  # a quicker run may have cut its callback short
    marking = marking_of(image_file)
    label = f"Mark the {place}" if marking is None else f"Marked {place}"
    with st.popover(label, icon=":material/ink_highlighter:", key="mask"):
        st.markdown(f"Where is the {place}? Every explanation is then compared with what you mark.")
        problem = _problems().get(image_file.sha256)
        if problem is not None:
            state.show_error(problem)
        _offer_drawing(image_file, marking, place)
        _offer_file(image_file)


def _offer_file(image_file: ImageFile) -> None:
    st.file_uploader(
        "Or its mask as a file: white on black, or COCO, LabelMe or Label Studio JSON",
        [*TYPES, ANNOTATIONS.removeprefix(".")],
        key=_widget(image_file),
        on_change=_on_file,
        args=(image_file,),
    )


def _offer_drawing(image_file: ImageFile, marking: Marking | None, place: str) -> None:
    """Draw the photograph to paint on, and what is used of a file instead."""
    if marking is not None and not marking.is_by_hand:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{as_markdown(marking.name)} is used. Painting takes its place.", width="stretch")
            st.button(
                "Forget", icon=":material/delete:", key="forget_mask", on_click=_forget, args=(image_file,)
            )
    height, width = size_of(image_file)
    outlines = [[list(corner) for corner in corners] for corners in marking.outlines] if marking else []
    key = f"marker_{image_file.sha256[:_DIGITS]}"
    marker(
        MarkerData(
            photo=original_url(image_file), width=width, height=height, outlines=outlines, place=place
        ),
        key=key,
        on_mark=lambda: _on_mark(image_file, key),
    )


def _widget(image_file: ImageFile) -> str:
    """Return the key of the uploader: a new one each time, so that what was read leaves its list."""
    return f"mask_file_{image_file.sha256[:_DIGITS]}_{st.session_state.get(_ROUND, 0)}"


def _on_file(image_file: ImageFile) -> None:
    file: UploadedFile | None = st.session_state.get(_widget(image_file))
    if file is None:
        return
    try:
        _keep(image_file, read_marking(safe_name(file.name), file.getvalue(), image_file))
    except (ImageError, DatasetError) as error:
        _problems()[image_file.sha256] = str(error)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # last: cut short, it is read once more


def _on_mark(image_file: ImageFile, key: str) -> None:
    outlines = st.session_state[key].outlines
    if outlines is None:
        return
    if outlines:
        _keep(image_file, Marking.by_hand(outlines, size_of(image_file)))
    else:
        _forget(image_file)


def _keep(image_file: ImageFile, marking: Marking) -> None:
    """Remember a picture's marking; of many the oldest is forgotten."""
    markings = _markings()
    _forget(image_file)
    markings[image_file.sha256] = marking
    while len(markings) > _MOST:
        del markings[next(iter(markings))]


def _forget(image_file: ImageFile) -> None:
    _markings().pop(image_file.sha256, None)
    _problems().pop(image_file.sha256, None)


def _markings() -> dict[str, Marking]:
    """Return what this session's person marked, by the pictures' hashes."""
    found: dict[str, Marking] = st.session_state.setdefault("markings", {})
    return found


def _problems() -> dict[str, str]:
    """Return why a file marks nothing, by the pictures' hashes."""
    found: dict[str, str] = st.session_state.setdefault("marking_problems", {})
    return found


def marking_of(image_file: ImageFile) -> Marking | None:
    """Return what this session's person marked on a picture, or None."""
    return _markings().get(image_file.sha256)


def marked_on(case: Case) -> Mask | None:
    """Return what is marked on a case's grid, (H, W): a sample's truth, else the person's marking; None without either."""
    marking = marking_of(case.image_file)
    key = (case.image_file.name, case.image_file.sha256, case.placement, marking)

    def found() -> list[Mask]:
        mask = mask_of(case.image_file, case.placement, marking)
        return [] if mask is None else [mask]

    return next(iter(_MASKS.get_or(key, found)), None)


def truth_of(case: Case) -> TruthData | None:
    """Return what is outlined as marked: a sample's truth, else the person's marking, which is shown at once."""
    mask, marking = marked_on(case), marking_of(case.image_file)
    known = truth_data(case)
    if known is not None or mask is None or marking is None or not mask.any():
        return known
    regions = defect_regions(mask.astype(np.float32), 0.5, case.placement)
    place = PLACES[case.model.card.subject]
    return TruthData(outlines=outlines_of(regions), label=f"Marked {place}", shown=True, missed="")


def with_marks(row: Row) -> Row:
    """Return a row with what is marked on its grid, and how well its explanations lie on that."""
    case = row.case
    if case is None:
        return row
    cells = tuple(replace(cell, placed=placed_at(case, cell)) for cell in row.cells)
    return replace(row, mask=marked_on(case), cells=cells)


def placed_at(case: Case, cell: Cell) -> Placed | None:
    """Return how well a cell's explanation lies on what is marked; None until it is there, and where nothing is marked."""
    mask, done = marked_on(case), cell.outcome.result
    if mask is None or done is None:
        return None
    key = case.request(cell.explainer), marking_of(case.image_file)

    def found() -> list[Placed]:
        figures = placed(map_of(done.explanation), mask)
        return [] if figures is None else [figures]

    return next(iter(_PLACED.get_or(key, found)), None)
