"""Games over space and time, against every coalition of a tiny network of clips, put together pixel by pixel."""

import itertools
import math

import numpy as np
import pytest
import torch

from tests.clip_networks import SIDE, predicting_network, random_pixels, rebuilding_network
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.explain import KernelShap, Lime, Occlusion, Owen
from xai_ad.explain.choices import Fill
from xai_ad.explain.frames import FrameDetector
from xai_ad.explain.moments import moments
from xai_ad.explain.noise import regions_of
from xai_ad.explain.segments import SpaceTime, stretches_of

FRAME = 5
WINDOW = random_pixels(8).float() / 255  # (T, C, H, W)
MEAN = WINDOW.mean(dim=0)


@pytest.fixture(params=[rebuilding_network, predicting_network], ids=["rebuilds", "predicts"])
def detector(request):
    calibration = Calibration(threshold=1e-6, score_max=1.0, map_scale=1.0)
    return AnomalyClassifier(request.param(), calibration, References(mean=MEAN))


def worth(detector, present):
    """Return the score of the frame where only some pixels, (T, H, W) bool, are the window's, in float64's sum."""
    mixed = torch.where(torch.from_numpy(present)[:, None], WINDOW, MEAN)
    with torch.inference_mode():
        return float(detector(mixed[None])[0, FRAME])


def shapley(players, value):
    """Return Shapley values by their definition."""
    found = np.zeros(players)
    for player in range(players):
        others = [other for other in range(players) if other != player]
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for before in itertools.combinations(others, size):
                found[player] += weight * (value((*before, player)) - value(before))
    return found


def test_kernel_shap_is_exact_over_segments_and_stretches(detector):
    cut = SpaceTime(n_segments=6, stretches=3)(WINDOW, FRAME)
    known = {}

    def value(players):
        key = frozenset(players)
        if key not in known:
            known[key] = worth(detector, np.isin(cut, list(key)))
        return known[key]

    explainer = KernelShap(n_segments=6, stretches=3, budget=70, fill=Fill.DATASET_MEAN)
    found = explainer.explain(detector, WINDOW, frame=FRAME)
    assert found.findings.exact
    assert np.array_equal(regions_of(found).segments, cut)
    assert regions_of(found).values == pytest.approx(shapley(6, value), rel=1e-3, abs=1e-5 * found.score)
    assert abs(found.residual) < 1e-5 * found.score
    assert moments(found).sum() == pytest.approx(found.score - found.baseline, rel=1e-4)


def test_what_a_network_cannot_have_seen_is_worth_nothing(detector):
    """One that rebuilds with a memory sees no later frames, one that predicts none beside those it is shown."""
    found = KernelShap(n_segments=7, stretches=8, budget=140).explain(detector, WINDOW, frame=FRAME)
    by_frame = np.abs(moments(found))
    unseen = [6, 7] if not detector.network.seeds else [4, 6, 7]
    assert by_frame[unseen].max() < 1e-4 * by_frame.max()
    assert by_frame[FRAME] > 1e-2 * by_frame.max()


def test_owen_values_split_the_explained_frame_from_the_others_first(detector):
    """Four images go for the fill's choice and its anchors: two are left, for the frame alone and for all others."""
    found = Owen(budget=8, stretches=3, fill=Fill.DATASET_MEAN).explain(detector, WINDOW, frame=FRAME)
    own = np.zeros((8, SIDE, SIDE), dtype=bool)
    own[FRAME] = True
    empty, alone, others, full = (worth(detector, present) for present in (own & ~own, own, ~own, own | ~own))
    by_frame = moments(found)
    assert by_frame[FRAME] == pytest.approx((alone - empty + full - others) / 2, rel=1e-3)
    assert by_frame.sum() == pytest.approx(full - empty, rel=1e-3)


@pytest.mark.parametrize("stretches", [1, 3, 8])
def test_owen_values_add_up_whatever_the_stretches(detector, stretches):
    found = Owen(budget=60, stretches=stretches).explain(detector, WINDOW, frame=FRAME)
    assert abs(found.residual) < 1e-5 * found.score
    segments, values = regions_of(found).segments, regions_of(found).values
    summed = np.bincount(segments.ravel(), found.relevance.astype(np.float64).ravel())
    assert summed == pytest.approx(values, rel=1e-4, abs=1e-6 * found.score)
    if stretches > 1:
        assert not set(segments[FRAME].ravel()) & set(np.delete(segments, FRAME, axis=0).ravel())


def test_occlusion_goes_through_all_frames_of_a_stretch(detector):
    found = Occlusion(window=6, stride=6, stretches=3, fill=Fill.DATASET_MEAN).explain(
        detector, WINDOW, frame=FRAME
    )
    inside = stretches_of(8, FRAME, 3)
    whole = np.ones((8, SIDE, SIDE), dtype=bool)
    full = worth(detector, whole)
    for stretch, top, left in itertools.product(range(3), (0, 6), (0, 6)):
        present = whole.copy()
        frames = np.flatnonzero(inside == stretch)
        present[frames[:, None, None], np.arange(top, top + 6)[:, None], np.arange(left, left + 6)] = False
        drop = full - worth(detector, present)
        shown = found.relevance[~present]
        assert shown == pytest.approx(np.full(shown.shape, drop / shown.size), rel=1e-2, abs=1e-7 * full)


def test_a_repeated_run_is_cut_like_the_first(detector):
    """A noisy copy that is the image itself leaves nothing but the draws to differ."""
    alone = FrameDetector(detector, FRAME)
    explainer = KernelShap(n_segments=6, stretches=3, budget=70)
    found = explainer.explain(detector, WINDOW, frame=FRAME)
    repeat = explainer.repeated(found, alone, WINDOW, WINDOW, evaluations=40)
    assert repeat.agreement == pytest.approx(1.0)


@pytest.mark.parametrize("explainer", [Lime, KernelShap, Owen, Occlusion])
def test_a_picture_has_no_stretches(explainer, make_classifier, image):
    options = {} if explainer is Occlusion else {"budget": 40}
    if explainer in {Lime, KernelShap}:
        options["n_segments"] = 9
    if explainer is Occlusion:
        options = {"window": 6, "stride": 6}
    one, other = (explainer(**options, stretches=count).explain(make_classifier(), image) for count in (1, 4))
    assert one.relevance.tobytes() == other.relevance.tobytes()
    assert one.evaluations == other.evaluations
