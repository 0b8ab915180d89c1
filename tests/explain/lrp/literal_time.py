"""Relevance through time the slow way: one dense matrix a weight and one frame a time, in float64 on numpy arrays.

Each layer is a function from the list of its input's frames to the list of its outputs and a function that takes the
list of the outputs' relevance back. What biases and epsilon take is noted in a `Ledger`.
"""

import numpy as np
from torch import nn

from tests.explain.lrp.literal import dense, divide
from xai_ad.networks import ClipPredictor
from xai_ad.networks.recurrent.cells import Bidirectional, TimeDistributed


class Ledger:
    """The epsilon rule, and what it brought to no input."""

    def __init__(self, epsilon):
        self.epsilon, self.to_bias, self.to_epsilon = epsilon, 0.0, 0.0

    def linear(self, matrix, entering, relevance, bias=None):
        """Divide the relevance of what a matrix gives."""
        bias = np.zeros(len(matrix)) if bias is None else bias
        down, to_bias, to_epsilon = divide("epsilon", matrix, bias, entering, relevance, epsilon=self.epsilon)
        self.to_bias, self.to_epsilon = self.to_bias + to_bias, self.to_epsilon + to_epsilon
        return down

    def add(self, first, second, relevance):
        """Divide the relevance of first + second."""
        total = first + second
        stabilised = total + self.epsilon * np.where(total >= 0, 1, -1)
        self.to_epsilon += ((1 - total / stabilised) * relevance).sum()
        return first / stabilised * relevance, second / stabilised * relevance


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def matrices(convolution, count, shape):
    """Return the matrix of each of a convolution's `count` weights, and the shape of what each gives."""
    matrix, _, (channels, *sides) = dense([convolution], shape)
    return np.split(matrix, count), (channels // count, *sides)


def rnn(layer, frames, shape, ledger):
    (x_i,), shape = matrices(layer.of_input, 1, shape)
    (h_i,), _ = matrices(layer.of_hidden, 1, shape)
    (h_o,), _ = matrices(layer.of_output, 1, shape)
    hidden = [np.zeros(len(x_i))]
    for frame in frames:
        hidden.append(np.tanh(x_i @ frame + h_i @ hidden[-1]))

    def back(relevance):
        down, of_hidden = [], np.zeros(len(x_i))
        for t in range(len(frames), 0, -1):
            of_hidden = of_hidden + ledger.linear(h_o, hidden[t], relevance[t - 1])
            of_frame, of_before = ledger.add(x_i @ frames[t - 1], h_i @ hidden[t - 1], of_hidden)
            down.insert(0, ledger.linear(x_i, frames[t - 1], of_frame))
            of_hidden = ledger.linear(h_i, hidden[t - 1], of_before)
        return down

    return [sigmoid(h_o @ each) for each in hidden[1:]], shape, back


def lstm(layer, frames, shape, ledger):
    (x_i, x_f, x_o, x_c), shape = matrices(layer.of_input, 4, shape)
    (h_i, h_f, h_o, h_c), _ = matrices(layer.of_hidden, 4, shape)
    nothing = np.zeros(len(x_i))
    hidden, cell, i, f = [nothing], [nothing], [None], [None]
    for x in frames:
        h = hidden[-1]
        i.append(sigmoid(x_i @ x + h_i @ h))
        f.append(sigmoid(x_f @ x + h_f @ h))
        cell.append(f[-1] * cell[-1] + i[-1] * np.tanh(x_c @ x + h_c @ h))
        hidden.append(sigmoid(x_o @ x + h_o @ h) * np.tanh(cell[-1]))

    def back(relevance):
        down, of_cell, of_hidden = [], nothing, nothing
        for t in range(len(frames), 0, -1):
            x, h = frames[t - 1], hidden[t - 1]
            of_cell = of_cell + of_hidden + relevance[t - 1]  # H = o tanh(C): all to C
            entered = i[t] * np.tanh(x_c @ x + h_c @ h)
            of_cell, of_entered = ledger.add(f[t] * cell[t - 1], entered, of_cell)
            of_frame, of_before = ledger.add(x_c @ x, h_c @ h, of_entered)
            down.insert(0, ledger.linear(x_c, x, of_frame))
            of_hidden = ledger.linear(h_c, h, of_before)
        return down

    return hidden[1:], shape, back


def gru(layer, frames, shape, ledger):
    (x_u, x_r, x_a), shape = matrices(layer.of_input, 3, shape)
    (h_u, h_r, h_a), _ = matrices(layer.of_hidden, 3, shape)
    hidden, u, r = [np.zeros(len(x_u))], [None], [None]

    def candidate(x, h, reset):
        return np.tanh(x_a @ x + reset * (h_a @ h))

    for x in frames:
        h = hidden[-1]
        u.append(sigmoid(x_u @ x + h_u @ h))
        r.append(sigmoid(x_r @ x + h_r @ h))
        hidden.append((1 - u[-1]) * candidate(x, h, r[-1]) + u[-1] * h)

    def back(relevance):
        down, of_hidden = [], np.zeros(len(x_u))
        for t in range(len(frames), 0, -1):
            x, h = frames[t - 1], hidden[t - 1]
            of_hidden = of_hidden + relevance[t - 1]
            of_kept, of_new = ledger.add(u[t] * h, (1 - u[t]) * candidate(x, h, r[t]), of_hidden)
            of_frame, of_before = ledger.add(x_a @ x, r[t] * (h_a @ h), of_new)
            down.insert(0, ledger.linear(x_a, x, of_frame))
            of_hidden = of_kept + ledger.linear(h_a, h, of_before)
        return down

    return hidden[1:], shape, back


CELLS = {"RNN": rnn, "LSTM": lstm, "GRU": gru}


def framewise(block, frames, shape, ledger):
    matrix, bias, after = dense(list(block)[:2], shape)
    outputs = [matrix @ frame + bias for frame in frames]
    kind = type(block[2])
    function = {
        nn.ReLU: lambda values: values.clip(0),
        nn.LeakyReLU: lambda values: np.where(values > 0, values, block[2].negative_slope * values),
        nn.Sigmoid: sigmoid,
    }[kind]

    def back(relevance):
        return [
            ledger.linear(matrix, frame, part, bias) for frame, part in zip(frames, relevance, strict=True)
        ]

    return [function(output) for output in outputs], after, back


def both_ways(layer, frames, shape, ledger):
    ahead, after, back_ahead = through(layer.onwards, frames, shape, ledger)
    behind, _, back_behind = through(layer.backwards, frames[::-1], shape, ledger)
    behind = behind[::-1]

    def back(relevance):
        shares = [ledger.add(a / 2, b / 2, part) for a, b, part in zip(ahead, behind, relevance, strict=True)]
        of_ahead = back_ahead([one for one, _ in shares])
        of_behind = back_behind([other for _, other in shares][::-1])[::-1]
        return [one + other for one, other in zip(of_ahead, of_behind, strict=True)]

    return [(a + b) / 2 for a, b in zip(ahead, behind, strict=True)], after, back


def through(layer, frames, shape, ledger):
    if isinstance(layer, TimeDistributed):
        return framewise(layer, frames, shape, ledger)
    if isinstance(layer, Bidirectional):
        return both_ways(layer, frames, shape, ledger)
    return CELLS[type(layer).__name__.split("Conv")[1]](layer, frames, shape, ledger)


def relevance_through(network, clip, frame, epsilon):
    """Return the relevance of a clip, (T, C, H, W), for the squared error of one frame of the answer, that, and the ledger."""
    ledger, backs = Ledger(epsilon), []
    frames, shape, seen = list(clip.reshape(len(clip), -1)), clip.shape[1:], len(clip)
    recurrent = len(network.encoder) - getattr(network, "recurrent_layers", 0)
    for place, layer in enumerate([*network.encoder, *network.decoder]):
        if isinstance(network, ClipPredictor) and place == recurrent:
            frames = [*frames, *(np.zeros_like(each) for each in frames)]
            backs.append(lambda relevance: relevance[:seen])
        if isinstance(network, ClipPredictor) and place == len(network.encoder):
            frames = frames[seen:]
            backs.append(lambda relevance: [np.zeros_like(relevance[0])] * seen + relevance)
        frames, shape, back = through(layer, frames, shape, ledger)
        backs.append(back)
    relevance = [np.zeros_like(each) for each in frames]
    relevance[frame] = (frames[frame] - clip[frame].ravel()) ** 2 / frames[frame].size
    score = relevance[frame].sum()
    for back in reversed(backs):
        relevance = back(relevance)
    return np.stack(relevance).reshape(clip.shape), score, ledger
