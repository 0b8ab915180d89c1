"""Which pictures are measured on."""

import pytest

from xai_ad.benchmarks import base
from xai_ad.benchmarks.shapley import CoverageBenchmark
from xai_ad.errors import InvalidInputError


def anomalous_cases(stored_model, folder, count, **only):
    benchmark = CoverageBenchmark(model=str(stored_model.path), data=folder, layout="mvtec")
    return benchmark.cases(count, **only)


def names(found):
    return [(case.picture.parent.name, case.picture.name) for case in found]


def test_they_are_anomalous_and_of_each_kind_in_turns(stored_model, mvtec_folder):
    found = anomalous_cases(stored_model, mvtec_folder, 4)
    assert [kind for kind, _ in names(found)] == ["hole", "stain", "hole", "stain"]
    assert len(set(found)) == 4
    assert all(case.picture.is_absolute() and case.model == stored_model.path for case in found)


def test_fewer_than_asked_for_are_no_measurement(stored_model, mvtec_folder):
    with pytest.raises(InvalidInputError, match=r"hold 8 anomalous ones to measure on. Got 'images' = 9"):
        anomalous_cases(stored_model, mvtec_folder, 9)


def test_only_those_that_the_model_finds_are_taken_where_that_matters(
    stored_model, mvtec_folder, monkeypatch
):
    scores = iter([0.01, 0.9, 0.05, 0.06])  # the threshold is 0.05
    monkeypatch.setattr(base, "raw_score", lambda classifier, image: next(scores))
    every = anomalous_cases(stored_model, mvtec_folder, 4)
    found = anomalous_cases(stored_model, mvtec_folder, 2, detected=True)
    assert found == (every[1], every[3])


def test_the_shipped_case_is_there_and_loads():
    case = CoverageBenchmark().cases(1)[0]
    classifier, image = case.load()
    assert image.shape == (3, 128, 128)
    classifier.check(image[None])
