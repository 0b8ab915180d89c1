"""An explanation's evidence as regions: what of its map is outlined on the page, in files and in records."""

import math

from xai_ad.detector.calibration import Calibration
from xai_ad.detector.placement import Placement
from xai_ad.explain.results import Attribution, Explanation
from xai_ad.presentation.regions import DefectRegion, defect_regions
from xai_ad.presentation.scales import ShownMap, evidence_level, shown_map


def evidence_of(
    explanation: Explanation, calibration: Calibration, placement: Placement, *, frame: int = 0
) -> tuple[DefectRegion, ...]:
    """Return the regions of an explanation's strongest evidence, of a window in one `frame`; whatever the verdict is.

    A counterfactual has none: its rectangles say where.
    """
    if not isinstance(explanation, Attribution):
        return ()
    return regions_of_map(shown_map(explanation, calibration, frame=frame), placement)


def regions_of_map(shown: ShownMap, placement: Placement) -> tuple[DefectRegion, ...]:
    """Return the regions of a map's strongest evidence; none where nothing pushes towards abnormal."""
    level = evidence_level(shown)
    return defect_regions(shown.values, level, placement) if math.isfinite(level) else ()
