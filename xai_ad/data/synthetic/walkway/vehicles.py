"""What moves on wheels: a bicycle with its rider, a small cart with its driver; and bags."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from xai_ad.data.synthetic.walkway.bodies import dress
from xai_ad.data.synthetic.walkway.gait import LEG, SIDES, THIGH, Joints, in_world
from xai_ad.data.synthetic.walkway.painting import Colour, Face, Limb, Shape, lit
from xai_ad.data.synthetic.walkway.people import Person
from xai_ad.data.synthetic.walkway.place import EYE, Points

RUBBER: Colour = (0.014, 0.014, 0.016)
STEEL: Colour = (0.30, 0.31, 0.33)
_WHEEL = 0.35
"""Radius of a bicycle's wheel in metres."""
_TYRE = 0.27
"""Radius of a cart's."""
_CAMERA = np.array([0.0, EYE, 0.0])


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where something stands, and which way it faces."""

    x: float
    z: float
    heading: float

    def at(self, forward: float, left: float, up: float) -> Points:
        """Return the world point so far ahead, to the left and above."""
        ahead, aside = (
            np.array([np.cos(self.heading), np.sin(self.heading)]),
            np.array([-np.sin(self.heading), np.cos(self.heading)]),
        )
        flat = np.array([self.x, self.z]) + forward * ahead + left * aside
        return np.array([flat[0], up, flat[1]])


def cyclist(person: Person, paint: Colour, stand: Stand, travelled: float) -> list[Shape]:
    """Return a bicycle and who rides it; the wheels and the pedals have turned as far as it went."""
    turn = travelled / _WHEEL
    joints = in_world(_riding(person, 0.42 * turn), stand.x, stand.z, stand.heading)
    return [*_bicycle(paint, stand, turn), *dress(person, joints)]


def _bicycle(paint: Colour, stand: Stand, turn: float) -> list[Shape]:
    shapes: list[Shape] = []
    rear, front = (-0.50, 0.0, _WHEEL), (0.58, 0.0, _WHEEL)
    for hub in (rear, front):
        shapes += _wheel(stand, hub, turn)
    crank, saddle, head, stem = (0.02, 0.0, 0.30), (-0.17, 0.0, 0.90), (0.40, 0.0, 0.88), (0.37, 0.0, 1.02)
    tubes = [
        *((crank, saddle), (crank, head), (saddle, head), (rear, crank), (rear, saddle), (front, stem)),
    ]
    shapes += [_tube(stand, start, end, 0.020, paint) for start, end in tubes]
    shapes.append(_tube(stand, (0.40, -0.25, 1.02), (0.40, 0.25, 1.02), 0.016, RUBBER))
    shapes.append(_tube(stand, (-0.28, 0.0, 0.93), (-0.06, 0.0, 0.93), 0.045, RUBBER))
    return shapes


def _wheel(stand: Stand, hub: tuple[float, float, float], turn: float) -> list[Shape]:
    rim = [
        (hub[0] + _WHEEL * 0.95 * np.cos(angle), hub[1], hub[2] + _WHEEL * 0.95 * np.sin(angle))
        for angle in np.linspace(0.0, 2.0 * np.pi, 15)
    ]
    shapes: list[Shape] = [_tube(stand, start, end, 0.024, RUBBER) for start, end in pairwise(rim)]
    for spoke in range(3):
        angle = spoke * np.pi / 3 - turn
        across = (_WHEEL * 0.9 * np.cos(angle), 0.0, _WHEEL * 0.9 * np.sin(angle))
        ends = [(hub[0] + s * across[0], hub[1], hub[2] + s * across[2]) for s in (-1.0, 1.0)]
        shapes.append(_tube(stand, ends[0], ends[1], 0.005, STEEL))
    return shapes


def _tube(
    stand: Stand,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    radius: float,
    colour: Colour,
) -> Limb:
    return Limb(start=stand.at(*start), end=stand.at(*end), radius=(radius, radius), colour=colour)


def _riding(person: Person, pedals: float) -> Joints:
    """Return the joints of somebody on a saddle who leans to the handlebar and pedals."""
    h = person.height
    joints = _seat(h, np.array([-0.17, 0.0, 0.98]), lean=0.62)
    for side, sign in SIDES:
        angle = -pedals + (0.0 if sign > 0 else np.pi)
        pedal = np.array([0.02 + 0.17 * np.cos(angle), sign * 0.10, 0.30 + 0.17 * np.sin(angle)])
        ankle = pedal + np.array([-0.06, 0.0, 0.09])
        hip = joints[f"hip_{side}"]
        joints |= {
            f"knee_{side}": _bend(hip, ankle, THIGH * h, (LEG - THIGH) * h, np.array([1.0, 0.0, 0.3])),
            f"ankle_{side}": ankle,
            f"toe_{side}": pedal + np.array([0.09, 0.0, 0.02]),
        }
        joints |= _arm(joints[f"shoulder_{side}"], np.array([0.40, sign * 0.24, 1.04]), side, h)
    return joints


def _seat(h: float, pelvis: Points, lean: float) -> Joints:
    """Return hips, spine, shoulders and head over a seat."""
    spine = np.array([np.sin(lean), 0.0, np.cos(lean)])
    neck = pelvis + 0.30 * h * spine
    joints: Joints = {
        "pelvis": pelvis,
        "neck": neck,
        "head": neck + 0.10 * h * np.array([0.35, 0.0, 0.95]),
    }
    for side, sign in SIDES:
        joints[f"hip_{side}"] = pelvis + np.array([0.0, sign * 0.05 * h, 0.0])
        joints[f"shoulder_{side}"] = pelvis + 0.285 * h * spine + np.array([0.0, sign * 0.105 * h, 0.0])
    return joints


def _arm(shoulder: Points, hand: Points, side: str, h: float) -> Joints:
    elbow = _bend(shoulder, hand, 0.17 * h, 0.16 * h, np.array([-0.2, 0.0, -1.0]))
    return {f"elbow_{side}": elbow, f"hand_{side}": hand}


def _bend(start: Points, end: Points, first: float, second: float, towards: Points) -> Points:
    """Return the joint between two bones of given lengths from `start` to `end` that bends `towards` a direction."""
    whole = end - start
    length = float(np.clip(np.linalg.norm(whole), 1e-6, first + second - 1e-6))
    axis = whole / max(float(np.linalg.norm(whole)), 1e-6)
    along = (first**2 - second**2 + length**2) / (2.0 * length)
    out = towards - (towards @ axis) * axis
    aside = np.sqrt(max(first**2 - along**2, 0.0))
    return np.asarray(start + along * axis + aside * out / max(float(np.linalg.norm(out)), 1e-6))


def cart(person: Person, paint: Colour, stand: Stand) -> list[Shape]:
    """Return a small utility cart with a roof, a load bed and somebody who drives it."""
    grey, dark, glass = (0.10, 0.10, 0.11), (0.03, 0.03, 0.035), (0.30, 0.36, 0.42)
    shapes: list[Shape] = [
        *_box(stand, (-1.50, 1.05), (-0.62, 0.62), (0.32, 0.66), paint),
        *_box(stand, (0.85, 1.50), (-0.60, 0.60), (0.32, 0.92), paint, forth=0.03),
        *_box(stand, (-1.52, -0.40), (-0.64, 0.64), (0.66, 0.98), paint, top=dark, forth=0.02),
        *_box(stand, (-0.32, -0.18), (-0.55, 0.55), (0.66, 1.22), dark),
        *_box(stand, (-0.55, 1.02), (-0.62, 0.62), (1.78, 1.87), paint, forth=0.25),
        *_box(stand, (-1.25, -0.75), (-0.35, 0.30), (0.96, 1.25), (0.30, 0.20, 0.10), forth=0.1),
    ]
    for left in (-0.58, 0.58):
        beside = 0.25 if _is_near(stand, left) else -0.25
        for low, high in ((0.98, 0.95), (-0.45, -0.48)):
            base, roof = stand.at(low, left, 0.66), stand.at(high, left, 1.80)
            shapes.append(Limb(start=base, end=roof, radius=(0.03, 0.03), colour=grey, forth=beside))
        for hub in (-1.0, 1.0):
            shapes += _cart_wheel(stand, hub, left * 1.09, near=_is_near(stand, left))
    corners = [(0.98, -0.56, 0.92), (0.98, 0.56, 0.92), (0.95, 0.56, 1.78), (0.95, -0.56, 1.78)]
    shapes.append(
        Face(corners=np.array([stand.at(*c) for c in corners]), colour=glass, opacity=0.35, shades=False)
    )
    joints = in_world(_driving(person), stand.x, stand.z, stand.heading)
    return [*shapes, *dress(person, joints)]


def _driving(person: Person) -> Joints:
    h = person.height
    joints = _seat(h, np.array([-0.02, 0.28, 0.80]), lean=-0.05)
    for side, sign in SIDES:
        hip = joints[f"hip_{side}"]
        knee = hip + THIGH * h * np.array([0.97, 0.0, 0.10])
        ankle = knee + np.array([0.12, 0.0, -0.36])
        joints |= {
            f"knee_{side}": knee,
            f"ankle_{side}": ankle,
            f"toe_{side}": ankle + np.array([0.15, 0.0, 0.0]),
        }
        joints |= _arm(joints[f"shoulder_{side}"], np.array([0.48, 0.28 + sign * 0.15, 1.12]), side, h)
    return joints


def _is_near(stand: Stand, left: float) -> bool:
    return bool(stand.at(0.0, left, 0.0)[2] < stand.z)


def _cart_wheel(stand: Stand, hub: float, left: float, *, near: bool) -> list[Shape]:
    angles = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)

    def disc(radius: float) -> Points:
        return np.array(
            [stand.at(hub + radius * np.cos(a), left, _TYRE + radius * np.sin(a)) for a in angles]
        )

    forth = 0.40 if near else -0.60
    return [
        Face(corners=disc(_TYRE), colour=RUBBER, forth=forth),
        Face(corners=disc(0.5 * _TYRE), colour=(0.22, 0.22, 0.23), forth=forth + 0.01),
    ]


def _box(
    stand: Stand,
    ahead: tuple[float, float],
    aside: tuple[float, float],
    up: tuple[float, float],
    colour: Colour,
    *,
    top: Colour | None = None,
    forth: float = 0.0,
) -> list[Face]:
    """Return those faces of a box that the camera sees, lit by where they face."""
    spans = np.array([ahead, aside, up])
    faces = []
    for axis in range(3):
        for end in (0, 1):
            local = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
            unit = np.insert(local, axis, float(end), axis=1)
            corners = np.array([stand.at(*(spans[:, 0] + u * (spans[:, 1] - spans[:, 0]))) for u in unit])
            outward = stand.at(*(np.eye(3)[axis] * (2 * end - 1))) - stand.at(0.0, 0.0, 0.0)
            if outward @ (_CAMERA - corners.mean(axis=0)) <= 0.0:
                continue
            own = top if top is not None and axis == 2 else colour
            faces.append(
                Face(corners=corners, colour=lit(own, (outward[0], outward[1], outward[2])), forth=forth)
            )
    return faces


@dataclass(frozen=True, kw_only=True)
class Bag:
    """A bag that somebody may set down: a holdall, or a suitcase that stands."""

    colour: Colour
    is_suitcase: bool

    def standing(self, stand: Stand, up: float = 0.0) -> list[Shape]:
        """Return it at a place, so many metres above the ground."""
        if self.is_suitcase:
            return [
                *_box(stand, (-0.24, 0.24), (-0.13, 0.13), (up + 0.04, up + 0.66), self.colour),
                _tube(stand, (-0.10, 0.0, up + 0.74), (0.10, 0.0, up + 0.74), 0.02, RUBBER),
            ]
        return [
            _tube(stand, (-0.20, 0.0, up + 0.19), (0.20, 0.0, up + 0.19), 0.19, self.colour),
            _tube(stand, (-0.12, 0.0, up + 0.38), (-0.04, 0.0, up + 0.47), 0.015, RUBBER),
            _tube(stand, (-0.04, 0.0, up + 0.47), (0.12, 0.0, up + 0.38), 0.015, RUBBER),
        ]

    @property
    def height(self) -> float:
        """Metres from the ground to its handle."""
        return 0.74 if self.is_suitcase else 0.45
