"""People: their proportions, what they wear, how their joints move when they walk, run or bend down.

Joints are in metres along three axes of a person's own: forward, to the left, up from the ground between the feet.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from xai_ad.data.synthetic.walkway.painting import Colour, Limb
from xai_ad.data.synthetic.walkway.place import Points

THIGH, SHIN, ANKLE = 0.245, 0.246, 0.045
"""Shares of a person's height, as are all lengths here unless they say metres."""
UPPER_ARM, FOREARM = 0.170, 0.150
LEG = THIGH + SHIN

Joints: TypeAlias = dict[str, Points]
"""By name; those that come in pairs end in `_left` and `_right`."""

SIDES = (("left", 1.0), ("right", -1.0))


class Legwear(StrEnum):
    """What covers the legs."""

    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"


class Luggage(StrEnum):
    """What somebody carries all the way."""

    NOTHING = "nothing"
    BACKPACK = "backpack"
    SHOULDER_BAG = "shoulder bag"


_TOPS: tuple[Colour, ...] = (
    *((0.020, 0.022, 0.030), (0.03, 0.04, 0.09), (0.10, 0.10, 0.11), (0.24, 0.24, 0.25), (0.62, 0.61, 0.58)),
    *((0.40, 0.05, 0.04), (0.07, 0.10, 0.05), (0.16, 0.26, 0.42), (0.14, 0.03, 0.05), (0.44, 0.36, 0.24)),
    *((0.04, 0.17, 0.14), (0.50, 0.30, 0.06), (0.03, 0.08, 0.25), (0.55, 0.50, 0.52)),
)
_BOTTOMS: tuple[Colour, ...] = (
    *((0.03, 0.05, 0.11), (0.05, 0.08, 0.16), (0.015, 0.015, 0.018), (0.025, 0.03, 0.05)),
    *((0.07, 0.07, 0.075), (0.25, 0.20, 0.13), (0.12, 0.10, 0.07), (0.10, 0.14, 0.22)),
)
_SKINS: tuple[Colour, ...] = ((0.56, 0.34, 0.24), (0.46, 0.27, 0.17), (0.30, 0.16, 0.09), (0.12, 0.06, 0.035))
_HAIR: tuple[Colour, ...] = (
    *((0.010, 0.009, 0.008), (0.012, 0.010, 0.009), (0.02, 0.013, 0.009), (0.035, 0.02, 0.012)),
    *((0.05, 0.028, 0.016), (0.10, 0.055, 0.025)),
    *((0.30, 0.20, 0.09), (0.22, 0.21, 0.20)),
)
_SHOES: tuple[Colour, ...] = (
    (0.015, 0.015, 0.015),
    (0.05, 0.035, 0.02),
    (0.55, 0.55, 0.55),
    (0.2, 0.2, 0.22),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody's looks. `height` is in metres."""

    height: float
    girth: float
    top: Colour
    bottom: Colour
    skin: Colour
    hair: Colour
    shoes: Colour
    pack: Colour
    legwear: Legwear
    luggage: Luggage
    long_sleeves: bool
    long_hair: bool
    long_coat: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Person":
        """Somebody who passes by."""
        legwear = Legwear(
            str(rng.choice([Legwear.TROUSERS, Legwear.SHORTS, Legwear.SKIRT], p=(0.74, 0.16, 0.10)))
        )
        luggage = Luggage(
            str(rng.choice([Luggage.NOTHING, Luggage.BACKPACK, Luggage.SHOULDER_BAG], p=(0.48, 0.34, 0.18)))
        )
        return cls(
            height=float(np.clip(rng.normal(1.72, 0.09), 1.50, 1.95)),
            girth=float(np.clip(rng.normal(1.05, 0.10), 0.85, 1.35)),
            top=_shade(_TOPS, rng),
            bottom=_shade(_BOTTOMS, rng),
            skin=_shade(_SKINS, rng),
            hair=_shade(_HAIR, rng),
            shoes=_shade(_SHOES, rng),
            pack=_shade(_TOPS, rng),
            legwear=legwear,
            luggage=luggage,
            long_sleeves=bool(rng.random() < 0.6),
            long_hair=bool(rng.random() < (0.9 if legwear is Legwear.SKIRT else 0.3)),
            long_coat=bool(legwear is Legwear.TROUSERS and rng.random() < 0.15),
        )

    def step_at(self, speed: float) -> float:
        """Return the length of a step in metres at a speed in metres a second: who is faster also steps further."""
        return self.height * float(np.clip(0.25 + 0.13 * speed, 0.25, 0.80))


def _shade(palette: tuple[Colour, ...], rng: np.random.Generator) -> Colour:
    red, green, blue = (
        np.array(palette[rng.integers(len(palette))]) * rng.uniform(0.8, 1.25, 3) * rng.uniform(0.85, 1.15)
    )
    return float(red), float(green), float(blue)


@dataclass(frozen=True, kw_only=True)
class Gait:
    """How somebody moves at one moment."""

    phase: float
    """Of the left leg, in radians: half a turn is a step."""
    step: float
    """The length of a step in metres; the legs swing as far as that takes."""
    run: bool = False
    crouch: float = 0.0
    """0 upright to 1 bent down to the ground."""


def stand(person: Person, gait: Gait) -> Joints:
    """Return the joints of somebody on foot: the lower foot is on the ground."""
    h = person.height
    swing = float(np.arcsin(np.clip(gait.step / (2.0 * LEG * h), 0.0, 0.62)))
    joints: Joints = {}
    for side, sign in SIDES:
        phase = gait.phase + (0.0 if sign > 0 else np.pi)
        joints |= _leg(side, sign, phase=phase, swing=swing, gait=gait, h=h)
    lean = (0.20 if gait.run else 0.03) + 0.95 * gait.crouch
    joints |= _upper_body(lean, gait.phase, swing, gait, h)
    lowest = min(
        min(joints[f"ankle_{side}"][2] - ANKLE * h, joints[f"toe_{side}"][2] - 0.016 * h) for side, _ in SIDES
    )
    flight = 0.035 * h * (1.0 - np.cos(2.0 * gait.phase)) if gait.run else 0.0
    return {name: place + np.array([0.0, 0.0, flight - lowest]) for name, place in joints.items()}


def _leg(side: str, sign: float, *, phase: float, swing: float, gait: Gait, h: float) -> Joints:
    """Return a leg that hangs from the hip at height 0; the knee gives way while the leg swings forward."""
    forward = max(float(np.cos(phase + 0.35)), 0.0) ** 2
    hip = swing * float(np.sin(phase)) + (0.10 if gait.run else 0.02) + 1.0 * gait.crouch
    knee = 0.10 + forward * (1.75 if gait.run else 1.9 * swing) + 1.75 * gait.crouch
    shin = hip - knee
    start = np.array([0.0, sign * 0.050 * h, 0.0])
    bend = start + THIGH * h * np.array([np.sin(hip), 0.0, -np.cos(hip)])
    ankle = bend + SHIN * h * np.array([np.sin(shin), -sign * 0.05, -np.cos(shin)])
    tilt = float(np.clip(0.75 * shin + 0.05, -1.2, 0.35)) * (1.0 - gait.crouch)
    toe = ankle + h * np.array([0.105 * np.cos(tilt), sign * 0.012, -0.028 + 0.105 * np.sin(tilt)])
    return {f"hip_{side}": start, f"knee_{side}": bend, f"ankle_{side}": ankle, f"toe_{side}": toe}


def _upper_body(lean: float, phase: float, swing: float, gait: Gait, h: float) -> Joints:
    """Return spine, head and arms over hips at height 0; arms swing against the legs."""
    spine = np.array([np.sin(lean), 0.0, np.cos(lean)])
    neck = 0.300 * h * spine
    nod = 0.5 * lean
    head = neck + 0.100 * h * np.array([np.sin(nod) + 0.12, 0.0, np.cos(nod)])
    joints: Joints = {"pelvis": np.zeros(3), "neck": neck, "head": head}
    reach = 1.5 if gait.run else 0.95
    for side, sign in SIDES:
        against = -float(np.sin(phase if sign > 0 else phase + np.pi))
        arm = reach * swing * against + (0.0 if gait.run else 0.06) + 0.9 * gait.crouch
        fold = 1.55 if gait.run else 0.22 + 0.55 * swing * max(against, 0.0)
        shoulder = 0.285 * h * spine + h * np.array([0.020 * against, sign * 0.105, 0.0])
        elbow = shoulder + UPPER_ARM * h * np.array([np.sin(arm), sign * 0.16, -np.cos(arm)])
        hand = elbow + FOREARM * h * np.array([np.sin(arm + fold), -sign * 0.05, -np.cos(arm + fold)])
        joints |= {f"shoulder_{side}": shoulder, f"elbow_{side}": elbow, f"hand_{side}": hand}
    return joints


def dress(person: Person, joints: Joints) -> list[Limb]:
    """Return the shapes of a person from world joints and the axes `forward`, `left` and `up` among them."""
    limbs = [*_torso(person, joints), *_head(person, joints), *_carried(person, joints)]
    for side, _ in SIDES:
        limbs += [*_clothed_leg(person, joints, side), *_clothed_arm(person, joints, side)]
    return limbs


def _clothed_leg(person: Person, joints: Joints, side: str) -> list[Limb]:
    size, covered = person.height * person.girth, person.legwear is Legwear.TROUSERS
    hip, knee, ankle, toe = (joints[f"{name}_{side}"] for name in ("hip", "knee", "ankle", "toe"))
    thigh, calf = (0.050, 0.037), (0.037, 0.027 if covered else 0.022)
    limbs = [
        _limb(knee, ankle, calf, person.bottom if covered else person.skin, size),
        _limb(hip, knee, thigh, person.bottom, size, forth=0.02),
        _limb(
            ankle - np.array([0.0, 0.012 * size, 0.0]),
            toe,
            (0.026, 0.018),
            person.shoes,
            size,
            forth=0.01,
            shades=False,
        ),
    ]
    if person.legwear is Legwear.SKIRT:
        hem = hip + 0.85 * (knee - hip)
        limbs.append(_limb(joints["pelvis"], hem, (0.070, 0.066), person.bottom, size, forth=0.03))
    return limbs


def _clothed_arm(person: Person, joints: Joints, side: str) -> list[Limb]:
    size = person.height * person.girth
    shoulder, elbow, hand = (joints[f"{name}_{side}"] for name in ("shoulder", "elbow", "hand"))
    sleeve = person.top if person.long_sleeves else person.skin
    return [
        _limb(shoulder, elbow, (0.031, 0.026), person.top, size),
        _limb(elbow, hand, (0.025, 0.018), sleeve, size, shades=False),
        _limb(hand, hand + 0.25 * (hand - elbow) * 0.6, (0.020, 0.017), person.skin, size, shades=False),
    ]


def _torso(person: Person, joints: Joints) -> list[Limb]:
    size = person.height * person.girth
    pelvis, neck = joints["pelvis"], joints["neck"]
    limbs = []
    for side, _ in SIDES:
        waist = pelvis + 0.55 * (joints[f"hip_{side}"] - pelvis) + 0.06 * (neck - pelvis)
        chest = pelvis + 0.52 * (joints[f"shoulder_{side}"] - neck) + 0.82 * (neck - pelvis)
        limbs.append(_limb(waist, chest, (0.062, 0.064), person.top, size))
        hip = joints[f"hip_{side}"]
        limbs.append(_limb(hip, waist, (0.058, 0.060), person.bottom, size, shades=False))
    if person.long_coat:
        limbs.append(
            _limb(pelvis, pelvis - 0.42 * (neck - pelvis), (0.080, 0.088), person.top, size, forth=0.04)
        )
    return limbs


def _head(person: Person, joints: Joints) -> list[Limb]:
    h, head, neck, ahead = person.height, joints["head"], joints["neck"], joints["forward"]
    up = joints["up"]
    limbs = [
        _limb(neck, head, (0.034, 0.034), person.skin, h, shades=False),
        _limb(
            head - 0.012 * h * ahead, head + h * (0.012 * up - 0.008 * ahead), (0.058, 0.060), person.hair, h
        ),
        _limb(
            head + h * (0.030 * ahead - 0.026 * up),
            head + h * (0.026 * ahead - 0.002 * up),
            (0.042, 0.044),
            person.skin,
            h,
            shades=False,
        ),
    ]
    if person.long_hair:
        limbs.append(
            _limb(
                head - 0.03 * h * ahead,
                head - h * (0.055 * ahead + 0.11 * up),
                (0.052, 0.040),
                person.hair,
                h,
            )
        )
    return limbs


def _carried(person: Person, joints: Joints) -> list[Limb]:
    h, neck, pelvis, ahead = person.height, joints["neck"], joints["pelvis"], joints["forward"]
    spine = neck - pelvis
    if person.luggage is Luggage.BACKPACK:
        back = pelvis - 0.100 * h * ahead
        return [_limb(back + 0.80 * spine, back + 0.30 * spine, (0.058, 0.072), person.pack, h)]
    if person.luggage is Luggage.SHOULDER_BAG:
        hung = joints["hip_left"] + 0.10 * h * joints["left"] + 0.15 * spine
        strap = joints["shoulder_right"] + 0.02 * h * joints["up"]
        return [
            _limb(hung - 0.04 * h * ahead, hung + 0.04 * h * ahead, (0.042, 0.042), person.pack, h),
            _limb(strap, hung, (0.007, 0.007), person.pack, h, forth=0.12, shades=False),
        ]
    return []


def _limb(
    start: Points,
    end: Points,
    radius: tuple[float, float],
    colour: Colour,
    size: float,
    *,
    forth: float = 0.0,
    shades: bool = True,
) -> Limb:
    thick = (radius[0] * size, radius[1] * size)
    return Limb(start=start, end=end, radius=thick, colour=colour, forth=forth, shades=shades)


def in_world(joints: Joints, x: float, z: float, heading: float) -> Joints:
    """Return joints in world coordinates, and the three axes, for somebody at (x, z) who faces `heading` (radians).

    A heading of 0 is to the right, a quarter turn away from the camera.
    """
    forward = np.array([np.cos(heading), 0.0, np.sin(heading)])
    left = np.array([-np.sin(heading), 0.0, np.cos(heading)])
    up = np.array([0.0, 1.0, 0.0])
    origin = np.array([x, 0.0, z])
    placed = {name: origin + p[0] * forward + p[1] * left + p[2] * up for name, p in joints.items()}
    return placed | {"forward": forward, "left": left, "up": up}
