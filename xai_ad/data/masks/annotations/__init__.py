"""What annotation tools export, as marks on the pictures of a set: COCO, LabelMe and Label Studio."""

from xai_ad.data.masks.annotations.assigning import Assigned, assign
from xai_ad.data.masks.annotations.base import Drawn, Outline
from xai_ad.data.masks.annotations.files import annotations_in, holds_annotations, read_annotations
from xai_ad.data.masks.annotations.parsing import Parsed

__all__ = [
    "Assigned",
    "Drawn",
    "Outline",
    "Parsed",
    "annotations_in",
    "assign",
    "holds_annotations",
    "read_annotations",
]
