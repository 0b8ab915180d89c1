"""Stored values of a grey DICOM picture to what a screen shows of them: rescaled, windowed, inverted (PS3.3 C.11)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pydicom import Dataset

MOST_BITS = 16
"""Of values whose full range can be shown; of more only a window can."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """The values that are shown: around a centre, of a width, along a function of the standard."""

    center: float
    width: float
    function: str

    def shares(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the brightness of values, from 0 to 1."""
        if self.function == "SIGMOID":
            exponent = np.clip(-4 * (values - self.center) / self.width, -700, 700)
            return 1 / (1 + np.exp(exponent))
        center, width = self.center, self.width
        if self.function != "LINEAR_EXACT":
            center, width = center - 0.5, width - 1
        if width <= 0:
            return (values > center).astype(np.float64)
        return np.clip((values - center) / width + 0.5, 0, 1)


def grey(dataset: "Dataset", stored: NDArray[Any], frame: int) -> NDArray[np.uint8]:
    """Return a frame's stored values, (H, W), as a screen shows them.

    The modality's table or slope come first, then the first window or table of values of interest; without either the
    full range of the bits that are stored. Padding is black. Raises `ValueError` where there is neither a window nor a
    range.
    """
    values, low, high = _rescaled(dataset, stored, frame)
    window, table = (
        _window(dataset, frame),
        _first(_find(dataset, frame, "VOILUTSequence", "FrameVOILUTSequence")),
    )
    if table is not None:
        shares = _through(dataset, values)
    elif window is not None:
        shares = window.shares(values)
    elif stored.dtype.kind == "f" or int(dataset.BitsStored) > MOST_BITS:
        raise ValueError
    else:
        shares = np.clip((values - low) / (high - low), 0, 1)
    shown: NDArray[np.uint8] = np.round(255 * shares).astype(np.uint8)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        shown = 255 - shown
    padding = _padding(dataset, stored)
    if padding is not None:
        shown[padding] = 0
    return shown


def _rescaled(
    dataset: "Dataset", stored: NDArray[Any], frame: int
) -> tuple[NDArray[np.float64], float, float]:
    """Return the values that windows speak of, and the smallest and largest that there can be.

    Raises `ValueError` for a slope of 0, which leaves nothing of a picture.
    """
    from pydicom.pixels.processing import apply_modality_lut

    if _first(dataset.get("ModalityLUTSequence")) is not None:
        table = dataset.ModalityLUTSequence[0].LUTDescriptor
        return apply_modality_lut(stored, dataset).astype(np.float64), 0, 2 ** int(table[2]) - 1
    slope = _number(_find(dataset, frame, "RescaleSlope", "PixelValueTransformationSequence"))
    intercept = _number(_find(dataset, frame, "RescaleIntercept", "PixelValueTransformationSequence"))
    slope, intercept = 1.0 if slope is None else slope, 0.0 if intercept is None else intercept
    if slope == 0:
        raise ValueError
    bits = int(dataset.get("BitsStored", MOST_BITS))
    signed = int(dataset.get("PixelRepresentation", 0)) == 1
    lowest, highest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    ends = sorted((lowest * slope + intercept, highest * slope + intercept))
    return stored.astype(np.float64) * slope + intercept, ends[0], ends[1]


def _through(dataset: "Dataset", values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values as the first table of values of interest has them, from 0 to 1."""
    from pydicom.pixels.processing import apply_voi

    bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
    shown = apply_voi(np.round(values).astype(np.int64), dataset)
    shares: NDArray[np.float64] = shown.astype(np.float64) / (2**bits - 1)
    return shares


def _window(dataset: "Dataset", frame: int) -> Window | None:
    """Return the first window that is one, or None."""
    center, width, function = (
        _find(dataset, frame, name, "FrameVOILUTSequence")
        for name in ("WindowCenter", "WindowWidth", "VOILUTFunction")
    )
    middle, wide = _number(center), _number(width)
    if middle is None or wide is None or wide <= 0:
        return None
    return Window(center=middle, width=wide, function=str(function or "LINEAR").upper())


def _padding(dataset: "Dataset", stored: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return which pixels are there only to make the picture rectangular, or None."""
    value, limit = dataset.get("PixelPaddingValue"), dataset.get("PixelPaddingRangeLimit")
    if not isinstance(value, int):
        return None
    ends = sorted((value, limit if isinstance(limit, int) else value))
    found: NDArray[np.bool_] = (stored >= ends[0]) & (stored <= ends[1])
    return found


def _find(dataset: "Dataset", frame: int, name: str, group: str) -> Any:
    """Return an element of the picture, or of the groups of several frames that hold it in enhanced pictures."""
    if name in dataset:
        return dataset[name].value
    for groups, place in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        items = dataset.get(groups) or []
        found = _first(items[place].get(group)) if place < len(items) else None
        if found is not None and name in found:
            return found[name].value
    return None


def _first(sequence: Any) -> Any:
    return sequence[0] if sequence else None


def _number(value: Any) -> float | None:
    """Return a value, the first of several, as a finite number."""
    first: Any = value if value is None or isinstance(value, str | int | float) else _first(value)
    try:
        found = float(first)
    except (TypeError, ValueError):
        return None
    return found if np.isfinite(found) else None
