"""No failing shipped sample stands beside an empty map: its default explanation is coloured and outlined."""

import functools

import numpy as np
import pytest

from xai_ad.data.reading import read_image
from xai_ad.explain import KernelShap, build_explainer
from xai_ad.inspection.image_files import list_samples
from xai_ad.inspection.methods import default_method
from xai_ad.presentation.render import coloured
from xai_ad.presentation.scales import evidence_level, shown_map
from xai_ad.store import find_model, load

ONCE_EMPTY = ("scratch/001", "scratch/002", "contamination/000", "contamination/003")
"""Failing washers whose default explanation had not one coloured pixel, or next to none."""


@functools.cache
def opened(name):
    stored = find_model(name)
    return stored, *load(stored)


def shown(name, sample, explainer):
    """Return what is drawn of a failing sample, or None for one that passes."""
    _, detector, card = opened(name)
    image = read_image(list_samples(card.dataset)[sample], card)
    if not detector.calibration.is_anomalous(float(detector.predict(image[None]).scores[0])):
        return None
    return shown_map(explainer.explain(detector, image), detector.calibration)


def is_seen(found):
    opacity = np.asarray(coloured(found))[..., 3]
    evidence = found.values >= evidence_level(found)
    return bool((opacity > 60).any() and evidence.any() and (opacity[evidence] > 60).any())


@pytest.mark.parametrize("sample", ONCE_EMPTY)
def test_what_was_once_empty_is_seen(sample):
    assert is_seen(shown("washer-bcae1", sample, KernelShap(budget=96)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["washer-bcae1", "lesion-bcae1"])
def test_every_failing_sample_has_a_default_explanation_that_is_seen(name):
    stored, detector, card = opened(name)
    explainer = build_explainer(default_method(stored, detector.calibration.scoring.score))
    found = {sample: shown(name, sample, explainer) for sample in list_samples(card.dataset)}
    failing = {sample: each for sample, each in found.items() if each is not None}
    assert len(failing) >= 20
    assert [sample for sample, each in failing.items() if not is_seen(each)] == []
