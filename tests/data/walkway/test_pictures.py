"""What the camera over the walkway delivers: masks against a second, slower painter; files; what is shipped."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from xai_ad.data.layouts import Protocol, read_dataset
from xai_ad.data.sets.clips import split_clips
from xai_ad.data.specs import Subject, dataset_spec
from xai_ad.data.synthetic import WALKWAY
from xai_ad.data.synthetic.walkway.actors import Actor
from xai_ad.data.synthetic.walkway.backdrop import standing
from xai_ad.data.synthetic.walkway.painting import Face, Limb, Patch, Shape
from xai_ad.data.synthetic.walkway.place import HEIGHT, WIDTH, project
from xai_ad.data.synthetic.walkway.recording import KEY_EVERY, LEAST_TESTS, WalkwayGenerator, recorder
from xai_ad.data.synthetic.walkway.rendering import (
    LEAST_PIXELS,
    Layer,
    Scene,
    layers,
    shoot,
    visible_anomalies,
)

SHIPPED = Path(__file__).parents[3] / "sample_data" / "walkway"
SAMPLES = 2


def cover(shape: Shape) -> np.ndarray:
    """How far a shape covers each sample of the whole frame, in float64."""
    y, x = np.mgrid[: HEIGHT * SAMPLES, : WIDTH * SAMPLES] + 0.5
    if isinstance(shape, Face):
        at = project(shape.corners)[:, :2] * SAMPLES
        middle, inside = at.mean(axis=0), np.full(x.shape, np.inf)
        for a, b in zip(at, np.roll(at, -1, axis=0), strict=True):
            normal = np.array([-(b - a)[1], (b - a)[0]]) / np.linalg.norm(b - a)
            normal *= np.sign(normal @ (middle - a))  # inwards
            inside = np.minimum(inside, (x - a[0]) * normal[0] + (y - a[1]) * normal[1])
        return shape.opacity * np.clip(inside + 0.5, 0.0, 1.0)
    ends = project(np.stack([shape.start, shape.end]))
    (a, b), radii = ends[:, :2] * SAMPLES, ends[:, 2] * SAMPLES * shape.radius
    share = np.clip(((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / max((b - a) @ (b - a), 1e-6), 0, 1)
    away = np.hypot(x - a[0] - share * (b - a)[0], y - a[1] - share * (b - a)[1])
    radius = radii[0] + share * (radii[1] - radii[0])
    return np.clip(radius - away + 0.5, 0.0, min(1.0, 2.0 * radii.max()))


def alone(shapes: list[Shape]) -> np.ndarray:
    """How far a thing hides what is behind it: all that its shapes let through, taken away."""
    through = np.ones((HEIGHT * SAMPLES, WIDTH * SAMPLES))
    for shape in shapes:
        through *= 1.0 - cover(shape)
    return 1.0 - through


def key_mask(scene: Scene, index: int) -> tuple[np.ndarray, np.ndarray]:
    """The mask by painting what is anomalous white on black and what is nearer black over it; and where it is uncertain."""
    things = [(distance, list(shapes), False) for distance, shapes in standing()]
    for actor in scene.actors:
        if actor.track.present[index]:
            marked = bool(actor.anomalous[index])
            things.append((float(actor.track.places[index, 1]), list(actor.shapes(index)), marked))
    nearest_first = sorted(things, key=lambda thing: thing[0])
    farthest = max(place for place, (_, _, marked) in enumerate(nearest_first) if marked)
    white = np.zeros((HEIGHT * SAMPLES, WIDTH * SAMPLES))
    for _, shapes, marked in reversed(nearest_first[: farthest + 1]):
        hides = alone(shapes)
        white = white * (1.0 - hides) + (hides if marked else 0.0)
    share = white.reshape(HEIGHT, SAMPLES, WIDTH, SAMPLES).mean(axis=(1, 3))
    return share >= 0.5, np.abs(share - 0.5) < 1e-4


@pytest.mark.parametrize(("clip", "frame"), [(0, 40), (1, 35), (3, 100), (4, 120), (6, 70)])
def test_a_mask_is_what_a_slower_painter_leaves_of_the_anomaly(clip: int, frame: int) -> None:
    scene = WALKWAY.scene(0, "test", clip)
    mask = visible_anomalies(layers(scene, frame))
    expected, uncertain = key_mask(scene, frame)
    assert expected.sum() >= LEAST_PIXELS
    assert not ((mask != expected) & ~uncertain).any()


def test_what_stands_before_an_anomaly_takes_its_pixels() -> None:
    found = layers(WALKWAY.scene(0, "test", 6), 70)
    whole = visible_anomalies([layer for layer in found if layer.anomalous])
    assert visible_anomalies(found).sum() < whole.sum()
    assert not (visible_anomalies(found) & ~whole).any()


@pytest.mark.parametrize(("pixels", "marked"), [(LEAST_PIXELS - 1, 0), (LEAST_PIXELS, LEAST_PIXELS)])
def test_an_anomaly_that_is_all_but_hidden_is_none(pixels: int, marked: int) -> None:
    size = (SAMPLES, SAMPLES * pixels)
    patch = Patch(
        window=(slice(100, 100 + size[0]), slice(60, 60 + size[1])),
        colour=np.zeros((*size, 3), dtype=np.float32),
        cover=np.ones(size, dtype=np.float32),
    )
    layer = Layer(distance=20.0, patch=patch, shadow=None, anomalous=True)
    assert visible_anomalies([layer]).sum() == marked


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of clips that are over before much happens."""
    directory = tmp_path_factory.mktemp("walkway")
    seen: list[float] = []
    WalkwayGenerator(shortest=2, longest=3).write(directory, 3, 2, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    return directory


def test_the_layout_is_that_of_ucsd(small: Path) -> None:
    names = {path.relative_to(small).as_posix() for path in small.rglob("*.*")}
    clips = {f"Train/Train{n:03d}.mp4" for n in (1, 2)}
    clips |= {f"Test/Test{n:03d}.mp4" for n in range(1, LEAST_TESTS + 1)}
    assert {name for name in names if not name.endswith(".png")} == clips | {"frame_labels.csv"}


def test_the_same_seed_writes_the_same_bytes_however_many_are_asked_for(small: Path, tmp_path: Path) -> None:
    WalkwayGenerator(shortest=2, longest=3).write(tmp_path, 3, 1, lambda _: None)
    for path in tmp_path.rglob("*.mp4"):
        assert path.read_bytes() == (small / path.relative_to(tmp_path)).read_bytes(), path
    assert (tmp_path / "frame_labels.csv").read_bytes() == (small / "frame_labels.csv").read_bytes()


def test_every_twenty_fifth_frame_stands_by_itself(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    still = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    with recorder(tmp_path / "clip.mp4") as record:
        for _ in range(2 * KEY_EVERY + 3):
            record(still)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        keys = [n for n, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    assert keys == [0, KEY_EVERY, 2 * KEY_EVERY]


@cache
def shipped_labels() -> dict[str, list[bool]]:
    labels: dict[str, list[bool]] = defaultdict(list)
    for line in (SHIPPED / "frame_labels.csv").read_text().splitlines()[1:]:
        clip, frame, label = line.split(",")
        assert int(frame) == len(labels[clip]) + 1
        labels[clip].append(label == "1")
    return labels


def test_the_shipped_labels_say_where_the_shipped_masks_mark_something() -> None:
    for clip, labels in shipped_labels().items():
        files = {int(path.stem): path for path in (SHIPPED / "Test" / f"{clip}_gt").glob("*.png")}
        assert sorted(files) == [number for number, label in enumerate(labels, 1) if label]
        for path in files.values():
            with Image.open(path) as picture:
                assert picture.size == (WIDTH, HEIGHT)
                assert (np.asarray(picture) == 255).sum() >= LEAST_PIXELS


def test_the_shipped_clips_decode_to_as_many_frames_as_are_labelled() -> None:
    dataset = read_dataset(SHIPPED, "ucsd")
    tested = {clip.name: clip for clip in dataset.clips if clip.subset == "test"}
    assert tested.keys() == shipped_labels().keys()
    for name, labels in shipped_labels().items():
        assert list(tested[name].labels or ()) == labels
        with av.open(str(tested[name].path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == len(labels)


def test_anomalies_come_and_go_but_the_bag() -> None:
    normal = [clip for clip, labels in shipped_labels().items() if not any(labels)]
    assert normal == ["Test006"]
    for clip, labels in shipped_labels().items():
        if clip != "Test006":
            assert not any(labels[:20])
            assert not any(labels[-10:]) or clip == "Test005"


def test_the_shipped_set_is_known_and_enough_clips_calibrate() -> None:
    dataset = read_dataset(SHIPPED, "ucsd")
    assert (dataset.name, dataset.generated, dataset.crop) == ("walkway", True, None)
    assert dataset_spec("walkway").subject is Subject.SCENE
    split = split_clips(dataset, Protocol.HELD_OUT)
    assert (len(split.train), len(split.validation), len(split.test)) == (12, 3, 9)


@pytest.mark.parametrize(("split", "index", "frame"), [("train", 3, 60), ("test", 1, 35), ("test", 4, 120)])
def test_a_shipped_frame_is_what_the_generator_paints(split: str, index: int, frame: int) -> None:
    """Within what H.264 and its halved colour lose; another machine's arithmetic may differ in the last bit."""
    picture, mask = shoot(WALKWAY.scene(0, split, index), frame)
    name = f"{split.capitalize()}{index + 1:03d}"
    with av.open(str(SHIPPED / split.capitalize() / f"{name}.mp4")) as container:
        stored = next(f for n, f in enumerate(container.decode(video=0)) if n == frame)
    difference = np.abs(picture.astype(int) - stored.to_ndarray(format="rgb24"))
    assert difference.mean() < 4.0
    assert np.median(difference) <= 2.0
    if split == "test":
        with Image.open(SHIPPED / "Test" / f"{name}_gt" / f"{frame + 1:03d}.png") as stored_mask:
            assert ((np.asarray(stored_mask) > 0) != mask).sum() <= 2


def test_light_drifts_slowly_and_the_sensor_is_noisy() -> None:
    scene = WALKWAY.scene(0, "train", 2)
    assert 0.005 < np.ptp(scene.gain) < 0.2
    assert np.abs(np.diff(scene.gain)).max() < 0.005
    quiet = Scene(actors=(), sun=scene.sun, gain=np.ones_like(scene.gain), noise_seed=0)
    first, second = (shoot(quiet, index)[0].astype(float) for index in (0, 1))
    lawn = (slice(155, 176), slice(0, 150))
    assert 0.8 < (first - second)[lawn].std() / np.sqrt(2.0) < 3.0


def test_people_look_different() -> None:
    def looks(actor: Actor) -> tuple[object, ...]:
        return tuple(shape.colour for shape in actor.shapes(0) if isinstance(shape, Limb))

    actors = WALKWAY.scene(0, "train", 3).actors
    assert len({looks(actor) for actor in actors}) == len(actors)
