"""The generated skin: what its pigments absorb, and what lies in the instrument's way."""

import numpy as np
import pytest

from xai_ad.data.synthetic.dermatoscope import Bubble, Hair
from xai_ad.data.synthetic.malignancy import SIGNS
from xai_ad.data.synthetic.naevus import Naevus
from xai_ad.data.synthetic.skin import BLOOD, COLLAGEN, MELANIN, VEIL, Skin, mesh
from xai_ad.data.synthetic.surface import SIDE


def even_skin(**amounts: float) -> Skin:
    layers = {"melanin": 0.0, "blood": 0.0, "relief": 1.0, "scar": 0.0, "veil": 0.0, "gloss": 0.0} | amounts
    return Skin(**{name: np.full((SIDE, SIDE), amount, dtype=np.float32) for name, amount in layers.items()})


def test_skin_without_pigment_sends_back_collagens_colour() -> None:
    np.testing.assert_allclose(even_skin().radiance()[7, 9], COLLAGEN, rtol=1e-6)


def test_pigments_absorb_by_beer_and_lamberts_law() -> None:
    seen = even_skin(melanin=1.5, blood=0.8).radiance()[0, 0]
    np.testing.assert_allclose(seen, COLLAGEN * np.exp(-1.5 * MELANIN) * np.exp(-0.8 * BLOOD), rtol=1e-5)


def test_a_full_veil_hides_the_layers_below_and_gloss_is_added_on_top() -> None:
    seen = even_skin(melanin=2.0, veil=1.0, gloss=0.25).radiance()[0, 0]
    np.testing.assert_allclose(seen, VEIL + 0.25, rtol=1e-6)


def test_a_mesh_has_walls_of_zero_and_cells_of_its_pitch() -> None:
    field = mesh(np.random.default_rng(0), 16.0)
    assert field.shape == (SIDE, SIDE)
    assert 0.0 <= field.min() < 0.02
    coarse, fine = (mesh(np.random.default_rng(0), pitch) for pitch in (16.0, 8.0))
    crossings = [np.diff(np.signbit(plane - 0.3), axis=1).sum() for plane in (coarse, fine)]
    assert crossings[1] / crossings[0] == pytest.approx(2.0, rel=0.15)


def test_a_hair_hides_what_lies_under_it_and_is_thinner_at_its_tip() -> None:
    knots = np.linspace(20.5, 220.5, 40)
    cover = Hair(x=knots, y=np.full(40, 100.5), width=1.0, opacity=0.8).cover()
    assert cover.max() == pytest.approx(0.8)
    assert not cover[:97].any()
    assert not cover[105:].any()
    assert cover[:, 25].sum() > 2.0 * cover[:, 215].sum() > 0.0


def test_a_hair_outside_the_picture_is_not_seen() -> None:
    knots = np.linspace(-90.0, -10.0, 40)
    assert not Hair(x=knots, y=knots, width=1.0, opacity=0.8).cover().any()


def test_a_bubble_changes_nothing_beyond_its_rim() -> None:
    dimmed, added = Bubble(x=60.0, y=80.0, radius=6.0, strength=1.0).light()
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    outside = np.hypot(x - 60.0, y - 80.0) > 10.0
    np.testing.assert_allclose(dimmed[outside], 1.0, atol=1e-4)
    np.testing.assert_allclose(added[outside], 0.0, atol=1e-4)
    assert dimmed.min() < 0.9
    assert added.max() > 0.3


@pytest.mark.parametrize("sign", SIGNS)
def test_an_obvious_sign_is_larger_than_a_hard_one(sign: str) -> None:
    naevus = Naevus.draw(np.random.default_rng(3))
    hard, obvious = (SIGNS[sign](naevus, severity, np.random.default_rng(4))[1] for severity in (0.0, 1.0))
    assert 0 < hard.sum() < 0.6 * obvious.sum()
