"""Where the defect of a shipped sample truly is, for samples that have a mask."""

from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from xai_ad.data.decoding import decode_image
from xai_ad.detector.placement import Placement
from xai_ad.errors import ImageError
from xai_ad.inspection.image_files import ImageFile, list_samples
from xai_ad.machine.places import samples
from xai_ad.types import Mask


def true_mask(image_file: ImageFile, placement: Placement, root: Path | None = None) -> Mask | None:
    """Return the true defect of a sample on the placement's grid, (H, W), or None where it is not known.

    A sample is what is called so and has its bytes: an upload of the same name is none. What lies beyond the picture
    is no defect.
    """
    dataset, _, name = image_file.name.partition("/")
    kind, _, stem = name.partition("/")
    place = list_samples(dataset, root).get(name) if stem else None
    path = (root or samples()) / dataset / "ground_truth" / kind / f"{stem}_mask.png"
    if place is None or not path.is_file() or place.read_bytes() != image_file.content:
        return None
    try:
        picture = decode_image(path).convert("L")
    except ImageError:
        return None  # a damaged mask takes nothing from the verdict
    left, top = placement.left, placement.top
    part = picture.crop((left, top, left + placement.width, top + placement.height))
    grid = placement.grid
    mask: Mask = np.asarray(part.resize((grid.width, grid.height), Pillow.Resampling.NEAREST)) > 0
    return mask
