"""The layout of MVTec AD: `train/good`, `test/<good or defect>`, `ground_truth/<defect>/<stem>_mask.png`."""

from pathlib import Path

from xai_ad.data.sets.base import Dataset, Layout
from xai_ad.data.sets.categories import Tree, read_category, trains_normal
from xai_ad.data.sets.splitting import split_by_subset

TREE = Tree(layout="mvtec")


def read_mvtec(directory: Path) -> Dataset:
    """Read a category's folder."""
    return read_category(directory, TREE)


MVTEC = Layout(
    id="mvtec",
    expects="train/good, test/<good or defect>, ground_truth/<defect>/<stem>_mask.png",
    read=read_mvtec,
    split=split_by_subset,
    fits=trains_normal,
)
