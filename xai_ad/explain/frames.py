"""One frame of a window, explained: what is asked of the network, and where the answer lies in the window."""

from dataclasses import replace

import numpy as np
import torch

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.results import Counterfactual, Explanation, SegmentValues
from xai_ad.machine.execution import Precision
from xai_ad.types import ErrorMaps, Image, Images, Scores


class FrameDetector(AnomalyClassifier):
    """A detector of clips asked about one frame alone: windows (..., T, C, H, W) -> that frame's scores (...)."""

    def __init__(self, detector: AnomalyClassifier, frame: int) -> None:
        torch.nn.Module.__init__(self)  # nothing is copied: the detector is frozen
        self.network = detector.network
        self.calibration = detector.calibration
        self.references = detector.references
        self._inference = detector._inference  # noqa: SLF001  # its own kind
        self._graphs = detector._graphs  # noqa: SLF001
        self.frame = frame
        super().train(False)

    def error_map(self, images: Images) -> ErrorMaps:
        """Return the frame's per-pixel errors, (..., H, W)."""
        return super().error_map(images)[..., self.frame, :, :]

    def score_fast(self, images: Images, precision: Precision = Precision.FLOAT32) -> Scores:
        """Return the frame's raw scores, (...), by the network's inference copy."""
        return super().score_fast(images, precision)[..., self.frame]


def frame_of(detector: AnomalyClassifier) -> int:
    """Return which frame of its windows a detector is asked about; 0 where it sees images."""
    return detector.frame if isinstance(detector, FrameDetector) else 0


def lifted(explanation: Explanation, window: Image, frame: int) -> Explanation:
    """Return what was found of one frame as a part of its window, (T, C, H, W).

    Relevance and segments get the window's shape, (T, H, W). What a network that sees frames one by one says of one
    is no matter of the others: they have no relevance, and make up one more segment that is worth nothing.
    """
    frames = len(window)
    if isinstance(explanation, Counterfactual):
        if explanation.pixels.ndim == 4 or frames == 1:
            return explanation
        pixels = window.detach().cpu().numpy().copy()
        pixels[frame] = explanation.pixels
        rectangles = tuple(replace(rectangle, first=frame) for rectangle in explanation.rectangles)
        return replace(explanation, pixels=pixels, rectangles=rectangles)
    shape = (frames, *window.shape[-2:])
    if explanation.relevance.shape == shape:
        return explanation
    relevance = np.zeros(shape, dtype=np.float32)
    relevance[frame] = explanation.relevance.reshape(shape[1:])
    by_segment = explanation.by_segment
    if by_segment is not None:
        by_segment = _among_others(by_segment, shape, frame)
    return replace(explanation, relevance=relevance, by_segment=by_segment)


def _among_others(found: SegmentValues, shape: tuple[int, ...], frame: int) -> SegmentValues:
    players = len(found.values)
    segments = np.full(shape, players, dtype=np.int64)
    segments[frame] = found.segments.reshape(shape[1:])
    columns = {name: getattr(found, name) for name in ("values", "standard_errors", "low", "high")}
    if shape[0] > 1:
        columns = {name: None if each is None else np.append(each, 0.0) for name, each in columns.items()}
    return SegmentValues(segments=segments, **columns)
