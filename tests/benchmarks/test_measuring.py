"""What a map comes to: place, effect on the score between chance and the best known, and whether it holds."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from tests.explain.conftest import blind_network, make_classifier, picture  # noqa: F401  # a fixture among them
from xai_ad.benchmarks.maps import Method, Picture
from xai_ad.benchmarks.measuring import faithfulness, figures_of
from xai_ad.metrics.agreement import placed
from xai_ad.metrics.faithfulness import STEPS, area, rank_correlation, shared_strongest, taken_away


@dataclass(frozen=True, kw_only=True)
class Squares(Method):
    """Each pixel's own squared distance from mid-grey, and a little chance."""

    id: str = "squares"
    title: str = "Squares"
    seeded: bool = True

    @property
    def identity(self):
        """All that its maps depend on."""
        return "squares"

    def draw(self, classifier, image, seed):
        """Return the shares of a network that rebuilds mid-grey, which it does not ask."""
        chance = np.random.default_rng(seed).normal(scale=1e-3, size=image.shape[-2:])
        return (image - 0.5).square().mean(dim=0).numpy() + chance, 3


@pytest.fixture
def asked(make_classifier):  # noqa: F811  # the fixture
    return Picture(make_classifier(network=blind_network()), picture(), name="one", seed=0)


def test_faithfulness_lies_between_random_orders_and_the_ideal_one(asked):
    values = Squares().draw(asked.classifier, asked.image, 0)[0]
    score, empty = ((image - 0.5).square().mean().item() for image in (asked.image, asked.reference.fill))
    falls = []
    for step in STEPS:
        taken = torch.from_numpy(taken_away(values, step))
        left = torch.where(taken, asked.reference.fill, asked.image)
        falls.append((score - (left - 0.5).square().mean().item()) / (score - empty))
    chance, ideal = area(asked.reference.random_fall), area(asked.reference.ideal_fall)
    assert faithfulness(asked, values) == pytest.approx((area(falls) - chance) / (ideal - chance), rel=0.02)
    assert faithfulness(asked, -values) < 0.2


def test_a_map_is_compared_with_its_own_of_a_repeated_run(asked):
    mask = np.zeros((16, 16), dtype=bool)
    mask[:4, :5] = True
    found = figures_of(asked, Squares(), mask, repeated=True, randomised=True)
    draw = Squares().draw
    values, other = (draw(asked.classifier, asked.image, seed)[0].astype(np.float32) for seed in (0, 1))
    assert found["seed"] == rank_correlation(values, other)
    assert found["seed_shared"] == shared_strongest(values, other)
    assert found["noise"] < 1
    assert found["randomised"] == 1  # it does not look at the network
    place = placed(values, mask)
    assert (found["localisation"], found["iou"]) == (place.pixel_auc_roc, place.iou)
    assert found["hits"] in {0.0, 1.0}
    assert found["evaluations"] == 3


def test_without_a_mask_or_repeats_there_are_no_such_figures(asked):
    found = figures_of(asked, Squares(), None, repeated=False, randomised=False)
    assert found.keys() == {"faithfulness", "seconds", "evaluations"}
    steady = figures_of(asked, Squares(seeded=False), None, repeated=True, randomised=False)
    assert {"noise", "noise_shared"} < steady.keys()
    assert "seed" not in steady
