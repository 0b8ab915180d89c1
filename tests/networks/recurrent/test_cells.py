import pytest
import torch

from tests.networks.recurrent.literal import literal
from xai_ad.networks.recurrent.cells import (
    Bidirectional,
    ConvGRU,
    ConvLSTM,
    ConvRNN,
    TimeDistributed,
    TransposedConvGRU,
    TransposedConvLSTM,
    TransposedConvRNN,
)

ENCODING, DECODING = (ConvRNN, ConvLSTM, ConvGRU), (TransposedConvRNN, TransposedConvLSTM, TransposedConvGRU)
every_cell = pytest.mark.parametrize("cell", [*ENCODING, *DECODING], ids=lambda cell: cell.__name__)


def excited(layer):
    """In float64, with weights so large that gates open and close."""
    with torch.no_grad():
        for weight in layer.parameters():
            weight.mul_(3)
    return layer.double()


def frames_and_stacked(frames=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    sequence = torch.randn(frames, 2, 3, 7, 7, generator=generator, dtype=torch.float64, requires_grad=True)
    return list(sequence), sequence


@every_cell
@pytest.mark.parametrize("stride", [1, 2])
def test_outputs_and_gradients_are_those_of_the_printed_equations(cell, stride):
    layer = excited(cell(3, 5, stride=stride))
    frames, sequence = frames_and_stacked()
    found, expected = layer(sequence), torch.stack(literal(layer, frames, stride=stride))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    towards = torch.randn(found.shape, dtype=torch.float64)
    inputs = [sequence, *layer.parameters()]
    of_found = torch.autograd.grad((found * towards).sum(), inputs)
    of_expected = torch.autograd.grad((expected * towards).sum(), inputs)
    for one, other in zip(of_found, of_expected, strict=True):
        assert one.abs().max() > 1e-3
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


@every_cell
def test_backwards_is_the_reversed_clip_reversed(cell):
    layer = excited(cell(3, 5, stride=2))
    frames, sequence = frames_and_stacked()
    expected = torch.stack(literal(layer, frames[::-1], stride=2)[::-1])
    torch.testing.assert_close(layer(sequence, backwards=True), expected, rtol=0, atol=1e-12)


@every_cell
def test_both_directions_are_averaged(cell):
    one, other = excited(cell(3, 5, stride=1)), excited(cell(3, 5, stride=1))
    frames, sequence = frames_and_stacked()
    onwards = torch.stack(literal(one, frames, stride=1))
    backwards = torch.stack(literal(other, frames[::-1], stride=1)[::-1])
    found = Bidirectional(one, other)(sequence)
    torch.testing.assert_close(found, (onwards + backwards) / 2, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("cells", "parameters"),
    [
        ((ConvRNN, TransposedConvRNN), 9 * 3 * 5 + 18 * 25),
        ((ConvLSTM, TransposedConvLSTM), 36 * 3 * 5 + 36 * 25),
        ((ConvGRU, TransposedConvGRU), 27 * 3 * 5 + 27 * 25),
    ],
)
def test_cells_have_the_counted_weights_and_no_biases(cells, parameters):
    for cell in cells:
        layer = cell(3, 5, stride=2)
        assert sum(weight.numel() for weight in layer.parameters()) == parameters
        assert all(weight.ndim == 4 for weight in layer.parameters())
        assert cell.unbuilt_parameters(5) == (9 * 25 if cell is TransposedConvGRU else 0)


@every_cell
def test_each_gate_starts_as_if_it_were_alone(cell):
    layer = cell(32, 32, stride=2)
    bound = 1 / (9 * 32) ** 0.5  # torch's own for one convolution of 32 channels
    for weight in layer.parameters():
        assert 0.98 * bound < weight.abs().max() <= bound


@every_cell
def test_maps_keep_channels_last(cell):
    layer = cell(3, 5, stride=2).to(memory_format=torch.channels_last)
    outputs = layer(torch.rand(3, 2, 3, 7, 7))
    assert outputs.flatten(0, 1).is_contiguous(memory_format=torch.channels_last)


def test_time_distributed_layers_see_each_frame_alone():
    inner = torch.nn.Conv2d(3, 4, 3)
    _, sequence = frames_and_stacked()
    found = TimeDistributed(inner.double())(sequence)
    torch.testing.assert_close(found, torch.stack([inner(frame) for frame in sequence]))
