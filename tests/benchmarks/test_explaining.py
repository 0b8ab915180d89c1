"""One explanation measured: what is run, what is counted, and in which process."""

from dataclasses import replace

import numpy as np
import pytest

from xai_ad.benchmarks import explaining
from xai_ad.benchmarks.explaining import (
    ALL_FIVE,
    FIVE,
    Side,
    TimedExplanation,
    measure,
)
from xai_ad.benchmarks.libraries import Library
from xai_ad.errors import BenchmarkError
from xai_ad.explain import Fill, build_explainer
from xai_ad.machine.execution import Precision


@pytest.fixture(autouse=True)
def little(monkeypatch):
    """Time everything once, and little of it."""
    little = {"lime": {"budget": 12}, "kernel_shap": {"budget": 12}, "counterfactual": {"grid": 1}}
    monkeypatch.setattr(explaining, "WARM_UP", little)
    monkeypatch.setattr(explaining, "REPEATS", 1)
    monkeypatch.setattr(explaining, "SIZES", (2, 4))


@pytest.fixture
def request_of(case):
    def make(method="kernel_shap", **changes):
        game = {"evaluations": 20, "players": 6} if method in {"lime", "kernel_shap"} else {}
        return TimedExplanation(case=case, method=method, precision=Precision.FLOAT32, **game | changes)

    return make


@pytest.mark.parametrize(("method", "library"), [("kernel_shap", Library.SHAP), ("lime", Library.LIME)])
def test_ours_and_the_library_score_as_many_images(method, library, request_of):
    ours, theirs = measure(request_of(method)), measure(request_of(method, library=library))
    assert theirs.evaluations == 20
    assert 18 <= ours.evaluations <= 20  # LIME may draw a coalition twice
    assert ours.floor > 0
    assert min(ours.seconds, theirs.seconds) > 0
    assert (theirs.floor, ours.gradient_seconds, ours.peak_mb) == (None, None, None)


def test_a_library_gets_the_network_as_it_is_stored_in_the_default_layout(request_of, monkeypatch):
    seen = []

    def look(score, image, players, evaluations):
        convolution = score._network.encoder[0][0]
        seen.append(
            (convolution.weight.is_contiguous(), any("BatchNorm" in str(m) for m in score._network.modules()))
        )
        return np.zeros(players)

    monkeypatch.setitem(explaining.PIPELINES, Library.SHAP, look)
    measure(request_of(library=Library.SHAP))
    assert seen == [(True, True)] * 2


def test_a_counterfactual_is_looked_for_in_vain_so_that_every_rectangle_is(request_of, monkeypatch):
    request = request_of("counterfactual")
    classifier, image = request.load()
    options = request.options()
    found = build_explainer("counterfactual", options | {"grid": 2, "fill": Fill.MEAN}).explain(
        classifier, image
    )
    assert not found.flipped
    # All nine rectangles, the image, the fill, and what is confirmed.
    assert 9 + 2 <= found.evaluations <= 9 + 4


@pytest.mark.parametrize("method", ["lime", "kernel_shap", "lrp", "residual"])
def test_elsewhere_the_limit_is_the_models_own(method, request_of):
    classifier, _ = request_of(method).load()
    assert classifier.calibration.threshold == 0.05


def test_lrp_is_compared_with_one_forward_and_backward(request_of):
    timing = measure(request_of("lrp"))
    assert timing.gradient_seconds > 0
    assert timing.evaluations == 2


def test_quick_explanations_are_timed_several_times_and_slow_ones_once(request_of, monkeypatch):
    monkeypatch.setattr(explaining, "REPEATS", 3)
    monkeypatch.setattr(explaining, "warm_up", lambda *_: None)
    taken = iter([0.3, 0.5, 0.1, 7.0])
    monkeypatch.setattr(explaining, "explain", lambda *_: (next(taken), 1))
    assert measure(request_of("residual")).seconds == 0.3
    assert measure(request_of("residual")).seconds == 7.0


class Memory:
    """A process's memory, in megabytes: what is resident, and the most that was since the peak began anew."""

    def __init__(self) -> None:
        self.resident = self.highest = 300.0

    def restart_peak(self):
        """Begin anew."""
        self.highest = self.resident
        return self.resident

    def peak(self):
        """Return the most since."""
        return self.highest

    def take(self, megabytes):
        """Take some, and give it back at once."""
        self.highest = max(self.highest, self.resident + megabytes)


@pytest.fixture
def memory(monkeypatch):
    """A process's memory that only takes what a test lets it take."""
    memory = Memory()
    monkeypatch.setattr(explaining, "restart_peak", memory.restart_peak)
    monkeypatch.setattr(explaining, "peak", memory.peak)
    return memory


def test_memory_is_measured_above_the_loaded_model(request_of, monkeypatch, memory):
    def greedy(explainer, classifier, image):
        memory.take(120)
        return 1.0, 20

    memory.take(900)  # before it is asked
    monkeypatch.setattr(explaining, "explain", greedy)
    timing = measure(request_of(weigh=True))
    assert timing.peak_mb == 120
    assert timing.floor is None


def test_what_is_no_game_is_weighed_while_it_warms_up(request_of, monkeypatch, memory):
    monkeypatch.setattr(explaining, "warm_up", lambda *_: memory.take(120))
    assert measure(request_of("residual")).peak_mb == 120
    assert measure(request_of("kernel_shap")).peak_mb is None


def test_all_five_are_explained_as_they_are_by_default(request_of, monkeypatch):
    asked = []

    class Quick:
        def explain(self, classifier, image):
            return build_explainer("residual").explain(classifier, image)

    def build(method, options=None):
        asked.append((method, options))
        return Quick()

    monkeypatch.setattr(explaining, "explainer_here", build)
    timing = measure(replace(request_of("residual"), method=ALL_FIVE))
    assert asked[len(FIVE) :] == [(method, None) for method in FIVE]
    assert timing.evaluations == len(FIVE)


def test_a_side_is_measured_in_a_process_of_its_own(request_of):
    side = Side(request=request_of(), cases=[request_of().case])
    assert side() == side.timings[0].seconds > 0
    assert side.timings[0].evaluations == 20
    assert side.timings[0].precision is Precision.FLOAT32
    assert side.timings[0].floor > 0


def test_a_process_of_its_own_that_fails_is_quoted(request_of, tmp_path):
    request = request_of(library=Library.SHAP)
    missing = Side(request=request, cases=[replace(request.case, picture=tmp_path / "gone.png")])
    with pytest.raises(BenchmarkError, match=r"process of shap \(kernel_shap\) ended with 1: .*gone\.png"):
        missing()


def test_only_this_packages_process_tunes_the_allocator(request_of, monkeypatch):
    asked = []
    answer = explaining.Timing(seconds=1.5, evaluations=3)
    monkeypatch.setattr(explaining, "ask", lambda *_, tuned, what: asked.append(tuned) or answer)
    for library in (Library.LIME, None):
        Side(request=request_of(library=library), cases=[request_of().case])()
    assert asked == [False, True]
