from collections import Counter

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from xai_ad.benchmarks import benchmark_record, training
from xai_ad.benchmarks.processes import ask
from xai_ad.benchmarks.training import TimedTraining, TrainingBenchmark, measure
from xai_ad.errors import BenchmarkError, InvalidInputError, UnknownNameError
from xai_ad.machine.execution import Precision

ROW_KEYS = {"network", "precision", "batch_size", "images_per_second", "plain_images_per_second", "ratio"}


PLAIN, PROJECT = LOOPS = (None, Precision.FLOAT32)


def timed(precision, **changes):
    tiny = {"network": "bcae1", "images": 4, "batch_size": 2, "epochs": 2}
    return TimedTraining(precision=precision, settings=TrainingBenchmark(**tiny | changes))


@pytest.fixture
def passes(monkeypatch):
    """Count the images that go through a network, by whether it trained and how many were in the batch."""
    seen = Counter()
    build = training.build_network

    def build_counted(name):
        network = build(name)
        network.register_forward_pre_hook(
            lambda module, images: seen.update([(module.training, len(images[0]))])
        )
        return network

    monkeypatch.setattr(training, "build_network", build_counted)
    return seen


@pytest.mark.parametrize("loop", LOOPS)
def test_both_loops_take_the_same_steps_and_validate_alike(loop, passes):
    steps = []
    note = register_optimizer_step_post_hook(lambda *_: steps.append(1))
    try:
        measure(timed(loop))
    finally:
        note.remove()
    assert len(steps) == 4
    assert passes == {(True, 2): 4, (False, 1): 2}


def test_both_loops_take_the_same_first_step_from_the_same_weights(monkeypatch):
    # One batch holds every image, so that the order does not matter.
    networks, updated = [], []
    build = training.build_network
    monkeypatch.setattr(training, "build_network", lambda name: networks.append(build(name)) or networks[-1])
    note = register_optimizer_step_post_hook(
        lambda *_: updated.append([parameter.detach().clone() for parameter in networks[-1].parameters()])
    )
    try:
        for loop in LOOPS:
            measure(timed(loop, batch_size=4))
    finally:
        note.remove()
    first, other = updated[0], updated[2]
    torch.manual_seed(0)
    start = list(build("bcae1").parameters())
    # Adam's first step moves every weight by the rate, along its gradient's sign, which only a gradient near 0 loses.
    agree = [
        ((one - begin).sign() == (two - begin).sign()).float().mean()
        for one, two, begin in zip(first, other, start, strict=True)
        if begin.dim() == 4
    ]
    assert min(agree) > 0.99
    assert (first[0] - start[0]).abs().max().item() == pytest.approx(1e-3, rel=1e-2)
    assert (other[0] - start[0]).abs().max().item() == pytest.approx(1e-3, rel=1e-2)


def test_the_clock_starts_after_the_warm_up_step_and_ends_with_the_last(monkeypatch):
    times = iter([100.0, 101.0, 103.0, 104.0])  # the first step ends at 100 s
    monkeypatch.setattr(training.time, "perf_counter", lambda: next(times))
    assert measure(timed(PLAIN)) == 3 * 2 / 4.0


def test_a_process_of_its_own_answers_as_this_one():
    assert ask(measure, timed(PROJECT, epochs=1), tuned=True, what="a test") > 0


def test_a_process_that_fails_is_quoted(monkeypatch):
    monkeypatch.setattr(training, "require_kind", lambda *_: None)  # here, not in the process
    with pytest.raises(BenchmarkError, match=r"process of the plain loop ended with 1: .*no network 'none'"):
        TrainingBenchmark(network="none", rounds=1).run()


@pytest.fixture
def made_up_speeds(monkeypatch):
    """Let each side's speed be a figure of its own, halved in the second round, as on a machine that grows busy."""
    asked = Counter()

    def answer(function, run, *, tuned, what):
        assert tuned is (run.precision is not PLAIN)
        asked[run.precision] += 1
        speed = {PLAIN: 20.0, Precision.FLOAT32: 40.0, Precision.BFLOAT16: 100.0}[run.precision]
        return speed / asked[run.precision]

    monkeypatch.setattr(training, "ask", answer)
    return asked


def test_the_record_compares_both_precisions_with_the_same_plain_loop(made_up_speeds):
    benchmark = TrainingBenchmark(images=4, batch_size=2, epochs=2, rounds=2)
    result = benchmark.run()
    record = benchmark_record(benchmark, result)
    assert [set(row) for row in record["rows"]] == [ROW_KEYS, ROW_KEYS]
    assert [(row["precision"], row["ratio"]) for row in record["rows"]] == [
        ("float32", 2.0),
        ("bfloat16", 5.0),
    ]
    assert [row["images_per_second"] for row in record["rows"]] == [30.0, 75.0]
    assert [row["plain_images_per_second"] for row in record["rows"]] == [15.0, 15.0]
    assert record["bfloat16_gain"] == 2.5
    assert set(record["machine"]) == {"cpu", "threads", "torch"}
    assert made_up_speeds == {PLAIN: 2, "float32": 2, "bfloat16": 2}
    assert result.remarks[0].startswith("This machine gains from bfloat16: it trains 2.50 times")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"images": 17}, "multiple of its batch size 16. Got 17"),
        ({"images": 16, "epochs": 1}, "more than 1 step"),
        ({"batch_size": 1}, r"'batch_size'.*\[2, inf\). Got 1"),
        ({"epochs": 0}, r"'epochs'.*\[1, inf\). Got 0"),
    ],
)
def test_settings_that_measure_nothing_are_refused(settings, message):
    with pytest.raises(InvalidInputError, match=message):
        TrainingBenchmark(**settings)


def test_an_unknown_network_is_answered_with_the_valid_ones():
    with pytest.raises(UnknownNameError, match=r"no network 'bcae9'.*bcae1"):
        TrainingBenchmark(network="bcae9")
