"""Where the defect of a picture is: a sample's own mask, else one that a person brings or paints, for each picture by itself."""

import numpy as np
import streamlit as st

from xai_ad.data.specs import Subject
from xai_ad.detector.placement import Placement
from xai_ad.explain.results import map_of
from xai_ad.inspection.cases import Case
from xai_ad.inspection.comparing import Cell
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.marking import Marking, mask_of
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import BoundedCache
from xai_ad.metrics.agreement import Placed, placed
from xai_ad.presentation.regions import defect_regions
from xai_ad.types import Mask
from xai_ad.ui.components.drawing import TruthData
from xai_ad.ui.showing.marks import PLACES, outlines_of, truth_data

_MARKINGS = "markings"

_MASKS: BoundedCache[tuple[str, str, Placement, Marking | None], list[Mask]] = BoundedCache(64)
_PLACED: BoundedCache[tuple[Request, Marking | None], list[Placed]] = BoundedCache(512)


def offer_mask(image_file: ImageFile, subject: Subject) -> None:
    """Draw what lets a person say where the defect is, by a file or by hand; a sample's own mask is named instead."""


def marking_of(image_file: ImageFile) -> Marking | None:
    """Return what this session's person marked on a picture, or None."""
    found: dict[str, Marking] = st.session_state.setdefault(_MARKINGS, {})
    return found.get(image_file.sha256)


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
