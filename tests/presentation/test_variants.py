"""Every variant of every network has words of its own, and they follow from its card alone."""

from dataclasses import replace

import pytest

from xai_ad.data.specs import DATASETS
from xai_ad.networks import CLIP_NETWORKS, IMAGE_NETWORKS, NETWORKS
from xai_ad.presentation.variants import model_order, variant_help, variant_title, variant_titles
from xai_ad.store import StoredModel

NAMES = {
    "bcae1": "Baseline",
    "bcae2": "Larger baseline",
    "ks_cae": "Kernel-strengthened",
    "aa_cae": "Attention-augmented",
    "se_cae": "Squeeze-excitation",
    "sa_cae": "Soft-attention",
    "ssa_cae": "Softmax soft-attention",
}


@pytest.fixture
def card(stored_model):
    """Makes a card: `card("ks_cae", loss="compound")`."""

    def make(network="bcae1", **fields):
        return replace(stored_model.card, network=network, **{"id": network, **fields})

    return make


@pytest.mark.parametrize("network", IMAGE_NETWORKS)
def test_each_network_is_named_plain_compound_and_fine_tuned(card, network):
    name = NAMES[network]
    assert variant_title(card(network)) == f"{name} autoencoder"
    assert variant_title(card(network, loss="compound")) == f"{name}, structural-similarity loss"
    assert variant_title(card(network, loss="mae")) == f"{name}, absolute-error loss"
    assert variant_title(card(network, parent="other")) == f"{name} + SVDD fine-tuning"
    assert (
        variant_title(card(network, loss="compound", parent="other"))
        == f"{name}, structural-similarity loss + SVDD fine-tuning"
    )


@pytest.mark.parametrize(
    ("network", "options", "title"),
    [
        ("ks_cae", {"fused": True}, "Kernel-strengthened autoencoder"),
        ("ssa_cae", {"scaled": True}, "Softmax soft-attention autoencoder"),
        ("ssa_cae", {"scaled": False}, "Softmax soft-attention, not scaled"),
        ("se_cae", {"reduction": 8}, "Squeeze-excitation, reduction 8"),
        ("cgru", {"recurrent_layers": 1, "decoder": "2d"}, "ConvGRU autoencoder"),
        (
            "cgru",
            {"recurrent_layers": 2, "decoder": "recurrent"},
            "ConvGRU, recurrent layers 2, decoder recurrent",
        ),
    ],
)
def test_options_are_named_where_they_change_what_the_network_does(card, network, options, title):
    assert variant_title(card(network, options=options)) == title


def test_networks_of_clips_are_named_by_cell_direction_and_what_they_do(card):
    titles = [variant_title(card(network)) for network in CLIP_NETWORKS]
    cells = ("ConvRNN", "ConvLSTM", "ConvGRU")
    assert titles == [
        *(f"{cell} autoencoder" for cell in cells),
        *(f"Bidirectional {cell} autoencoder" for cell in cells),
        *(f"Sequence-to-sequence {cell} predictor" for cell in cells),
        "Motion autoencoder",
    ]


def test_a_network_of_another_version_goes_by_its_id(card):
    unknown = card("x_cae", id="mine")
    assert variant_title(unknown) == "X_cae"
    assert variant_help(unknown) == r"**X\_cae.**"


def test_models_that_would_be_named_alike_carry_their_ids(card):
    cards = [card(id="one"), card(id="two"), card("se_cae", id="three")]
    assert variant_titles(cards) == {
        "one": "Baseline autoencoder (one)",
        "two": "Baseline autoencoder (two)",
        "three": "Squeeze-excitation autoencoder",
    }


@pytest.mark.parametrize("network", NETWORKS)
def test_the_help_says_what_the_network_does_differently(card, network):
    told = variant_help(card(network))
    assert NETWORKS[network].sentence in told
    assert len({spec.sentence for spec in NETWORKS.values()}) == len(NETWORKS)
    assert "structure" not in told
    assert "SVDD" not in told
    assert "structure" in variant_help(card(network, loss="compound"))
    assert "contrast" in variant_help(card(network, loss="mae"))
    assert "SVDD" in variant_help(card(network, parent="other"))


def test_the_help_gives_the_held_out_figure_where_it_is_recorded(card):
    recorded = variant_help(card(metrics={"held-out": {"auc_roc": 0.9305}})).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "93 % of the time (AUC-ROC 0.930)" in recorded
    for metrics in ({}, {"thesis": {"auc_roc": 0.9}}, {"held-out": {"auc_roc": None}}, {"held-out": {}}):
        assert "AUC-ROC" not in variant_help(card(metrics=metrics))


def test_models_stand_by_dataset_then_network_then_how_much_was_done_to_them(card, tmp_path):
    cards = [
        card(network, id=f"{dataset}-{network}-{loss}-{parent}", dataset=dataset, loss=loss, parent=parent)
        for dataset in [*DATASETS, "mine"]
        for network in [*NETWORKS, "x_cae"]
        for parent in (None, "other")
        for loss in ("mse", "mae", "compound")
    ]
    stored = [StoredModel(path=tmp_path / found.id, card=found) for found in cards]
    by_id = sorted(stored, key=lambda model: model.card.id)
    assert sorted(by_id, key=model_order) == stored


def test_a_model_of_ones_own_stands_behind_the_shipped_one(card, tmp_path, monkeypatch):
    (tmp_path / "shipped").mkdir()
    monkeypatch.setenv("XAI_AD_MODELS", str(tmp_path / "shipped"))
    own = StoredModel(path=tmp_path / "own" / "a", card=card(id="a"))
    shipped = StoredModel(path=tmp_path / "shipped" / "b", card=card(id="b"))
    assert sorted([own, shipped], key=model_order) == [shipped, own]
