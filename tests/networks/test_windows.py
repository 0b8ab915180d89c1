"""What lets a detector hold a network of either kind: windows in, windows out."""

import pytest
import torch

from xai_ad.networks import SEED_FRAMES, build_autoencoder, build_network


def windows(count, frames):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(count, frames, 3, 128, 128, generator=generator)


@torch.inference_mode()
def test_a_network_of_images_takes_windows_of_any_length_frame_by_frame():
    network, seen = build_network("bcae1").eval(), windows(2, 3)
    answers, embeddings = network.answer(seen), network.embed_windows(seen)
    assert (network.frames, network.seeds) == (1, 0)
    for place in range(3):
        torch.testing.assert_close(answers[:, place], network(seen[:, place]), atol=1e-6, rtol=0)
        torch.testing.assert_close(embeddings[:, place], network.embed(seen[:, place]), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("network", "seeds"), [("cgru", 0), ("seq2seq_cgru", SEED_FRAMES)])
@torch.inference_mode()
def test_a_network_of_clips_takes_windows_as_it_takes_clips(network, seeds):
    network, seen = build_autoencoder(network).eval(), windows(2, 2)
    assert (network.frames, network.seeds) == (8, seeds)
    torch.testing.assert_close(network.answer(seen), network(seen), atol=1e-6, rtol=0)
    torch.testing.assert_close(network.embed_windows(seen), network.embed(seen), atol=1e-5, rtol=0)
