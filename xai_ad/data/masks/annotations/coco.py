"""COCO's JSON: pictures, and annotations with polygons or runs."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, FiniteFloat, NonNegativeInt

from xai_ad.data.masks.annotations.base import Drawn, Mark, box_of, polygon_of
from xai_ad.data.masks.annotations.parsing import Parsed, is_no_defect, parsed
from xai_ad.data.masks.annotations.runs import coco_lengths, from_coco
from xai_ad.errors import DatasetError


def _as_text(value: Any) -> Any:
    """Return an id as text: exports write the same one as a number here and as a text there."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) else value


_Id = Annotated[str, BeforeValidator(_as_text)]


class _Picture(BaseModel):
    id: _Id
    file_name: Annotated[str, Field(min_length=1)]
    width: Annotated[int, Field(ge=1)] | None = None
    height: Annotated[int, Field(ge=1)] | None = None


class _Runs(BaseModel):
    size: tuple[NonNegativeInt, NonNegativeInt]
    counts: list[NonNegativeInt] | str


class _Annotation(BaseModel):
    image_id: _Id
    id: _Id | None = None
    category_id: _Id | None = None
    segmentation: _Runs | list[list[FiniteFloat]] | list[FiniteFloat] | None = None
    bbox: list[FiniteFloat] | None = None


class _Category(BaseModel):
    id: _Id
    name: str | None = None


class _File(BaseModel):
    images: list[_Picture]
    annotations: list[_Annotation]
    categories: list[_Category] | None = None


def is_coco(value: Any) -> bool:
    """Return whether a JSON file's value looks like COCO's."""
    return isinstance(value, Mapping) and "images" in value and "annotations" in value


def read_coco(value: Any, file: Path) -> Parsed:
    """Return what a COCO file draws on each of its pictures. Raises `DatasetError` for what is malformed.

    Annotations with a box alone mark all of it; a note counts them, those of no picture in the file, and those whose
    category's name says that they are no defect.
    """
    content = parsed(_File, value, file, "COCO")
    normal = {category.id for category in content.categories or () if is_no_defect(category.name or "")}
    by_picture: dict[str, list[_Annotation]] = {picture.id: [] for picture in content.images}
    names: dict[str, str] = {}
    for picture in content.images:
        if names.setdefault(picture.id, picture.file_name) != picture.file_name:
            raise DatasetError(
                f"{file} gives {names[picture.id]!r} and {picture.file_name!r} the same id, {picture.id}. Export it again."
            )
    astray = boxes = sound = bare = 0
    for annotation in content.annotations:
        if annotation.image_id not in by_picture:
            astray += 1
        elif annotation.category_id in normal:
            sound += 1
        else:
            by_picture[annotation.image_id].append(annotation)
            boxes += not annotation.segmentation and bool(annotation.bbox)
            bare += not annotation.segmentation and not annotation.bbox
    notes = (
        (astray, "belong to pictures that it does not list"),
        (sound, "are of a category that is no defect by its name, and are left out"),
        (bare, "have neither an outline nor a box, and mark nothing"),
        (boxes, "have a box and no outline; all of the box is taken as defect"),
    )
    return Parsed(
        drawn=tuple(_drawn(picture, by_picture[picture.id], file) for picture in content.images),
        notes=tuple(
            f"{file}: {count} of {len(content.annotations)} annotations {what}."
            for count, what in notes
            if count
        ),
    )


def _drawn(picture: _Picture, annotations: list[_Annotation], file: Path) -> Drawn:
    size = None if picture.width is None or picture.height is None else (picture.height, picture.width)
    marks: list[Mark] = []
    whole = []
    for number, annotation in enumerate(annotations, 1):
        name = annotation.id if annotation.id is not None else number
        where = f"{file}: annotation {name} of {picture.file_name!r}"
        shape = annotation.segmentation
        if isinstance(shape, _Runs):
            coco_lengths(shape.counts, shape.size, where)  # told before anything is evaluated
            whole.append(partial(from_coco, shape.counts, shape.size, where))
        elif shape:
            polygons = [shape] if not isinstance(shape[0], list) else shape
            marks += [polygon_of(polygon, where) for polygon in polygons if isinstance(polygon, list)]
        elif annotation.bbox and len(annotation.bbox) == 4:
            left, top, width, height = annotation.bbox
            marks.append(box_of(left, top, width, height, where))
    return Drawn(file=file, name=picture.file_name, size=size, marks=marks, whole=whole)
