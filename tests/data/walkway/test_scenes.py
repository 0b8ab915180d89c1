"""Who is in a clip of the walkway, where, and how fast; nothing is painted here."""

from itertools import combinations

import numpy as np
import pytest

from xai_ad.data.synthetic import WALKWAY
from xai_ad.data.synthetic.walkway.actors import Actor, Cart, Cyclist, LeftBag, Walker
from xai_ad.data.synthetic.walkway.gait import Gait, in_world, stand
from xai_ad.data.synthetic.walkway.people import Person
from xai_ad.data.synthetic.walkway.place import (
    EYE,
    FOCAL,
    FRAMES_A_SECOND,
    HEIGHT,
    PITCH,
    WIDTH,
    off_path,
    project,
    rays,
)
from xai_ad.data.synthetic.walkway.plots import TEST, TRAINING
from xai_ad.data.synthetic.walkway.rendering import Scene
from xai_ad.data.synthetic.walkway.tracks import Pause, Track, track

NETWORK = 128
"""The side in pixels of what networks see of a frame."""


def speeds_of(way: Track) -> np.ndarray:
    """Metres a second between each two frames in which something is there, by where it is."""
    both = way.present[1:] & way.present[:-1]
    return np.hypot(*np.diff(way.places, axis=0)[both].T) * FRAMES_A_SECOND


def walkers(scene: Scene) -> list[Walker]:
    """Those who walk through without a stop."""
    found = [actor for actor in scene.actors if isinstance(actor, Walker) and not actor.runs]
    return [w for w in found if w.track.present.sum() > 10 and speeds_of(w.track).min() > 0.6]


def of_kind(kind: type[Actor] | None, *, seeds: int = 2) -> list[Actor]:
    """Actors of a class in the test clips of some seeds; runners for None."""
    scenes = [WALKWAY.scene(seed, "test", index) for seed in range(seeds) for index in range(len(TEST))]
    actors = [actor for scene in scenes for actor in scene.actors]
    if kind is None:
        return [actor for actor in actors if isinstance(actor, Walker) and actor.runs]
    return [actor for actor in actors if isinstance(actor, kind)]


def test_the_camera_projects_as_a_matrix_of_the_textbook_does() -> None:
    points = np.random.default_rng(0).uniform((-6, 0, 16), (6, 3, 33), (50, 3))
    turn = np.array([[1, 0, 0], [0, -np.cos(PITCH), -np.sin(PITCH)], [0, -np.sin(PITCH), np.cos(PITCH)]])
    intrinsic = np.array([[FOCAL, 0, WIDTH / 2], [0, FOCAL, HEIGHT / 2], [0, 0, 1]])
    seen = (intrinsic @ turn @ (points - (0, EYE, 0)).T).T
    assert project(points)[:, :2] == pytest.approx(seen[:, :2] / seen[:, 2:], rel=1e-9)
    assert project(points)[:, 2] == pytest.approx(FOCAL / seen[:, 2], rel=1e-9)


def test_a_ray_meets_the_ground_where_the_ground_is_seen() -> None:
    look = rays(1)[120:]
    ground = (0, EYE, 0) + look * (EYE / -look[..., 1:2])
    y, x = np.mgrid[120:HEIGHT, :WIDTH]
    assert project(ground)[..., :2] == pytest.approx(np.stack([x + 0.5, y + 0.5], axis=-1))


def test_the_lawn_lies_beside_both_paths() -> None:
    walkway, side_path, near, far = (0.0, 20.0), (-4.7, 27.0), (0.0, 15.5), (2.0, 28.0)
    assert off_path(np.array([walkway, side_path, near, far])).tolist() == [False, False, True, True]


@pytest.mark.parametrize("index", range(len(TRAINING)))
@pytest.mark.parametrize("seed", range(3))
def test_nothing_in_training_is_anomalous_or_leaves_the_paths(seed: int, index: int) -> None:
    for actor in WALKWAY.scene(seed, "train", index).actors:
        assert isinstance(actor, Walker)
        assert not actor.runs
        assert not actor.anomalous.any()
        assert not off_path(actor.track.places[actor.track.present]).any()


def test_every_kind_of_anomaly_and_a_normal_clip_are_among_the_first_six() -> None:
    scenes = [WALKWAY.scene(0, "test", index) for index in range(6)]
    first = [[actor for actor in scene.actors if actor.anomalous.any()] for scene in scenes]
    assert [type(actors[0]) if actors else None for actors in first] == [
        *(Cyclist, Cart, Walker, Walker, LeftBag, None)
    ]
    assert [actors[0].runs for actors in first[2:4] if isinstance(actors[0], Walker)] == [True, False]


def test_walkers_move_by_one_to_two_pixels_a_frame_at_the_size_of_a_network() -> None:
    shifts = []
    for index in range(len(TRAINING)):
        for walker in walkers(WALKWAY.scene(0, "train", index)):
            flat = walker.track.places[walker.track.present]
            at = project(np.stack([flat[:, 0], np.zeros(len(flat)), flat[:, 1]], axis=-1))
            shifts.append(np.median(np.abs(np.diff(at[:, 0]))) * NETWORK / WIDTH)
    assert 1.0 <= np.median(shifts) <= 2.0


def test_runners_and_wheels_are_faster_than_anybody_who_walks() -> None:
    scenes = [WALKWAY.scene(0, "train", index) for index in range(len(TRAINING))]
    walking = [np.median(speeds_of(walker.track)) for scene in scenes for walker in walkers(scene)]
    usual = np.median(walking)
    running = [np.median(speeds_of(actor.track)) for actor in of_kind(None)]
    riding = [np.median(speeds_of(a.track)) for kind in (Cyclist, Cart) for a in of_kind(kind)]
    assert max(walking) < min(running)
    assert all(1.9 < speed / usual < 2.7 for speed in running)
    assert all(2.4 < speed / usual < 4.0 for speed in riding)


@pytest.mark.parametrize("index", range(len(TEST)))
def test_nobody_walks_through_anybody(index: int) -> None:
    actors = WALKWAY.scene(1, "test", index).actors
    for one, other in combinations(actors, 2):
        owner = {type(one), type(other)} == {Walker, LeftBag}
        both = one.track.present & other.track.present
        if both.any() and not owner:
            apart = np.hypot(*(one.track.places[both] - other.track.places[both]).T)
            assert apart.min() > 0.35


def test_a_bag_stays_where_it_was_set_down_and_only_then_is_anomalous() -> None:
    for index in (4, 13):
        actors = WALKWAY.scene(0, "test", index).actors
        (bag,) = (actor for actor in actors if isinstance(actor, LeftBag))
        (owner,) = (a for a in actors if isinstance(a, Walker) and a.sets_down is not None)
        down = int(np.argmax(bag.track.present))
        assert owner.sets_down == down > 0
        assert bag.track.present[down:].all()
        assert (bag.anomalous == bag.track.present).all()
        assert len(np.unique(bag.track.places, axis=0)) == 1
        assert len(owner.shapes(down - 1)) - len(owner.shapes(down)) == len(bag.shapes(down))
        assert not owner.anomalous.any()
        gone = np.hypot(*(owner.track.places[-1] - bag.track.places[-1]))
        assert gone > 2.0


def test_somebody_is_anomalous_exactly_while_on_the_lawn() -> None:
    for index in (3, 8):
        actors = WALKWAY.scene(0, "test", index).actors
        (leaver,) = (a for a in actors if isinstance(a, Walker) and a.anomalous.any())
        for (x, z), marked in zip(leaver.track.places, leaver.anomalous, strict=True):
            aside = abs(x - (-3.4 - 6.6 * (z - 26.0) / 5.0)) <= 1.35
            assert marked == (not (16.5 <= z <= 26.0 or (z > 26.0 and aside)))
        assert not leaver.anomalous.all()


@pytest.mark.parametrize("speed", [1.1, 1.5])
def test_a_foot_lifts_off_where_it_came_down(speed: float) -> None:
    person = Person.draw(np.random.default_rng(4))
    step = person.step_at(speed)

    def foot(phase: float) -> float:
        """Where along the walkway the left foot is, when so much of the gait is done."""
        joints = stand(person, Gait(phase=phase, step=step))
        return float(in_world(joints, phase * step / np.pi, 20.0, 0.0)["ankle_left"][0])

    assert foot(1.5 * np.pi) - foot(0.5 * np.pi) == pytest.approx(0.0, abs=0.2 * step)
    assert foot(2.5 * np.pi) - foot(1.5 * np.pi) == pytest.approx(2.0 * step, abs=0.2 * step)


def test_one_foot_is_on_the_ground_and_none_below() -> None:
    person = Person.draw(np.random.default_rng(5))
    for phase in np.linspace(0.0, 2.0 * np.pi, 25):
        joints = stand(person, Gait(phase=float(phase), step=0.7))
        low = min(
            min(
                joints[f"ankle_{s}"][2] - 0.045 * person.height, joints[f"toe_{s}"][2] - 0.016 * person.height
            )
            for s in ("left", "right")
        )
        assert low == pytest.approx(0.0, abs=1e-9)


def test_a_pause_stops_for_so_long_and_loses_no_ground() -> None:
    line = [(-6.0, 20.0), (6.0, 20.0)]
    through = track(line, start=0, speed=1.2, frames=160)
    paused = track(line, start=0, speed=1.2, frames=160, pause=Pause(after=4.0, seconds=3.0))
    assert 20 <= (np.diff(paused.travelled[paused.present]) < 0.01).sum() <= 30
    assert paused.present.sum() - through.present.sum() == pytest.approx(30, abs=1)


def test_a_clip_is_the_same_however_it_is_asked_for_and_differs_by_seed_and_number() -> None:
    def places(seed: int, index: int) -> list[list[float]]:
        return [actor.track.places[0].tolist() for actor in WALKWAY.scene(seed, "train", index).actors]

    assert places(0, 3) == places(0, 3)
    assert places(0, 3) != places(1, 3)
    assert places(0, 3) != places(0, 8)
