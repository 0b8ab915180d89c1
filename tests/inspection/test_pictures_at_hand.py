"""Scored pictures are found by their bytes: among the samples, and in the folder that a model was trained on."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from xai_ad.data.decoding import sha256_of
from xai_ad.errors import Cancelled
from xai_ad.inspection import pictures_at_hand as at_hand
from xai_ad.inspection.pictures_at_hand import (
    PictureSearch,
    own_folder,
    pictures_at_hand,
    pictures_in,
    worst_candidates,
)
from xai_ad.inspection.trainings.orders import TrainingOrder
from xai_ad.progress import silent
from xai_ad.store import JudgedImage


def image(content, *, score=1.0, label=0):
    return JudgedImage(score=score, label=label, kind="good", sha256=sha256_of(content))


def write(folder, **files):
    """Write files, `a__b` as b in folder a, and return the folder."""
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_at_any_limit_the_worst_mistakes_are_among_the_candidates():
    every = [image(b"", score=score) for score in (1.0, 5.0, 3.0)]
    every += [image(b"", score=score, label=1) for score in (2.0, 9.0, 0.5)]
    assert [one.score for one in worst_candidates(every, 2)] == [5.0, 3.0, 0.5, 2.0]


def test_a_sample_is_known_by_its_bytes_and_not_by_its_name(tmp_path):
    write(tmp_path / "widget" / "test", good__000=b"one", good__001=b"two")
    (found,) = pictures_at_hand("widget", [image(b"three"), image(b"two")], tmp_path)
    assert (found.name, found.image) == ("good/001", image(b"two"))


def test_wanted_pictures_are_found_at_any_depth_and_hidden_ones_are_not_looked_at(tmp_path):
    write(tmp_path, good__a=b"one", deep__er__b=b"two", **{".hidden__c": b"three"})
    (tmp_path / "notes.txt").write_bytes(b"four")
    wanted = [image(content) for content in (b"one", b"two", b"three", b"four")]
    search = PictureSearch(folder=tmp_path, wanted=frozenset(one.sha256 for one in wanted))
    found = pictures_in(search.answer(silent), wanted)
    assert [one.path.relative_to(tmp_path).as_posix() for one in found] == ["good/a.png", "deep/er/b.png"]
    assert [one.name for one in found] == ["good/a", "er/b"]


def test_a_search_ends_once_all_are_found_and_can_be_stopped(tmp_path, monkeypatch):
    write(tmp_path, a=b"one", b=b"two")
    read = []
    monkeypatch.setattr(at_hand, "_sha256", lambda path, *_: read.append(path.name) or sha256_of(path))
    PictureSearch(folder=tmp_path, wanted=frozenset({sha256_of(b"one")})).answer(silent)
    assert read == ["a.png"]

    def stop(_):
        raise Cancelled

    with pytest.raises(Cancelled):
        PictureSearch(folder=tmp_path, wanted=frozenset({"x"})).answer(stop)


@dataclass(frozen=True)
class Job:
    """A job of training as far as its order goes."""

    order: TrainingOrder


def test_a_models_own_folder_is_that_of_the_latest_job_that_made_it(tmp_path, monkeypatch):
    jobs = [
        Job(TrainingOrder(name="nut", data=Path("/gone"), layout="folder")),
        Job(TrainingOrder(name="nut", data=tmp_path, layout="folder", fine_tuning=True)),
    ]
    monkeypatch.setattr(at_hand, "list_jobs", lambda: tuple(jobs))
    assert own_folder("nut") == own_folder("nut-svdd") == tmp_path
    assert own_folder("bolt") is None
