import math

import pytest
import torch

from xai_ad.detector.calibration import Calibration
from xai_ad.errors import InvalidInputError


@pytest.mark.parametrize("field", ["threshold", "score_max", "map_scale"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_a_calibration_refuses_what_cannot_divide(field, value):
    with pytest.raises(InvalidInputError, match=field):
        Calibration(**{"threshold": 1.0, "score_max": 1.0, "map_scale": 1.0, field: value})


def test_density_is_one_everywhere_for_a_image_that_stands_at_the_limit():
    shares = torch.full((8, 16), 0.05 / 128)
    assert Calibration(threshold=0.05, score_max=1, map_scale=1).density(
        shares
    ).unique().tolist() == pytest.approx([1.0])
