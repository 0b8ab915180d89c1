"""What is trained where nothing is asked for: as well on few pictures as on many."""

import pytest

from xai_ad.errors import UnknownNameError
from xai_ad.networks import NetworkKind, network_spec
from xai_ad.training.recommended import SEEN, count_training, recommended


@pytest.mark.parametrize("count", [1, 8, 40, 99, 100, 188, 450, 5000])
def test_as_many_pictures_are_seen_and_waited_for_however_many_there_are(count):
    recipe = recommended(count, minutes=7).recipe
    assert SEEN <= recipe.epochs * count < SEEN + count
    for patience, whole in ((recipe.patience, 4), (recipe.plateau_patience, 8)):
        assert patience * count >= 1
        assert patience <= max(1, recipe.epochs / whole + 1)
    assert recipe.max_minutes == 7
    assert recipe.batch_size == (8 if count < 100 else 16)


def test_videos_get_a_network_of_clips_and_are_judged_by_whole_clips():
    found = recommended(2000, of_videos=True)
    assert network_spec(found.network).kind is NetworkKind.CLIP
    assert (found.protocol, found.score) == ("clip-quantile", "worst_patch")
    assert found.recipe.quickest == 5


@pytest.mark.parametrize("network", ["bcae1", "cgru", "seq2seq_cgru"])
def test_other_networks_learn_videos_without_pseudo_anomalies(network):
    found = recommended(2000, of_videos=True, network=network)
    assert (found.network, found.recipe.quickest) == (network, 1)
    with pytest.raises(UnknownNameError, match="no network 'none'"):
        recommended(20, network="none")


def test_training_pictures_are_counted_without_being_decoded(mvtec_folder):
    (mvtec_folder / "train/good/000.png").write_bytes(b"broken")
    assert count_training(mvtec_folder, "mvtec") == 10
