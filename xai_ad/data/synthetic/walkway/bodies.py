"""People as shapes: body, clothes and what they carry, hung upon their joints."""

import numpy as np

from xai_ad.data.synthetic.walkway.gait import SIDES, Joints
from xai_ad.data.synthetic.walkway.painting import Colour, Limb
from xai_ad.data.synthetic.walkway.people import Legwear, Luggage, Person
from xai_ad.data.synthetic.walkway.place import Points


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
