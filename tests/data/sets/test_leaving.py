"""What is left out: a picture with all its copies by its bytes, or one file of them by its place."""

from dataclasses import replace

import pytest

from tests.conftest import write_picture
from xai_ad.data.layouts import one_of_copies, read_dataset, without


@pytest.fixture
def copied(tmp_path):
    """Pictures of which three are the same to the byte, and two of them of one name."""
    for index in range(12):
        write_picture(tmp_path / "parts" / "train" / "good" / f"{index:03d}.png", index)
    for index in (20, 21):
        write_picture(tmp_path / "parts" / "test" / "broken" / f"{index}.png", index)
    for place in ("test/good/003.png", "train/good/copy.png"):
        target = tmp_path / "parts" / place
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((tmp_path / "parts" / "train" / "good" / "003.png").read_bytes())
    return tmp_path / "parts"


def places(dataset, folder):
    return {sample.path.relative_to(folder).as_posix() for sample in dataset.samples}


def test_one_of_several_copies_goes_and_the_others_stay(copied):
    dataset = read_dataset(copied, "mvtec")
    every = places(dataset, copied)
    for sample in dataset.samples:
        entry = one_of_copies(sample.sha256, sample.path, copied)
        left = places(read_dataset(copied, "mvtec", left_out=[entry]), copied)
        assert every - left == {sample.path.relative_to(copied).as_posix()}


def test_a_sha256_means_all_copies(copied):
    dataset = read_dataset(copied, "mvtec")
    sha256 = next(sample.sha256 for sample in dataset.samples if sample.path.name == "copy.png")
    gone = {sample for sample in dataset.samples if sample.sha256 == sha256}
    assert len(gone) == 3
    assert set(without(dataset, [sha256]).samples) == set(dataset.samples) - gone


def test_a_file_that_is_another_one_by_now_stays(copied):
    entry = one_of_copies("0" * 64, copied / "train/good/001.png", copied)
    dataset = read_dataset(copied, "mvtec")
    assert without(dataset, [entry]).samples == dataset.samples


def test_of_two_paths_that_end_alike_the_one_named_is_meant(copied):
    dataset = read_dataset(copied, "mvtec")
    outer = next(sample for sample in dataset.samples if sample.path.name == "copy.png")
    inner = replace(outer, path=copied / "train/good/train/good/copy.png")
    both = replace(dataset, samples=(inner, outer))
    assert without(both, [one_of_copies(outer.sha256, outer.path, copied)]).samples == (inner,)
    assert without(both, [one_of_copies(inner.sha256, inner.path, copied)]).samples == (outer,)
