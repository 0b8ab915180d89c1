import math

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from xai_ad.detector.losses import (
    compound_values,
    dissimilarity_values,
    one_class_loss,
    soft_boundary_loss,
    squared_distances,
    squared_error_values,
)


def pair(kind):
    """An image and its reconstruction, (C, H, W) float64 in [0, 1]."""
    rng = np.random.default_rng(3)
    if kind == "noise":
        return rng.random((3, 40, 52)), rng.random((3, 40, 52))
    smooth = np.linspace(0, 1, 52)[None, None] * np.linspace(0.4, 1, 40)[None, :, None] * np.ones((3, 1, 1))
    if kind == "smooth":
        return smooth, np.clip(smooth + 0.02 * rng.standard_normal(smooth.shape), 0, 1)
    flat = np.full((3, 40, 52), 0.9)  # where float32 loses its digits as Eq. 3.9 prints it
    return flat, flat + 1e-3 * rng.standard_normal(flat.shape).clip(-3, 3)


def reference(x, y, *, full):
    """scikit-image's SSIM as Wang et al. 2004 use it, in float64."""
    found = structural_similarity(
        x,
        y,
        channel_axis=0,
        data_range=1.0,
        gaussian_weights=True,
        use_sample_covariance=False,
        full=True,
    )
    return found[1] if full else found[0]


@pytest.mark.parametrize("kind", ["noise", "smooth", "flat"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_structural_similarity_is_that_of_scikit_image(kind, dtype, tolerance):
    x, y = pair(kind)
    images, reconstructions = (torch.from_numpy(values)[None].to(dtype) for values in (x, y))
    mean = 1 - float(dissimilarity_values(images, reconstructions).double().mean())
    assert mean == pytest.approx(reference(x, y, full=False), abs=tolerance)
    whole = 1 - dissimilarity_values(images, reconstructions, full=True)[0].double().numpy()
    assert np.abs(whole - reference(x, y, full=True)).max() <= 20 * tolerance


def literal_dissimilarity(x, y, window):
    """Eq. 3.9 place by place, in the slowest way: explicit windows, weighted moments."""
    reach = window // 2
    offsets = np.arange(-reach, reach + 1)
    line = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights = np.outer(line, line) / line.sum() ** 2
    height, width = x.shape
    found = np.empty((height - 2 * reach, width - 2 * reach))
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            p1, p2 = x[i : i + window, j : j + window], y[i : i + window, j : j + window]
            m1, m2 = (weights * p1).sum(), (weights * p2).sum()
            v1, v2 = (weights * (p1 - m1) ** 2).sum(), (weights * (p2 - m2) ** 2).sum()
            both = (weights * (p1 - m1) * (p2 - m2)).sum()
            found[i, j] = ((2 * m1 * m2 + 1e-4) * (2 * both + 9e-4)) / (
                (m1**2 + m2**2 + 1e-4) * (v1 + v2 + 9e-4)
            )
    return 1 - found


@pytest.mark.parametrize("window", [3, 7, 11])
def test_any_odd_window_gives_equation_3_9_written_out(window):
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 16, 14))
    found = dissimilarity_values(
        torch.from_numpy(x)[None, None], torch.from_numpy(y)[None, None], window=window
    )
    assert np.allclose(found[0, 0].numpy(), literal_dissimilarity(x, y, window), atol=1e-12)


def test_a_picture_is_not_dissimilar_to_itself():
    images = torch.rand(2, 3, 20, 20)
    assert float(dissimilarity_values(images, images).abs().max()) == 0


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
def test_compound_values_average_to_equation_3_10(eta):
    x, y = pair("smooth")
    images, reconstructions = torch.from_numpy(x)[None], torch.from_numpy(y)[None]
    expected = eta * np.mean((x - y) ** 2) + (1 - eta) * (1 - reference(x, y, full=False))
    found = compound_values(images, reconstructions, eta=eta)
    assert found.shape == images.shape
    assert float(found.mean()) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("values", [squared_error_values, compound_values, dissimilarity_values])
def test_gradients_are_those_of_finite_differences(values):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(1, 1, 12, 12, dtype=torch.float64, generator=generator)
    reconstructions = torch.rand(1, 1, 12, 12, dtype=torch.float64, generator=generator).requires_grad_()
    assert torch.autograd.gradcheck(lambda made: values(images, made).mean(), (reconstructions,))


def test_structural_similarity_keeps_its_precision_under_autocast():
    images = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    made = (images + 0.01).clamp(0, 1)
    with torch.autocast("cpu", torch.bfloat16):
        inside = dissimilarity_values(images, made)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, dissimilarity_values(images, made))


def test_the_one_class_loss_is_the_mean_squared_distance_from_the_centre():
    embeddings = torch.tensor([[[3.0, 4.0]], [[1.0, 0.0]]])  # (2, 1, 2)
    centre = torch.tensor([[0.0, 0.0]])
    assert squared_distances(embeddings, centre).tolist() == [25, 1]
    assert float(one_class_loss(embeddings, centre)) == 13


def test_the_soft_boundary_charges_only_what_lies_outside():
    embeddings, centre = torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.zeros(2)
    found = float(soft_boundary_loss(embeddings, centre, radius=2.0, nu=0.1))
    assert found == pytest.approx(4 + (25 - 4) / 2 / 0.1)
    assert float(soft_boundary_loss(embeddings, centre, radius=math.sqrt(25), nu=0.1)) == pytest.approx(25)
