"""One sentence says where explanations point, and which of them do not."""

import numpy as np
import pytest

from xai_ad.presentation.agreement import (
    CAUTION,
    CAUTION_OF_SEVERAL,
    NONE,
    Voice,
    agreement_in_words,
    aim_of,
    caution,
)

PLACES = {"lower right": (26, 26), "top": (3, 15), "left": (15, 3), "centre": (15, 15)}
METHODS = ("Residual", "KernelSHAP", "LIME", "Occlusion", "Counterfactual", "LRP")


def at(place):
    """A map of 32 x 32 with one spot; "nowhere" has none, and "scattered" many."""
    values = np.zeros((32, 32))
    if place == "scattered":
        values[::4, ::4] = 1
    elif place != "nowhere":
        row, column = PLACES[place]
        values[row - 2 : row + 2, column - 2 : column + 2] = 1
    return values


def voice(values, method="", model=""):
    return Voice(method=method, model=model, aim=aim_of(values), values=values)


def said(*aims, models=1):
    """The sentence on maps of the methods in their order, model after model."""
    voices = [
        voice(at(aim), METHODS[index % (len(aims) // models)], f"Model {'ABC'[index * models // len(aims)]}")
        for index, aim in enumerate(aims)
    ]
    return agreement_in_words(voices)


def test_one_that_points_elsewhere_is_named():
    assert said(*["lower right"] * 5, "top") == (
        "Five of six point at the lower right; LRP does not: it points at the top."
    )
    assert said(*["lower right"] * 5, "nowhere").endswith("LRP does not: it points nowhere.")
    assert said(*["lower right"] * 5, "scattered").endswith("LRP does not: it points at no single place.")


def test_several_that_do_not_are_named():
    assert said("centre", "centre", "nowhere", "centre", "top") == (
        "Three of five point at the centre; Counterfactual and LIME do not."
    )


def test_all_agree():
    assert said(*["lower right"] * 6) == "All six point at the lower right."
    assert said("left", "left") == "Both point at the left."


def test_nothing_points_anywhere():
    assert said("nowhere", "scattered", "nowhere") == "None of the three points at a single place."


def test_two_camps():
    assert said("top", "left", "top", "left") == (
        "Two camps: Residual and LIME at the top; KernelSHAP and Occlusion at the left."
    )
    assert said("top", "left", "top", "left", "top") == (
        "Three of five point at the top; KernelSHAP and Occlusion at the left."
    )
    assert said("top", "left", "top", "left", "top", "nowhere").endswith(
        "KernelSHAP and Occlusion at the left; LRP does not: it points nowhere."
    )


def test_no_two_agree():
    assert said("top", "left", "centre", "nowhere") == (
        "No two of the four point at the same place; Occlusion points at none."
    )
    assert said("top", "left") == ("The two disagree: Residual points at the top, KernelSHAP at the left.")


def test_one_of_two_that_points():
    assert said("top", "nowhere") == ("One of two points at the top; KernelSHAP does not: it points nowhere.")


def test_one_map_only():
    assert said("top") == "Residual alone is there: it points at the top. It takes two to agree."
    assert agreement_in_words([]) == NONE


def test_several_models_are_said_to_be():
    assert (
        said(*["lower right"] * 4, models=2)
        == "Across two models, all four explanations point at the lower right."
    )
    assert said("top", "left", "top", "left", models=2) == (
        "Across two models, two camps: Residual at the top; KernelSHAP at the left."
    )
    assert said("top", "top", "left", "top", "top", "left", models=2) == (
        "Across two models, four of six explanations point at the top; LIME at the left."
    )
    assert said("top", "top", "top", "top", "left", "left", models=3) == (
        "Across three models, four of six explanations point at the top; every method of Model C at the left."
    )
    assert said("top", "top", "top", "nowhere", models=2).endswith(
        "KernelSHAP of Model B does not: it points nowhere."
    )


def test_of_one_method_under_several_models_the_models_are_named():
    assert said("top", "top", "left", models=3) == (
        "Across three models, two of three explanations point at the top; Model C does not: it points at the left."
    )


def test_of_many_some_are_named():
    assert said(*["top"] * 5, *["nowhere"] * 5, models=2) == (
        "Across two models, five of ten explanations point at the top; every method of Model B does not."
    )
    many = [voice(at("nowhere" if index > 8 else "top"), f"M{index}") for index in range(15)]
    assert agreement_in_words(many) == "Nine of 15 point at the top; M9, M10, M11 and three more do not."


def test_what_shares_a_region_agrees_though_a_border_lies_between():
    """The middle third ends at column 20: one region's middle lies before it, the other's behind it."""

    def voices(start):
        one, other = np.zeros((30, 30)), np.zeros((30, 30))
        one[:6, 14:20], other[:6, start : start + 8] = 1, 1
        assert (aim_of(one).place, aim_of(other).place) == ("top", "upper right")
        return [voice(values, name) for name, values in (("A", one), ("B", other))]

    assert agreement_in_words(voices(17)) == "Both point at the top."  # half of the smaller one is shared
    assert agreement_in_words(voices(18)).startswith("The two disagree")


def test_a_map_that_is_strong_everywhere_points_nowhere():
    aim = aim_of(np.ones((10, 10)))
    assert (aim.place, aim.scattered) == ("", True)
    assert not aim_of(np.zeros((10, 10))).scattered


def test_agreement_is_said_to_be_no_proof():
    voices = [voice(at("top"), "A", model) for model in ("one", "one", "two")]
    assert caution(voices[:2]) == CAUTION
    assert caution(voices) == CAUTION_OF_SEVERAL
    assert caution(voices[:1]) == ""


@pytest.mark.parametrize("place", ["lower right", "top"])
def test_what_pushes_towards_normal_is_no_aim(place):
    assert aim_of(-at(place)).place == ""
