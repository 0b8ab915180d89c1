"""Rivals, where each pixel's share of the score is known: a network that rebuilds mid-grey, whatever it is given."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import convolve

from tests.explain.conftest import blind_network, make_classifier, picture  # noqa: F401  # a fixture among them
from xai_ad.benchmarks.rivals import RIVALS, rivals_by_shapiq
from xai_ad.benchmarks.rivals import base as rivals_base
from xai_ad.benchmarks.rivals.base import normal_image
from xai_ad.benchmarks.rivals.captum_maps import CaptumGradients, CaptumOcclusion
from xai_ad.benchmarks.rivals.lime_image import LimeImage
from xai_ad.benchmarks.rivals.shap_partition import ShapPartition, blurred
from xai_ad.benchmarks.rivals.shapiq_values import Shapiq, ShapiqValues, asked
from xai_ad.errors import BenchmarkError
from xai_ad.explain import KernelShap
from xai_ad.machine.execution import Execution, Precision

NAMED = {"id": "any", "title": "Any"}
FLOAT32 = Execution(precision=Precision.FLOAT32, batch_size=8)


@pytest.fixture(autouse=True)
def exact(monkeypatch):
    monkeypatch.setattr(rivals_base, "fastest_execution", lambda: FLOAT32)


@pytest.fixture
def classifier(make_classifier):  # noqa: F811  # the fixture
    return make_classifier(network=blind_network())


def shares(image, absent):
    """Return each pixel's share of the score, (H, W): what it adds beside any others."""
    return (((image - 0.5).square() - (absent - 0.5).square()).sum(dim=0) / image.numel()).numpy()


def blocks(values):
    """Return the sums over blocks of 4 x 4 pixels, as far down as a hierarchy of halves comes."""
    return values.reshape(4, 4, 4, 4).sum(axis=(1, 3))


def test_every_rival_draws_a_map_of_the_image_and_counts(classifier):
    for rival in RIVALS:
        quick = replace(rival, budget=20) if hasattr(rival, "budget") else rival
        values, evaluations = quick.draw(classifier, picture(), 0)
        assert values.shape == (16, 16)
        assert np.isfinite(values).all()
        assert values.any()
        assert 0 < evaluations <= 50
        assert rival.library in rival.identity
    assert len({rival.identity for rival in RIVALS}) == len(RIVALS)


def test_shaps_shares_are_exact_where_pixels_add_up(classifier):
    image = picture()
    rival = ShapPartition(**NAMED, normal=True, budget=4000)
    values, evaluations = rival.draw(classifier, image, 0)
    expected = shares(image, normal_image(classifier, image))
    assert blocks(values) == pytest.approx(blocks(expected), abs=1e-6)
    assert evaluations <= 4000
    few, _ = replace(rival, budget=30).draw(classifier, image, 0)
    assert few.sum() == pytest.approx(values.sum(), rel=1e-4)


def test_the_blur_is_a_box_with_mirrored_edges(monkeypatch):
    monkeypatch.setattr("xai_ad.benchmarks.rivals.shap_partition.BLUR", 5)
    pixels = picture().numpy().transpose(1, 2, 0)
    expected = convolve(pixels, np.full((5, 5, 1), 1 / 25), mode="mirror")
    assert blurred(pixels) == pytest.approx(expected, abs=1e-6)


def test_captums_gradients_are_exact_where_pixels_add_up(classifier):
    image = picture()
    for normal, absent in ((False, torch.zeros_like(image)), (True, normal_image(classifier, image))):
        values, evaluations = CaptumGradients(**NAMED, normal=normal).draw(classifier, image, 0)
        assert values == pytest.approx(shares(image, absent), abs=1e-6)
        assert evaluations == 50


def test_captums_occlusion_is_what_its_windows_take_off(classifier):
    image = picture()
    values, _ = CaptumOcclusion(**NAMED, normal=True).draw(classifier, image, 0)
    share = shares(image, normal_image(classifier, image))
    assert values[0, 0] == pytest.approx(share[:15, :15].sum(), abs=1e-6)  # of one window alone
    assert values[15, 0] == pytest.approx(share[8:, :15].sum(), abs=1e-6)  # the next, cut off by the edge


def test_lime_depends_on_its_seed_and_knows_grey_images(make_classifier):  # noqa: F811  # the fixture
    rival = LimeImage(**NAMED, budget=30)
    assert rival.seeded
    classifier = make_classifier(1)
    first, again, other = (rival.draw(classifier, picture(1), seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.fixture
def with_shapiq(tmp_path, monkeypatch):
    """A Python that has a shapiq: one estimator is exact where players add up, the other fails."""
    package = tmp_path / "shapiq"
    package.mkdir()
    (package / "__init__.py").write_text("__version__ = '9.9'\nprint('hello')\n")
    (package / "approximator.py").write_text(
        """
import numpy as np

class Exact:
    def __init__(self, n, random_state, index):
        self.n, self.seed, self.index = n, random_state, index

    def approximate(self, budget, game):
        assert self.index == "SV" and budget > self.n
        scores = game(np.concatenate([np.zeros((1, self.n), bool), np.eye(self.n, dtype=bool)]))
        return {(player,): scores[1 + player] - scores[0] for player in range(self.n)}

class Failing(Exact):
    def approximate(self, budget, game):
        raise ValueError("too few")
"""
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    asked.cache_clear()
    yield sys.executable
    asked(sys.executable).close()
    asked.cache_clear()


def test_shapiqs_estimators_play_kernel_shaps_own_game_over_a_pipe(classifier, with_shapiq):
    rival = ShapiqValues(**NAMED, estimator="Exact", interpreter=with_shapiq, budget=100)
    values, evaluations = rival.draw(classifier, picture(), 0)
    expected = KernelShap(budget=100).explain(classifier, picture())
    assert values == pytest.approx(expected.relevance[0], rel=1e-3, abs=1e-7)
    assert evaluations <= 100
    assert "shapiq 9.9" in rival.identity
    assert with_shapiq not in rival.identity


def test_what_goes_wrong_in_shapiq_is_told(classifier, with_shapiq):
    rival = ShapiqValues(**NAMED, estimator="Failing", interpreter=with_shapiq)
    with pytest.raises(BenchmarkError, match="cannot: ValueError: too few"):
        rival.draw(classifier, picture(), 0)


def test_an_interpreter_without_shapiq_or_none_at_all_is_told(tmp_path):
    with pytest.raises(BenchmarkError, match="No module named 'shapiq'"):
        Shapiq(sys.executable)
    with pytest.raises(BenchmarkError, match="Name one that has shapiq"):
        Shapiq(str(tmp_path / "nothing"))


def test_shapiqs_newest_are_asked_by_name():
    assert [rival.id for rival in rivals_by_shapiq("python")] == ["oddshap", "proxyshap"]
