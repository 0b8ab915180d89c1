"""Layers of sequences: ConvRNN, ConvLSTM, ConvGRU (3.7.2, Eq. 3.15 to 3.17), their transposed twins, and what joins them.

What the text leaves open, and what Table 4.12's counts decide:

- No cell has biases, batch norm or the peephole weights W_c of Eq. 3.16, although the equations print them: the counts
  leave room for none of them.
- The convolution of the input has the layer's stride, without padding; the twins in the decoder transpose it. The
  convolutions of the hidden state pad by 1, so that it keeps its size, and are plain ones in the twins too: transposing
  a convolution of stride 1 only turns its kernel around.
- States start at zero, which the footnote of 3.7.2 calls random: a clip has the same score whenever it is scored.

All gates share one convolution, that of all frames' inputs runs before the recurrence in one call, and the first step
has no hidden state to convolve.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, TypeAlias

import torch
from torch import Tensor, nn

KERNEL = 3
"""Side of every kernel of a cell."""

State: TypeAlias = tuple[Tensor, ...]
"""What a cell carries from frame to frame, the hidden state (N, o, h, w) first."""


def by_frame(maps: Tensor, frames: int) -> Tensor:
    """Return maps of folded frames, (T N, C, h, w), as a sequence, (T, N, C, h, w)."""
    return maps.view(frames, -1, *maps.shape[1:])


class RecurrentConvolution(nn.Module):
    """A layer that maps sequences, (T, N, i, H, W) -> (T, N, o, h, w), frame after frame."""

    gates: ClassVar[int]
    """How many maps of the input, and as many of the hidden state, a step is computed from."""
    input_map: ClassVar[type[nn.Conv2d] | type[nn.ConvTranspose2d]] = nn.Conv2d

    def __init__(self, inputs: int, outputs: int, *, stride: int) -> None:
        super().__init__()
        width = self.gates * outputs
        self.outputs = outputs
        self.of_input = self.input_map(inputs, width, KERNEL, stride, bias=False)
        self.of_hidden = nn.Conv2d(outputs, width, KERNEL, padding=KERNEL // 2, bias=False)
        if isinstance(self.of_input, nn.ConvTranspose2d):
            # torch takes the width of a transposed kernel for its fan-in, which more gates would shrink.
            for gate in self.of_input.weight.chunk(self.gates, dim=1):
                nn.init.kaiming_uniform_(gate, a=math.sqrt(5))

    def forward(self, sequence: Tensor, *, backwards: bool = False) -> Tensor:
        """Run over the frames in their order, or from the last to the first; outputs stand where their frames do."""
        frames = len(sequence)
        of_inputs = self.of_input(sequence.flatten(0, 1)).chunk(frames)  # T x (N, G o, h, w)
        hidden = list(self._hidden_states(of_inputs[::-1] if backwards else of_inputs))
        outputs = self.read_out(torch.cat(hidden[::-1] if backwards else hidden))
        return by_frame(outputs, frames)

    def _hidden_states(self, of_inputs: Sequence[Tensor]) -> Iterator[Tensor]:
        state = self.first_state(of_inputs[0])
        yield state[0]
        for of_input in of_inputs[1:]:
            state = self.next_state(of_input, self.of_hidden(state[0]), state)
            yield state[0]

    @abstractmethod
    def first_state(self, of_input: Tensor) -> State:
        """Return the state after the first frame, whose maps are (N, G o, h, w): `next_state` from zero."""

    @abstractmethod
    def next_state(self, of_input: Tensor, of_hidden: Tensor, state: State) -> State:
        """Return the next state from the maps of the frame and of the hidden state, (N, G o, h, w) each."""

    def read_out(self, hidden: Tensor) -> Tensor:
        """Return the outputs of hidden states, (T N, o, h, w) -> (T N, o, h, w)."""
        return hidden

    @classmethod
    def unbuilt_parameters(cls, outputs: int) -> int:  # noqa: ARG003  # only one cell has any
        """Return how many weights the author's cell has, and Table 4.12 counts, without ever using them."""
        return 0


class ConvRNN(RecurrentConvolution):
    """Eq. 3.15: H_t = tanh(W_xi * X_t + W_hi * H_(t-1)), and the output is sigmoid(W_ho * H_t). 9io + 18oo weights."""

    gates = 1

    def __init__(self, inputs: int, outputs: int, *, stride: int) -> None:
        super().__init__(inputs, outputs, stride=stride)
        self.of_output = nn.Conv2d(outputs, outputs, KERNEL, padding=KERNEL // 2, bias=False)

    def first_state(self, of_input: Tensor) -> State:
        """Return tanh(W_xi * X_1)."""
        return (of_input.tanh(),)

    def next_state(self, of_input: Tensor, of_hidden: Tensor, state: State) -> State:  # noqa: ARG002  # W_hi * H says it all
        """Return tanh(W_xi * X_t + W_hi * H_(t-1))."""
        return ((of_input + of_hidden).tanh(),)

    def read_out(self, hidden: Tensor) -> Tensor:
        """Return sigmoid(W_ho * H), of all frames in one call."""
        outputs: Tensor = self.of_output(hidden)
        return outputs.sigmoid()


class ConvLSTM(RecurrentConvolution):
    """Eq. 3.16 without its peepholes: input, forget and output gate and a cell state. 36io + 36oo weights.

    i, f, o = sigmoid(W_x * X_t + W_h * H_(t-1)) with weights of their own, C_t = f C_(t-1) + i tanh(W_xc * X_t +
    W_hc * H_(t-1)), and the output is H_t = o tanh(C_t).
    """

    gates = 4

    def first_state(self, of_input: Tensor) -> State:
        """Return H_1 and C_1; there is nothing to forget yet."""
        i, _, o, c = of_input.chunk(4, dim=1)
        cell = i.sigmoid() * c.tanh()
        return o.sigmoid() * cell.tanh(), cell

    def next_state(self, of_input: Tensor, of_hidden: Tensor, state: State) -> State:
        """Return H_t and C_t."""
        i, f, o, c = (of_input + of_hidden).chunk(4, dim=1)
        cell = f.sigmoid() * state[1] + i.sigmoid() * c.tanh()
        return o.sigmoid() * cell.tanh(), cell


class ConvGRU(RecurrentConvolution):
    """Eq. 3.17: an update gate u and a reset gate r. 27io + 27oo weights.

    u, r = sigmoid(W_x * X_t + W_h * H_(t-1)) with weights of their own, a = tanh(W_xa * X_t + r (W_ha * H_(t-1))), and
    the output is H_t = a (1 - u) + u H_(t-1).
    """

    gates = 3

    def first_state(self, of_input: Tensor) -> State:
        """Return H_1 = a (1 - u)."""
        u, _, a = of_input.chunk(3, dim=1)
        return (a.tanh() * (-u).sigmoid(),)

    def next_state(self, of_input: Tensor, of_hidden: Tensor, state: State) -> State:
        """Return H_t."""
        both = 2 * self.outputs  # u and r; a follows
        u, r = (of_input[:, :both] + of_hidden[:, :both]).sigmoid().chunk(2, dim=1)
        a = (of_input[:, both:] + r * of_hidden[:, both:]).tanh()
        return (torch.lerp(a, state[0], u),)


class TransposedConvRNN(ConvRNN):
    """A ConvRNN that enlarges its input."""

    input_map = nn.ConvTranspose2d


class TransposedConvLSTM(ConvLSTM):
    """A ConvLSTM that enlarges its input."""

    input_map = nn.ConvTranspose2d


class TransposedConvGRU(ConvGRU):
    """A ConvGRU that enlarges its input.

    The author's has a fourth convolution of the hidden state, of 9oo weights, that it never uses; it is not built.
    """

    input_map = nn.ConvTranspose2d

    @classmethod
    def unbuilt_parameters(cls, outputs: int) -> int:
        """Return those of the fourth convolution."""
        return KERNEL**2 * outputs**2


class TimeDistributed(nn.Sequential):
    """Layers of images that every frame of a sequence passes on its own: the frames are folded into the batch."""

    def forward(self, sequence: Tensor) -> Tensor:
        """Map (T, N, i, H, W) -> (T, N, o, h, w)."""
        maps: Tensor = super().forward(sequence.flatten(0, 1))  # type: ignore[no-untyped-call]  # torch's has no types
        return by_frame(maps, len(sequence))


class Bidirectional(nn.Module):
    """Two layers of one kind, one that runs through time and one against it; the output is their mean (3.7.4)."""

    def __init__(self, onwards: RecurrentConvolution, backwards: RecurrentConvolution) -> None:
        super().__init__()
        self.onwards = onwards
        self.backwards = backwards

    def forward(self, sequence: Tensor) -> Tensor:
        """Map (T, N, i, H, W) -> (T, N, o, h, w)."""
        outputs: Tensor = self.onwards(sequence) + self.backwards(sequence, backwards=True)
        return outputs / 2
