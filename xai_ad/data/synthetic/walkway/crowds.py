"""People who pass by as they should: alone and in groups, both ways, on the walkway and the side path."""

from collections.abc import Sequence

import numpy as np

from xai_ad.data.synthetic.walkway.actors import Actor, Cart, Cyclist, LeftBag, Walker
from xai_ad.data.synthetic.walkway.people import Person
from xai_ad.data.synthetic.walkway.place import (
    FAR_EDGE,
    FRAMES_A_SECOND,
    NEAR_EDGE,
    half_width,
    side_path_middle,
)
from xai_ad.data.synthetic.walkway.tracks import Pause, Track, clear_of, track
from xai_ad.data.synthetic.walkway.vehicles import Bag

SLOWEST, FASTEST = 1.0, 1.65
"""Of those who walk, in metres a second."""
_LEAD = 130
"""Frames before the clip in which people may already have set out."""
_ATTEMPTS = 30
"""To find a way through the others; who finds none stays at home."""
_SIDE_BY_SIDE = 0.62
"""Metres between people of a group."""
Line = list[tuple[float, float]]


def passers(rng: np.random.Generator, flow: float, frames: int, others: Sequence[Actor]) -> list[Walker]:
    """Return `flow` people a second over a clip, who walk through nobody and nothing, `others` included."""
    found: list[Walker] = []
    wanted = round(flow * (frames + _LEAD) / FRAMES_A_SECOND)
    while wanted > 0:
        size = min(int(rng.choice((1, 2, 3), p=(0.66, 0.25, 0.09))), wanted)
        wanted -= size
        found += _group(rng, size, frames, [*others, *found])
    return found


def _group(rng: np.random.Generator, size: int, frames: int, others: Sequence[Actor]) -> list[Walker]:
    """Return people who walk side by side; nobody where there is no room for all of them."""
    for _ in range(_ATTEMPTS):
        line = _side_route(rng) if rng.random() < 0.12 else _route(rng)
        start, speed = rng.uniform(-_LEAD, frames), float(np.clip(rng.normal(1.33, 0.15), SLOWEST, FASTEST))
        pause = None
        if rng.random() < 0.10:
            pause = Pause(after=rng.uniform(4.0, 10.0), seconds=rng.uniform(1.5, 4.0))
        ways = [
            track(
                [(x, z + place * _SIDE_BY_SIDE) for x, z in line],
                start=start + rng.uniform(-2.0, 2.0),
                speed=speed,
                frames=frames,
                pause=pause,
                sway=0.05,
            )
            for place in np.arange(size) - (size - 1) / 2
        ]
        if all(room_for(way, others) for way in ways):
            return [_walker(rng, way) for way in ways]
    return []


def _walker(rng: np.random.Generator, way: Track) -> Walker:
    bag = None
    if rng.random() < 0.07:
        dark = rng.uniform(0.02, 0.12)
        bag = Bag(
            colour=(dark, 0.8 * dark, dark * rng.uniform(0.5, 1.5)), is_suitcase=bool(rng.random() < 0.4)
        )
    return Walker(
        person=Person.draw(rng),
        track=way,
        anomalous=np.zeros_like(way.present),
        phase=rng.uniform(0.0, 2.0 * np.pi),
        bag=bag,
    )


def _route(rng: np.random.Generator) -> Line:
    """Return a way along the walkway."""
    towards = int(rng.choice((-1, 1)))
    low, high = NEAR_EDGE + 1.1, FAR_EDGE - 1.1
    start = rng.uniform(low, high)
    end = float(np.clip(start + rng.normal(0.0, 0.9), low, high))
    wide = half_width(max(start, end)) + 0.9
    return [(-towards * wide, start), (towards * wide, end)]


def _side_route(rng: np.random.Generator) -> Line:
    """Return a way between the walkway's right side and the side path, or back."""
    z, aside = rng.uniform(FAR_EDGE - 3.5, FAR_EDGE - 1.3), rng.uniform(-0.35, 0.35)
    away = 30.5
    line = [
        (half_width(z) + 0.9, z),
        (float(side_path_middle(np.array(FAR_EDGE - 0.9))) + 0.5 + aside, FAR_EDGE - 0.9),
        (float(side_path_middle(np.array(away))) + aside, away),
    ]
    return line if rng.random() < 0.5 else line[::-1]


def room_for(way: Track, others: Sequence[Actor]) -> bool:
    """Return whether somebody on foot who goes this way keeps clear of everything else."""
    return all(clear_of(way, other.track, *_reach(other)) for other in others)


def _reach(actor: Actor) -> tuple[float, float]:
    """Return how far from something's middle nobody can walk: metres in z and in x."""
    if isinstance(actor, Cart):
        return 1.35, 2.4
    if isinstance(actor, Cyclist):
        return 0.8, 1.6
    if isinstance(actor, LeftBag):
        return 0.6, 0.7
    return (0.7, 0.9) if actor.anomalous.any() else (0.42, 0.55)
