"""How people's joints move when they walk, run or bend down.

Joints are in metres along three axes of a person's own: forward, to the left, up from the ground between the feet.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from xai_ad.data.synthetic.walkway.people import Person
from xai_ad.data.synthetic.walkway.place import Points

THIGH, SHIN, ANKLE = 0.245, 0.246, 0.045
"""Shares of a person's height, as are all lengths here unless they say metres."""
UPPER_ARM, FOREARM = 0.170, 0.150
LEG = THIGH + SHIN

Joints: TypeAlias = dict[str, Points]
"""By name; those that come in pairs end in `_left` and `_right`."""

SIDES = (("left", 1.0), ("right", -1.0))


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
