"""What holds for every image network and every combination of its options."""

import pytest
import torch

from xai_ad.errors import InvalidInputError
from xai_ad.networks import NetworkKind, build_network, fuse, list_networks

CASES = [(row.id, row.options) for row in list_networks(NetworkKind.IMAGE)]
NAMES = [" ".join([name, *(f"{key}={value}" for key, value in options.items())]) for name, options in CASES]
every_network = pytest.mark.parametrize(("name", "options"), CASES, ids=NAMES)


def pictures(count=2, channels=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(count, channels, 128, 128, generator=generator)
    return images.contiguous(memory_format=torch.channels_last)


@every_network
@pytest.mark.parametrize("channels", [1, 3])
@torch.inference_mode()
def test_pictures_are_rebuilt_at_their_own_size_in_the_unit_range(name, options, channels):
    images = pictures(channels=channels)
    rebuilt = build_network(name, channels=channels, options=options).eval()(images)
    assert rebuilt.shape == images.shape
    assert rebuilt.dtype == torch.float32
    assert 0 <= rebuilt.min() < rebuilt.max() <= 1


@every_network
@torch.inference_mode()
def test_the_same_seed_gives_the_same_bytes_and_each_picture_is_judged_alone(name, options):
    torch.manual_seed(3)
    first = build_network(name, options=options).eval()
    torch.manual_seed(3)
    second = build_network(name, options=options).eval()
    images = pictures()
    assert torch.equal(first(images), second(images))
    torch.testing.assert_close(first(images)[1:], first(images[1:]), atol=1e-6, rtol=0)


@every_network
@pytest.mark.parametrize("bfloat16", [False, True], ids=["float32", "bfloat16"])
def test_every_parameter_learns_and_the_loss_falls(name, options, bfloat16):
    torch.manual_seed(0)
    network = build_network(name, options=options).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    images, losses = pictures(count=4), []
    for _ in range(8):  # in bfloat16 the first steps may go up, by rounding
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            rebuilt, penalty = network.reconstruct_with_penalty(images)
        loss = (rebuilt.float() - images).square().mean() + penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    for parameter_name, parameter in network.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name


@every_network
@torch.inference_mode()
def test_the_penalty_comes_with_the_very_reconstructions(name, options):
    network = build_network(name, options=options).eval()
    images = pictures()
    rebuilt, penalty = network.reconstruct_with_penalty(images)
    assert torch.equal(rebuilt, network(images))
    assert penalty.shape == ()
    assert (penalty > 0) == (name == "sa_cae")


@every_network
def test_only_asymmetric_blocks_can_be_fused(name, options):
    network = build_network(name, options=options)
    if options.get("fused") is False:
        assert fuse(network) is not network
    else:
        with pytest.raises(InvalidInputError, match="nothing to fuse") as refusal:
            fuse(network)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "option", "value", "wanted"),
    [
        ("aa_cae", "key_depth", 0, r"int in \[1, inf\)\. Got 0"),
        ("aa_cae", "value_depth", 64, r"int in \[1, 63\]\. Got 64"),
        ("se_cae", "reduction", 65, r"int in \[1, 64\]\. Got 65"),
        ("se_cae", "reduction", True, r"int in \[1, 64\]\. Got True"),
        ("sa_cae", "projection_channels", 0, r"int in \[1, inf\)\. Got 0"),
        ("sa_cae", "penalty_factor", -1.0, r"number in \[0, inf\)\. Got -1\.0"),
        ("sa_cae", "penalty_factor", float("nan"), r"number in \[0, inf\)\. Got nan"),
        ("ssa_cae", "second_kernel", 4, r"must be odd\. Got 4"),
        ("ssa_cae", "first_kernel", 0, r"int in \[1, inf\)\. Got 0"),
    ],
)
def test_an_option_out_of_range_is_refused_quoting_it(name, option, value, wanted):
    with pytest.raises(InvalidInputError, match=f"'{option}'.*{wanted}"):
        build_network(name, options={option: value})
