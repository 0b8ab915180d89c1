"""How relevance goes back through time: from a recurrent layer's outputs to every frame of its input.

All three cells (3.7.2) are one memory that is written frame after frame::

    M_t = keep M_(t-1) + take a_t,     a_t = tanh(W_x * X_t + reset (W_h * H_(t-1)))

What they put out and remember by, H_t, is M_t itself, but a ConvLSTM's goes through a tanh and a gate first. A product
of a signal and a gate hands all its relevance to the signal, and the gate, though frames decide it, gets none: the rule
"signal takes all" (Arras et al. 2017, "Explaining recurrent neural network predictions in sentiment analysis", and 2019,
"Explaining and interpreting LSTMs"; Arjona-Medina et al. 2019). Both sums are divided as any sum is, the convolutions as
any convolution, and a tanh passes relevance on. States start at zero, and so get none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from xai_ad.explain.lrp.junctions import Shared, at_sum
from xai_ad.explain.lrp.linear import LINEAR_MAPS, LinearMap
from xai_ad.explain.lrp.rules import Division, Passed, by_image
from xai_ad.networks.recurrent.cells import (
    Bidirectional,
    ConvGRU,
    ConvLSTM,
    ConvRNN,
    RecurrentConvolution,
    TransposedConvGRU,
    TransposedConvLSTM,
    TransposedConvRNN,
    by_frame,
)


class Gates(NamedTuple):
    """What a cell multiplies its signals by at a frame, (N, o, h, w) each or 1; it has no memory without `keep`."""

    keep: Tensor | None = None
    take: Tensor | float = 1.0
    reset: Tensor | float = 1.0


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A kind of cell: which of its maps lead to a_t, and its gates, made of all maps, W_x * X_t + W_h * H_(t-1) each."""

    signal: int
    gates: Callable[[Sequence[Tensor]], Gates]


RNN = Cell(signal=0, gates=lambda _: Gates())
LSTM = Cell(signal=3, gates=lambda maps: Gates(keep=maps[1].sigmoid(), take=maps[0].sigmoid()))
GRU = Cell(
    signal=2,
    gates=lambda maps: Gates(keep=maps[0].sigmoid(), take=(-maps[0]).sigmoid(), reset=maps[1].sigmoid()),
)
CELLS: dict[type[nn.Module], Cell] = {
    ConvRNN: RNN,
    TransposedConvRNN: RNN,
    ConvLSTM: LSTM,
    TransposedConvLSTM: LSTM,
    ConvGRU: GRU,
    TransposedConvGRU: GRU,
}


class Moment(NamedTuple):
    """What a cell computed at one frame, (N, o, h, w) each."""

    gates: Gates
    of_input: Tensor  # W_x * X_t, of the signal alone
    of_hidden: Tensor  # W_h * H_(t-1), of the signal alone
    hidden_before: Tensor
    memory_before: Tensor
    hidden: Tensor


def through_time(
    layer: RecurrentConvolution, sequence: Tensor, _output: Tensor, relevance: Tensor, divide: Division
) -> Passed:
    """Take the relevance of a cell's outputs, (T, N, o, h, w), to its input, (T, N, i, H, W), from the last frame on."""
    frames, images = sequence.shape[:2]
    moments = _moments(layer, sequence)
    read = _read_back(layer, moments, relevance, divide)
    of_hidden_map = _of_signal(layer, layer.of_hidden)
    carried = torch.zeros_like(read.relevance[0])  # of M_t, from the frames after it
    of_inputs: list[Tensor] = []
    lost: list[Passed | Shared] = [read]
    for moment, of_output in zip(reversed(moments), read.relevance.flip(0), strict=True):
        written = _written(moment, of_output + carried, divide)
        recalled = divide(of_hidden_map, moment.hidden_before, moment.of_hidden, written.of_hidden)
        carried = written.of_memory + recalled.relevance
        of_inputs.append(written.of_input)
        lost += [*written.lost, recalled]
    entered = divide(
        _of_signal(layer, layer.of_input),
        sequence.flatten(0, 1),
        torch.cat([moment.of_input for moment in moments]),
        torch.cat(of_inputs[::-1]),
    )
    lost.append(entered)
    return Passed(
        by_frame(entered.relevance, frames),
        sum(by_image(part.to_bias, images) for part in lost),
        sum(by_image(part.to_epsilon, images) for part in lost),
    )


def through_both_ways(
    layer: Bidirectional, sequence: Tensor, _output: Tensor, relevance: Tensor, divide: Division
) -> Passed:
    """Divide by what each direction contributed to the mean, then take each one's part through its own time."""
    images = sequence.shape[1]
    halves = [layer.onwards(sequence) / 2, layer.backwards(sequence, backwards=True) / 2]
    folded = [half.flatten(0, 1) for half in halves]
    shared = at_sum(folded, folded[0] + folded[1], relevance.flatten(0, 1), divide)
    ahead, back = (by_frame(part, len(sequence)) for part in shared.relevances)
    onwards = through_time(layer.onwards, sequence, halves[0], ahead, divide)
    backwards = through_time(layer.backwards, sequence.flip(0), halves[1], back.flip(0), divide)
    return Passed(
        onwards.relevance + backwards.relevance.flip(0),
        by_image(shared.to_bias, images) + onwards.to_bias + backwards.to_bias,
        by_image(shared.to_epsilon, images) + onwards.to_epsilon + backwards.to_epsilon,
    )


def _moments(layer: RecurrentConvolution, sequence: Tensor) -> list[Moment]:
    """Run a cell over its input once more, and note what it computes on the way."""
    cell = CELLS[type(layer)]
    of_inputs = layer.of_input(sequence.flatten(0, 1)).chunk(len(sequence))  # T x (N, G o, h, w)
    state = tuple(torch.zeros_like(part) for part in layer.first_state(of_inputs[0]))
    moments = []
    for of_input in of_inputs:
        of_hidden = layer.of_hidden(state[0])
        before, state = state, layer.next_state(of_input, of_hidden, state)
        moments.append(
            Moment(
                gates=cell.gates((of_input + of_hidden).chunk(layer.gates, dim=1)),
                of_input=of_input.chunk(layer.gates, dim=1)[cell.signal],
                of_hidden=of_hidden.chunk(layer.gates, dim=1)[cell.signal],
                hidden_before=before[0],
                memory_before=before[-1],
                hidden=state[0],
            )
        )
    return moments


class _Written(NamedTuple):
    """The relevance of what a memory was written from, and what of it reached none of these."""

    of_memory: Tensor
    of_input: Tensor
    of_hidden: Tensor
    lost: tuple[Shared, ...]


def _written(moment: Moment, relevance: Tensor, divide: Division) -> _Written:
    """Divide the relevance of M_t among what was kept, the frame, and what was remembered of those before."""
    gates = moment.gates
    recalled = gates.reset * moment.of_hidden
    signal = moment.of_input + recalled
    if gates.keep is None:
        kept = Shared((torch.zeros_like(relevance), relevance))
    else:
        parts = (gates.keep * moment.memory_before, gates.take * signal.tanh())
        kept = at_sum(parts, parts[0] + parts[1], relevance, divide)
    of_memory, of_signal = kept.relevances
    entered = at_sum((moment.of_input, recalled), signal, of_signal, divide)
    of_input, of_hidden = entered.relevances
    return _Written(of_memory, of_input, of_hidden, (kept, entered))


def _read_back(
    layer: RecurrentConvolution, moments: Sequence[Moment], relevance: Tensor, divide: Division
) -> Passed:
    """Take the relevance of outputs to the hidden states: only a ConvRNN has a convolution between them."""
    if not isinstance(layer, ConvRNN):
        return Passed(relevance)
    hidden = torch.cat([moment.hidden for moment in moments])  # (T N, o, h, w)
    passed = divide(
        LINEAR_MAPS[nn.Conv2d](layer.of_output), hidden, layer.of_output(hidden), relevance.flatten(0, 1)
    )
    return passed._replace(relevance=by_frame(passed.relevance, len(moments)))


def _of_signal(layer: RecurrentConvolution, convolution: nn.Module) -> LinearMap:
    """Return the part of a cell's convolution whose outputs are the signal's."""
    linear = LINEAR_MAPS[type(convolution)](convolution)
    outputs = 0 if isinstance(convolution, nn.Conv2d) else 1  # the kernel's dimension
    return replace(linear, weight=linear.weight.chunk(layer.gates, dim=outputs)[CELLS[type(layer)].signal])
