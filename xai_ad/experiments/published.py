"""The figures that the thesis prints, by table, dataset and row: what ours are set beside.

Tables 4.6 and 4.7 give AUC-ROC, 4.8 and 4.9 percentages; here all are shares of 1. Table 4.12 gives millions of
parameters to two decimals; here they stand exactly.
"""

from collections.abc import Mapping

Row = Mapping[str, float]

_CLASSES_4_6 = ("akiec", "bcc", "bkl", "df", "mel", "vasc", "mean")
_CLASSES_4_7 = ("talking", "texting", "operating_gps", "mean")
_FIGURES = ("auc_roc", "eer", "precision", "recall", "f1")


def _row(names: tuple[str, ...], *values: float) -> Row:
    return dict(zip(names, values, strict=True))


def _percent(*values: float) -> Row:
    return {name: round(value / 100, 6) for name, value in zip(_FIGURES, values, strict=True)}


TABLE_4_6: Mapping[str, Mapping[str, Row]] = {
    "ham10000": {
        "bcae2": _row(_CLASSES_4_6, 0.82, 0.70, 0.72, 0.61, 0.81, 0.66, 0.72),
        "bcae2-compound": _row(_CLASSES_4_6, 0.83, 0.72, 0.71, 0.63, 0.82, 0.72, 0.74),
        "ks_cae": _row(_CLASSES_4_6, 0.84, 0.72, 0.72, 0.65, 0.80, 0.65, 0.74),
        "ks_cae-compound": _row(_CLASSES_4_6, 0.85, 0.74, 0.73, 0.66, 0.83, 0.72, 0.75),
    }
}

TABLE_4_7: Mapping[str, Mapping[str, Row]] = {
    "ddds": {
        "bcae2": _row(_CLASSES_4_7, 0.65, 0.68, 0.93, 0.75),
        "bcae2-compound": _row(_CLASSES_4_7, 0.69, 0.68, 0.95, 0.78),
        "ks_cae": _row(_CLASSES_4_7, 0.66, 0.71, 0.93, 0.77),
        "ks_cae-compound": _row(_CLASSES_4_7, 0.66, 0.70, 0.97, 0.78),
    }
}

TABLE_4_8: Mapping[str, Mapping[str, Row]] = {
    "ham10000": {
        "bcae1": _percent(68.60, 35.50, 72.03, 68.85, 70.01),
        "aa_cae": _percent(68.78, 35.19, 72.60, 70.94, 71.63),
        "se_cae": _percent(69.36, 34.74, 72.53, 69.19, 70.37),
        "sa_cae": _percent(69.10, 35.08, 72.58, 70.50, 71.32),
        "ssa_cae": {**_percent(70.15, 34.45, 73.30, 69.56, 70.82), "mean": 0.7669},
    }
}

TABLE_4_9: Mapping[str, Mapping[str, Row]] = {
    "ham10000": {
        "bcae1": _percent(68.60, 35.50, 72.03, 68.85, 70.01),
        "bcae1-svdd": {**_percent(68.79, 35.51, 72.16, 70.67, 71.30), "mean": 0.7682},
    },
    "mvtec": {
        "bcae1": _percent(61.34, 42.83, 69.13, 69.80, 69.44),
        "bcae1-svdd": _percent(66.36, 38.33, 70.25, 67.58, 68.62),
    },
}
"""MVTec's rows are over all 15 categories; which one of them is measured here is said beside them."""

TABLE_4_12: Mapping[str, Mapping[str, tuple[int, int, int]]] = {
    "crnn": {"2d": (596_361, 761_961, 835_497), "recurrent": (761_961, 1_001_097, 1_148_169)},
    "clstm": {"2d": (1_011_081, 1_508_457, 1_766_313), "recurrent": (1_591_401, 2_401_929, 2_917_641)},
    "cgru": {"2d": (845_193, 1_204_329, 1_388_457), "recurrent": (1_342_569, 1_959_561, 2_364_681)},
    "bicrnn": {"2d": (845_193, 1_231_977, 1_416_105), "recurrent": (1_259_625, 1_848_969, 2_217_225)},
    "biclstm": {"2d": (1_674_633, 2_724_969, 3_277_737), "recurrent": (2_918_505, 4_650_633, 5_756_169)},
    "bicgru": {"2d": (1_342_857, 2_116_713, 2_522_025), "recurrent": (2_420_841, 3_765_897, 4_650_249)},
    "seq2seq_crnn": {"2d": (742_665, 908_265, 981_801), "recurrent": (908_265, 1_147_401, 1_294_473)},
    "seq2seq_clstm": {
        "2d": (1_157_385, 1_654_761, 1_912_617),
        "recurrent": (1_737_705, 2_548_233, 3_063_945),
    },
    "seq2seq_cgru": {"2d": (991_497, 1_350_633, 1_534_761), "recurrent": (1_488_873, 2_105_865, 2_510_985)},
}
"""Parameters by network and decoder, for 1, 2 and 3 recurrent layers and three channels."""

MVTEC_CATEGORIES = frozenset(
    {
        "bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "metal_nut", "pill", "screw", "tile",
        "toothbrush", "transistor", "wood", "zipper",
    }
)  # fmt: skip


def published_rows(table: Mapping[str, Mapping[str, Row]], dataset: str, layout: str) -> Mapping[str, Row]:
    """Return a table's rows for a dataset, by variant; empty where the thesis has none.

    A set with a layout of its own is known by it. The layout of MVTec AD is many sets', so a category is known by name.
    """
    if layout == "mvtec" and dataset not in MVTEC_CATEGORIES:
        return {}
    return table.get(layout, {})
