import numpy as np
import pytest
import torch

from xai_ad.networks import build_network
from xai_ad.thesis.figures.embeddings import embed, project_together, separation


def test_both_sets_are_projected_on_the_axes_of_their_common_covariance():
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=(7, 5)), 3 + rng.normal(size=(7, 5))
    (first, second), shares = project_together(before, after)
    both = np.concatenate([before, after])
    centred = both - both.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    expected = centred @ vectors[:, [-1, -2]]
    found = np.concatenate([first, second])
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(shares, values[[-1, -2]] / values.sum())


def test_separation_is_measured_from_the_centre_in_all_dimensions():
    embeddings = np.array([[1.0, 0.0], [0.0, -1.0], [3.0, 0.0], [0.0, 5.0]])
    labels = np.array([0, 0, 1, 1])
    found = separation(embeddings, labels, np.zeros(2))
    assert (found.normal_distance, found.anomalous_distance, found.ratio) == (1.0, 4.0, 4.0)
    assert found.distance_auc_roc == 1.0
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)
    own = np.array([distances[0, 1], distances[0, 1], distances[2, 3], distances[2, 3]])
    other = np.array([distances[i][labels != labels[i]].mean() for i in range(4)])
    assert found.silhouette == pytest.approx(np.mean((other - own) / np.maximum(own, other)))


def test_embeddings_are_the_encoders_for_any_number_of_images():
    torch.manual_seed(0)
    network = build_network("bcae1").eval()
    pixels = torch.randint(0, 256, (35, 3, 128, 128), dtype=torch.uint8)
    with torch.no_grad():
        expected = network.encoder(pixels[33:] / 255).flatten(1).double().numpy()
    found = embed(network, pixels)
    assert found.shape == (35, 1536)
    np.testing.assert_allclose(found[33:], expected, rtol=1e-4, atol=1e-6)
