"""Labels in arrays: MATLAB files and NumPy files, as the publishers of video sets and those who use them write them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.decoding.damage import DAMAGE
from xai_ad.data.videos.matlab import read_variables
from xai_ad.errors import DatasetError

SUFFIXES = frozenset({".mat", ".npy"})
VOLUME = "volLabel"
"""The variable of Avenue's label files: one mask a frame."""
_GIVEN = ("gt", "label", "labels", "frame_label", "frame_labels", "gt_frame", "gt_frames", "y", "l")
"""What labels are called in files that hold other variables as well, in lower case."""
_DAMAGE = (*DAMAGE, TokenError)  # the last of NumPy's headers

_MOST_FRAMES = 2**31
Events: TypeAlias = tuple[tuple[int, int], ...]
"""First and last frames, counted from 1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """What a file of labels says, of each clip in order: which frames are anomalous, (F,) bool, or the events.

    One vector may be that of all clips, one after another. `of_masks` says that it holds masks, of one clip.
    """

    frames: tuple[NDArray[np.bool_], ...] = ()
    events: tuple[Events, ...] = ()
    of_masks: bool = False


def read_marks(path: Path) -> Marks:
    """Return a file's labels, whichever of these it holds.

    `volLabel`, a cell of one mask a frame, or an array of them; 0 or 1 for each frame, in one vector or in a cell of one a
    clip; ranges of frames from 1, (2, E) or (E, 2), or a cell of these. Raises `DatasetError` for anything else.
    """
    arrays = read_arrays(path)
    if _volume(arrays, path) is not None:
        return Marks(
            frames=(np.array([mask.any() for mask in read_volume(path)], dtype=bool),), of_masks=True
        )
    value = _labels_among(arrays)
    if value is not None and value.dtype == object:
        cells = [np.squeeze(np.asarray(cell)) for cell in value.ravel()]
        if cells and all(_is_numeric(cell) for cell in cells):
            vectors = [_vector(cell) for cell in cells]
            if all(vector is not None for vector in vectors) and any(cell.size > 2 for cell in cells):
                return Marks(frames=tuple(vector for vector in vectors if vector is not None))
            events = [_events(cell) for cell in cells]
            if all(found is not None for found in events):
                return Marks(events=tuple(found for found in events if found is not None))
    elif value is not None and value.size > 1:
        whole = np.squeeze(value)
        vector, found = _vector(whole), _events(whole)
        if vector is not None:
            return Marks(frames=(vector,))
        if found is not None:
            return Marks(events=(found,))
    raise DatasetError(
        f"{path} does not hold {VOLUME!r}, a cell of one mask a frame, nor 0 or 1 for each frame, nor ranges of frames, first "
        f"and last. It holds {_described(arrays)}."
    )


def read_volume(path: Path) -> list[NDArray[np.bool_]]:
    """Return each frame's mask, (height, width) bool, of a file of one clip's masks. It is read as a whole."""
    found = _volume(read_arrays(path), path)
    if found is None:
        raise DatasetError(f"{path} does not hold {VOLUME!r}, a cell of one mask a frame.")
    masks = [np.asarray(mask) > 0 for mask in found]
    if any(mask.ndim != 2 for mask in masks):
        raise DatasetError(f"{path} holds masks in {VOLUME!r} that are no (height, width) arrays.")
    return masks


def _volume(arrays: dict[str, Any], path: Path) -> Sequence[Any] | None:
    """Return a file's masks, frame by frame: `volLabel`, or its only array of three dimensions and two values."""
    cells = arrays.get(VOLUME)
    if isinstance(cells, np.ndarray) and cells.dtype == object:
        return list(cells.ravel())
    thick = [value for value in arrays.values() if _is_numeric(value) and np.squeeze(value).ndim == 3]
    if len(thick) != 1 or len(np.unique(thick[0])) > 2:
        return None
    masks = np.squeeze(thick[0])
    frames_first = path.suffix.lower() == ".npy"  # in MATLAB they come last
    return list(masks if frames_first else np.moveaxis(masks, -1, 0))


def _labels_among(arrays: dict[str, Any]) -> NDArray[Any] | None:
    """Return the array that holds the labels: the only one, or the only one that is called so."""
    found = {
        name: value
        for name, value in arrays.items()
        if isinstance(value, np.ndarray) and (value.dtype == object or _is_numeric(value))
    }
    named = [value for name, value in found.items() if name.lower() in _GIVEN]
    if len(named) == 1:
        return named[0]
    return next(iter(found.values())) if len(found) == 1 else None


def _is_numeric(value: Any) -> bool:
    """Return whether a value is an array of truth values or of real numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "biuf"


def _vector(value: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return 0 and 1 for each frame as (F,) bool; None for anything else."""
    if value.ndim > 1 or not np.isin(value, (0, 1)).all():
        return None
    return np.atleast_1d(value).astype(bool)


def _events(value: NDArray[Any]) -> Events | None:
    """Return ranges, (2, E) as published or (E, 2), or the frames' numbers, (E,) with E > 2; None for anything else.

    Of two ranges, (2, 2), it is the reading in which they follow one another.
    """
    if value.size == 0:
        return ()
    if not np.all((np.abs(value) < _MOST_FRAMES) & (value == np.round(value))):
        return None
    if value.ndim < 2:
        whole = np.atleast_1d(value).astype(np.int64)
        pairs = whole[None] if whole.size == 2 else np.stack([whole, whole], axis=1)
    elif value.ndim == 2 and 2 in value.shape:
        columns = value.astype(np.int64)
        pairs = columns.T if columns.shape[0] == 2 else columns
        if columns.shape == (2, 2) and not _follow(pairs):
            pairs = columns
    else:
        return None
    return tuple((int(first), int(last)) for first, last in pairs)


def _follow(pairs: NDArray[np.int64]) -> bool:
    """Return whether ranges, (E, 2), follow one another."""
    edges = pairs.ravel()
    return bool(np.all(edges[1:] >= edges[:-1]))


def _described(arrays: dict[str, Any]) -> str:
    shapes = [f"{name} {np.shape(value)}" for name, value in sorted(arrays.items())]
    return ", ".join(shapes[:5]) or "nothing"


def read_event_array(path: Path) -> list[tuple[int, int]]:
    """Return the events of a MATLAB file: its only numeric array, of frame numbers (E,) or of first and last (E, 2)."""
    arrays = {
        name: np.squeeze(value)
        for name, value in read_arrays(path).items()
        if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.number)
    }
    if len(arrays) != 1:
        raise DatasetError(
            f"{path} must hold one array of frame numbers. It holds {', '.join(sorted(arrays)) or 'none'}."
        )
    (events,) = arrays.values()
    events = np.atleast_1d(events)
    if events.ndim == 2 and events.shape[1] != 2 and events.shape[0] == 2:
        events = events.T
    whole = np.all(np.isfinite(events) & (events == events.round()))
    if events.ndim > 2 or (events.ndim == 2 and events.shape[1] != 2) or not whole:
        raise DatasetError(
            f"{path} must hold whole frame numbers, (E,), or first and last ones, (E, 2). Got an array {events.shape}."
        )
    pairs = events if events.ndim == 2 else np.stack([events, events], axis=1)
    return [(int(first), int(last)) for first, last in pairs]


def read_arrays(path: Path) -> dict[str, Any]:
    """Return the variables of a MATLAB file, or a NumPy file's only one; no object of Python's is ever made of a file.

    Raises `DatasetError` for a damaged one, and for MATLAB's version 7.3, which is HDF5.
    """
    if path.suffix.lower() == ".npy":
        return _guarded(lambda: {"array": _numpy_array(path)}, path, "NumPy")
    return _guarded(lambda: read_variables(path.read_bytes()), path, "MATLAB")


def _guarded(read: Callable[[], dict[str, Any]], path: Path, kind: str) -> dict[str, Any]:
    try:
        return read()
    except NotImplementedError as error:
        raise DatasetError(f"{path} is a {kind} file of version 7.3. Save it with '-v7'.") from error
    except _DAMAGE as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{path} is no {kind} file that can be read ({reason}).") from error


def _numpy_array(path: Path) -> NDArray[Any]:
    """Return an array; as a map of the file, so that a header that promises more than there is costs nothing."""
    found = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(found, np.ndarray):
        raise TypeError("it holds several arrays")
    return np.asarray(found)
