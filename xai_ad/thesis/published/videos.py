"""The rows of Tables 4.8, 4.9 and 4.11 that are about videos, by dataset.

Other works' rows stand in tables of their own, by the names that the thesis gives them with its reference's number.
"""

from collections.abc import Mapping

from xai_ad.thesis.published.rows import FIGURES, Row, percent, row

_JUDGED = ("precision", "recall")

VIDEO_SETS = {
    "ucsd": ("ped1", "ped2"),
    "avenue": ("avenue",),
    "subway": ("subway_entrance", "subway_exit"),
}
"""The thesis's sets by their layout; a layout's other sets have no printed rows."""

TABLE_4_8: Mapping[str, Mapping[str, Row]] = {
    "avenue": {
        "bcae1": percent(81.60, 25.97, 75.28, 74.38, 74.47),
        "aa_cae": percent(78.08, 27.84, 73.31, 72.44, 72.54),
        "se_cae": percent(80.52, 24.86, 76.50, 75.80, 75.89),
        "sa_cae": percent(79.75, 25.93, 76.03, 74.55, 74.61),
        "ssa_cae": percent(89.67, 15.76, 85.44, 85.46, 85.43),
    },
    "subway_entrance": {
        "bcae1": percent(74.28, 33.38, 96.38, 61.15, 73.47),
        "aa_cae": percent(74.61, 33.28, 96.28, 62.65, 74.65),
        "se_cae": percent(72.08, 32.13, 96.21, 66.63, 77.62),
        "sa_cae": percent(73.85, 33.10, 96.18, 65.70, 76.95),
        "ssa_cae": percent(74.88, 31.41, 96.53, 64.46, 75.99),
    },
    "subway_exit": {
        "bcae1": percent(95.68, 11.11, 99.91, 92.98, 96.28),
        "aa_cae": percent(95.72, 11.11, 99.91, 92.59, 96.08),
        "se_cae": percent(95.53, 11.11, 99.91, 93.12, 96.36),
        "sa_cae": percent(95.60, 11.11, 99.91, 93.03, 96.31),
        "ssa_cae": percent(97.75, 5.92, 99.92, 94.08, 96.87),
    },
    "ped1": {
        "bcae1": percent(68.32, 37.59, 67.20, 67.22, 66.27),
        "aa_cae": percent(66.06, 38.54, 68.16, 67.10, 65.06),
        "se_cae": percent(66.49, 38.45, 67.02, 67.08, 66.17),
        "sa_cae": percent(67.54, 38.00, 66.31, 66.29, 65.10),
        "ssa_cae": percent(71.09, 33.28, 67.97, 68.11, 68.00),
    },
    "ped2": {
        "bcae1": percent(83.85, 26.52, 84.95, 66.92, 70.74),
        "aa_cae": percent(83.28, 26.38, 83.96, 70.15, 73.54),
        "se_cae": percent(82.71, 27.18, 83.87, 69.15, 72.69),
        "sa_cae": percent(86.89, 19.36, 86.56, 80.35, 82.11),
        "ssa_cae": percent(88.06, 18.78, 86.96, 79.85, 81.76),
    },
}

OTHERS_4_8: Mapping[str, Mapping[str, Row]] = {
    "avenue": {
        "Conv-AE [32]": percent(70.2, 25.1),
        "Conv3D AE [44]": percent(86.0),
        "ConvLSTM AE [44]": percent(84.0),
        "Hybrid AE [62]": percent(82.8),
        "U-Net AE [61]": percent(86.9),
    },
    "subway_entrance": {
        "Conv-AE [32]": percent(94.3, 26.0),
    },
    "subway_exit": {
        "Conv-AE [32]": percent(80.7, 9.9),
    },
    "ped1": {
        "Conv-AE [32]": percent(81.0, 27.9),
        "Conv3D AE [44]": percent(70.0),
        "ConvLSTM AE [44]": percent(67.0),
    },
    "ped2": {
        "Conv-AE [32]": percent(90.0, 21.7),
        "Conv3D AE [44]": percent(64.0),
        "ConvLSTM AE [44]": percent(77.0),
        "Hybrid AE [62]": percent(84.3),
        "U-Net AE [61]": percent(96.2),
    },
}

TABLE_4_9: Mapping[str, Mapping[str, Row]] = {
    "avenue": {
        "bcae1": percent(81.60, 25.97, 75.28, 74.38, 74.47),
        "bcae1-svdd": percent(84.56, 23.54, 77.75, 76.91, 76.99),
    },
    "subway_entrance": {
        "bcae1": percent(74.28, 33.38, 96.38, 61.15, 73.47),
        "bcae1-svdd": percent(79.03, 26.20, 96.65, 71.55, 81.08),
    },
    "subway_exit": {
        "bcae1": percent(95.68, 11.11, 99.91, 92.98, 96.28),
        "bcae1-svdd": percent(97.45, 10.87, 99.92, 89.14, 94.17),
    },
    "ped1": {
        "bcae1": percent(68.32, 37.59, 67.20, 67.22, 66.27),
        "bcae1-svdd": percent(69.92, 35.5, 67.66, 67.32, 65.95),
    },
    "ped2": {
        "bcae1": percent(83.85, 26.52, 84.95, 66.92, 70.74),
        "bcae1-svdd": percent(88.85, 19.42, 86.87, 77.91, 80.19),
    },
}

OTHERS_4_9: Mapping[str, Mapping[str, Row]] = {
    "avenue": {
        "Conv-AE [32]": percent(70.2, 25.1),
        "Conv3D AE [44]": percent(86.0),
        "ConvLSTM AE [44]": percent(84.0),
        "Hybrid AE [62]": percent(82.8),
    },
    "subway_entrance": {
        "Conv-AE [32]": percent(94.3, 26.0),
    },
    "subway_exit": {
        "Conv-AE [32]": percent(80.7, 9.9),
    },
    "ped1": {
        "Conv-AE [32]": percent(81.0, 27.9),
        "Conv3D AE [44]": percent(70.0),
        "ConvLSTM AE [44]": percent(67.0),
    },
    "ped2": {
        "Conv-AE [32]": percent(90.0, 21.7),
        "Conv3D AE [44]": percent(64.0),
        "ConvLSTM AE [44]": percent(77.0),
        "Hybrid AE [62]": percent(84.3),
    },
}

TABLE_4_11: Mapping[str, Mapping[str, Row]] = {
    "avenue": {
        "bcae1": row(FIGURES, 0.816, 0.259, 0.752, 0.743, 0.744),
        "cgru": row(FIGURES, 0.853, 0.249, 0.804, 0.796, 0.792),
    },
    "ped1": {
        "bcae1": row(FIGURES, 0.683, 0.375, 0.672, 0.672, 0.662),
        "seq2seq_clstm-decoder_recurrent-recurrent_layers_3": row(FIGURES, 0.737, 0.31, 0.696, 0.694, 0.694),
    },
    "ped2": {
        "bcae1": row(FIGURES, 0.838, 0.265, 0.849, 0.669, 0.7074),
        "seq2seq_cgru-decoder_recurrent-recurrent_layers_2": row(FIGURES, 0.862, 0.192, 0.875, 0.79, 0.813),
    },
    "subway_entrance": {
        "bcae1": row(FIGURES, 0.7428, 0.333, 0.963, 0.622, 0.734),
        "seq2seq_cgru-decoder_recurrent-recurrent_layers_3": row(FIGURES, 0.854, 0.226, 0.973, 0.701, 0.8),
    },
    "subway_exit": {
        "bcae1": row(FIGURES, 0.954, 0.111, 0.991, 0.928, 0.962),
        "seq2seq_clstm-decoder_recurrent-recurrent_layers_2": row(FIGURES, 0.978, 0.06, 0.999, 0.94, 0.969),
    },
}

OTHERS_4_11: Mapping[str, Mapping[str, Row]] = {
    "avenue": {
        "Hand Crafted + spatio-temporal CAE [32]": row(FIGURES[:2], 0.702, 0.251),
        "ConvLSTM [44]": row(FIGURES[:1], 0.84),
        "Predictive ConvLSTM 224 [58]": row(_JUDGED, 0.952, 1.0),
    },
    "ped1": {
        "Hand Crafted + spatio-temporal CAE [32]": row(FIGURES[:2], 0.81, 0.279),
        "ConvLSTM [44]": row(FIGURES[:1], 0.67),
        "Predictive ConvLSTM 224 [58]": row(_JUDGED, 0.864, 0.923),
    },
    "ped2": {
        "Hand Crafted + spatio-temporal CAE [32]": row(FIGURES[:2], 0.9, 0.217),
        "ConvLSTM [44]": row(FIGURES[:1], 0.77),
        "Predictive ConvLSTM 224 [58]": row(_JUDGED, 0.923, 1.0),
    },
    "subway_entrance": {
        "Hand Crafted + spatio-temporal CAE [32]": row(FIGURES[:2], 0.94, 0.26),
        "Predictive ConvLSTM 224 [58]": row(_JUDGED, 0.816, 0.939),
    },
    "subway_exit": {
        "Hand Crafted + spatio-temporal CAE [32]": row(FIGURES[:2], 0.807, 0.099),
        "Predictive ConvLSTM 224 [58]": row(_JUDGED, 0.659, 0.967),
    },
}
"""The recall of [58] on Subway Entrance is printed as 0.0.939."""
