"""Relevance through time, against its literal form, and what of it must hold at the networks' real sizes."""

import functools

import pytest
import torch
from torch import nn

from tests.clip_networks import RECURRENT, SIDE_OF_ALL, as_if_trained, clip_network, random_pixels
from tests.explain.lrp.literal_time import relevance_through
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.scores import Scoring
from xai_ad.explain import Lrp
from xai_ad.explain.lrp.propagation import relevance_of
from xai_ad.explain.lrp.rules import LrpRule
from xai_ad.explain.results import diagnostics
from xai_ad.networks import NetworkKind, build_autoencoder, list_networks
from xai_ad.networks.clips import ClipAutoencoder, ClipPredictor
from xai_ad.networks.graph import graph_of
from xai_ad.networks.merging import merged
from xai_ad.networks.recurrent.architecture import Decoder
from xai_ad.networks.recurrent.cells import ConvGRU, ConvLSTM

ROWS = [row for row in list_networks(NetworkKind.CLIP) if row.id in RECURRENT]
IDS = [f"{row.id} {row.options['recurrent_layers']} {row.options['decoder']}" for row in ROWS]
every_combination = pytest.mark.parametrize("row", ROWS, ids=IDS)
EPSILON = 1e-2
CALIBRATION = Calibration(threshold=1e-6, score_max=1.0, map_scale=1.0)


def clip(frames, side=SIDE_OF_ALL, seed=0):
    return (random_pixels(frames, seed, side) / 255).double()  # (T, 1, side, side)


def found_of(network, shown, frame, *, rule=LrpRule.EPSILON, epsilon=EPSILON):
    return relevance_of(
        merged(graph_of(network)), shown[None], Scoring(), rule=rule, epsilon=epsilon, frame=frame
    )


@every_combination
def test_relevance_equals_its_literal_form_frame_by_frame(row):
    network = clip_network(row.id, **row.options, frames=6 if row.id.startswith("seq2seq") else 3).double()
    shown = clip(3)
    found = found_of(network, shown, frame=1)
    expected, score, ledger = relevance_through(network, shown.numpy(), frame=1, epsilon=EPSILON)
    assert float((network(shown[None])[0, 1] - shown[1]).detach().square().mean()) == pytest.approx(score)
    scale = abs(expected).max()
    assert found.relevance[0].numpy() == pytest.approx(expected, rel=1e-7, abs=1e-10 * scale)
    assert float(found.to_bias) == pytest.approx(ledger.to_bias, rel=1e-7, abs=1e-10 * scale)
    assert float(found.to_epsilon) == pytest.approx(ledger.to_epsilon, rel=1e-7, abs=1e-10 * scale)
    heard = abs(expected).sum(axis=(1, 2, 3)) > 0
    assert heard.tolist() == [
        True,
        True,
        not row.id.startswith("c"),
    ]  # from behind only where it looks both ways


@functools.cache
def of_real_layers(name, layers, decoder):
    """One of the networks with its own layers, for two small frames, in float64."""
    torch.manual_seed(3)
    options = {"recurrent_layers": layers, "decoder": decoder}
    network = build_autoencoder(name, channels=1, size=64, options=options).double()
    network.frames = network.seeds = 2
    network.seeds *= isinstance(network, ClipPredictor)
    for layer in network.modules():
        if isinstance(layer, ConvLSTM | ConvGRU):  # or six of them would leave next to nothing
            for weight in layer.parameters():
                weight.data.mul_(4)
    return as_if_trained(network, torch.stack([clip(2, 64, seed) for seed in (1, 2)]))


@every_combination
def test_relevance_the_biases_and_epsilon_make_up_the_frames_score(row):
    network = of_real_layers(row.id, row.options["recurrent_layers"], row.options["decoder"])
    shown = clip(2, 64)
    found = found_of(network, shown, frame=1, epsilon=1e-4)
    with torch.inference_mode():
        score = float((network(shown[None])[0, 1] - shown[1]).square().mean())
    assert found.relevance.abs().sum() > 0.01 * score
    assert float(found.relevance.sum() + found.to_bias + found.to_epsilon) == pytest.approx(score, rel=1e-5)


@pytest.mark.parametrize("name", ["clstm", "bicrnn", "seq2seq_cgru"])
@pytest.mark.parametrize("rule", LrpRule)
@pytest.mark.parametrize("decoder", Decoder)
def test_every_rule_loses_nothing_on_the_way_through_time(name, rule, decoder):
    network = clip_network(name, 2, decoder, frames=4).double()
    shown = clip(network.seeds or 4)
    found = found_of(network, shown, frame=1, rule=rule, epsilon=1e-4)
    score = float((network(shown[None])[0, 1] - shown[1]).detach().square().mean())
    total = float(found.relevance.sum() + found.to_bias + found.to_epsilon)
    assert total == pytest.approx(score, rel=1e-9)
    assert (rule is LrpRule.Z_PLUS) == bool((found.relevance >= 0).all())


@torch.inference_mode()
def test_each_clips_shares_are_its_own_in_a_batch():
    network = clip_network("bicgru", 2, "recurrent", frames=3).double()
    clips = torch.stack([clip(3, seed=seed) for seed in (0, 1)])
    graph = merged(graph_of(network))
    settings = {"rule": LrpRule.EPSILON, "epsilon": EPSILON, "frame": 2}
    together = relevance_of(graph, clips, Scoring(), **settings)
    for place in range(2):
        alone = relevance_of(graph, clips[place : place + 1], Scoring(), **settings)
        for found, expected in zip(together, alone, strict=True):
            torch.testing.assert_close(found[place : place + 1], expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", RECURRENT)
@pytest.mark.parametrize("frame", [0, 3, 4, 7])
def test_a_frame_is_explained_by_the_frames_that_it_was_answered_from(name, frame):
    window = clip(8).float()
    detector = AnomalyClassifier(clip_network(name), CALIBRATION)
    found = Lrp(rule=LrpRule.EPSILON).explain(detector, window, frame=frame)
    assert found.score == pytest.approx(float(detector(window[None])[0, frame]), rel=1e-6)
    assert found.relevance.shape == (8, SIDE_OF_ALL, SIDE_OF_ALL)
    lost = found.findings.bias_share + found.findings.epsilon_share
    total = float(found.relevance.sum(dtype="float64")) + lost
    assert total == pytest.approx(found.score, rel=1e-3 * max(1, found.findings.cancellation))
    heard = abs(found.relevance).sum(axis=(1, 2)) > 0
    if name.startswith("seq2seq"):
        seen = range(4) if frame >= 4 else range(4, 8)
    else:
        seen = range(8) if name.startswith("bi") else range(frame + 1)
    assert heard.tolist() == [place in seen for place in range(8)]
    assert ("without seeing it" in diagnostics(found).get("note", "")) == (not heard[frame])


def test_the_first_frames_of_a_prediction_are_those_of_the_turned_clip():
    window = clip(8).float()
    detector = AnomalyClassifier(clip_network("seq2seq_clstm"), CALIBRATION)
    backwards = Lrp().explain(detector, window, frame=1)
    onwards = Lrp().explain(detector, window.flip(0), frame=6)
    assert backwards.relevance == pytest.approx(onwards.relevance[::-1], rel=1e-5, abs=1e-9)


class Folding(ClipAutoencoder):
    """A network of clips without a memory: the frames are channels of one picture."""

    def forward(self, clips):  # noqa: D102
        count, frames, channels = clips.shape[:3]
        answers = self.decoder(self.encoder(clips.flatten(1, 2)))
        return answers.reshape(count, frames, channels, *answers.shape[-2:])


def folding_network():
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.LeakyReLU(0.2))
    decoder = nn.Sequential(nn.ConvTranspose2d(6, 4, 3), nn.BatchNorm2d(4), nn.Sigmoid())
    return Folding([encoder], [decoder], channels=1, size=SIDE_OF_ALL, frames=4).eval()


@pytest.mark.parametrize("rule", LrpRule)
def test_a_network_that_folds_frames_into_channels_is_walked_as_one_of_pictures_is(rule):
    network, shown = folding_network().double(), clip(4)
    found = found_of(network, shown, frame=1, rule=rule, epsilon=1e-4)
    score = float((network(shown[None])[0, 1] - shown[1]).detach().square().mean())
    total = float(found.relevance.sum() + found.to_bias + found.to_epsilon)
    assert total == pytest.approx(score, rel=1e-9)
    assert (found.relevance[0].abs().sum(dim=(1, 2, 3)) > 0).all()
