"""Where maps agree and where they do not is drawn for the eye: nothing where there is nothing to say."""

import numpy as np
import pytest

from tests.presentation.test_agreement import at
from xai_ad.metrics.agreement import places, strongest_parts
from xai_ad.presentation.agreement_maps import drawn_maps


def drawn(maps):
    return drawn_maps(places(maps), strongest_parts(np.stack([one.ravel() for one in maps])))


def test_agreement_is_drawn_where_all_rank_a_place_high():
    agreed, _ = drawn([at("top"), 1000 * at("top")])
    on, off = at("top") > 0, at("top") == 0
    assert agreed.shown.values[on].min() > 0.9
    assert agreed.shown.values[off].max() == 0
    apart, _ = drawn([at("top"), -at("top")])
    assert apart.shown.values.max() < apart.shown.scale.start


def test_disagreement_is_drawn_where_one_points_and_another_does_not():
    _, disputed = drawn([at("top"), -at("top")])
    on = at("top") > 0
    assert disputed.shown.values[on].min() > 0.9
    assert (disputed.shown.values[~on] == 0).all()
    _, none = drawn([at("top"), at("top")])
    assert none.shown.values.max() == pytest.approx(0, abs=1e-6)


def test_where_nobody_points_nothing_is_disputed():
    rng = np.random.default_rng(0)
    _, disputed = drawn([-rng.random((8, 8)), -rng.random((8, 8))])
    assert (disputed.shown.values == 0).all()


def test_the_scale_of_agreement_grows_evenly():
    agreed, disputed = drawn([at("top"), at("left")])
    for shown in (agreed.shown, disputed.shown):
        assert shown.scale.strength(np.array([0.5]))[0] == pytest.approx(0.5, abs=0.02)
