import numpy as np
import pytest
import torch
from scipy.special import logit

from xai_ad.networks import IMAGE_NETWORKS, build_network
from xai_ad.training import initialisation
from xai_ad.training.initialisation import fit_output, logit_moments


@pytest.fixture
def pixels():
    """Seven bright pictures with black and white pixels, (7, 3, 16, 16) uint8."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(120, 256, (7, 3, 16, 16), dtype=torch.uint8, generator=generator)
    pixels[0, 0, 0, :4] = torch.tensor([0, 0, 255, 255], dtype=torch.uint8)
    return pixels


def test_moments_are_those_of_the_logits(pixels, monkeypatch):
    monkeypatch.setattr(initialisation, "CHUNK", 3)
    logits = logit(pixels.numpy().clip(0.5, 254.5) / 255)
    mean, deviation = logit_moments(pixels)
    assert np.allclose(mean, logits.mean(axis=(0, 2, 3)), rtol=1e-5)
    assert np.allclose(deviation, logits.std(axis=(0, 2, 3)), rtol=1e-4)


@pytest.mark.parametrize("network", IMAGE_NETWORKS)
def test_every_network_starts_at_the_images_brightness(network):
    torch.manual_seed(0)
    built = build_network(network).train()
    pixels = torch.randint(200, 256, (4, 3, 128, 128), dtype=torch.uint8)
    fit_output(built, pixels)
    with torch.no_grad():
        logits = built(pixels / 255).clamp(1e-6, 1 - 1e-6).logit()  # normed over the batch: exactly fitted
    mean, deviation = logit_moments(pixels)
    assert logits.mean(dim=(0, 2, 3)).tolist() == pytest.approx(mean.tolist(), rel=1e-3)
    assert logits.std(dim=(0, 2, 3)).tolist() == pytest.approx(deviation.tolist(), rel=1e-2)
