"""Motion-CAE predicts each frame from those beside it, and starts as a copy of the nearest."""

import pytest
import torch

from xai_ad.errors import InvalidInputError
from xai_ad.networks import build_autoencoder, count_parameters
from xai_ad.networks.motion import neighbours

NEAREST = [1, 2, 3, 4, 3, 4, 5, 6]


def clips(count=2, frames=8, channels=1, size=128, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, frames, channels, size, size, generator=generator)


def unsettled(channels=1):
    """A network whose last layer changes something, as after training."""
    torch.manual_seed(3)
    network = build_autoencoder("motion_cae", channels=channels).eval()
    torch.nn.init.normal_(network.decoder[-1].weight, std=0.02)
    return network


@pytest.mark.parametrize("channels", [1, 3])
@torch.inference_mode()
def test_untrained_it_copies_the_nearest_frame_to_the_bit(channels):
    seen = clips(channels=channels)
    answered = build_autoencoder("motion_cae", channels=channels).eval().answer(seen)
    assert torch.equal(answered, seen[:, NEAREST])


@torch.inference_mode()
def test_a_frame_is_predicted_from_the_four_before_it_or_after_it_and_never_from_itself():
    network, seen = unsettled(), clips(1)
    before = network.answer(seen)
    for changed in range(8):
        other = seen.clone()
        other[:, changed] = 1 - other[:, changed]
        differ = (network.answer(other) - before).abs().amax(dim=(0, 2, 3, 4)) > 0
        assert differ.tolist() == [changed in neighbours(8)[t] for t in range(8)]


def test_neighbours_are_the_four_towards_the_longer_side_and_stop_at_the_ends():
    assert neighbours(8) == [
        *([t + 4, t + 3, t + 2, t + 1] for t in range(4)),
        *([t - 4, t - 3, t - 2, t - 1] for t in range(4, 8)),
    ]
    assert neighbours(2) == [[1] * 4, [0] * 4]
    for frames in range(2, 20):
        found = neighbours(frames)
        assert all(t not in beside and beside[-1] in (t - 1, t + 1) for t, beside in enumerate(found))


@torch.inference_mode()
def test_turned_in_time_a_clip_is_answered_turned():
    network, seen = unsettled(), clips()
    assert torch.allclose(network.answer(seen.flip(1)).flip(1), network.answer(seen), atol=1e-6)


@torch.inference_mode()
def test_answers_stay_within_black_and_white():
    network, seen = unsettled(), clips()
    with torch.no_grad():
        network.decoder[-1].bias.fill_(0.8)
    answered = network.answer(seen)
    assert float(answered.min()) >= 0
    assert float(answered.max()) == 1


def test_it_is_small():
    assert count_parameters(build_autoencoder("motion_cae", channels=1)) == 196901
    assert build_autoencoder("motion_cae").embed(clips(1, channels=3)).shape == (1, 8, 72, 16, 16)


def test_a_single_frame_is_refused():
    with pytest.raises(InvalidInputError, match=r"at least 2 frames\. Got 1"):
        build_autoencoder("motion_cae", channels=1)(clips(frames=1))
