"""Merging makes each linear map one step and changes no output."""

import copy

import pytest
import torch
from torch import nn

from tests.networks.skipping import SKIPPING, images, skipping
from xai_ad.networks.graph import graph_of, trace
from xai_ad.networks.merging import merged


@pytest.mark.parametrize("kind", SKIPPING, ids=lambda kind: kind.__name__)
@torch.inference_mode()
def test_batch_norms_go_into_the_layers_before_them_along_skip_connections_too(kind):
    network = skipping(kind).double()
    before = copy.deepcopy(network.state_dict())
    graph = merged(graph_of(network))
    assert not any(isinstance(step.layer, nn.BatchNorm2d) for step in graph.steps)
    values = graph.values(images().double())
    torch.testing.assert_close(values[-1], network(images().double()), rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(
        values[graph.embedding], network.embed(images().double()), rtol=1e-12, atol=1e-14
    )
    torch.testing.assert_close(
        network.embedding(values[graph.entering]), values[graph.embedding], rtol=1e-12, atol=1e-14
    )
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@torch.inference_mode()
def test_a_batch_norm_stays_where_others_read_what_it_is_given():
    class Forked(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

        def forward(self, values):
            convolved = self.convolution(values)
            return convolved + self.norm(convolved)

    forked = Forked().eval()
    forked.norm.running_mean += 1
    graph = merged(trace(forked))
    assert [type(step.layer).__name__ for step in graph.steps] == ["Conv2d", "BatchNorm2d", "Sum"]
    assert torch.equal(graph.values(images())[-1], forked(images()))
