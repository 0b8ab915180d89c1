"""The residual map."""

import numpy as np
import pytest

from xai_ad.explain import Residual


def test_the_residual_map_is_each_pixels_squared_error_and_adds_up(classifier, image):
    found = Residual().explain(classifier, image)
    rebuilt = classifier.reconstruct(image[None])[0]
    expected = (rebuilt - image).square().numpy().astype(np.float64).sum(axis=0) / image.numel()
    assert found.relevance[0] == pytest.approx(expected, rel=1e-5)
    assert found.baseline == 0
    assert abs(found.residual) < 1e-6 * found.score
