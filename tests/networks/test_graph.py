"""A network's graph does what the network does, and names what it cannot record."""

import operator
import threading

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.clip_networks import RECURRENT, SIDE_OF_ALL, clip_network
from tests.networks.skipping import SIDE, SKIPPING, Adding, Deciding, images, skipping
from xai_ad.errors import UnsupportedLayerError
from xai_ad.networks import IMAGE_NETWORKS, ConvolutionalAutoencoder, build_network
from xai_ad.networks.graph import graph_of, trace
from xai_ad.networks.operations import Concatenation, Gate, Product, Sum

every_image_network = pytest.mark.parametrize("name", IMAGE_NETWORKS)
every_skip = pytest.mark.parametrize("kind", SKIPPING, ids=lambda kind: kind.__name__)


class Written(nn.Module):
    """Whatever a function says."""

    def __init__(self, function, *layers):
        super().__init__()
        self.function, self.layers = function, nn.ModuleList(layers)

    def forward(self, values):  # noqa: D102
        return self.function(values, *self.layers)


@every_image_network
@torch.inference_mode()
def test_the_steps_of_every_network_return_its_reconstruction_and_its_embeddings(name):
    network, seen = build_network(name).eval(), torch.rand(2, 3, 128, 128)
    graph = graph_of(network)
    values = graph.values(seen)
    assert torch.equal(values[-1], network(seen))
    assert torch.equal(values[graph.embedding], network.embed(seen))
    assert torch.equal(network.embedding(values[graph.entering]), values[graph.embedding])
    assert graph.steps[graph.steps[-1].inputs[0] - 1].layer is network.output_norm
    assert isinstance(graph.steps[-1].layer, nn.Sigmoid)


@every_skip
@torch.inference_mode()
def test_the_steps_of_a_network_with_skip_connections_do_what_it_does(kind):
    network, seen = skipping(kind), images()
    graph = graph_of(network)
    values = graph.values(seen)
    assert torch.equal(values[-1], network(seen))
    assert torch.equal(values[graph.embedding], network.embed(seen))
    assert [type(step.layer) for step in graph.steps if len(step.inputs) > 1] == [
        {"Adding": Sum, "AddingInPlace": Sum, "Gating": Gate}.get(kind.__name__, Concatenation)
    ]


def test_the_graph_holds_the_networks_own_layers_and_leaves_them_alone():
    network = skipping(Adding)
    before = {module: dict(module.__dict__) for module in network.modules()}
    calls = []
    handle = network.decoder[0].register_forward_hook(lambda *_: calls.append(1))
    layers = [step.layer for step in graph_of(network).steps if not isinstance(step.layer, Sum)]
    handle.remove()
    assert not calls
    assert set(layers) <= set(network.modules())
    assert all(module.__dict__ == state for module, state in before.items())


def test_a_network_may_run_in_another_thread_while_it_is_recorded():
    network, seen, failures = skipping(Adding), images(), []
    done = threading.Event()

    def run():
        while not done.is_set():
            try:
                network(seen)
            except Exception as error:  # noqa: BLE001  # whatever a foreign module's call raises
                failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    for _ in range(200):
        graph_of(network)
    done.set()
    thread.join()
    assert not failures


@pytest.mark.parametrize(
    "written",
    [
        Written(lambda x: x + x),
        Written(lambda x: torch.add(x.relu(), F.relu(x))),
        Written(lambda x: operator.iadd(x.sigmoid(), x)),
        Written(lambda x: torch.concat((x, torch.relu(x)), dim=-3)),
        Written(lambda x: x.mul(x)),
        Written(lambda x, conv: conv(x) * conv(x).sigmoid(), nn.Conv2d(3, 3, 1)),
        Written(lambda x, gate, conv: gate(conv(x)) * conv(x), nn.Sigmoid(), nn.Conv2d(3, 3, 1)),
        Written(lambda x, conv: (conv(x), x + x)[1], nn.Conv2d(3, 3, 1)),
        Written(lambda x: x.flatten(2).transpose(1, 2).unflatten(1, (2, -1)).permute(0, 3, 1, 2)),
        Written(lambda x: torch.unsqueeze(x[:, 1:], 0).movedim(0, 1).squeeze(1).contiguous()),
    ],
)
@torch.inference_mode()
def test_operations_are_recorded_as_the_layers_that_they_are(written):
    graph = trace(written)
    assert torch.equal(graph.values(images())[-1], written(images()))


@torch.inference_mode()
def test_a_module_may_ask_for_shapes_where_that_of_what_it_is_given_is_known():
    written = Written(
        lambda x, conv: conv(x).view(-1, x.shape[-1]) if x.ndim == 4 and len(x) == 1 else x,
        nn.Conv2d(3, 2, 3),
    )
    graph = trace(written, shape=(1, 3, SIDE, SIDE))
    assert torch.equal(graph.values(images(1))[-1], written(images(1)))
    with pytest.raises(UnsupportedLayerError):
        trace(written)


@pytest.mark.parametrize("name", RECURRENT)
@torch.inference_mode()
def test_the_steps_of_every_recurrent_network_return_its_answer_and_its_embeddings(name):
    network = clip_network(name, 2, "recurrent")
    shown = torch.rand(2, network.seeds or 8, 1, SIDE_OF_ALL, SIDE_OF_ALL)
    graph = graph_of(network)
    values = graph.values(shown)
    assert torch.equal(values[-1], network(shown))
    assert torch.equal(network.embedding(values[graph.entering]), values[graph.embedding])
    assert {step.layer for step in graph.steps} >= {
        module for module in network.modules() if isinstance(module, nn.BatchNorm2d)
    }


def test_a_gate_is_what_comes_from_a_sigmoid_and_stands_second():
    def products(function):
        return [step for step in trace(Written(function)).steps if isinstance(step.layer, Product)]

    assert [type(step.layer) for step in products(lambda x: x.sigmoid() * x)] == [Gate]
    assert [step.inputs for step in products(lambda x: x.sigmoid() * x)] == [(0, 1)]
    assert [type(step.layer) for step in products(lambda x: x.relu() * x)] == [Product]
    assert [type(step.layer) for step in products(lambda x: x.sigmoid() * x.sigmoid())] == [Product]


def test_what_nobody_uses_is_no_step():
    graph = trace(Written(lambda x, conv: (conv(x), x + x)[1], nn.Conv2d(3, 3, 1)))
    assert [type(step.layer) for step in graph.steps] == [Sum]


@pytest.mark.parametrize(
    "written",
    [
        Written(lambda x: x.exp()),
        Written(lambda x: x + 1),
        Written(lambda x: torch.add(x, x, alpha=2)),
        Written(lambda x: torch.cat([x, x])),
        Written(lambda x: torch.cat([x, x], 2)),
        Written(lambda x: x if x.mean() > 0 else x + x),
        Written(lambda x: x[:, :, : x.shape[2]]),
        Written(lambda x: [x]),
        Written(lambda x, relu: relu(x) + x, nn.ReLU(inplace=True)),
        Written(lambda x: operator.iadd(x, x.sigmoid())),
        Written(lambda x, conv: operator.imul(early := conv(x), x) + early, nn.Conv2d(3, 3, 1)),
        Written(lambda x: F.relu(x, inplace=True) + x),
    ],
)
def test_what_is_no_known_operation_is_refused_in_one_line(written):
    with pytest.raises(UnsupportedLayerError, match=r"^Written cannot be taken apart") as refusal:
        trace(written)
    assert "\n" not in str(refusal.value)


def test_a_network_without_a_graph_or_around_its_embeddings_is_refused():
    with pytest.raises(UnsupportedLayerError, match=r"Deciding .*control flow"):
        graph_of(skipping(Deciding))

    class Around(ConvolutionalAutoencoder):
        def forward(self, images):
            return self.decoder(images)

    around = Around(nn.Sequential(nn.Conv2d(3, 3, 1)), nn.Sequential(nn.Sigmoid()), size=SIDE)
    with pytest.raises(UnsupportedLayerError, match="owes nothing to its embeddings"):
        graph_of(around)
