"""MATLAB files against SciPy's reader, which is the oracle for whole ones."""

import io

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from xai_ad.data.videos.matlab import UNREAD, DamageError, read_variables

DTYPES = ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]


def written(variables, **options):
    file = io.BytesIO()
    savemat(file, variables, **options)
    return file.getvalue()


def expected(data):
    return {name: value for name, value in loadmat(io.BytesIO(data)).items() if not name.startswith("__")}


def same(mine, theirs):
    if theirs.dtype == object:
        assert mine.shape == theirs.shape
        for one, other in zip(mine.ravel(), theirs.ravel(), strict=True):
            same(one, other)
    else:
        assert np.array_equal(mine, theirs)
        assert mine.dtype.kind == theirs.dtype.kind


def cell(values, shape):
    found = np.empty(shape, dtype=object)
    for place, value in zip(np.ndindex(*shape), values, strict=True):
        found[place] = value
    return found


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_every_type_and_shape_are_read(packed, dtype):
    arrays = {
        f"a{index}": np.arange(np.prod(shape)).reshape(shape).astype(dtype)
        for index, shape in enumerate(
            [(1, 1), (1, 3), (3, 1), (2, 3), (0, 0), (2, 0), (2, 3, 4), (1, 2, 1, 5)]
        )
    }
    data = written(arrays | {"with_a_long_name_of_its_own": np.array([[True, False]])}, do_compression=packed)
    mine, theirs = read_variables(data), expected(data)
    assert mine.keys() == theirs.keys()
    for name, value in theirs.items():
        same(mine[name], value)


@pytest.mark.parametrize("packed", [False, True])
def test_cells_are_read_in_their_order(packed):
    values = [
        np.arange(4).reshape(2, 2),
        np.zeros((2, 0)),
        np.eye(3),
        cell([np.ones((1, 2)), np.zeros((1, 1))], (1, 2)),
    ]
    data = written({"gt": cell(values, (2, 2)), "row": cell(values, (1, 4))}, do_compression=packed)
    mine, theirs = read_variables(data), expected(data)
    assert mine.keys() == theirs.keys() == {"gt", "row"}
    for name, value in theirs.items():
        same(mine[name], value)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "i2", "u2", "u1"])
def test_version_4_is_read(dtype):
    data = written({"a": np.arange(6).reshape(2, 3).astype(dtype), "b": np.ones((1, 1), dtype)}, format="4")
    mine, theirs = read_variables(data), expected(data)
    assert mine.keys() == theirs.keys() == {"a", "b"}
    for name, value in theirs.items():
        same(mine[name], value)


def test_what_labels_never_are_is_passed_over():
    data = written({"text": "gt", "structure": {"gt": 1}, "a": np.ones((1, 2))})
    found = read_variables(data)
    assert (found["text"], found["structure"]) == (UNREAD, UNREAD)
    assert found["a"].tolist() == [[1, 1]]


def test_what_breaks_off_is_damaged():
    data = written({"a": np.arange(99)})
    for length in (0, 3, 100, 130, 140, 190, len(data) - 8):
        with pytest.raises(DamageError):
            read_variables(data[:length])
