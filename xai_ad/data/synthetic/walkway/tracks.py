"""Where things are on the ground, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from xai_ad.data.synthetic.walkway.place import FRAMES_A_SECOND, Points

_GRAIN = 0.05
"""Metres between two points of a line along which something moves."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """One thing's way through a clip of T frames."""

    places: Points  # (T, 2): x and z in metres
    headings: Points  # (T,): radians, 0 to the right, a quarter turn away from the camera
    travelled: Points  # (T,): metres
    present: NDArray[np.bool_]  # (T,): whether it has set out and not yet arrived

    @property
    def speeds(self) -> Points:
        """Metres a second, `(T,)`."""
        return np.gradient(self.travelled) * FRAMES_A_SECOND


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A stop after so many metres, for so many seconds."""

    after: float
    seconds: float


def track(
    corners: Sequence[tuple[float, float]],
    *,
    start: float,
    speed: float,
    frames: int,
    pause: Pause | None = None,
    rounding: float = 0.5,
    sway: float = 0.0,
) -> Track:
    """Return the way along `corners` (x, z), rounded off within `rounding` metres, at `speed` metres a second.

    It sets out at the frame `start`, which may lie before the clip, and sways to its sides by `sway` metres.
    """
    line, along = _line(corners, rounding)
    times = (np.arange(frames) - start) / FRAMES_A_SECOND
    travelled = _distance(times, speed, pause)
    present = (times >= 0.0) & (travelled <= along[-1])
    reached = np.clip(travelled, 0.0, along[-1])
    places = np.stack([np.interp(reached, along, line[:, axis]) for axis in (0, 1)], axis=-1)
    ahead = np.stack([np.interp(reached + 0.3, along, line[:, axis]) for axis in (0, 1)], axis=-1)
    behind = np.stack([np.interp(reached - 0.3, along, line[:, axis]) for axis in (0, 1)], axis=-1)
    direction = ahead - behind
    headings = np.arctan2(direction[:, 1], direction[:, 0])
    aside = sway * np.sin(reached * 0.9 + 37.0 * speed)
    places += aside[:, None] * np.stack([-np.sin(headings), np.cos(headings)], axis=-1)
    return Track(places=places, headings=headings, travelled=reached, present=present)


def _distance(times: Points, speed: float, pause: Pause | None) -> Points:
    """Return metres travelled at times in seconds; who pauses slows down and sets off again within half a second."""
    if pause is None:
        return speed * times
    stop = pause.after / speed
    fine = np.arange(0.0, max(float(times.max()), 0.0) + 1.0, 0.02)
    pace = np.where((fine > stop) & (fine < stop + pause.seconds), 0.0, speed)
    covered = np.concatenate([[0.0], np.cumsum(gaussian_filter1d(pace, 12.0, mode="nearest")[:-1] * 0.02)])
    return np.asarray(np.interp(times, fine, covered))


def _line(corners: Sequence[tuple[float, float]], rounding: float) -> tuple[Points, Points]:
    """Return points of a line `(N, 2)` with rounded corners, and how far along each is."""
    bends = np.asarray(corners, dtype=float)
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(bends, axis=0).T))])
    even = np.arange(0.0, reached[-1], _GRAIN)
    line = np.stack([np.interp(even, reached, bends[:, axis]) for axis in (0, 1)], axis=-1)
    if len(bends) > 2:
        smooth = gaussian_filter1d(line, rounding / _GRAIN, axis=0, mode="nearest")
        line = np.concatenate([bends[:1], smooth, bends[-1:]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return line, along


def clear_of(one: Track, other: Track, across: float, along: float) -> bool:
    """Return whether two tracks keep apart in every frame: an ellipse `across` metres in z and `along` in x."""
    both = one.present & other.present
    if not both.any():
        return True
    apart = (one.places[both] - other.places[both]) / (along, across)
    return bool((np.hypot(apart[:, 0], apart[:, 1]) >= 1.0).all())
