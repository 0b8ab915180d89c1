"""What annotation tools export, as marks on the pictures of a set: COCO, LabelMe and Label Studio."""

from xai_ad.data.masks.annotations.assigning import Assigned, assign
from xai_ad.data.masks.annotations.base import Drawn
from xai_ad.data.masks.annotations.files import annotation_files, read_annotations
from xai_ad.data.masks.annotations.parsing import Parsed

__all__ = ["Assigned", "Drawn", "Parsed", "annotation_files", "assign", "read_annotations"]
