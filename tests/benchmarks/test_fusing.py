import torch

from xai_ad.benchmarks import fusing
from xai_ad.benchmarks.fusing import FusingBenchmark

KEYS = {
    "network", "batch_size", "fused_milliseconds", "plain_milliseconds", "unfused_milliseconds", "ratio",
    "ratio_to_unfused",
}  # fmt: skip


def test_there_is_a_row_for_each_batch_size(monkeypatch):
    monkeypatch.setattr(fusing, "BATCH_SIZES", (1, 2))
    seen = []
    rows = FusingBenchmark(rounds=1).run(on_progress=seen.append).rows
    assert [set(row) for row in rows] == [KEYS, KEYS]
    assert [row["batch_size"] for row in rows] == [1, 2]
    assert seen[-1] == 1.0


def test_ratios_are_of_the_fused_networks_time_to_the_others(monkeypatch):
    # A network's time is made its count of parameters: fused and plain have as many, unfused more (4.5).
    monkeypatch.setattr(
        fusing,
        "_latency",
        lambda network, images: lambda: float(sum(p.numel() for p in network.parameters())),
    )
    row = FusingBenchmark(rounds=2).run().rows[0]
    assert (row["fused_milliseconds"], row["unfused_milliseconds"]) == (3_537_693, 4_080_925)
    assert (row["ratio"], row["ratio_to_unfused"]) == (1.0, 3_537_693 / 4_080_925)


def test_every_network_is_timed_as_the_classifier_runs_it(monkeypatch):
    seen = []

    def look(network, images):
        kernels = [layer.weight for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)]
        layouts = [t.is_contiguous(memory_format=torch.channels_last) for t in [images, *kernels]]
        seen.append((network.training, all(layouts)))
        return lambda: 1.0

    monkeypatch.setattr(fusing, "_latency", look)
    FusingBenchmark(rounds=1).run()
    assert seen == [(False, True)] * 6
