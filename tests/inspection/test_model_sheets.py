"""What is known of a model: images that placed its limit are never among those that measure it."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from xai_ad.inspection.limits import set_limit
from xai_ad.inspection.model_comparison import compare_models, roc_points
from xai_ad.inspection.model_sheets import MEASURED, SETTING, areas_of, kinds_of, known_model
from xai_ad.inspection.models import every_model
from xai_ad.store import find_model, list_models, load_calibration


@pytest.fixture
def washer():
    return known_model(find_model("washer-bcae1"))


@pytest.mark.parametrize("stored", list_models(), ids=lambda stored: stored.card.id)
def test_no_image_that_placed_a_limit_measures_it(stored):
    known = known_model(stored)
    measured, setting = (
        {image.sha256 for image in known.set_of(name).images} for name in (MEASURED, SETTING)
    )
    assert measured
    assert not measured & setting


def test_a_limit_by_hand_is_known_at_once(washer):
    set_limit(washer.stored, 0.01, reason="try", by="Ada")
    known = known_model(washer.stored)
    assert known.record.calibration.threshold == 0.01
    assert known.record.images == load_calibration(washer.stored, washer.record.id).images


def test_each_class_is_told_from_all_normal_images(washer):
    scored = washer.set_of(MEASURED)
    areas = areas_of(scored)
    assert list(areas) == list(kinds_of(scored.images))
    chosen = [image for image in scored.images if image.label == 0 or image.kind == "scratch"]
    expected = roc_auc_score([image.label for image in chosen], [image.score for image in chosen])
    assert areas["scratch"][0] == pytest.approx(expected, abs=1e-12)
    assert areas["scratch"][1] < expected < areas["scratch"][2]


def test_two_models_are_compared_on_the_same_images(washer):
    other = known_model(find_model("washer-bcae1-svdd"))
    found = compare_models(washer, other)
    assert found.images == 54
    rows = {row.label: (row.one, row.other) for row in found.rows}
    assert rows["AUC-ROC (95 % interval)"][0].startswith("0.919")
    assert rows["Normal ones flagged"][0] == "3 of 24"
    assert compare_models(washer, known_model(find_model("bottle-bcae1"))).advantage is None


def test_the_area_under_the_drawn_curve_is_the_models(washer):
    across, up = np.array(roc_points(washer.set_of(MEASURED))).T
    assert np.trapezoid(up, across) == pytest.approx(washer.about.classes[0].auc_roc, abs=1e-12)


def test_every_model_is_listed_first_those_with_samples(tmp_path, monkeypatch):
    picture = tmp_path / "bottle" / "test" / "good" / "000.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"")
    monkeypatch.setenv("XAI_AD_SAMPLES", str(tmp_path))
    names = [stored.card.id for stored in every_model(on_broken=pytest.fail)]
    assert names[0].startswith("bottle-")
    assert {"ped2-motion_cae", "ham10000-bcae1", "washer-bcae1"} <= set(names)
