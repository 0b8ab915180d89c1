"""Where the defect of a shipped sample truly is, for samples that have a mask."""

from pathlib import Path

from xai_ad.data.fitting import Cut
from xai_ad.data.masks import cut_marks, read_marked, shape_of, shrink
from xai_ad.detector.placement import Placement
from xai_ad.errors import DatasetError, ImageError
from xai_ad.inspection.image_files import ImageFile, list_samples
from xai_ad.machine.places import samples
from xai_ad.types import Mask


def true_mask(image_file: ImageFile, placement: Placement, root: Path | None = None) -> Mask | None:
    """Return the true defect of a sample on the placement's grid, (H, W), or None where it is not known.

    A sample is what is called so and has its bytes: an upload of the same name is none. What lies beyond the picture
    is no defect.
    """
    path = _mask_file(image_file, root)
    if path is None:
        return None
    try:
        shape = shape_of(image_file.content)
        marked = read_marked(path, shape, image_file.name)
    except (ImageError, DatasetError):
        return None  # a mask that is damaged, or another picture's, takes nothing from the verdict
    seen = Cut(top=placement.top, left=placement.left, height=placement.height, width=placement.width)
    return shrink(cut_marks(marked, seen, shape.size), placement.grid.height, placement.grid.width)


def has_truth(image_file: ImageFile, root: Path | None = None) -> bool:
    """Return whether a picture is a sample that has a mask."""
    return _mask_file(image_file, root) is not None


def _mask_file(image_file: ImageFile, root: Path | None) -> Path | None:
    dataset, _, name = image_file.name.partition("/")
    kind, _, stem = name.partition("/")
    place = list_samples(dataset, root).get(name) if stem else None
    path = (root or samples()) / dataset / "ground_truth" / kind / f"{stem}_mask.png"
    if place is None or not path.is_file() or place.read_bytes() != image_file.content:
        return None
    return path
