import pytest

from xai_ad.machine.timing import interleave, median_ratio


def test_every_side_is_measured_once_a_round_and_another_one_begins_each_time():
    order = []

    def side(name):
        def measure():
            order.append(name)
            return float(len(order))

        return measure

    measured = interleave({name: side(name) for name in "abc"}, rounds=3)
    assert "".join(order) == "abc" + "bca" + "cab"
    assert measured == {"a": [1.0, 6.0, 8.0], "b": [2.0, 4.0, 9.0], "c": [3.0, 5.0, 7.0]}


def test_progress_rises_evenly_to_one():
    seen = []
    interleave({"a": lambda: 1.0, "b": lambda: 1.0}, rounds=2, on_progress=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]


def test_the_ratio_is_taken_within_rounds():
    # The ratio of the medians would be 4 / 2 = 2.
    assert median_ratio([3.0, 4.0, 20.0], [1.0, 4.0, 2.0]) == 3.0


def test_sides_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        median_ratio([1.0, 2.0], [1.0])
