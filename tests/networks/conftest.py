"""Every test of a network draws the same weights and values, in whatever order the tests run."""

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
