"""Where explanations of one picture point, and how far they agree on it, in one sentence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from xai_ad.detector.placement import Grid, Placement, SourceRectangle
from xai_ad.metrics.localisation import Map
from xai_ad.presentation.regions import (
    EVERYWHERE,
    place_in_words,
    strongest_level,
    strongest_region,
)
from xai_ad.presentation.scales import BY_CATCH
from xai_ad.presentation.words import listed

ALIKE = 0.5
"""Two point at one place whose regions share so much of the smaller one, though their middles lie in two ninths."""
GATHERED = 0.25
"""A map whose strongest region holds less than this of its strongest evidence is scattered, and points at no single place."""
NAMED = 4
"""So many are named; of more the number is given."""
CAUTION = "Agreement is no proof: all of them ask the same network, and may repeat its mistake."
CAUTION_OF_SEVERAL = (
    "Agreement is no proof: these networks learned from the same pictures, and may make the same mistake."
)
NONE = "There is no explanation to compare."

_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


@dataclass(frozen=True, kw_only=True)
class Aim:
    """Where a map points: at a `place` in words, or, where that is "", at none; then `scattered` says whether at many."""

    place: str
    scattered: bool = False
    rectangle: SourceRectangle = field(
        default_factory=lambda: SourceRectangle(top=0, left=0, height=0, width=0)
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Voice:
    """One explanation: what its method and its model are called, where it points, and its map, (H, W), on a grid that all share."""

    method: str
    model: str
    aim: Aim
    values: Map


def aim_of(values: Map) -> Aim:
    """Return where a map, (H, W), points: its strongest region, unless its evidence is spread over the picture."""
    height, width = values.shape
    peak = float(values.max())
    if peak <= 0:
        return Aim(place="")
    grid = Grid(height=height, width=width)
    whole = Placement(grid=grid, frames=(0,), top=0, left=0, height=height, width=width)
    level = max(strongest_level(values), BY_CATCH * peak)
    first, share = strongest_region(values, level, whole)
    if first.area >= EVERYWHERE or share < GATHERED:
        return Aim(place="", scattered=True)
    return Aim(place=place_in_words(first.centre, grid), rectangle=first.rectangle)


def agreement_in_words(voices: Sequence[Voice]) -> str:
    """Say in one sentence where explanations point and which do not; those of several models are said to be.

    As "Five of six point at the lower right; LRP does not: it points at the top."
    """
    if not voices:
        return NONE
    aims = [voice.aim for voice in voices]
    names = _Names(voices)
    if len(voices) == 1:
        return f"{names.of([0])} alone is there: it {_pointing(aims[0])}. It takes two to agree."
    camps = _camps(aims)
    several = f"Across {_number(names.models)} models, " if names.models > 1 else ""
    noun = " explanations" if several else ""
    aimless = [at for at, aim in enumerate(aims) if not aim.place]
    if not camps:
        sentence = f"none of the {_number(len(voices))}{noun} points at a single place"
    elif len(camps) > 1 and len(camps[0]) == len(camps[1]) == 1:
        sentence = _strewn(camps, aims, aimless, names, noun)
    else:
        sentence = _by_camps(camps, aims, aimless, names, noun)
    whole = several + sentence
    return f"{whole[0].upper()}{whole[1:]}."


def caution(voices: Sequence[Voice]) -> str:
    """Return the warning that agreement is not truth; nothing where there is none to speak of."""
    if len(voices) < 2:
        return ""
    return CAUTION if len({voice.model for voice in voices}) == 1 else CAUTION_OF_SEVERAL


def unheard(strangers: Sequence[str]) -> str:
    """Say which models are left out since they do not know such pictures; nothing where there are none.

    >>> unheard(["Model Two"])
    'Model Two is left out: the picture is not like its training pictures.'
    """
    if not strangers:
        return ""
    verb, whose = ("is", "its") if len(strangers) == 1 else ("are", "their")
    return f"{listed(list(strangers))} {verb} left out: the picture is not like {whose} training pictures."


def names_of(voices: Sequence[Voice]) -> list[str]:
    """Return what sets voices apart: their methods, their models, or both."""
    if len({voice.model for voice in voices}) == 1:
        return [voice.method for voice in voices]
    if len({voice.method for voice in voices}) == 1:
        return [voice.model for voice in voices]
    return [f"{voice.method}, {voice.model}" for voice in voices]


class _Names:
    """What some of the voices are called: by method, by model, or by both where both differ."""

    def __init__(self, voices: Sequence[Voice]) -> None:
        self._voices = voices
        self.models = len({voice.model for voice in voices})
        self._methods = len({voice.method for voice in voices})

    def of(self, members: Sequence[int]) -> str:
        """Return the names of some voices; where all of a method or of a model are among them, that is named once."""
        named = self._named(members)
        if len(named) <= NAMED:
            return listed(named)
        return f"{', '.join(named[: NAMED - 1])} and {_number(len(named) - NAMED + 1)} more"

    def do_not(self, members: Sequence[int]) -> str:
        """Return the names of some voices, and that they do not."""
        named = self._named(members)
        return f"{self.of(members)} {'does' if len(named) == 1 else 'do'} not"

    def _named(self, members: Sequence[int]) -> list[str]:
        if self.models == 1:
            return [self._voices[at].method for at in members]
        if self._methods == 1:
            return [self._voices[at].model for at in members]
        left, named = list(members), []
        for key in (_method, _model):
            for name in dict.fromkeys(key(self._voices[at]) for at in left):
                own = [at for at, voice in enumerate(self._voices) if key(voice) == name]
                if len(own) > 1 and set(own) <= set(left):
                    named.append(name if key is _method else f"every method of {name}")
                    left = [at for at in left if at not in own]
        return named + [f"{self._voices[at].method} of {self._voices[at].model}" for at in left]


def _method(voice: Voice) -> str:
    return voice.method


def _model(voice: Voice) -> str:
    return voice.model


def _by_camps(
    camps: Sequence[Sequence[int]], aims: Sequence[Aim], aimless: Sequence[int], names: _Names, noun: str
) -> str:
    """Tell of the largest camp, of others of two and more, and of those that stand alone or point nowhere."""
    total, first = len(aims), camps[0]
    place = _place(first, aims)
    if len(first) == total:
        return f"{'both' if total == 2 else f'all {_number(total)}'}{noun} point at the {place}"
    others = [camp for camp in camps[1:] if len(camp) > 1]
    alone = [at for camp in camps[1:] if len(camp) == 1 for at in camp]
    if others and len(others[0]) == len(first) and not alone and not aimless:
        parts = [f"{names.of(camp)} at the {_place(camp, aims)}" for camp in camps]
        return f"{_number(len(camps))} camps: {'; '.join(parts)}"
    parts = [f"{names.of(camp)} at the {_place(camp, aims)}" for camp in others]
    verb = "point" if len(first) > 1 else "points"
    told = f"{_number(len(first))} of {_number(total)}{noun} {verb} at the {place}"
    rest = [*alone, *aimless]
    if rest:
        where = f": it {_pointing(aims[rest[0]])}" if len(rest) == 1 else ""
        parts.append(f"{names.do_not(rest)}{where}")
    return "; ".join([told, *parts])


def _strewn(
    camps: Sequence[Sequence[int]], aims: Sequence[Aim], aimless: Sequence[int], names: _Names, noun: str
) -> str:
    """Tell of explanations of which no two point at one place."""
    if len(aims) == 2:
        one, other = camps[0], camps[1]
        return (
            f"the two{noun} disagree: {names.of(one)} points at the {_place(one, aims)}, "
            f"{names.of(other)} at the {_place(other, aims)}"
        )
    told = f"no two of the {_number(len(aims))}{noun} point at the same place"
    if aimless:
        does = "points at none" if len(aimless) == 1 else "point at none"
        told += f"; {names.of(aimless)} {does}"
    return told


def _camps(aims: Sequence[Aim]) -> list[list[int]]:
    """Return which maps point at one place, the most first: of one ninth of the picture, or with much of a region in common."""
    camp_of = {at: at for at, aim in enumerate(aims) if aim.place}
    for one, other in combinations(camp_of, 2):
        same = aims[one].place == aims[other].place
        if (same or _shared(aims[one].rectangle, aims[other].rectangle) >= ALIKE) and (
            camp_of[one] != camp_of[other]
        ):
            gone, stays = camp_of[other], camp_of[one]
            camp_of = {at: stays if camp == gone else camp for at, camp in camp_of.items()}
    camps: dict[int, list[int]] = {}
    for at, camp in camp_of.items():
        camps.setdefault(camp, []).append(at)
    return sorted(camps.values(), key=lambda camp: (-len(camp), camp[0]))


def _place(camp: Collection[int], aims: Sequence[Aim]) -> str:
    """Return the place that most of a camp point at, by its name; of equal ones the first."""
    places = [aims[at].place for at in camp]
    return max(dict.fromkeys(places), key=places.count)


def _shared(one: SourceRectangle, other: SourceRectangle) -> float:
    """Return how much of the smaller of two rectangles lies in the other."""
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return max(across, 0) * max(down, 0) / min(one.width * one.height, other.width * other.height)


def _pointing(aim: Aim) -> str:
    if aim.place:
        return f"points at the {aim.place}"
    return "points at no single place" if aim.scattered else "points nowhere"


def _number(count: int) -> str:
    """Return a number as sentences have it.

    >>> _number(5), _number(13)
    ('five', '13')
    """
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
