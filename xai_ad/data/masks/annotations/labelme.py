"""LabelMe's JSON: one file a picture, with shapes of several kinds."""

import base64
import binascii
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, Field, FiniteFloat

from xai_ad.data.masks.annotations.base import Drawn, Mark, Patch, Stroke, box_of, disc_of, polygon_of
from xai_ad.data.masks.annotations.parsing import Parsed, is_no_defect, parsed
from xai_ad.data.masks.marking import marked_in
from xai_ad.errors import DatasetError, ImageError

LINE, POINT = 10.0, 5.0
"""How wide LabelMe itself draws lines, and points' radius, in pixels."""
_LEAST = {
    "polygon": 3,
    "rectangle": 2,
    "oriented_rectangle": 4,
    "circle": 2,
    "line": 2,
    "linestrip": 2,
    "point": 1,
    "mask": 2,
}
"""How many points each kind of shape takes at least."""


class _Shape(BaseModel):
    label: str | None = None
    points: list[tuple[FiniteFloat, FiniteFloat]]
    shape_type: str | None = "polygon"
    mask: str | None = None


class _File(BaseModel):
    shapes: list[_Shape]
    imagePath: str | None = None  # noqa: N815  # the file's own name
    imageHeight: Annotated[int, Field(ge=1)] | None = None  # noqa: N815
    imageWidth: Annotated[int, Field(ge=1)] | None = None  # noqa: N815


def is_labelme(value: Any) -> bool:
    """Return whether a JSON file's value looks like LabelMe's."""
    return isinstance(value, Mapping) and "shapes" in value


def read_labelme(value: Any, file: Path) -> Parsed:
    """Return what a LabelMe file draws on its picture. Raises `DatasetError` for what is malformed."""
    content = parsed(_File, value, file, "LabelMe")
    size = (
        None
        if content.imageHeight is None or content.imageWidth is None
        else (content.imageHeight, content.imageWidth)
    )
    defects = [
        (number, shape)
        for number, shape in enumerate(content.shapes, 1)
        if not is_no_defect(shape.label or "")
    ]
    sound = len(content.shapes) - len(defects)
    note = f"{file}: {sound} of {len(content.shapes)} shapes are no defect by their label, and are left out."
    return Parsed(
        drawn=(
            Drawn(
                file=file,
                name=_name(content.imagePath or file.stem, file),
                size=size,
                marks=[_mark(shape, f"{file}: shape {number}") for number, shape in defects],
            ),
        ),
        notes=(note,) if sound else (),
    )


def _name(path: str, file: Path) -> str:
    """Return a picture's path, which is relative to the file that names it."""
    path = path.replace("\\", "/")
    whole = path if re.match(r"/|\w:", path) else f"{file.parent.as_posix()}/{path}"
    return posixpath.normpath(whole)


def _mark(shape: _Shape, where: str) -> Mark:
    """Return a shape as it is drawn; `where` stands in the `DatasetError` of one that is not."""
    kind, points = shape.shape_type or "polygon", np.array(shape.points, dtype=np.float64).reshape(-1, 2)
    if kind not in _LEAST:
        raise DatasetError(f"{where} is a {kind!r}. What is read: {', '.join(_LEAST)}.")
    if len(points) < _LEAST[kind]:
        raise DatasetError(f"{where}, a {kind}, has {len(points)} points. It takes at least {_LEAST[kind]}.")
    match kind:
        case "mask":
            mark: Mark = _patch(shape.mask, points, where)
        case "rectangle":
            (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
            mark = box_of(left, top, right - left, bottom - top, where)
        case "polygon" | "oriented_rectangle":
            mark = polygon_of(points.ravel().tolist(), where)
        case "circle":
            mark = disc_of(points[0], float(np.hypot(*(points[1] - points[0]))), where)
        case "point":
            mark = disc_of(points[0], POINT, where)
        case _:
            mark = Stroke(points, LINE)
    return mark


def _patch(mask: str | None, points: Any, where: str) -> Patch:
    """Return a mask within a rectangle, of a picture in base64."""
    try:
        data = base64.b64decode(mask or "", validate=True)
        marked = marked_in(data, where)
    except (binascii.Error, ValueError, ImageError) as error:
        raise DatasetError(f"{where} has a mask that cannot be read ({error}).") from error
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    return Patch(marked, left, top)
