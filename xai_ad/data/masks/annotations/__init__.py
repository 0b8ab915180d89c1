"""What annotation tools export, as marks on the pictures of a set: COCO, LabelMe and Label Studio."""

from xai_ad.data.masks.annotations.assigning import Assigned, assign
from xai_ad.data.masks.annotations.base import Drawn
from xai_ad.data.masks.annotations.files import holds_annotations, read_annotations
from xai_ad.data.masks.annotations.parsing import Parsed

__all__ = ["Assigned", "Drawn", "Parsed", "assign", "holds_annotations", "read_annotations"]
