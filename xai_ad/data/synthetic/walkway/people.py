"""People: their proportions, what they wear and what they carry."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from xai_ad.data.synthetic.walkway.painting import Colour


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
