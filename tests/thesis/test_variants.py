from dataclasses import replace

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.thesis.published import printed
from xai_ad.thesis.variants import RECURRENT, Variant, variant_named, variant_of
from xai_ad.training.recipe import Loss


def test_a_variants_name_says_what_makes_it_one():
    assert Variant(network="bcae1").name == "bcae1"
    assert Variant(network="ks_cae", loss=Loss.COMPOUND, svdd=True).name == "ks_cae-compound-svdd"
    assert Variant(network="ssa_cae", options={"scaled": False}).name == "ssa_cae-scaled_False"


def test_a_variant_is_found_by_its_name():
    for name in ("ks_cae-compound-svdd", "ssa_cae-scaled_False", "cgru-decoder_recurrent-recurrent_layers_2"):
        assert variant_named(name).name == name
    assert variant_named("ssa_cae-scaled_False") == Variant(network="ssa_cae", options={"scaled": False})
    with pytest.raises(InvalidInputError, match=r"'bcae1-tuned'.*'bcae1'"):
        variant_named("bcae1-tuned")


def test_every_printed_row_is_a_variants():
    for table in ("4.6", "4.7", "4.8", "4.9", "4.11", "4.12", "4.13"):
        for rows in printed(table).variants.values():
            assert [variant_named(name).name for name in rows] == list(rows)


def test_the_recurrent_variants_are_those_of_table_4_13_in_its_order():
    titles = [variant.short for variant in RECURRENT]
    assert len(set(titles)) == 45
    assert titles[:2] == ["CRNN (1, N)", "CRNN (1, Y)"]
    assert titles[-9:-6] == ["Seq2Seq CRNN (1, N)", "Seq2Seq CRNN (2, N)", "Seq2Seq CRNN (3, N)"]
    assert titles[29] == "BiCLSTM (3, Y)"
    assert titles[30] == "BiCGRU (1, N)"


def test_yes_is_the_framewise_decoder():
    assert variant_named("cgru").short == "CGRU (1, Y)"
    assert variant_named("cgru-decoder_recurrent").short == "CGRU (1, N)"


def test_options_at_their_defaults_make_no_other_variant(stored_model):
    card = stored_model.card
    names = [
        variant_of(replace(card, network="ks_cae", options={"fused": True}, loss="compound")).name,
        variant_of(replace(card, network="ssa_cae", options={"scaled": True})).name,
        variant_of(replace(card, network="ssa_cae", options={"scaled": False}, parent="x")).name,
    ]
    assert names == ["ks_cae-compound", "ssa_cae", "ssa_cae-scaled_False-svdd"]
