"""What happens in a clip: who passes by, and what goes wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from xai_ad.data.synthetic.walkway.actors import Actor, Cart, Cyclist, LeftBag, Walker
from xai_ad.data.synthetic.walkway.crowds import passers
from xai_ad.data.synthetic.walkway.painting import Colour
from xai_ad.data.synthetic.walkway.people import Luggage, Person
from xai_ad.data.synthetic.walkway.place import (
    FAR_EDGE,
    FRAMES_A_SECOND,
    NEAR_EDGE,
    half_width,
    off_path,
)
from xai_ad.data.synthetic.walkway.rendering import Scene
from xai_ad.data.synthetic.walkway.tracks import Pause, Track, track
from xai_ad.data.synthetic.walkway.vehicles import Bag

PAINTS: tuple[Colour, ...] = ((0.45, 0.05, 0.04), (0.05, 0.10, 0.35), (0.03, 0.03, 0.03), (0.10, 0.30, 0.16))
CART_PAINTS: tuple[Colour, ...] = ((0.66, 0.66, 0.63), (0.30, 0.42, 0.30), (0.55, 0.50, 0.36))
BAG_PAINTS: tuple[Colour, ...] = (
    (0.02, 0.02, 0.025),
    (0.03, 0.05, 0.16),
    (0.28, 0.04, 0.04),
    (0.14, 0.10, 0.05),
)


class Anomaly(StrEnum):
    """What does not belong on the walkway."""

    CYCLIST = "cyclist"
    CART = "cart"
    RUNNING = "running"
    LAWN = "leaving the path"
    BAG = "abandoned bag"


@dataclass(frozen=True, kw_only=True)
class Plot:
    """How busy a clip is, in people a second, and what goes wrong in it, one thing after another."""

    flow: float
    anomalies: tuple[Anomaly, ...] = ()


SPARSE, USUAL, BUSY, CROWDED = 0.3, 0.6, 1.0, 1.8
TRAINING = tuple(Plot(flow=flow) for flow in (USUAL, BUSY, SPARSE, CROWDED, USUAL))
"""The plots of training clips, over and over."""
TEST: tuple[Plot, ...] = (
    Plot(flow=USUAL, anomalies=(Anomaly.CYCLIST, Anomaly.CYCLIST)),
    Plot(flow=USUAL, anomalies=(Anomaly.CART, Anomaly.CART)),
    Plot(flow=USUAL, anomalies=(Anomaly.RUNNING, Anomaly.RUNNING)),
    Plot(flow=SPARSE, anomalies=(Anomaly.LAWN,)),
    Plot(flow=USUAL, anomalies=(Anomaly.BAG,)),
    Plot(flow=BUSY),
    Plot(flow=CROWDED, anomalies=(Anomaly.CYCLIST,)),
    Plot(flow=BUSY, anomalies=(Anomaly.CART, Anomaly.RUNNING)),
    Plot(flow=BUSY, anomalies=(Anomaly.LAWN, Anomaly.CYCLIST)),
)
"""The plots of test clips, over and over; the first six hold every anomaly and a normal clip."""


def stage(plot: Plot, rng: np.random.Generator, frames: int) -> Scene:
    """Return a clip of so many frames: what goes wrong comes first, and people keep clear of it."""
    light, cast, crowd = rng.spawn(3)
    actors: list[Actor] = []
    for number, anomaly in enumerate(plot.anomalies):
        share = (number + 0.24) / len(plot.anomalies) if len(plot.anomalies) > 1 else 0.3
        onset = frames * share + cast.uniform(-6.0, 6.0)
        actors += _STAGED[anomaly](cast, onset, frames)
    return Scene(
        actors=[*actors, *passers(crowd, plot.flow, frames, actors)],
        sun=light.uniform(0.32, 0.52) * (1.0 + 0.10 * _slowly(light, frames)),
        gain=light.uniform(0.95, 1.05) * (1.0 + 0.022 * _slowly(light, frames)),
        noise_seed=int(light.integers(2**31)),
    )


def _slowly(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    """Return what drifts over seconds around 0, within about 1."""
    drift = gaussian_filter1d(rng.standard_normal(frames + 400), 30.0)
    return np.asarray((drift / drift.std())[200 : 200 + frames].clip(-2.0, 2.0) / 2.0)


def _across(rng: np.random.Generator, z: float, margin: float) -> tuple[list[tuple[float, float]], int]:
    """Return a line across the frame at a distance, from beyond one side to beyond the other, and its direction."""
    towards = int(rng.choice((-1, 1)))
    end = min(max(z + rng.normal(0.0, 0.6), NEAR_EDGE + 1.0), FAR_EDGE - 1.0)
    wide = half_width(max(z, end)) + margin
    return [(-towards * wide, z), (towards * wide, end)], towards


def _always(way: Track) -> NDArray[np.bool_]:
    return np.ones_like(way.present)


def _cyclist(rng: np.random.Generator, onset: float, frames: int) -> list[Actor]:
    line, _ = _across(rng, rng.uniform(NEAR_EDGE + 1.2, FAR_EDGE - 1.2), 1.2)
    way = track(line, start=onset, speed=rng.uniform(3.6, 5.0), frames=frames, sway=0.06)
    paint = PAINTS[rng.integers(len(PAINTS))]
    return [Cyclist(person=Person.draw(rng), paint=paint, track=way, anomalous=_always(way))]


def _cart(rng: np.random.Generator, onset: float, frames: int) -> list[Actor]:
    line, _ = _across(rng, rng.uniform(NEAR_EDGE + 2.0, FAR_EDGE - 2.0), 2.0)
    way = track(line, start=onset, speed=rng.uniform(3.4, 4.4), frames=frames)
    paint = CART_PAINTS[rng.integers(len(CART_PAINTS))]
    driver = replace(Person.draw(rng), luggage=Luggage.NOTHING)
    return [Cart(person=driver, paint=paint, track=way, anomalous=_always(way))]


def _runner(rng: np.random.Generator, onset: float, frames: int) -> list[Actor]:
    line, _ = _across(rng, rng.uniform(NEAR_EDGE + 0.8, FAR_EDGE - 0.8), 0.8)
    way = track(line, start=onset, speed=rng.uniform(2.8, 3.4), frames=frames, sway=0.05)
    person = replace(Person.draw(rng), long_coat=False)
    phase = rng.uniform(0.0, 2.0 * np.pi)
    return [Walker(person=person, track=way, anomalous=_always(way), phase=phase, runs=True)]


def _lawn_crosser(rng: np.random.Generator, onset: float, frames: int) -> list[Actor]:
    """Somebody who turns off the walkway and goes on over the grass, mostly the far one, out of the frame."""
    towards = int(rng.choice((-1, 1)))
    speed = rng.uniform(1.15, 1.5)
    leave, far = -towards * rng.uniform(1.5, 3.5), towards > 0 or rng.random() < 0.5
    edge, lawn = (FAR_EDGE - 0.6, rng.uniform(27.6, 29.4)) if far else (NEAR_EDGE + 0.6, 15.4)
    line = [
        *((-towards * (half_width(edge) + 0.8), edge), (leave, edge), (leave + towards * 2.2, lawn)),
        (towards * (half_width(lawn) + 0.8), lawn + 0.3),
    ]
    before = (half_width(edge) + 0.8 - abs(leave)) / speed * FRAMES_A_SECOND
    way = track(line, start=onset - before, speed=speed, frames=frames, sway=0.06)
    person, phase = Person.draw(rng), rng.uniform(0.0, 2.0 * np.pi)
    return [Walker(person=person, track=way, anomalous=off_path(way.places), phase=phase)]


def _bag_leaver(rng: np.random.Generator, onset: float, frames: int) -> list[Actor]:
    """Somebody who stops, sets a bag down and goes on without it; the bag is anomalous from then on."""
    line, _ = _across(rng, rng.uniform(NEAR_EDGE + 1.5, FAR_EDGE - 2.0), 0.8)
    speed, stop = rng.uniform(1.15, 1.4), rng.uniform(-2.5, 1.0)
    after = abs(line[0][0]) + stop
    down = min(int(onset) + 10, frames - 1)
    start = down - 15.0 - after / speed * FRAMES_A_SECOND
    way = track(
        line, start=start, speed=speed, frames=frames, pause=Pause(after=after, seconds=3.0), sway=0.04
    )
    bag = Bag(colour=BAG_PAINTS[rng.integers(len(BAG_PAINTS))], is_suitcase=bool(rng.random() < 0.5))
    owner = Walker(
        person=replace(Person.draw(rng), luggage=Luggage.NOTHING),
        track=way,
        anomalous=np.zeros(frames, dtype=bool),
        phase=rng.uniform(0.0, 2.0 * np.pi),
        bag=bag,
        crouches=np.exp(-(((np.arange(frames) - down) / 6.0) ** 2)) * (0.45 if bag.is_suitcase else 0.8),
        sets_down=down,
    )
    x, z = owner.hand_at(down)
    still = Track(
        places=np.tile((x, z), (frames, 1)),
        headings=np.full(frames, way.headings[down]),
        travelled=np.zeros(frames),
        present=np.arange(frames) >= down,
    )
    return [owner, LeftBag(bag=bag, track=still, anomalous=still.present)]


_STAGED: dict[Anomaly, Callable[[np.random.Generator, float, int], Sequence[Actor]]] = {
    Anomaly.CYCLIST: _cyclist,
    Anomaly.CART: _cart,
    Anomaly.RUNNING: _runner,
    Anomaly.LAWN: _lawn_crosser,
    Anomaly.BAG: _bag_leaver,
}
