"""What holds for the nine recurrent networks and every combination of their options."""

import pytest
import torch

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.networks import (
    CLIP_FRAMES,
    CLIP_NETWORKS,
    IMAGE_NETWORKS,
    NETWORKS,
    SEED_FRAMES,
    build_autoencoder,
    build_network,
    count_parameters,
    list_networks,
)
from xai_ad.networks.recurrent.architecture import Decoder, RecurrentConfig
from xai_ad.networks.recurrent.cells import Bidirectional, RecurrentConvolution
from xai_ad.training.initialisation import fit_output, logit_moments

RECURRENT = [name for name, spec in CLIP_NETWORKS.items() if spec.config is RecurrentConfig]
ROWS = [row for row in list_networks() if row.id in RECURRENT]
IDS = [f"{row.id} {row.options['recurrent_layers']} {row.options['decoder']}" for row in ROWS]
every_network = pytest.mark.parametrize("network", RECURRENT)


def clips(count=2, frames=2, channels=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, frames, channels, 128, 128, generator=generator)


def settled(network, seen):
    """In evaluation mode, its batch norms at the statistics of what it has seen."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1
    with torch.no_grad():
        network.train()(seen)
    return network.eval()


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_every_combination_answers_in_the_unit_range_and_each_weight_learns(row):
    network = build_autoencoder(row.id, options=row.options).to(memory_format=torch.channels_last)
    shown = clips(count=1)
    answered, penalty = network.reconstruct_with_penalty(shown)
    assert answered.shape == shown.shape
    assert 0 <= answered.min() < answered.max() <= 1
    ((answered - shown).square().mean() + penalty).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name
    assert count_parameters(network) == row.parameters


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_recurrent_layers_end_the_encoder_and_begin_the_decoder_where_asked(row):
    with torch.device("meta"):
        network = build_autoencoder(row.id, options=row.options)
    kind = Bidirectional if row.id.startswith("bi") else RecurrentConvolution
    layers = row.options["recurrent_layers"]
    of_decoder = layers if row.options["decoder"] == "recurrent" else 0
    assert [isinstance(layer, kind) for layer in network.encoder] == [False] * (5 - layers) + [True] * layers
    assert [isinstance(layer, kind) for layer in network.decoder][:5] == [True] * of_decoder + [False] * (
        5 - of_decoder
    )


@every_network
@torch.inference_mode()
def test_grey_clips_of_any_length_have_an_embedding_for_each_frame(network):
    built = build_autoencoder(network, channels=1).eval()
    assert (built.channels, built.size, built.frames) == (1, 128, CLIP_FRAMES)
    assert built.embed(clips(count=1, frames=3, channels=1)).shape == (1, 3, 96, 5, 5)
    assert built(clips(count=1, frames=1, channels=1)).shape == (1, 1, 1, 128, 128)


@every_network
@torch.inference_mode()
def test_each_clip_is_judged_alone_and_the_same_seed_gives_the_same_bytes(network):
    seen = clips()
    torch.manual_seed(3)
    first = build_autoencoder(network).eval()
    torch.manual_seed(3)
    second = build_autoencoder(network).eval()
    assert torch.equal(first(seen), second(seen))
    torch.testing.assert_close(first(seen)[1:], first(seen[1:]), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("network", "past", "future"),
    [("cgru", True, False), ("bicgru", True, True)],
    ids=["onwards", "both ways"],
)
def test_memory_runs_onwards_or_both_ways(network, past, future):
    built = build_autoencoder(network).eval()
    shown = clips(count=1, frames=3).requires_grad_()
    (of_middle,) = torch.autograd.grad(built(shown)[0, 1].square().sum(), shown)
    assert of_middle[0, 1].abs().max() > 0
    assert (of_middle[0, 0].abs().max() > 0) == past
    assert (of_middle[0, 2].abs().max() > 0) == future


@pytest.mark.parametrize("decoder", Decoder)
def test_a_prediction_is_made_from_every_seed(decoder):
    built = build_autoencoder("seq2seq_cgru", options={"decoder": decoder}).eval()
    seeds = clips(count=1, frames=3).requires_grad_()
    (of_first,) = torch.autograd.grad(built(seeds)[0, 0].square().sum(), seeds)
    assert (of_first[0].abs().amax(dim=(1, 2, 3)) > 0).all()


@torch.inference_mode()
def test_the_encoder_runs_on_from_its_states_without_input():
    built = settled(build_autoencoder("seq2seq_cgru", options={"recurrent_layers": 2}), clips(frames=2))
    seeds = clips(count=1, frames=2)
    by_time = seeds.transpose(0, 1)
    features = built.encoder[:3](by_time)
    states, outputs = [None, None], []
    for step in range(4):
        below = features[step] if step < 2 else torch.zeros_like(features[0])
        for place, cell in enumerate(built.encoder[3:]):
            of_input = cell.of_input(below)
            state = states[place]
            if state is None:
                state = cell.first_state(of_input)
            else:
                state = cell.next_state(of_input, cell.of_hidden(state[0]), state)
            states[place], below = state, state[0]
        outputs.append(below)
    expected = built.decoder(torch.stack(outputs[2:])).transpose(0, 1)
    torch.testing.assert_close(built(seeds), expected, atol=1e-6, rtol=0)


@torch.inference_mode()
def test_a_longer_prediction_feeds_predictions_back():
    built = settled(build_autoencoder("seq2seq_crnn"), clips(frames=2))
    seeds = clips(count=1, frames=2)
    once, twice = built(seeds), built(built(seeds))
    assert torch.equal(built.predict(seeds, 3), torch.cat([once, twice], dim=1)[:, :3])
    with pytest.raises(InvalidInputError, match=r"'frames' of a prediction .* Got 0"):
        built.predict(seeds, 0)


def test_predictors_are_shown_the_first_half_and_answer_with_the_second():
    whole = clips(count=1, frames=CLIP_FRAMES)
    with torch.device("meta"):
        predictor, rebuilder = build_autoencoder("seq2seq_crnn"), build_autoencoder("crnn")
    shown, answered = predictor.seen_and_answered(whole)
    assert (predictor.seeds, rebuilder.seeds) == (SEED_FRAMES, 0)
    assert torch.equal(torch.cat([shown, answered], dim=1), whole)
    assert shown.shape[1] == answered.shape[1] == SEED_FRAMES
    assert all(torch.equal(part, whole) for part in rebuilder.seen_and_answered(whole))
    with pytest.raises(InvalidInputError, match=r"even length\. Got 7"):
        predictor.seen_and_answered(whole[:, :7])


@pytest.mark.parametrize("network", ["clstm", "seq2seq_clstm"])
def test_training_starts_at_the_frames_brightness(network):
    built = build_autoencoder(network).train()
    pixels = torch.randint(200, 256, (4, 3, 128, 128), dtype=torch.uint8)
    fit_output(built, pixels)
    with torch.no_grad():
        logits = built((pixels / 255).unflatten(0, (2, 2))).clamp(1e-6, 1 - 1e-6).logit()
    mean, deviation = logit_moments(pixels)
    assert logits.mean(dim=(0, 1, 3, 4)).tolist() == pytest.approx(mean.tolist(), rel=1e-3)
    assert logits.std(dim=(0, 1, 3, 4)).tolist() == pytest.approx(deviation.tolist(), rel=1e-2)


@pytest.mark.parametrize("network", ["cgru", "seq2seq_cgru"])
@pytest.mark.parametrize("bfloat16", [False, True], ids=["float32", "bfloat16"])
def test_the_loss_falls(network, bfloat16):
    torch.manual_seed(0)
    built = build_autoencoder(network).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(built.parameters(), lr=1e-3)
    shown, wanted = built.seen_and_answered(clips(frames=4))
    losses = []
    for _ in range(3):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            answered = built(shown)
        loss = (answered.float() - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[2] < losses[0]


@pytest.mark.parametrize("shape", [(2, 3, 128, 128), (1, 0, 3, 128, 128)])
def test_what_is_no_clip_is_refused(shape):
    with pytest.raises(InvalidInputError, match=r"\(N, T, C, H, W\)"):
        build_autoencoder("cgru")(torch.zeros(shape))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"recurrent_layers": 4}, r"int in \[1, 3\]\. Got 4"),
        ({"recurrent_layers": 0}, r"int in \[1, 3\]\. Got 0"),
        ({"decoder": "3d"}, r"one of 2d, recurrent\. Got '3d'"),
    ],
)
def test_an_option_out_of_range_is_refused_quoting_it(options, said):
    with pytest.raises(InvalidInputError, match=said):
        build_autoencoder("cgru", options=options)


def test_networks_of_images_and_of_clips_are_kept_apart():
    assert IMAGE_NETWORKS | CLIP_NETWORKS == NETWORKS
    assert len(RECURRENT) == 9
    with pytest.raises(
        InvalidInputError, match=r"'cgru' takes clips, and here are images\. Choose one of: bcae1,"
    ):
        build_network("cgru")
    with pytest.raises(UnknownNameError, match="'depth'"):
        build_autoencoder("cgru", options={"depth": 3})


def test_an_option_read_from_a_card_is_as_good_as_the_enumerations():
    with torch.device("meta"):
        text, member = (
            count_parameters(build_autoencoder("cgru", options={"decoder": decoder}))
            for decoder in ("recurrent", Decoder.RECURRENT)
        )
    assert text == member
