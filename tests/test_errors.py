"""Messages stay short enough to be read."""

from xai_ad.errors import UnknownNameError


def test_few_valid_names_are_all_listed():
    assert str(UnknownNameError("cell", "x", ["b", "a"])) == "There is no cell 'x'. Choose one of: a, b."
    assert str(UnknownNameError("cell", "x", [])) == "There is no cell 'x'. Choose one of: (none)."


def test_of_many_valid_names_the_nearest_are_listed():
    names = [f"{network}-{layers}" for network in ("cgru", "clstm", "bicgru") for layers in range(20)]
    told = str(UnknownNameError("variant", "clstm-7x", names))
    assert told.startswith("There is no variant 'clstm-7x'. Choose one of the 60; nearest are clstm-7, ")
    assert told.count(", ") == 5
