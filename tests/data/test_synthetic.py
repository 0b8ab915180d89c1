"""The generated sample sets, and the copies that are shipped."""

from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation

from xai_ad.data.layouts import read_dataset
from xai_ad.data.specs import DATASETS
from xai_ad.data.synthetic import GENERATORS, STILLS, generate
from xai_ad.data.synthetic.stills import StillsGenerator
from xai_ad.errors import InvalidInputError, UnknownNameError

SHIPPED = Path(__file__).parents[2] / "sample_data"
SHIPPED_COUNTS = {"washer": 8, "lesion": 13}
"""Anomalous images of each class."""
CASES = [
    pytest.param(set_, defect, id=f"{name}-{defect}")
    for name, set_ in STILLS.items()
    for defect in set_.defects
]
LENS_REACH = 2


@cache
def sound_image(name: str, seed: int) -> NDArray[np.uint8]:
    return STILLS[name].normal(np.random.default_rng(seed))


@cache
def defective_image(name: str, defect: str, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    return STILLS[name].anomalous(defect, np.random.default_rng(seed))


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()
    }


@pytest.fixture(scope="module", params=sorted(STILLS))
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[StillsGenerator, Path]:
    """Every set once, as small as it gets: the set and its folder."""
    directory = tmp_path_factory.mktemp(request.param) / "set"
    generate(request.param, directory, count=1)
    return STILLS[request.param], directory


def test_a_set_is_registered_under_its_own_name() -> None:
    assert all(generator.name == name for name, generator in GENERATORS.items())


def test_the_layout_is_that_of_mvtec(written: tuple[StillsGenerator, Path]) -> None:
    generator, directory = written
    expected = {"generated.json", "train/good/000.jpg", "test/good/000.jpg"}
    for defect in generator.defects:
        expected |= {f"test/{defect}/000.jpg", f"ground_truth/{defect}/000_mask.png"}
    assert set(contents(directory)) == expected


def test_images_are_colour_and_masks_are_black_and_white_of_the_same_size(
    written: tuple[StillsGenerator, Path],
) -> None:
    generator, directory = written
    for defect in generator.defects:
        with Image.open(directory / f"test/{defect}/000.jpg") as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (256, 256))
        with Image.open(directory / f"ground_truth/{defect}/000_mask.png") as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (256, 256))
            assert set(np.unique(picture)) == {0, 255}


def test_another_seed_gives_other_images(written: tuple[StillsGenerator, Path], tmp_path: Path) -> None:
    generator, directory = written
    generate(generator.name, tmp_path / "other", count=1, seed=1)
    other, first = contents(tmp_path / "other"), contents(directory)
    assert other.keys() == first.keys()
    assert all(other[name] != first[name] for name in first if name.endswith(".jpg"))


def test_the_same_seed_gives_the_same_bytes_however_many_are_asked_for(
    written: tuple[StillsGenerator, Path], tmp_path: Path
) -> None:
    generator, directory = written
    generate(generator.name, tmp_path / "more", count=2)
    more = contents(tmp_path / "more")
    assert "train/good/001.jpg" in more
    assert contents(directory).items() <= more.items()


def test_images_of_one_set_differ(written: tuple[StillsGenerator, Path]) -> None:
    _, directory = written
    pictures = [data for name, data in contents(directory).items() if name.endswith(".jpg")]
    assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("generator", "defect"), CASES)
def test_a_defect_changes_the_image_inside_its_mask_and_nowhere_else(
    generator: StillsGenerator, defect: str, seed: int
) -> None:
    sound = sound_image(generator.name, seed)
    image, mask = defective_image(generator.name, defect, seed)
    changed = (image != sound).any(axis=2)
    assert mask.dtype == bool
    assert mask.any()
    assert not (changed & ~binary_dilation(mask, np.ones((3, 3)), iterations=LENS_REACH)).any()
    assert changed[mask].mean() > 0.5


@pytest.mark.parametrize(("generator", "defect"), CASES)
def test_a_mask_leaves_most_of_the_image_sound(generator: StillsGenerator, defect: str) -> None:
    _, mask = defective_image(generator.name, defect, 0)
    assert 0 < mask.mean() < 0.25


def test_progress_rises_to_one(tmp_path: Path) -> None:
    seen: list[float] = []
    generate("lesion", tmp_path / "lesion", count=1, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_an_unknown_set_is_an_error_that_names_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"'gasket'.*washer"):
        generate("gasket", tmp_path / "gasket")
    assert not (tmp_path / "gasket").exists()


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InvalidInputError, match="is not an empty folder") as caught:
        generate("washer", tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(contents(tmp_path)) == ["mine.txt"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    generate("lesion", tmp_path, count=1)
    assert (tmp_path / "train" / "good" / "000.jpg").is_file()


@pytest.mark.parametrize("options", [{"count": 0}, {"count": -3}, {"seed": -1}])
def test_a_count_or_seed_out_of_range_is_quoted(options: dict[str, int], tmp_path: Path) -> None:
    ((option, value),) = options.items()
    with pytest.raises(InvalidInputError, match=rf"'{option}'.*{value}"):
        generate("washer", tmp_path / "set", **options)


def test_every_set_is_shipped() -> None:
    assert {path.name for path in SHIPPED.iterdir() if path.is_dir()} == set(GENERATORS)
    assert set(STILLS) == set(SHIPPED_COUNTS)


def test_every_set_is_known_as_generated() -> None:
    assert {name for name, spec in DATASETS.items() if spec.generated} == set(GENERATORS)


@pytest.mark.parametrize(("name", "anomalous"), SHIPPED_COUNTS.items())
def test_the_shipped_images_are_as_many_as_the_generator_writes(name: str, anomalous: int) -> None:
    counts = Counter(
        path.parent.relative_to(SHIPPED / name).as_posix() for path in (SHIPPED / name).rglob("*.*")
    )
    expected = {".": 1, "train/good": 120, "test/good": 30}
    for defect in STILLS[name].defects:
        expected |= {f"test/{defect}": anomalous, f"ground_truth/{defect}": anomalous}
    assert counts == expected


def test_a_shipped_set_is_what_its_generator_writes(written: tuple[StillsGenerator, Path]) -> None:
    """Compared within JPEG's rounding: another machine's arithmetic may differ in the last bit."""
    generator, directory = written
    assert read_dataset(SHIPPED / generator.name, "mvtec").generated
    for path in [*directory.rglob("*.jpg"), *directory.rglob("*.png")]:
        copy = SHIPPED / generator.name / path.relative_to(directory)
        with Image.open(path) as fresh, Image.open(copy) as shipped:
            difference = np.abs(np.asarray(fresh, dtype=int) - np.asarray(shipped, dtype=int))
        assert difference.mean() < 1.0, path


def test_the_shipped_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*.*")) < 11_000_000
