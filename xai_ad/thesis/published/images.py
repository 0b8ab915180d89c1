"""Tables 4.6 to 4.9 of pictures. Tables 4.6 and 4.7 give AUC-ROC, 4.8 and 4.9 percentages."""

from collections.abc import Mapping

from xai_ad.thesis.published.rows import Row, percent, row

_CLASSES_4_6 = ("akiec", "bcc", "bkl", "df", "mel", "vasc", "mean")
_CLASSES_4_7 = ("talking", "texting", "operating_gps", "mean")

TABLE_4_6: Mapping[str, Mapping[str, Row]] = {
    "ham10000": {
        "bcae2": row(_CLASSES_4_6, 0.82, 0.70, 0.72, 0.61, 0.81, 0.66, 0.72),
        "bcae2-compound": row(_CLASSES_4_6, 0.83, 0.72, 0.71, 0.63, 0.82, 0.72, 0.74),
        "ks_cae": row(_CLASSES_4_6, 0.84, 0.72, 0.72, 0.65, 0.80, 0.65, 0.74),
        "ks_cae-compound": row(_CLASSES_4_6, 0.85, 0.74, 0.73, 0.66, 0.83, 0.72, 0.75),
    }
}

TABLE_4_7: Mapping[str, Mapping[str, Row]] = {
    "ddds": {
        "bcae2": row(_CLASSES_4_7, 0.65, 0.68, 0.93, 0.75),
        "bcae2-compound": row(_CLASSES_4_7, 0.69, 0.68, 0.95, 0.78),
        "ks_cae": row(_CLASSES_4_7, 0.66, 0.71, 0.93, 0.77),
        "ks_cae-compound": row(_CLASSES_4_7, 0.66, 0.70, 0.97, 0.78),
    }
}

TABLE_4_8: Mapping[str, Mapping[str, Row]] = {
    "ham10000": {
        "bcae1": percent(68.60, 35.50, 72.03, 68.85, 70.01),
        "aa_cae": percent(68.78, 35.19, 72.60, 70.94, 71.63),
        "se_cae": percent(69.36, 34.74, 72.53, 69.19, 70.37),
        "sa_cae": percent(69.10, 35.08, 72.58, 70.50, 71.32),
        "ssa_cae": {**percent(70.15, 34.45, 73.30, 69.56, 70.82), "mean": 0.7669},
    }
}

TABLE_4_9: Mapping[str, Mapping[str, Row]] = {
    "ham10000": {
        "bcae1": percent(68.60, 35.50, 72.03, 68.85, 70.01),
        "bcae1-svdd": {**percent(68.79, 35.51, 72.16, 70.67, 71.30), "mean": 0.7682},
    },
    "mvtec": {
        "bcae1": percent(61.34, 42.83, 69.13, 69.80, 69.44),
        "bcae1-svdd": percent(66.36, 38.33, 70.25, 67.58, 68.62),
    },
}
"""MVTec's rows are over all 15 categories; which one of them is measured here is said beside them."""

MVTEC_CATEGORIES = frozenset(
    {
        "bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "metal_nut", "pill", "screw", "tile",
        "toothbrush", "transistor", "wood", "zipper",
    }
)  # fmt: skip
