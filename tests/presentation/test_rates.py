"""Error rates are counted on evaluated images, and told in the words of their subject."""

import pytest

from xai_ad.data.specs import Subject
from xai_ad.presentation.rates import error_rates
from xai_ad.store import JudgedImage


def images(kind, *, below, above, label=1):
    """So many images of a class below and above a limit of 1; one at it counts as below."""
    scores = [1.0] * below + [1.5] * above
    return [JudgedImage(score=score, label=label, kind=kind, sha256="0") for score in scores]


def test_parts_are_counted():
    told = error_rates(
        images("good", below=19, above=1, label=0) + images("dent", below=3, above=60), 1.0, Subject.PART
    )
    assert told == "At this limit it rejects 1 of 20 good parts and catches 60 of 63 defective ones."


def test_the_worst_class_is_told_where_it_fares_otherwise_than_all():
    good, dents = images("good", below=20, above=0, label=0), images("dent", below=0, above=30)
    far = images("wrong_bore", below=3, above=3)
    assert error_rates(good + dents + far, 1.0, Subject.PART) == (
        "At this limit it rejects none of 20 good parts and catches 33 of 36 defective ones "
        "(wrong bore: 3 of 6)."
    )
    near = images("scratch", below=1, above=9)
    assert "scratch" not in error_rates(good + dents + near, 1.0, Subject.PART)


def test_of_many_lesions_shares_are_told_melanomas_first_and_naevi_by_name():
    found = error_rates(
        images("nv", below=630, above=370, label=0)
        + images("mel", below=300, above=700)
        + images("bkl", below=650, above=350)
        + images("bcc", below=10, above=990),
        1.0,
        Subject.LESION,
    )
    assert found == (
        "At this limit it misses about 3 in 10 melanomas (benign keratoses: about 6 in 10) and flags about 4 in 10 naevi."
    )


def test_melanomas_are_told_even_where_they_fare_as_all_do():
    found = error_rates(
        images("nv", below=90, above=10, label=0)
        + images("mel", below=20, above=80)
        + images("df", below=2, above=8),
        1.0,
        Subject.LESION,
    )
    assert found == "At this limit it misses about 2 in 10 melanomas and flags about 1 in 10 naevi."


def test_frames():
    normal, abnormal = images("normal", below=8, above=52, label=0), images("anomalous", below=4, above=1644)
    assert error_rates(normal + abnormal, 1.0, Subject.SCENE) == (
        "At this limit it calls 52 of 60 normal frames abnormal and misses about 1 in 412 abnormal ones."
    )


@pytest.mark.parametrize("label", [0, 1])
def test_one_kind_alone_tells_nothing(label):
    assert error_rates(images("any", below=5, above=5, label=label), 1.0, Subject.PART) == ""
    assert error_rates([], 1.0, Subject.SCENE) == ""
