"""Who and what is in a clip: each gives its shapes of a frame, and says when it is anomalous."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.synthetic.walkway.bodies import dress
from xai_ad.data.synthetic.walkway.gait import Gait, Joints, in_world, stand
from xai_ad.data.synthetic.walkway.painting import Colour, Shape
from xai_ad.data.synthetic.walkway.people import Person
from xai_ad.data.synthetic.walkway.tracks import Track
from xai_ad.data.synthetic.walkway.vehicles import Bag, Stand, cart, cyclist


class Actor(Protocol):
    """Somebody or something in a clip of T frames."""

    @property
    def track(self) -> Track:
        """Where it is, frame by frame."""

    @property
    def anomalous(self) -> NDArray[np.bool_]:
        """In which frames it is an anomaly, `(T,)`, whether or not it is in sight."""

    def shapes(self, frame: int) -> Sequence[Shape]:
        """Return what there is to paint of it in a frame in which it is present."""


def _stand(track: Track, frame: int) -> Stand:
    x, z = track.places[frame]
    return Stand(x=float(x), z=float(z), heading=float(track.headings[frame]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Walker:
    """Somebody on foot."""

    person: Person
    track: Track
    anomalous: NDArray[np.bool_]
    phase: float
    runs: bool = False
    bag: Bag | None = None
    crouches: NDArray[np.float64] | None = None
    """How far they bend down, `(T,)`, 0 to 1."""
    sets_down: int | None = None
    """The frame from which the bag stands on the ground: a thing of its own from then on."""
    _pace: tuple[float, NDArray[np.float64]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        speeds = self.track.speeds
        cruise = float(np.median(speeds[self.track.present])) if self.track.present.any() else 1.0
        object.__setattr__(self, "_pace", (max(cruise, 0.5), speeds))

    @property
    def step(self) -> float:
        """The length of their steps in metres."""
        return self.person.step_at(self._pace[0])

    def hand_at(self, frame: int) -> tuple[float, float]:
        """Return x and z of the hand that carries a bag."""
        hand = self._joints(frame)["hand_right"]
        return float(hand[0]), float(hand[2])

    def _joints(self, frame: int) -> Joints:
        cruise, speeds = self._pace
        slowed = float(np.clip(speeds[frame] / cruise, 0.0, 1.0))
        gait = Gait(
            phase=self.phase + np.pi * float(self.track.travelled[frame]) / self.step,
            step=self.step * slowed,
            run=self.runs,
            crouch=0.0 if self.crouches is None else float(self.crouches[frame]),
        )
        at = _stand(self.track, frame)
        return in_world(stand(self.person, gait), at.x, at.z, at.heading)

    def shapes(self, frame: int) -> Sequence[Shape]:
        """Return body, clothes and what is carried."""
        joints = self._joints(frame)
        shapes: list[Shape] = [*dress(self.person, joints)]
        if self.bag is not None and (self.sets_down is None or frame < self.sets_down):
            hand = joints["hand_right"]
            held = Stand(x=float(hand[0]), z=float(hand[2]), heading=float(self.track.headings[frame]))
            shapes += self.bag.standing(held, max(float(hand[1]) - self.bag.height, 0.0))
        return shapes


@dataclass(frozen=True, kw_only=True, eq=False)
class Cyclist:
    """A bicycle and its rider."""

    person: Person
    paint: Colour
    track: Track
    anomalous: NDArray[np.bool_]

    def shapes(self, frame: int) -> Sequence[Shape]:
        """Return both."""
        return cyclist(self.person, self.paint, _stand(self.track, frame), float(self.track.travelled[frame]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Cart:
    """A small vehicle and its driver."""

    person: Person
    paint: Colour
    track: Track
    anomalous: NDArray[np.bool_]

    def shapes(self, frame: int) -> Sequence[Shape]:
        """Return both."""
        return cart(self.person, self.paint, _stand(self.track, frame))


@dataclass(frozen=True, kw_only=True, eq=False)
class LeftBag:
    """A bag that stands where somebody set it down."""

    bag: Bag
    track: Track
    anomalous: NDArray[np.bool_]

    def shapes(self, frame: int) -> Sequence[Shape]:
        """Return it."""
        return self.bag.standing(_stand(self.track, frame))
