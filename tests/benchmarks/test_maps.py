"""Maps are made once, under a name of all that they depend on, and again where any of it changed."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from tests.explain.conftest import blind_network, make_classifier, picture  # noqa: F401  # a fixture among them
from xai_ad.benchmarks.maps import Method, Own, Picture, Repeat, Scorer
from xai_ad.explain import Consensus, KernelShap, Lrp, Residual
from xai_ad.explain.consensus import combine
from xai_ad.explain.trust import noisy
from xai_ad.machine.execution import Execution, Precision


@dataclass(frozen=True, kw_only=True)
class Told(Method):
    """A method that notes what it is asked."""

    asked: list = field(default_factory=list, compare=False)
    seeded: bool = True
    settings: str = "any"

    @property
    def identity(self):
        """All that its maps depend on."""
        return self.settings

    def draw(self, classifier, image, seed):
        """Note what is asked, and return a map of its number."""
        self.asked.append((classifier, image, seed))
        return np.full(image.shape[-2:], len(self.asked)), 7


@pytest.fixture
def classifier(make_classifier):  # noqa: F811  # the fixture
    return make_classifier(network=blind_network())


def of(classifier, name="one", seed=0):
    return Picture(classifier, picture(), name=name, seed=seed)


def test_a_map_is_made_once_and_kept_in_the_users_own_folder(classifier, own_home):
    told = Told(id="told", title="Told")
    first, second = (of(classifier).drawn(told) for _ in range(2))
    assert len(told.asked) == 1
    assert np.array_equal(first.values, second.values)
    assert (second.seconds, second.evaluations) == (first.seconds, 7)
    (kept,) = (own_home / "benchmarks" / "maps").iterdir()
    kept.write_bytes(b"PK broken")
    of(classifier).drawn(told)
    assert len(told.asked) == 2


@pytest.mark.parametrize(
    ("changed", "settings", "repeat"),
    [
        ({"name": "two"}, "any", Repeat.NOTHING),
        ({"seed": 1}, "any", Repeat.NOTHING),
        ({}, "others", Repeat.NOTHING),
        ({}, "any", Repeat.SEED),
        ({}, "any", Repeat.NOISE),
        ({}, "any", Repeat.WEIGHTS),
    ],
)
def test_what_depends_on_something_else_is_made_anew(classifier, changed, settings, repeat):
    told = Told(id="told", title="Told")
    of(classifier).drawn(told)
    other = Told(id="told", title="Told", asked=told.asked, settings=settings)
    of(classifier, **changed).drawn(other, repeat)
    assert len(told.asked) == 2


def test_each_repeat_changes_one_thing(classifier):
    told = Told(id="told", title="Told")
    for repeat in Repeat:
        of(classifier, seed=3).drawn(told, repeat)
    (plain, image, seed), (same, _, other), (_, noise, again), (shuffled, clean, _) = told.asked
    assert (seed, other, again) == (3, 4, 3)
    assert plain is same is classifier
    assert torch.equal(noise, noisy(image, 3))
    assert shuffled is not classifier
    assert torch.equal(clean, image)


def test_without_chance_another_seed_is_the_same_map(classifier):
    told = Told(id="told", title="Told", seeded=False)
    first = of(classifier).drawn(told)
    assert np.array_equal(of(classifier).drawn(told, Repeat.SEED).values, first.values)
    assert len(told.asked) == 1


def test_an_explainer_is_a_method(classifier):
    own = Own.of(KernelShap(budget=40, n_segments=5, seed=9))
    assert own.seeded
    assert "budget=40" in own.identity
    values, evaluations = own.draw(classifier, picture(), 2)
    found = KernelShap(budget=40, n_segments=5, seed=2).explain(classifier, picture())
    assert np.array_equal(values, found.relevance[0])
    assert evaluations == found.evaluations
    assert not Own.of(Residual()).seeded


def test_a_consensus_is_made_of_its_members_maps(make_classifier):  # noqa: F811  # the fixture
    asked = of(make_classifier())
    members = Residual(), Lrp()
    found = asked.drawn(Own.of(Consensus(members=members)))
    explained = [one.explain(asked.classifier, asked.image) for one in members]
    assert np.array_equal(found.values, combine(explained)[0])
    assert found.evaluations == sum(one.evaluations for one in explained)


def test_scores_are_counted_in_batches_of_any_size(classifier):
    images = torch.stack([picture(seed=seed) for seed in range(5)])
    score = Scorer(classifier, Execution(precision=Precision.FLOAT32, batch_size=2))
    expected = (images - 0.5).square().mean(dim=(1, 2, 3))
    assert score(images) == pytest.approx(expected.numpy(), rel=1e-5)
    assert score.of_pixels(images.numpy().transpose(0, 2, 3, 1)) == pytest.approx(expected.numpy(), rel=1e-5)
    assert score.evaluations == 10


def test_what_is_left_of_the_score_is_that_of_copies_with_normal_content(classifier):
    asked = of(classifier)
    taken = np.zeros((16, 16), dtype=bool)
    taken[2:9, 3:7] = True
    changed = torch.where(torch.from_numpy(taken), asked.reference.fill, asked.image)
    expected = [(image - 0.5).square().mean().item() for image in (changed, asked.image)]
    assert asked.without([taken, np.zeros_like(taken)]) == pytest.approx(expected, rel=1e-2)
