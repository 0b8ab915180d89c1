"""The figures that the thesis prints, by table, dataset and row: what ours are set beside. All are shares of 1."""

from collections.abc import Mapping

from xai_ad.thesis.published import images, videos
from xai_ad.thesis.published.complexity import TABLE_4_12
from xai_ad.thesis.published.images import MVTEC_CATEGORIES, TABLE_4_6, TABLE_4_7
from xai_ad.thesis.published.recurrent import RECURRENT_CONFIGURATIONS, TABLE_4_13
from xai_ad.thesis.published.rows import Row
from xai_ad.thesis.published.videos import (
    OTHERS_4_8,
    OTHERS_4_9,
    OTHERS_4_11,
    TABLE_4_11,
    VIDEO_SETS,
)

TABLE_4_8 = {**images.TABLE_4_8, **videos.TABLE_4_8}
TABLE_4_9 = {**images.TABLE_4_9, **videos.TABLE_4_9}

__all__ = [
    "MVTEC_CATEGORIES",
    "OTHERS_4_8",
    "OTHERS_4_9",
    "OTHERS_4_11",
    "RECURRENT_CONFIGURATIONS",
    "TABLE_4_6",
    "TABLE_4_7",
    "TABLE_4_8",
    "TABLE_4_9",
    "TABLE_4_11",
    "TABLE_4_12",
    "TABLE_4_13",
    "Row",
    "published_rows",
]


def published_rows(table: Mapping[str, Mapping[str, Row]], dataset: str, layout: str) -> Mapping[str, Row]:
    """Return a table's rows for a dataset, by variant; empty where the thesis has none.

    A set with a layout of its own is known by it. The layouts of MVTec AD and of videos are many sets', so a category
    or a scene is known by name.
    """
    if layout in VIDEO_SETS:
        return table.get(dataset, {}) if dataset in VIDEO_SETS[layout] else {}
    if layout == "mvtec" and dataset not in MVTEC_CATEGORIES:
        return {}
    return table.get(layout, {})
