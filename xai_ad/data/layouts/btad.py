"""The layout of BeanTech AD: `train/ok`, `test/ok`, `test/ko`, `ground_truth/ko/<stem>.png` (Mishra et al., ISIE 2021)."""

from pathlib import Path

from xai_ad.data.sets.base import Dataset, Layout
from xai_ad.data.sets.categories import Tree, read_category, trains_normal
from xai_ad.data.sets.splitting import split_by_subset
from xai_ad.data.sets.tree import folder_named

TREE = Tree(layout="btad", good="ok")


def read_btad(directory: Path) -> Dataset:
    """Read one of the three products' folders."""
    return read_category(directory, TREE)


def fits_btad(directory: Path) -> bool:
    """Return whether a folder looks like one of the products."""
    test = folder_named(directory, TREE.test)
    return trains_normal(directory, TREE.good) and test is not None and folder_named(test, "ko") is not None


BTAD = Layout(
    id="btad",
    expects="train/ok, test/ok, test/ko, ground_truth/ko/<stem>.png",
    read=read_btad,
    split=split_by_subset,
    fits=fits_btad,
)
