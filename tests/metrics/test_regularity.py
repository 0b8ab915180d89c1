import numpy as np
import pytest
from scipy.signal import savgol_filter
from sklearn.metrics import roc_auc_score

from xai_ad.errors import InvalidInputError
from xai_ad.metrics.detection import equal_error_rate
from xai_ad.metrics.regularity import (
    Normalisation,
    irregularities,
    min_max,
    regularity,
    smoothed,
    video_figures,
)


def fitted_lines(values, window):
    """The filter, literally: a line fitted to each frame's neighbours, at the ends to the first and last window."""
    half = window // 2
    result = []
    for frame in range(len(values)):
        middle = min(max(frame, half), len(values) - 1 - half)
        around = np.arange(middle - half, middle + half + 1)
        slope, offset = np.polyfit(around, values[around], 1)
        result.append(slope * frame + offset)
    return np.array(result)


@pytest.fixture
def errors():
    rng = np.random.default_rng(3)
    return [rng.gamma(2.0, scale, count) for count, scale in ((40, 1.0), (23, 5.0), (9, 0.2))]


@pytest.fixture
def labels(errors):
    return [np.arange(len(clip)) % 5 > 2 for clip in errors]


def test_smoothing_fits_a_line_to_fifteen_frames(errors):
    assert smoothed(errors[0]) == pytest.approx(fitted_lines(errors[0], 15), abs=1e-12)
    assert smoothed(errors[0]) == pytest.approx(savgol_filter(errors[0], 15, 1), abs=1e-12)


@pytest.mark.parametrize(("count", "window"), [(15, 15), (14, 13), (9, 9), (4, 3), (3, 3)])
def test_a_short_clip_is_smoothed_over_the_largest_odd_window(count, window):
    values = np.random.default_rng(count).normal(size=count)
    assert smoothed(values) == pytest.approx(fitted_lines(values, window), abs=1e-12)


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_too_short_to_smooth_stays_as_it_is(count):
    values = np.arange(count) * 0.7
    assert smoothed(values).tolist() == values.tolist()


def test_regularity_is_equation_4_1_before_it_is_smoothed():
    errors = np.array([2.0, 6.0])  # too few to smooth
    assert regularity(errors).tolist() == [1.0, 0.0]
    assert regularity(errors, low=0.0, high=8.0).tolist() == [0.75, 0.25]


def test_a_clip_of_equal_errors_is_wholly_regular():
    assert regularity(np.full(30, 0.3)) == pytest.approx(np.ones(30))
    assert min_max(np.full(3, 0.3), low=0.3, high=0.3).tolist() == [0, 0, 0]


def test_per_video_each_clip_has_its_own_scale(errors):
    expected = [
        savgol_filter((clip - clip.min()) / (clip.max() - clip.min()), min(15, len(clip)), 1)
        for clip in errors
    ]
    found = irregularities(errors, Normalisation.PER_VIDEO)
    assert found == pytest.approx(np.concatenate(expected), abs=1e-12)


def test_globally_all_clips_have_one_scale_and_none_is_smoothed_into_the_next(errors):
    low, high = min(clip.min() for clip in errors), max(clip.max() for clip in errors)
    expected = [savgol_filter((clip - low) / (high - low), min(15, len(clip)), 1) for clip in errors]
    found = irregularities(errors, Normalisation.GLOBAL)
    assert found == pytest.approx(np.concatenate(expected), abs=1e-12)


def test_figures_are_those_of_the_concatenated_scores(errors, labels):
    figures = video_figures(errors, labels)
    marks = np.concatenate(labels).astype(int)
    for normalisation, found in figures.items():
        scores = irregularities(errors, normalisation)
        assert found.auc_roc == pytest.approx(roc_auc_score(marks, scores))
        assert found.eer == pytest.approx(equal_error_rate(scores, marks))
    assert figures[Normalisation.PER_VIDEO] != figures[Normalisation.GLOBAL]


def test_normalising_per_video_can_find_what_one_scale_hides():
    quiet = np.r_[np.full(20, 1.0), np.full(20, 2.0)]
    loud = quiet + 100
    marks = np.r_[np.zeros(20, bool), np.ones(20, bool)]
    figures = video_figures([quiet, loud], [marks, marks])
    assert figures[Normalisation.PER_VIDEO].auc_roc == 1
    assert figures[Normalisation.GLOBAL].auc_roc == pytest.approx(0.75)


def test_labels_that_do_not_match_are_refused(errors, labels):
    with pytest.raises(InvalidInputError, match="Got 40 and 39"):
        video_figures(errors, [labels[0][:-1], *labels[1:]])


@pytest.mark.parametrize("clip", [np.array([]), np.array([1.0, np.nan]), np.ones((2, 2))])
def test_errors_that_are_not_one_finite_figure_a_frame_are_refused(clip):
    with pytest.raises(InvalidInputError, match="must be finite, one a frame"):
        regularity(clip)


def test_no_clips_are_refused():
    with pytest.raises(InvalidInputError, match="at least one clip"):
        irregularities([], Normalisation.GLOBAL)
