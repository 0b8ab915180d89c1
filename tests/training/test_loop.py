import errno
import signal
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from xai_ad.errors import Cancelled, InvalidInputError, StoreError, WritingError
from xai_ad.machine.execution import Precision
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.networks.blocks import convolution, transposed_convolution
from xai_ad.training.checkpoint import SafetensorsCheckpointIO
from xai_ad.training.loop import CHECKPOINT, fit, ignore
from xai_ad.training.material import EpochShuffle
from xai_ad.training.recipe import Device, Recipe
from xai_ad.training.reports import Ending
from xai_ad.training.task import Reconstruction


def tiny_network(seed: int = 0) -> ConvolutionalAutoencoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(convolution(3, 4, kernel=4, stride=2))
        last = nn.Sequential(nn.ConvTranspose2d(4, 3, 4, 2), nn.BatchNorm2d(3), nn.Sigmoid())
        return ConvolutionalAutoencoder(
            encoder, nn.Sequential(transposed_convolution(4, 4, kernel=1, stride=1), last)
        )


@pytest.fixture
def pixels():
    generator = torch.Generator().manual_seed(7)
    return torch.randint(60, 120, (20, 3, 16, 16), dtype=torch.uint8, generator=generator)


def recipe(**changes) -> Recipe:
    return Recipe(**{"epochs": 6, "batch_size": 8, "precision": Precision.FLOAT32} | changes)


def train(pixels, directory, *, stop_after=None, **options):
    reports = []

    def listen(report):
        reports.append(report)
        if report.epoch == stop_after:
            raise Cancelled("enough")

    chosen = options.pop("recipe", recipe())
    outcome = fit(
        tiny_network(), pixels[:14], pixels[14:], chosen, directory=directory, on_epoch=listen, **options
    )
    return outcome, reports


def test_training_lowers_the_loss_and_returns_the_best_epochs_weights(pixels, tmp_path):
    outcome, reports = train(pixels, tmp_path, recipe=recipe(epochs=30, patience=30, learning_rate=0.01))
    best = min(report.validation_loss for report in reports)
    images = pixels[14:] / 255
    with torch.inference_mode():
        loss = float((outcome.network(images) - images).square().mean())
    assert best < reports[0].validation_loss / 2
    assert loss == pytest.approx(best, rel=1e-4)
    assert (outcome.epochs, outcome.images_seen, outcome.ended_by) == (30, 30 * 14, "epochs")


def test_the_same_seed_trains_the_same_weights_and_another_seed_others(pixels, tmp_path):
    first, _ = train(pixels, tmp_path)
    again, _ = train(pixels, tmp_path)
    other, _ = train(pixels, tmp_path, recipe=recipe(seed=1))
    weights = [outcome.network.encoder[0][0].weight for outcome in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("stop_after", [3, 5, 7])
def test_interrupted_training_resumes_to_the_same_numbers(pixels, tmp_path, stop_after):
    # A patience of 0 and a rate far too large make the schedule step often, so that a lost step would show.
    chosen = recipe(plateau_patience=0, epochs=8, learning_rate=0.3)
    whole, reports = train(pixels, tmp_path / "whole", recipe=chosen)
    assert len({report.learning_rate for report in reports}) > 2
    with pytest.raises(Cancelled):
        train(pixels, tmp_path / "parts", recipe=chosen, stop_after=stop_after)
    resumed, later = train(pixels, tmp_path / "parts", recipe=chosen, resume=True)
    assert [report.epoch for report in later] == list(range(stop_after + 1, 9))
    for there, here in zip(reports[stop_after:], later, strict=True):
        assert replace(there, seconds=0) == replace(here, seconds=0)
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(tensor, resumed.network.state_dict()[name]), name


def test_each_epoch_has_an_order_of_its_own_and_a_seed_repeats_them():
    def orders(seed):
        shuffle = EpochShuffle(50, 50, seed)
        found = []
        for epoch in range(3):
            shuffle.set_epoch(epoch)
            found += list(shuffle)
        return found

    first = orders(0)
    assert first[0] != first[1] != first[2] != first[0]
    assert orders(0) == first
    assert orders(1)[0] != first[0]


@pytest.mark.parametrize(
    ("done", "best", "seconds", "ending"),
    [
        (20, 1, 0.0, None),  # stale, but not past half of the epochs
        (21, 1, 0.0, Ending.EARLY_STOPPING),
        (30, 23, 0.0, None),  # past half, but improved seven epochs ago
        (30, 22, 0.0, Ending.EARLY_STOPPING),
        (40, 40, 0.0, Ending.EPOCHS),
        (2, 2, 119.9, None),
        (2, 2, 120.0, Ending.TIME_BUDGET),
    ],
)
def test_training_ends_when_the_recipe_says(tmp_path, done, best, seconds, ending):
    chosen = recipe(epochs=40, patience=8, max_minutes=2)
    task = Reconstruction(
        tiny_network(), chosen, identity="", data_sha256="", checkpoint=tmp_path / "c", on_epoch=ignore
    )
    task.epochs_done, task.best_epoch, task.seconds = done, best, seconds
    assert task.ending() == ending


def test_early_stopping_counts_only_after_half_of_the_epochs(pixels, tmp_path):
    constant = torch.full_like(pixels, 90)
    chosen = recipe(epochs=40, patience=1, learning_rate=1e-12)
    outcome, _ = train(constant, tmp_path, recipe=chosen)
    assert outcome.ended_by == "early stopping"
    assert 20 < outcome.epochs < 40


def test_a_time_budget_ends_training_after_the_epoch(pixels, tmp_path):
    outcome, _ = train(pixels, tmp_path, recipe=recipe(max_minutes=1e-9))
    assert (outcome.epochs, outcome.ended_by) == (1, "time budget")


def test_a_finished_training_resumes_to_its_own_result(pixels, tmp_path):
    whole, _ = train(pixels, tmp_path)
    again, reports = train(pixels, tmp_path, resume=True)
    assert reports == []
    assert (again.epochs, again.ended_by) == (whole.epochs, whole.ended_by)
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(tensor, again.network.state_dict()[name]), name


def test_training_interrupted_in_its_last_epoch_trains_no_further_one(pixels, tmp_path):
    chosen = recipe(epochs=40, patience=1, learning_rate=1e-12)
    whole, _ = train(pixels, tmp_path / "whole", recipe=chosen)
    with pytest.raises(Cancelled):
        train(pixels, tmp_path / "parts", recipe=chosen, stop_after=whole.epochs)
    resumed, reports = train(pixels, tmp_path / "parts", recipe=chosen, resume=True)
    assert reports == []
    assert (resumed.epochs, resumed.ended_by) == (whole.epochs, "early stopping")


def test_resuming_nothing_is_refused(pixels, tmp_path):
    with pytest.raises(InvalidInputError, match="no checkpoint"):
        train(pixels, tmp_path, resume=True)


def test_resuming_with_another_recipe_is_refused(pixels, tmp_path):
    with pytest.raises(Cancelled):
        train(pixels, tmp_path, stop_after=2)
    with pytest.raises(InvalidInputError, match=r"learning_rate=0\.001, not 0\.5"):
        train(pixels, tmp_path, recipe=recipe(learning_rate=0.5), resume=True)


def test_resuming_with_other_images_is_refused(pixels, tmp_path):
    with pytest.raises(Cancelled):
        train(pixels, tmp_path, stop_after=2)
    with pytest.raises(InvalidInputError, match="other images"):
        train(pixels.flip(-1), tmp_path, resume=True)


def test_resuming_with_another_network_is_refused(pixels, tmp_path):
    with pytest.raises(Cancelled):
        train(pixels, tmp_path, stop_after=2)
    wider = ConvolutionalAutoencoder(tiny_network().encoder, nn.Sequential(nn.ConvTranspose2d(4, 3, 4, 2)))
    with pytest.raises(InvalidInputError, match="another network's"):
        fit(wider, pixels[:14], pixels[14:], recipe(), directory=tmp_path, resume=True)


def test_a_validation_loss_that_is_never_a_number_is_told_in_one_line(pixels, tmp_path):
    class Unvalidated(ConvolutionalAutoencoder):
        def reconstruct_with_penalty(self, images):
            made, penalty = super().reconstruct_with_penalty(images)
            return made if self.training else made * float("nan"), penalty

    tiny = tiny_network()
    network = Unvalidated(tiny.encoder, tiny.decoder)
    with pytest.raises(
        InvalidInputError, match=r"^The validation loss was no number in any of 2 epochs[^\n]*$"
    ):
        fit(network, pixels[:14], pixels[14:], recipe(epochs=2), directory=tmp_path)
    with pytest.raises(InvalidInputError, match=r"no number in any of 3 epochs"):
        fit(network, pixels[:14], pixels[14:], recipe(epochs=3), directory=tmp_path, resume=True)


def test_a_diverging_training_names_its_learning_rate(pixels, tmp_path):
    with pytest.raises(InvalidInputError, match=r"diverged in epoch 1: the learning rate 1e\+30"):
        train(pixels, tmp_path, recipe=recipe(learning_rate=1e30))


def test_a_training_that_diverges_after_good_epochs_keeps_the_best_weights_and_says_so(
    pixels, tmp_path, monkeypatch, caplog
):
    settings = recipe(epochs=30, patience=30, learning_rate=0.01)
    whole, reports = train(pixels, tmp_path / "whole", recipe=replace(settings, epochs=20))
    original = Reconstruction.training_step

    def spoil(task, batch, batch_idx):
        return original(task, batch, batch_idx) * (float("nan") if task.current_epoch == 20 else 1)

    def mean(task, part, original=Reconstruction._mean):
        found = original(task, part)
        return float("nan") if part == "training" and task.current_epoch == 20 else found

    monkeypatch.setattr(Reconstruction, "training_step", spoil)
    monkeypatch.setattr(Reconstruction, "_mean", mean)
    outcome, seen = train(pixels, tmp_path / "spoilt", recipe=settings)
    assert (outcome.ended_by, outcome.epochs, outcome.learnt) == (Ending.DIVERGED, 20, True)
    assert [report.validation_loss for report in seen] == [report.validation_loss for report in reports]
    expected, found = whole.network.state_dict(), outcome.network.state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    best = max(report.epoch for report in reports if report.is_best)
    assert caplog.messages[-1] == (
        "Training diverged in epoch 21: the learning rate 0.01 is too large. Choose a smaller one. "
        f"The weights of epoch {best} are kept."
    )


def test_every_batch_is_told_of_and_may_end_the_training(pixels, tmp_path):
    parts = []

    def listen(part):
        parts.append(part)
        if len(parts) == 5:
            raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        train(pixels, tmp_path / "stopped", on_step=listen)
    assert parts == [0.5, 1.0, 0.5, 1.0, 0.5]  # 14 pictures in batches of 8
    resumed, _ = train(pixels, tmp_path / "stopped", resume=True)
    whole, _ = train(pixels, tmp_path / "whole")
    expected, found = whole.network.state_dict(), resumed.network.state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_refused(pixels, tmp_path):
    with pytest.raises(InvalidInputError, match="no CUDA device"):
        train(pixels, tmp_path, device=Device.CUDA)


def test_ctrl_c_says_how_to_go_on(pixels, tmp_path):
    def interrupt(report):
        if report.epoch == 2:
            raise KeyboardInterrupt

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(Cancelled, match=r"after 2 epochs\. Go on with --resume"):
        fit(tiny_network(), pixels[:14], pixels[14:], recipe(), directory=tmp_path, on_epoch=interrupt)
    signal.signal(signal.SIGINT, handler)
    resumed, _ = train(pixels, tmp_path, resume=True)
    assert resumed.epochs == 6


def test_a_damaged_checkpoint_is_refused(pixels, tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"garbage")
    with pytest.raises(StoreError, match="no checkpoint of xai_ad"):
        train(pixels, tmp_path, resume=True)


def test_a_checkpoint_returns_what_was_saved(tmp_path):
    checkpoint = {
        "epoch": 3,
        "state": {0: {"step": torch.tensor(5.0), "mean": torch.arange(6.0).reshape(2, 3)}},
        "betas": (0.9, 0.999),
        "none": None,
        "nested": [True, {"a": "b"}],
    }
    files = SafetensorsCheckpointIO()
    files.save_checkpoint(checkpoint, tmp_path / "c.safetensors")
    loaded = files.load_checkpoint(tmp_path / "c.safetensors")
    assert torch.equal(loaded["state"][0].pop("mean"), checkpoint["state"][0].pop("mean"))
    assert loaded == checkpoint


def test_the_weights_of_the_greatest_figure_are_kept_whatever_the_loss(pixels, tmp_path):
    figures, states, reports = iter([0.2, 0.9, 0.5]), [], []
    network = tiny_network()

    def listen(report):
        reports.append(report)
        states.append({name: value.clone() for name, value in network.state_dict().items()})

    fit(
        network,
        pixels[:14],
        pixels[14:],
        recipe(epochs=3),
        directory=tmp_path,
        on_epoch=listen,
        detect=lambda _: next(figures),
    )
    assert [report.detection for report in reports] == [0.2, 0.9, 0.5]
    assert [report.is_best for report in reports] == [True, True, False]
    assert all(torch.equal(value, states[1][name]) for name, value in network.state_dict().items())


def test_another_network_of_equal_shapes_is_not_resumed(pixels, tmp_path):
    parts = pixels[:14], pixels[14:]
    fit(tiny_network(), *parts, recipe(), directory=tmp_path, identity="sa_cae (default options)")
    with pytest.raises(InvalidInputError, match=r"is of sa_cae \(default options\), not ssa_cae"):
        fit(tiny_network(), *parts, recipe(), directory=tmp_path, identity="ssa_cae", resume=True)


def test_a_checkpoint_of_another_versions_recipe_is_not_resumed(pixels, tmp_path):
    parts = pixels[:14], pixels[14:]
    fit(tiny_network(), *parts, recipe(), directory=tmp_path)
    path = tmp_path / CHECKPOINT
    store = SafetensorsCheckpointIO()
    older = store.load_checkpoint(path)
    del older["recipe"]["fit_output"]
    store.save_checkpoint(older, path)
    with pytest.raises(InvalidInputError, match="another version of xai_ad"):
        fit(tiny_network(), *parts, recipe(), directory=tmp_path, resume=True)


def test_a_checkpoint_refuses_what_only_pickle_could_hold(tmp_path):
    with pytest.raises(StoreError, match="cannot hold a set"):
        SafetensorsCheckpointIO().save_checkpoint({"x": {1, 2}}, tmp_path / "c.safetensors")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("batch_size", 1),
        ("learning_rate", 0.0),
        ("plateau_factor", 1.0),
        ("max_minutes", -1.0),
        ("window", 129),
        ("precision", Precision.AUTO),
    ],
)
def test_a_recipe_refuses_values_out_of_range(field, value):
    with pytest.raises(InvalidInputError, match=f"'{field}' of a recipe"):
        recipe(**{field: value})


@pytest.mark.parametrize(("count", "sizes"), [(8, [4, 4]), (9, [4, 5]), (10, [4, 4, 2]), (1, [1])])
def test_a_last_image_on_its_own_joins_the_batch_before_it(count, sizes):
    batches = list(EpochShuffle(count, 4, 0))
    assert [len(batch) for batch in batches] == sizes
    assert len(EpochShuffle(count, 4, 0)) == len(sizes)
    assert sorted(index for batch in batches for index in batch) == list(range(count))


def test_a_networks_penalty_is_minimised_and_not_reported(pixels, tmp_path):
    class Penalised(ConvolutionalAutoencoder):
        """Pays for the size of its first kernel."""

        def reconstruct_with_penalty(self, images):
            return self(images), 1e3 * self.encoder[0][0].weight.square().sum()

    plain = tiny_network()
    penalised = Penalised(*tiny_network().children())
    reports = []
    chosen = recipe(learning_rate=0.01)
    for network, name in ((plain, "plain"), (penalised, "penalised")):
        fit(network, pixels[:14], pixels[14:], chosen, directory=tmp_path / name, on_epoch=reports.append)
    sizes = [float(network.encoder[0][0].weight.detach().square().sum()) for network in (plain, penalised)]
    assert sizes[1] < sizes[0] / 2
    assert all(report.training_loss < 1 for report in reports)


def test_what_another_thread_says_of_warnings_during_training_stays(pixels, tmp_path):
    def listen(_report):
        warnings.filterwarnings("ignore", message="said meanwhile")

    fit(tiny_network(), pixels[:14], pixels[14:], recipe(epochs=1), directory=tmp_path, on_epoch=listen)
    assert any(rule[1] is not None and rule[1].pattern == "said meanwhile" for rule in warnings.filters)


def test_a_full_disk_ends_a_training_by_one_line(pixels, tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WritingError) as refused:
        train(pixels, tmp_path)
    checkpoint = tmp_path / CHECKPOINT
    assert str(refused.value) == (
        f"'{checkpoint}' cannot be written (No space left on device). Free some space."
    )
