"""What was found of a case as a browser draws it: layers by address, scales, and figures of regions."""

from collections.abc import Hashable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from xai_ad.detector.calibration import Calibration
from xai_ad.explain import Direction
from xai_ad.explain.base import Depiction
from xai_ad.explain.results import Attribution, Counterfactual, changed_frame, in_frame, rectangles_in
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.request import Request
from xai_ad.presentation import render
from xai_ad.presentation.legends import Legend
from xai_ad.presentation.scales import MapScale, ShownMap, region_values
from xai_ad.ui.components.drawing import PanelState, RectangleData, ScaleData, SegmentData
from xai_ad.ui.layers import LAYERS, Layer

KINDS: dict[Depiction, Literal["map", "rectangles"]] = {
    Depiction.MAP: "map",
    Depiction.RECTANGLES: "rectangles",
}
STATES: dict[JobState, PanelState] = {
    JobState.IDLE: "idle",
    JobState.WAITING: "waiting",
    JobState.RUNNING: "running",
    JobState.DONE: "ready",
    JobState.STOPPED: "stopped",
    JobState.FAILED: "failed",
}
"""How a job's state is told."""
NOTHING = {Direction.REPAIR: "Nothing to repair", Direction.TRANSPLANT: "Nothing to paste"}
"""What stands over a picture that a counterfactual leaves as it is."""


def scale_data(scale: MapScale, legend: Legend) -> ScaleData:
    """Describe a map's scale to the viewer."""
    return ScaleData(
        id=legend.id,
        limit=scale.limit,
        start=scale.start,
        knee=scale.knee,
        low=legend.low,
        high=legend.high,
        zero=legend.zero,
        unit=legend.unit,
    )


def map_url(request: Request, shown: ShownMap) -> str:
    """Return the address of an explanation's map."""
    return LAYERS.put_once(("map", request, shown.scale), lambda: Layer(content=render.map_layer(shown)))


def change_url(request: Request, found: Counterfactual, *, frame: int = 0) -> str:
    """Return the address of the image that a counterfactual changed; of a window's, one `frame`."""
    return LAYERS.put_once(
        ("change", request), lambda: Layer(content=render.image_png(changed_frame(found, frame)))
    )


def rectangle_data(found: Counterfactual, *, frame: int = 0) -> list[RectangleData]:
    """Return what a counterfactual changed, of a window in one `frame`."""
    return [
        RectangleData(top=box.top, left=box.left, height=box.height, width=box.width)
        for box in rectangles_in(found, frame)
    ]


def segment_data(
    explanation: Attribution, calibration: Calibration, *, key: Hashable, frame: int = 0
) -> SegmentData | None:
    """Return the segments' values in multiples of the limit, with intervals where they are known; else None.

    `key` names the explanation, `frame` which of a window's is drawn.
    """
    found = explanation.by_segment
    if found is None:
        return None
    bounds = [None if bound is None else bound / calibration.threshold for bound in (found.low, found.high)]
    low, high = (None if bound is None else _shortened(bound) for bound in bounds)
    return SegmentData(
        layer=LAYERS.put_once(
            ("segments", key), lambda: Layer(content=render.segment_layer(in_frame(found.segments, frame)))
        ),
        values=_shortened(region_values(explanation, calibration)),
        low=low,
        high=high,
        unsure=None if found.unsure is None else found.unsure.tolist(),
    )


def _shortened(values: NDArray[np.float64]) -> list[float]:
    """Return values to as many digits as are shown; their order stays, and so do signs and zero."""
    return [float(f"{value:.3g}") for value in values]
