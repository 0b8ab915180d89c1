"""MATLAB files of versions 4 to 7: their numeric arrays, and cells of these.

Labels come in files from strangers, and SciPy's reader can be crashed by a damaged one; this one checks every length
before it reads on. What labels never are, as structures, texts and sparse arrays, is `UNREAD`.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNREAD = "of another kind"
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""How elements are stored, by their type."""
_MATRIX, _COMPRESSED = 14, 15
_CELL = 1
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
"""What arrays hold, by their class; they may be stored more narrowly."""
_OF_VERSION_4 = ("f8", "f4", "i4", "i2", "u2", "u1")
_HEADER = 128
_DEEPEST = 8
"""How many cells may lie in one another."""
_MOST_BYTES = 2**31
"""Of one variable, unpacked."""


class DamageError(ValueError):
    """A MATLAB file does not hold what it says."""


@dataclass(frozen=True)
class _Element:
    """A part of a file: its type and its bytes."""

    kind: int
    data: memoryview


def read_variables(data: bytes) -> dict[str, Any]:
    """Return a file's variables: arrays, cells as arrays of objects, `UNREAD` for what is neither.

    Raises `DamageError`, and `NotImplementedError` for version 7.3, which is HDF5.
    """
    if len(data) >= 4 and 0 in data[:4]:
        return dict(_of_version_4(memoryview(data)))
    if len(data) < _HEADER:
        raise DamageError("it is too short")
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise DamageError("it has no header")
    if struct.unpack(f"{order}H", data[124:126])[0] >= 0x0200:
        raise NotImplementedError("it is HDF5")
    found = {}
    for element in _elements(memoryview(data)[_HEADER:], order):
        unpacked = _unpacked(element, order) if element.kind == _COMPRESSED else [element]
        for whole in unpacked:
            if whole.kind == _MATRIX:
                name, value = _matrix(whole.data, order, 0)
                found[name] = value
    return found


def _unpacked(element: _Element, order: str) -> list[_Element]:
    """Return the elements that a compressed one holds."""
    stream = zlib.decompressobj()
    plain = stream.decompress(element.data, _MOST_BYTES)
    if not stream.eof:
        raise DamageError("a variable breaks off, or is too large")
    return list(_elements(memoryview(plain), order))


def _elements(data: memoryview, order: str) -> Iterator[_Element]:
    """Yield the elements of which bytes consist; each begins at a multiple of 8, except behind a compressed one."""
    place = 0
    while place < len(data):
        if place + 8 > len(data):
            raise DamageError("it breaks off")
        kind, size = struct.unpack(f"{order}II", data[place : place + 8])
        if kind >> 16:  # a small element: type and size share four bytes, and four of data follow
            kind, size = kind & 0xFFFF, kind >> 16
            if size > 4:
                raise DamageError("a small element is too large")
            yield _Element(kind, data[place + 4 : place + 4 + size])
            place += 8
            continue
        begin, end = place + 8, place + 8 + size
        if end > len(data):
            raise DamageError("it breaks off")
        yield _Element(kind, data[begin:end])
        place = end if kind == _COMPRESSED else end + -end % 8


def _matrix(data: memoryview, order: str, depth: int) -> tuple[str, Any]:
    """Return a variable's name and value."""
    if not data:  # an empty cell may be written as nothing
        return "", np.zeros((0, 0))
    if depth > _DEEPEST:
        raise DamageError("its cells are too deep")
    parts = _elements(data, order)
    flags, dimensions, name = (_next(parts) for _ in range(3))
    if len(flags.data) < 4:
        raise DamageError("a variable has no flags")
    kind = struct.unpack(f"{order}I", flags.data[:4])[0] & 0xFF
    shape = tuple(int(side) for side in _numbers(dimensions, order))
    if len(shape) < 2 or min(shape) < 0:
        raise DamageError(f"a variable has the shape {shape}")
    title = bytes(name.data).decode("latin-1")
    if kind == _CELL:
        return title, _cell(parts, shape, order, depth)
    if kind not in _CLASSES:
        return title, UNREAD
    values = _numbers(_next(parts), order)
    if len(values) != math.prod(shape):
        raise DamageError(f"a variable has {len(values)} values and the shape {shape}")
    return title, values.astype(order + _CLASSES[kind]).reshape(shape, order="F")


def _cell(parts: Iterator[_Element], shape: tuple[int, ...], order: str, depth: int) -> NDArray[np.object_]:
    values = [_matrix(part.data, order, depth + 1)[1] for part in parts if part.kind == _MATRIX]
    if len(values) != math.prod(shape):
        raise DamageError(f"a cell has {len(values)} values and the shape {shape}")
    cell = np.empty(len(values), dtype=object)
    for index, value in enumerate(values):
        cell[index] = value
    return cell.reshape(shape, order="F")


def _next(parts: Iterator[_Element]) -> _Element:
    part = next(parts, None)
    if part is None:
        raise DamageError("a variable breaks off")
    return part


def _numbers(element: _Element, order: str) -> NDArray[Any]:
    """Return an element's numbers, (N,)."""
    if element.kind not in _TYPES:
        raise DamageError(f"an element has the type {element.kind}")
    dtype = np.dtype(order + _TYPES[element.kind])
    if len(element.data) % dtype.itemsize:
        raise DamageError("an element breaks off")
    return np.frombuffer(element.data, dtype)


def _of_version_4(data: memoryview) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a file of version 4: full arrays, one after another."""
    place = 0
    while place < len(data):
        if place + 20 > len(data):
            raise DamageError("it breaks off")
        order = "<" if struct.unpack("<I", data[place : place + 4])[0] < 5_000 else ">"
        kind, rows, columns, imaginary, length = struct.unpack(f"{order}5i", data[place : place + 20])
        place += 20
        stored, meaning = kind // 10 % 10, kind % 10
        if not 0 <= kind < 5_000 or stored >= len(_OF_VERSION_4) or min(rows, columns, length) < 0:
            raise DamageError("it has no header")
        dtype = np.dtype(order + _OF_VERSION_4[stored])
        end = place + length + rows * columns * dtype.itemsize * (2 if imaginary else 1)
        if end > len(data):
            raise DamageError("it breaks off")
        name = bytes(data[place : place + length]).split(b"\0")[0].decode("latin-1")
        values = np.frombuffer(data, dtype, rows * columns, place + length)
        yield name, values.reshape(rows, columns, order="F") if meaning == 0 else UNREAD
        place = end
