"""Tables of all coalitions: their order, their values, and that they are paid for once."""

import numpy as np
import pytest
import torch

from tests.benchmarks.games import by_orders, members, table
from xai_ad.benchmarks import shapley_tables
from xai_ad.benchmarks.shapley_tables import TableGame, cached, table_of
from xai_ad.errors import InvalidInputError
from xai_ad.explain import Fill
from xai_ad.explain.segments import Slic

PLAYERS = 3


def unanimity(present):
    return float({0, 2} <= present)


def random_worth(present):
    return float(np.random.default_rng(sum(2**player for player in present)).normal())


@pytest.mark.parametrize("worth", [unanimity, random_worth])
def test_values_are_the_marginal_contributions_averaged_over_all_orders(worth):
    assert table(worth, 5).values() == pytest.approx(by_orders(worth, 5), abs=1e-12)


def test_a_coalition_is_found_by_its_members():
    game = table(random_worth, 4)
    coalitions = np.array([[True, False, True, True], [False, True, False, False]])
    assert game(coalitions).tolist() == [random_worth({0, 2, 3}), random_worth({1})]
    assert (game.empty, game.full) == (random_worth(set()), random_worth({0, 1, 2, 3}))


@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_a_table_has_a_score_for_each_coalition(count):
    with pytest.raises(InvalidInputError, match=f"2\\^M coalitions.*Got {count} scores"):
        TableGame(scores=np.zeros(count))


@pytest.fixture
def forwards(monkeypatch):
    """Count the coalitions that are scored by a network."""
    seen = []
    score = shapley_tables.MaskedScore.__call__

    def counted(self, coalitions, *rest):
        seen.append(len(coalitions))
        return score(self, coalitions, *rest)

    monkeypatch.setattr(shapley_tables.MaskedScore, "__call__", counted)
    return seen


def test_a_table_holds_what_the_classifier_makes_of_each_coalition(case):
    game = table_of(case, players=PLAYERS, fill=Fill.MEAN)
    classifier, image = case.load()
    segments = torch.from_numpy(Slic(n_segments=PLAYERS)(image))
    colour = image.mean(dim=(1, 2), keepdim=True).expand_as(image)
    for index in range(2**PLAYERS):
        kept = torch.isin(segments, torch.tensor(sorted(members(index, PLAYERS)), dtype=torch.int64))
        alone = float(classifier(torch.where(kept, image, colour)[None])[0])
        assert game.scores[index] == pytest.approx(alone, rel=1e-5)


def test_a_table_is_paid_for_once_and_kept_outside_the_project(case, forwards, own_home):
    first = table_of(case, players=PLAYERS, fill=Fill.MEAN)
    again = table_of(case, players=PLAYERS, fill=Fill.MEAN)
    assert forwards == [2**PLAYERS]
    assert again.scores.tolist() == first.scores.tolist()
    assert [path.parent for path in own_home.rglob("*.npy")] == [own_home / "benchmarks"]


def test_another_fill_or_cut_is_another_game(case, forwards):
    table_of(case, players=PLAYERS, fill=Fill.MEAN)
    table_of(case, players=PLAYERS, fill=Fill.BLACK)
    table_of(case, players=2, fill=Fill.MEAN)
    assert forwards == [8, 8, 4]


@pytest.mark.parametrize("damaged", [b"", b"no array", b"\x93NUMPY"])
def test_a_damaged_table_is_made_anew(case, forwards, own_home, damaged):
    whole = table_of(case, players=PLAYERS, fill=Fill.MEAN)
    next(own_home.rglob("*.npy")).write_bytes(damaged)
    assert table_of(case, players=PLAYERS, fill=Fill.MEAN).scores.tolist() == whole.scores.tolist()
    assert forwards == [8, 8]


def test_an_array_of_another_shape_or_with_gaps_is_not_taken():
    path = cached("some")
    shapley_tables.write_array(path, np.array([1.0, np.nan]))
    assert shapley_tables.read_array(path, (2,)) is None
    shapley_tables.write_array(path, np.array([1.0, 2.0]))
    assert shapley_tables.read_array(path, (4,)) is None
    assert shapley_tables.read_array(path, (2,)).tolist() == [1.0, 2.0]
