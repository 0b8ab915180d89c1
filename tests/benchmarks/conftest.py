"""A case to measure on: the stored model of untrained weights, and a picture."""

import pytest

from tests.conftest import write_picture
from xai_ad.benchmarks.base import Case


@pytest.fixture
def case(stored_model, tmp_path) -> Case:
    return Case(
        model=stored_model.path, picture=write_picture(tmp_path / "seen.png", 5, size=128, bright=True)
    )
