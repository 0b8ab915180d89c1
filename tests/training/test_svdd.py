from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from tests.conftest import write_picture
from tests.networks.skipping import SKIPPING, images, skipping
from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.losses import squared_distances
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import Cancelled, ImageError, InvalidInputError
from xai_ad.machine.execution import Precision
from xai_ad.networks import ConvolutionalAutoencoder, NetworkKind, build_network, list_networks
from xai_ad.networks.blocks import convolution, output_convolution
from xai_ad.store import add_calibration, load, load_calibration, load_network, load_references
from xai_ad.training.calibration import calibrate
from xai_ad.training.compression import compress_model
from xai_ad.training.material import EpochShuffle
from xai_ad.training.pipeline import TrainingTask, train_model
from xai_ad.training.recipe import Recipe
from xai_ad.training.svdd import (
    Boundary,
    SvddRecipe,
    finetune,
    finetune_model,
    finetuning,
    last_layer_inputs,
)

CASES = [(row.id, row.options) for row in list_networks(NetworkKind.IMAGE)]
NAMES = [" ".join([name, *(f"{key}={value}" for key, value in options.items())]) for name, options in CASES]
every_boundary = pytest.mark.parametrize("boundary", Boundary)


def stirred(network, pixels):
    """Give batch norms the statistics that training on pictures leaves, and affine parameters that matter."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.uniform_(norm.bias, 0.1, 0.5)
        norm.momentum = 1.0
    with torch.no_grad():
        network.train()(pixels / 255)
    return network.eval()


def tiny_network() -> ConvolutionalAutoencoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = nn.Sequential(convolution(3, 4, kernel=4, stride=4), convolution(4, 2, kernel=1, stride=1))
        decoder = nn.Sequential(output_convolution(2, 3, kernel=1))
        return stirred(ConvolutionalAutoencoder(encoder, decoder), torch.randint(0, 256, (4, 3, 8, 8)))


@pytest.fixture
def pixels():
    generator = torch.Generator().manual_seed(7)
    return torch.randint(0, 256, (11, 3, 8, 8), dtype=torch.uint8, generator=generator)


def embeddings_of(network, pixels):
    with torch.no_grad():
        return network.embed(pixels / 255)


def distances(network, centre, pixels):
    return squared_distances(embeddings_of(network, pixels), centre).double().sqrt().numpy()


def states_of(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


class LiteralSvdd:
    """Eq. 3.13 and 3.14 on a 1x1 convolution, frozen batch norm and ReLU: gradients by hand and Adam, in float64."""

    def __init__(self, layer, inputs, recipe):
        linear, norm, _ = layer
        self.recipe, self.inputs = recipe, inputs.numpy()
        self.theta = {
            "kernel": linear.weight.detach().numpy()[:, :, 0, 0].copy(),
            "shift": linear.bias.detach().numpy().copy(),
            "scale": norm.weight.detach().numpy().copy(),
            "offset": norm.bias.detach().numpy().copy(),
        }
        self.mean = norm.running_mean.numpy()[:, None]
        self.deviation = np.sqrt(norm.running_var.numpy() + norm.eps)[:, None]
        self.first = {name: np.zeros_like(value) for name, value in self.theta.items()}
        self.second = {name: np.zeros_like(value) for name, value in self.theta.items()}
        self.steps = 0
        found = np.array([self.embed(one)[0] for one in self.inputs])
        self.centre = found.mean(axis=0)
        self.radius = self.quantile(found)

    def embed(self, one):
        """Return one image's embedding, (O, P), and what its gradient needs."""
        values = one.reshape(len(one), -1)  # (I, P)
        normed = (self.theta["kernel"] @ values + self.theta["shift"][:, None] - self.mean) / self.deviation
        before = self.theta["scale"][:, None] * normed + self.theta["offset"][:, None]
        return np.maximum(before, 0), values, normed, before > 0

    def quantile(self, found):
        """Return the 1 - nu quantile of embeddings' distances from the centre."""
        return np.quantile(np.sqrt(((found - self.centre) ** 2).sum(axis=(1, 2))), 1 - self.recipe.nu)

    def step(self, indices):
        """Take one step of Adam; return what Eq. 3.14, or 3.13, was before it."""
        decay, soft = self.recipe.weight_decay, self.recipe.boundary is Boundary.SOFT
        gradients = {name: 2 * decay * value for name, value in self.theta.items()}
        loss = decay * sum((value**2).sum() for value in self.theta.values())
        for index in indices:
            embedding, values, normed, passes = self.embed(self.inputs[index])
            distance = ((embedding - self.centre) ** 2).sum()
            if soft:
                share = (distance > self.radius**2) / (len(indices) * self.recipe.nu)
                loss += share * (distance - self.radius**2) + self.radius**2 / len(indices)
            else:
                share = 1 / len(indices)
                loss += share * distance
            back = share * 2 * (embedding - self.centre) * passes  # (O, P)
            through = back * self.theta["scale"][:, None] / self.deviation
            gradients["kernel"] = gradients["kernel"] + through @ values.T
            gradients["shift"] = gradients["shift"] + through.sum(axis=1)
            gradients["scale"] = gradients["scale"] + (back * normed).sum(axis=1)
            gradients["offset"] = gradients["offset"] + back.sum(axis=1)
        self.adam(gradients)
        return loss

    def adam(self, gradients):
        """Move the parameters as Kingma and Ba do."""
        self.steps += 1
        for name, gradient in gradients.items():
            self.first[name] = 0.9 * self.first[name] + 0.1 * gradient
            self.second[name] = 0.999 * self.second[name] + 0.001 * gradient**2
            first = self.first[name] / (1 - 0.9**self.steps)
            second = self.second[name] / (1 - 0.999**self.steps)
            self.theta[name] = self.theta[name] - self.recipe.learning_rate * first / (np.sqrt(second) + 1e-8)

    def end_epoch(self):
        """Measure the radius anew."""
        self.radius = self.quantile(np.array([self.embed(one)[0] for one in self.inputs]))


@every_boundary
def test_every_step_is_adam_on_the_equation_as_printed(boundary, pixels):
    recipe = SvddRecipe(
        learning_rate=0.01, epochs=3, batch_size=4, boundary=boundary, nu=0.25, weight_decay=0.05, seed=5
    )
    network = tiny_network().double().train()  # fine-tuning itself has to freeze batch norm
    inputs = last_layer_inputs(tiny_network(), pixels).double()
    oracle = LiteralSvdd(network.encoder[-1], inputs, recipe)
    order = EpochShuffle(len(pixels), recipe.batch_size, recipe.seed)
    for report in finetuning(network, inputs, recipe):
        order.set_epoch(report.epoch - 1)
        losses = [(oracle.step(indices), len(indices)) for indices in order]
        oracle.end_epoch()
        assert report.loss == pytest.approx(sum(loss * count for loss, count in losses) / 11, rel=1e-12)
        assert report.radius == (
            pytest.approx(oracle.radius, rel=1e-12) if boundary is Boundary.SOFT else None
        )
        linear, norm, _ = network.encoder[-1]
        found = {
            "kernel": linear.weight[:, :, 0, 0],
            "shift": linear.bias,
            "scale": norm.weight,
            "offset": norm.bias,
        }
        for name, value in oracle.theta.items():
            np.testing.assert_allclose(found[name].detach().numpy(), value, rtol=1e-10, err_msg=name)


def test_the_centre_is_the_mean_embedding_before_fine_tuning(pixels):
    network = tiny_network()
    before = embeddings_of(network, pixels).double()
    centre = before.mean(dim=0)
    expected = float((before - centre).square().flatten(1).sum(dim=1).mean())
    still = SvddRecipe(learning_rate=1e-30, epochs=1, batch_size=4, weight_decay=0.0)
    reports = []
    finetune(network, pixels, still, on_epoch=reports.append)
    assert reports[0].loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("nu", [0.1, 0.35, 1.0])
def test_the_soft_boundarys_radius_is_the_quantile_of_the_distances(pixels, nu):
    network = tiny_network()
    centre = embeddings_of(network, pixels).double().mean(dim=0).float()
    recipe = SvddRecipe(learning_rate=1e-3, epochs=2, batch_size=4, boundary=Boundary.SOFT, nu=nu)
    inputs = last_layer_inputs(network.train(), pixels)
    for report in finetuning(network, inputs, recipe):
        assert report.radius == pytest.approx(
            np.quantile(distances(network, centre, pixels), 1 - nu), rel=1e-5
        )


@every_boundary
def test_normal_embeddings_come_closer_to_the_centre(pixels, boundary):
    network = tiny_network()
    centre = embeddings_of(network, pixels).mean(dim=0)
    recipe = SvddRecipe(learning_rate=1e-3, epochs=20, batch_size=4, boundary=boundary)
    finetuned = finetune(network, pixels, recipe)
    assert distances(finetuned, centre, pixels).mean() < 0.99 * distances(network, centre, pixels).mean()


def test_weight_decay_shrinks_the_trained_parameters(pixels):
    def norm(decay):
        recipe = SvddRecipe(learning_rate=1e-2, batch_size=4, weight_decay=decay)
        finetuned = finetune(tiny_network(), pixels, recipe)
        return sum(float(p.detach().square().sum()) for p in finetuned.encoder[-1].parameters())

    assert norm(100.0) < norm(0.0)


@pytest.mark.parametrize(("name", "options"), CASES, ids=NAMES)
def test_of_every_network_the_last_encoder_layer_alone_learns(name, options):
    torch.manual_seed(0)
    coarse = torch.randint(0, 256, (6, 3, 4, 4), dtype=torch.uint8)  # flat patches embed unlike one another
    pixels = coarse.repeat_interleave(32, dim=2).repeat_interleave(32, dim=3)
    network = stirred(build_network(name, options=options), pixels)
    before, reports = states_of(network), []
    # What flags and modes a caller left behind must not matter.
    network.train().requires_grad_(False)
    recipe = SvddRecipe(learning_rate=1e-5, epochs=3, batch_size=3)
    after = states_of(finetune(network, pixels, recipe, on_epoch=reports.append))
    trained = {
        f"encoder.{len(network.encoder) - 1}.{key}" for key, _ in network.encoder[-1].named_parameters()
    }
    assert {key for key in before if not torch.equal(before[key], after[key])} == trained
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert network.training
    losses = [report.loss for report in reports]
    assert all(later < earlier for earlier, later in pairwise(losses)), losses


@every_boundary
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(pixels, boundary):
    recipe = SvddRecipe(learning_rate=1e-3, epochs=3, batch_size=4, boundary=boundary)
    first = states_of(finetune(tiny_network(), pixels, recipe))
    torch.rand(3)
    second = states_of(finetune(tiny_network(), pixels, recipe))
    other = states_of(finetune(tiny_network(), pixels, replace(recipe, seed=1)))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_each_report_finds_the_network_that_so_many_epochs_would_give(pixels):
    recipe = SvddRecipe(learning_rate=1e-3, epochs=3, batch_size=4, boundary=Boundary.SOFT)
    network = tiny_network()
    for report in finetuning(network, last_layer_inputs(network, pixels), recipe):
        alone = states_of(finetune(tiny_network(), pixels, replace(recipe, epochs=report.epoch)))
        assert all(torch.equal(alone[name], value) for name, value in network.state_dict().items())


def test_a_rate_that_diverges_is_refused_in_one_line(pixels):
    with pytest.raises(
        InvalidInputError, match=r"^Fine-tuning diverged in epoch 1: .* 1e\+30 is too large.*$"
    ):
        finetune(tiny_network(), pixels, SvddRecipe(learning_rate=1e30, batch_size=4))


def test_fine_tuning_on_nothing_is_refused(pixels):
    with pytest.raises(InvalidInputError, match="at least one normal image"):
        finetune(tiny_network(), pixels[:0], SvddRecipe())


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("learning_rate", 0.0, "a positive number"),
        ("learning_rate", float("inf"), "a positive number"),
        ("epochs", 0, r"an int in \[1, "),
        ("batch_size", 0, r"an int in \[1, "),
        ("nu", 0.0, r"a number in \(0, 1\]"),
        ("nu", 1.5, r"a number in \(0, 1\]"),
        ("weight_decay", -1.0, r"a number in \[0, inf\)"),
        ("seed", -1, r"an int in \[0, "),
    ],
)
def test_a_recipe_out_of_range_is_refused_quoting_it(field, value, wanted):
    with pytest.raises(InvalidInputError, match=f"'{field}' of SvddRecipe must be {wanted}.*Got {value}"):
        SvddRecipe(**{field: value})


@pytest.fixture
def parent(mvtec_folder, tmp_path):
    task = TrainingTask(
        network="bcae1",
        options={},
        data=mvtec_folder,
        layout="mvtec",
        protocol=Protocol.HELD_OUT,
        recipe=Recipe(epochs=1, batch_size=8, precision=Precision.FLOAT32),
    )
    return train_model(task, tmp_path / "widget-bcae1")


RECIPE = SvddRecipe(learning_rate=1e-5, epochs=2, batch_size=4)


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_fine_tuned_model_says_whose_child_it_is_and_how_it_was_made(parent, mvtec_folder, tmp_path):
    before, reports = files_of(parent.path), []
    stored = finetune_model(
        parent, mvtec_folder, "mvtec", tmp_path / "widget-svdd", RECIPE, on_epoch=reports.append
    )
    classifier, card = load(stored.path)
    assert (card.id, card.parent, card.loss) == ("widget-svdd", "widget-bcae1", "mse")
    assert (card.split, card.metrics) == (parent.card.split, {})
    assert card.training.recipe == {
        "finetuning": "svdd",
        "learning_rate": 1e-5,
        "epochs": 2,
        "batch_size": 4,
        "boundary": "one_class",
        "nu": 0.1,
        "weight_decay": 1e-6,
        "seed": 0,
    }
    training = card.training
    assert (training.epochs, training.images_seen, training.ended_by) == (2, 20, "epochs")
    assert [report.epoch for report in reports] == [1, 2]
    assert torch.equal(classifier.references.mean, load_references(parent)["mean"])
    assert files_of(parent.path) == before


def test_it_learns_from_the_parents_training_images_and_is_calibrated_on_its_calibration_images(
    parent, mvtec_folder, tmp_path
):
    stored = finetune_model(parent, mvtec_folder, "mvtec", tmp_path / "child", RECIPE)
    split = split_dataset(read_dataset(mvtec_folder, "mvtec"), Protocol.HELD_OUT)
    expected = finetune(load_network(parent), load_pixels(split.train, parent.card.preprocessing), RECIPE)
    found = load_network(stored).state_dict()
    assert all(torch.equal(found[name], value) for name, value in expected.state_dict().items())
    record = calibrate(
        expected,
        split.calibration,
        load_pixels(split.calibration, parent.card.preprocessing),
        protocol=Protocol.HELD_OUT,
        scoring=load_calibration(parent).calibration.scoring,
    )
    assert load_calibration(stored) == record


def test_it_is_scored_as_the_parents_active_calibration_says(parent, mvtec_folder, tmp_path):
    record = load_calibration(parent)
    scored = replace(record.calibration, scoring=Scoring(score=Score.SSIM))
    active = replace(record, id="ssim", calibration=scored)
    stored = finetune_model(
        add_calibration(parent, active), mvtec_folder, "mvtec", tmp_path / "child", RECIPE
    )
    assert load_calibration(stored).calibration.scoring.score is Score.SSIM


def test_a_child_of_half_precision_is_stored_in_full(parent, mvtec_folder, tmp_path):
    half = compress_model(parent, mvtec_folder, "mvtec", tmp_path / "half")
    tiny = replace(RECIPE, learning_rate=5e-7, epochs=1)
    stored = finetune_model(half, mvtec_folder, "mvtec", tmp_path / "child", tiny)
    assert (stored.card.parent, stored.card.weights_dtype) == ("half", "float32")
    before, after = load_network(half).state_dict(), load_network(stored).state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {f"encoder.4.{name}" for name in ("0.weight", "0.bias", "1.weight", "1.bias")}
    written = load_file(stored.path / "weights.safetensors")
    in_full = {name for name, tensor in written.items() if tensor.ndim > 1 and tensor.dtype == torch.float32}
    assert in_full == {"encoder.4.0.weight"}, "what is the parent's costs no more than it does there"


def test_a_stop_leaves_nothing_behind_and_the_parent_untouched(parent, mvtec_folder, tmp_path):
    before, here = files_of(parent.path), sorted(tmp_path.iterdir())

    def stop(report):
        raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        finetune_model(parent, mvtec_folder, "mvtec", tmp_path / "child", RECIPE, on_epoch=stop)
    assert sorted(tmp_path.iterdir()) == here
    assert files_of(parent.path) == before


def test_an_unreadable_calibration_image_is_found_before_fine_tuning(parent, mvtec_folder, tmp_path):
    for path in (mvtec_folder / "test/hole").iterdir():
        path.write_bytes(b"broken " + path.name.encode())
    epochs = []
    with pytest.raises(ImageError):
        finetune_model(parent, mvtec_folder, "mvtec", tmp_path / "child", RECIPE, on_epoch=epochs.append)
    assert epochs == []


def test_a_fine_tuned_model_is_not_fine_tuned_again(parent, mvtec_folder, tmp_path):
    child = finetune_model(parent, mvtec_folder, "mvtec", tmp_path / "child", RECIPE)
    with pytest.raises(
        InvalidInputError, match=r"^The model 'child' is fine-tuned already.*'widget-bcae1'.*$"
    ):
        finetune_model(child, mvtec_folder, "mvtec", tmp_path / "grandchild", RECIPE)


def test_other_data_than_the_model_was_trained_on_is_refused(parent, mvtec_folder, tmp_path):
    target = tmp_path / "child"
    with pytest.raises(
        InvalidInputError, match=r"trained on the layout 'mvtec', not 'folder'.*Give --data and --layout that"
    ):
        finetune_model(parent, mvtec_folder / "train/good", "folder", target, RECIPE)
    write_picture(mvtec_folder / "train/good/new.png", 77)
    with pytest.raises(
        InvalidInputError,
        match=r"trained on 10 images of 'widget' and validated on 2, not on 11 and 2\. Give --data those",
    ):
        finetune_model(parent, mvtec_folder, "mvtec", target, RECIPE)
    gadget = mvtec_folder.rename(mvtec_folder.with_name("gadget"))
    with pytest.raises(
        InvalidInputError, match=r"trained on 'widget', not 'gadget'\. Give --data and --layout that"
    ):
        finetune_model(parent, gadget, "mvtec", target, RECIPE)
    assert not target.exists()


def test_neither_the_parent_nor_a_folder_of_something_else_is_overwritten(parent, mvtec_folder, tmp_path):
    before = files_of(parent.path)
    for target in (parent.path, tmp_path / "elsewhere" / "widget-bcae1"):
        with pytest.raises(InvalidInputError, match=r"parent's id 'widget-bcae1'\. Choose another name"):
            finetune_model(parent, mvtec_folder, "mvtec", target, RECIPE)
    assert files_of(parent.path) == before
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    (thesis / "chapter1.txt").write_text("three years of work")
    with pytest.raises(InvalidInputError, match="holds other files"):
        finetune_model(parent, mvtec_folder, "mvtec", thesis, RECIPE)
    assert [path.name for path in thesis.iterdir()] == ["chapter1.txt"]


@pytest.mark.parametrize("kind", SKIPPING, ids=lambda kind: kind.__name__)
def test_of_a_network_with_skip_connections_the_layer_of_the_embeddings_alone_learns(kind):
    network = skipping(kind)
    pixels = (images(6) * 255).to(torch.uint8)
    with torch.no_grad():
        expected = network.encoder[0](pixels / 255)
    torch.testing.assert_close(last_layer_inputs(network, pixels), expected)
    finetuned = finetune(network, pixels, SvddRecipe(learning_rate=1e-3, epochs=1, batch_size=3))
    before, after = states_of(network), states_of(finetuned)
    assert {key for key in before if not torch.equal(before[key], after[key])} == {
        f"encoder.1.{key}" for key, _ in network.encoder[1].named_parameters()
    }
