"""What may be said of a result: only the exact search knows what does not exist."""

import itertools

import pytest

from xai_ad.explain.choices import Search
from xai_ad.explain.counterfactual.swap import Found
from xai_ad.explain.counterfactual.words import Claims, claims
from xai_ad.explain.results import Rectangle

ONE = (Rectangle(top=0, left=0, height=1, width=1),)
TWO = (*ONE, Rectangle(top=2, left=0, height=1, width=1))


def told(search, *, change=ONE, flipped=True, exhaustive=True, most=3):
    return claims(Found(change=change, score=1.0, flipped=flipped, exhaustive=exhaustive), search, most=most)


@pytest.mark.parametrize(
    ("change", "flipped", "exhaustive"), list(itertools.product((ONE, TWO), *2 * [(True, False)]))
)
def test_the_fast_search_never_claims_what_only_the_exact_one_knows(change, flipped, exhaustive):
    found = told(Search.FAST, change=change, flipped=flipped, exhaustive=exhaustive)
    said = f"{found.note or ''} {found.warning or ''}".lower()
    assert "nothing smaller" not in said
    assert "no single" not in said
    assert "the fast search does not try every rectangle" in said
    assert found.nothing_smaller_flips is found.no_single_flips is False


def test_the_exact_search_says_what_it_knows():
    assert told(Search.EXACT) == Claims(
        nothing_smaller_flips=True, no_single_flips=False, note="Nothing smaller flips it on this grid."
    )
    several = told(Search.EXACT, change=TWO)
    assert several.note.startswith(
        "No single rectangle flips it on this grid; these 2 do together. None of them, "
    )
    assert (several.nothing_smaller_flips, several.no_single_flips) == (False, True)
    none = told(Search.EXACT, flipped=False)
    assert none.warning == (
        "No single rectangle flips it on this grid, nor were up to 3 together found that do: what is shown came nearest."
    )
    assert (none.nothing_smaller_flips, none.no_single_flips) == (False, True)


@pytest.mark.parametrize(("change", "flipped"), [(ONE, True), (TWO, True), (ONE, False)])
def test_an_exact_search_by_rounded_scores_says_what_it_takes_them_to_err(change, flipped):
    found = Found(change=change, score=1.0, flipped=flipped)
    plain = claims(found, Search.EXACT, most=1)
    rounded = claims(found, Search.EXACT, most=1, rounded_within=0.05)
    said = "note" if flipped else "warning"
    assert (
        getattr(rounded, said) == f"{getattr(plain, said)} This takes bfloat16 scores to err by 5% at most."
    )
    fast = [claims(found, Search.FAST, most=1, rounded_within=within) for within in (None, 0.05)]
    assert fast[0] == fast[1]


def test_several_are_not_spoken_of_where_one_is_allowed():
    assert told(Search.EXACT, flipped=False, most=1).warning == (
        "No single rectangle flips it on this grid: what is shown came nearest."
    )


def test_what_was_not_pruned_to_the_end_is_not_said_to_be():
    assert "can be left out" in told(Search.FAST, change=TWO).note
    assert "can be left out" not in told(Search.FAST, change=TWO, exhaustive=False).note
