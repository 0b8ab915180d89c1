"""The layout of MVTec AD 2: `train/good`, `validation/good`, `test_public/{good,bad}` and masks within `test_public`.

The masks are `test_public/ground_truth/bad/<stem>_mask.png` (Heckler-Kram et al., 2025). The two private test sets have no
labels. An object was taken under several lights, `000_regular.png` beside `000_overexposed.png`: its pictures are never
torn apart.
"""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from xai_ad.data.sets.base import Dataset, Layout, Sample
from xai_ad.data.sets.categories import Tree, read_category, trains_normal
from xai_ad.data.sets.splitting import split_by_subset, take_groups
from xai_ad.data.sets.tree import folder_named

TREE = Tree(
    layout="mvtec_ad2",
    test="test_public",
    validation="validation",
    unlabelled=("test_private", "test_private_mixed"),
)
_OBJECT = re.compile(r"(\d+)_")


def read_mvtec_ad2(directory: Path) -> Dataset:
    """Read a category's folder; the private test sets are passed over."""
    dataset = read_category(directory, TREE)
    return replace(dataset, samples=tuple(map(_grouped, dataset.samples)))


def _grouped(sample: Sample) -> Sample:
    """Give a picture the group of its object: pictures of one class and number, whatever the light."""
    found = _OBJECT.match(sample.path.stem)
    return replace(sample, group=f"{sample.subset}/{sample.kind}/{found[1] if found else sample.path.stem}")


def fits_mvtec_ad2(directory: Path) -> bool:
    """Return whether a folder looks like a category."""
    return trains_normal(directory) and folder_named(directory, TREE.test) is not None


MVTEC_AD2 = Layout(
    id="mvtec_ad2",
    expects="train/good, validation/good, test_public/<good or bad>, test_public/ground_truth/bad/<stem>_mask.png",
    read=read_mvtec_ad2,
    split=partial(split_by_subset, take=take_groups),
    fits=fits_mvtec_ad2,
)
