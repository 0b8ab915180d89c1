"""Label Studio's JSON and JSON-MIN: tasks with brushes, polygons, rectangles and ellipses, in percent of the picture."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, FiniteFloat

from xai_ad.data.masks.annotations.base import Drawn, Mark, box_of, disc_of, ellipse_of, polygon_of
from xai_ad.data.masks.annotations.parsing import Parsed, is_no_defect, parsed
from xai_ad.data.masks.annotations.runs import from_brush
from xai_ad.data.masks.marking import marked_in
from xai_ad.errors import DatasetError, ImageError

_SIDE = Annotated[int, Field(ge=1)]


class _Shape(BaseModel):
    """A region: where a value has `rle`, a brush; `points`, a polygon; `radiusX`, an ellipse; `width`, a rectangle."""

    original_width: _SIDE
    original_height: _SIDE
    image_rotation: float | None = 0
    labels: list[str] = []
    rle: list[Annotated[int, Field(ge=0, le=255)]] | None = None
    points: list[tuple[FiniteFloat, FiniteFloat]] | None = None
    x: FiniteFloat | None = None
    y: FiniteFloat | None = None
    width: FiniteFloat | None = None
    height: FiniteFloat | None = None
    radiusX: FiniteFloat | None = None  # noqa: N815  # the file's own name
    radiusY: FiniteFloat | None = None  # noqa: N815
    rotation: FiniteFloat = 0.0
    imageDataURL: str | None = None  # noqa: N815


def is_label_studio(value: Any) -> bool:
    """Return whether a JSON file's value looks like Label Studio's: a list of tasks, or one."""
    tasks = [value] if isinstance(value, Mapping) else value
    return (
        isinstance(tasks, list)
        and bool(tasks)
        and all(isinstance(task, Mapping) for task in tasks)
        and all(
            isinstance(task.get("data"), Mapping) or "annotation_id" in task or "lead_time" in task
            for task in tasks
        )
    )


def read_label_studio(value: Any, file: Path) -> Parsed:
    """Return what a Label Studio export draws on each task's picture. Raises `DatasetError` for what is malformed.

    Of several annotations of a task the last one that was not cancelled counts, or the one marked as ground truth; a
    note says so, and how many regions are no defect by their label.
    """
    tasks = [value] if isinstance(value, Mapping) else value
    drawn, several, sound, regions = [], 0, 0, 0
    for number, task in enumerate(tasks, 1):
        where = f"{file}: task {task.get('id', number)}"
        data = task.get("data")
        results, more = _results(task, where)
        several += more
        shapes = [
            parsed(_Shape, result, file, f"Label Studio (task {task.get('id', number)})")
            for result in results
        ]
        defects = [shape for shape in shapes if not (shape.labels and all(map(is_no_defect, shape.labels)))]
        regions, sound = regions + len(shapes), sound + len(shapes) - len(defects)
        drawn.append(_drawn(defects, _name(data if isinstance(data, Mapping) else task, where), file, where))
    notes = []
    if several:
        notes.append(
            f"{file}: {several} of {len(tasks)} tasks have several annotations; of each one counts, the last."
        )
    if sound:
        notes.append(f"{file}: {sound} of {regions} regions are no defect by their label, and are left out.")
    return Parsed(drawn=tuple(drawn), notes=tuple(notes))


def _results(task: Mapping[str, Any], where: str) -> tuple[list[dict[str, Any]], bool]:
    """Return the regions of a task, each with its value's fields beside its own, and whether it has several annotations."""
    if isinstance(task.get("data"), Mapping):
        annotations = task.get("annotations", task.get("completions", []))
        if not isinstance(annotations, list) or not all(isinstance(one, Mapping) for one in annotations):
            raise DatasetError(f"{where} has no list of annotations. Export it again as JSON.")
        kept = [one for one in annotations if not one.get("was_cancelled")]
        chosen = sorted(kept, key=lambda one: (bool(one.get("ground_truth")), str(one.get("updated_at", ""))))
        results = chosen[-1].get("result", []) if chosen else []
        several = len(kept) > 1
    else:  # JSON-MIN: a list of values under each tag's name
        results = [one for tag in task.values() if isinstance(tag, list) for one in tag]
        several = False
    if not isinstance(results, list):
        raise DatasetError(f"{where} has a result that is no list. Export it again as JSON.")
    return [region for result in results if (region := _region(result)) is not None], several


def _region(result: Any) -> dict[str, Any] | None:
    """Return a region's fields together; None for what is none, such as a choice or a text."""
    if not isinstance(result, Mapping):
        return None
    value = result.get("value")
    fields = {**result, **(value if isinstance(value, Mapping) else {})}
    if not any(name in fields for name in ("rle", "points", "radiusX", "width", "imageDataURL")):
        return None
    named = [
        name
        for key, names in fields.items()
        if key.endswith("labels") and isinstance(names, list)
        for name in names
    ]
    return {**fields, "labels": [str(name) for name in named]}


def _name(data: Mapping[str, Any], where: str) -> str:
    """Return the picture's path, of a task's field that has one, from whatever address it has."""
    texts = [
        text
        for key, text in data.items()
        if isinstance(text, str) and key not in {"created_at", "updated_at"}
    ]
    named = [text for text in texts if "/" in text or "\\" in text or re.search(r"\.\w{3,4}$", text)]
    chosen = data.get("image") if isinstance(data.get("image"), str) else next(iter(named), None)
    if not chosen:
        raise DatasetError(f"{where} names no picture. Export it again with its data.")
    return path_of(str(chosen))


def path_of(address: str) -> str:
    """Return the path in a picture's address.

    >>> path_of("/data/local-files/?d=set/dent/000%20a.png"), path_of("s3://bucket/dent/000.png")
    ('set/dent/000 a.png', '/dent/000.png')
    """
    parts = urlsplit(address) if "://" in address or "?" in address else None
    path = address if parts is None else parse_qs(parts.query).get("d", [parts.path])[0]
    return unquote(path).replace("\\", "/")


def _drawn(shapes: Sequence[_Shape], name: str, file: Path, where: str) -> Drawn:
    sizes = {(shape.original_height, shape.original_width) for shape in shapes}
    if len(sizes) > 1:
        raise DatasetError(f"{where} gives its picture several sizes. Export it again.")
    marks: list[Mark] = []
    whole: list[Callable[[], NDArray[np.bool_]]] = []
    for shape in shapes:
        if (shape.image_rotation or 0) % 360:
            raise DatasetError(
                f"{where} was annotated on a rotated picture. Turn it back in Label Studio, and export again."
            )
        if shape.rle is not None:
            size = shape.original_height, shape.original_width
            whole.append(partial(from_brush, bytes(shape.rle), size, where))
        elif shape.imageDataURL is not None:
            whole.append(partial(_embedded, shape.imageDataURL, where))
        else:
            marks.append(_mark(shape, where))
    return Drawn(file=file, name=name, size=next(iter(sizes), None), marks=marks, whole=whole)


def _embedded(address: str, where: str) -> NDArray[np.bool_]:
    """Return the mask in a picture that is written out in an address."""
    try:
        return marked_in(base64.b64decode(address.partition("base64,")[2], validate=True), where)
    except (binascii.Error, ValueError, ImageError) as error:
        raise DatasetError(f"{where} has a mask that cannot be read ({error}).") from error


def _mark(shape: _Shape, where: str) -> Mark:
    across, down = shape.original_width / 100, shape.original_height / 100
    if shape.points is not None:
        return polygon_of([number for x, y in shape.points for number in (x * across, y * down)], where)
    if shape.x is None or shape.y is None:
        raise DatasetError(f"{where} has a region without a place. Export it again.")
    if shape.radiusX is not None and shape.radiusY is not None:
        centre, radii = (shape.x * across, shape.y * down), (shape.radiusX * across, shape.radiusY * down)
        return ellipse_of(centre, radii, where, turned=shape.rotation)
    width, height = (shape.width or 0) * across, (shape.height or 0) * down
    if shape.height is None:  # a point, of some width
        return disc_of((shape.x * across, shape.y * down), width / 2, where)
    return box_of(shape.x * across, shape.y * down, width, height, where, turned=shape.rotation)
