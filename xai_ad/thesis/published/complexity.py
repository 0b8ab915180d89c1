"""Table 4.12, which gives millions of parameters to two decimals; here they stand exactly."""

from collections.abc import Mapping

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
