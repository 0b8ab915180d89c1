"""The layout of MVTec LOCO AD: MVTec AD's, with normal images to validate and several masks a picture.

`train/good`, `validation/good`, `test/{good,logical_anomalies,structural_anomalies}`, and in
`ground_truth/<anomalies>/<stem>/` a mask for each defect, 000.png and so on (Bergmann et al., IJCV 2022). The saturation
thresholds in `defects_config.json` are those of the sPRO metric, which is not computed here.
"""

from pathlib import Path

from xai_ad.data.sets.base import Dataset, Layout
from xai_ad.data.sets.categories import Tree, read_category, trains_normal
from xai_ad.data.sets.splitting import split_by_subset
from xai_ad.data.sets.tree import folder_named

TREE = Tree(layout="loco", validation="validation")


def read_loco(directory: Path) -> Dataset:
    """Read a category's folder."""
    return read_category(directory, TREE)


def fits_loco(directory: Path) -> bool:
    """Return whether a folder looks like a category: one of MVTec AD's with images to validate, or with its anomalies."""
    test = folder_named(directory, TREE.test)
    kinds = ("logical_anomalies", "structural_anomalies")
    apart = folder_named(directory, "validation") is not None
    named = test is not None and any(folder_named(test, kind) is not None for kind in kinds)
    return trains_normal(directory) and ((apart and test is not None) or named)


LOCO = Layout(
    id="loco",
    expects="train/good, validation/good, test/<good or anomalies>, ground_truth/<anomalies>/<stem>/000.png",
    read=read_loco,
    split=split_by_subset,
    fits=fits_loco,
)
