"""Equations 3.15 to 3.17 as they are printed, less biases and peepholes: one convolution a weight, one frame a time."""

import torch
import torch.nn.functional as F


def plain(weight, stride):
    """W_x * X of an encoder's layer."""
    return lambda x: F.conv2d(x, weight, stride=stride)


def transposed(weight, stride):
    """W_x * X of a decoder's layer."""
    return lambda x: F.conv_transpose2d(x, weight, stride=stride)


def same(weight):
    """W_h * H."""
    return lambda h: F.conv2d(h, weight, padding=1)


def zeros(frames, of_x):
    return torch.zeros_like(of_x(frames[0]))


def conv_rnn(frames, of_input, of_hidden):
    (x_i,), (h_i, h_o) = of_input, of_hidden
    hidden, outputs = zeros(frames, x_i), []
    for frame in frames:
        hidden = torch.tanh(x_i(frame) + h_i(hidden))
        outputs.append(torch.sigmoid(h_o(hidden)))
    return outputs


def conv_lstm(frames, of_input, of_hidden):
    (x_i, x_f, x_o, x_c), (h_i, h_f, h_o, h_c) = of_input, of_hidden
    hidden, cell, outputs = zeros(frames, x_i), zeros(frames, x_i), []
    for frame in frames:
        i = torch.sigmoid(x_i(frame) + h_i(hidden))
        f = torch.sigmoid(x_f(frame) + h_f(hidden))
        cell = f * cell + i * torch.tanh(x_c(frame) + h_c(hidden))
        o = torch.sigmoid(x_o(frame) + h_o(hidden))
        hidden = o * torch.tanh(cell)
        outputs.append(hidden)
    return outputs


def conv_gru(frames, of_input, of_hidden):
    (x_u, x_r, x_a), (h_u, h_r, h_a) = of_input, of_hidden
    hidden, outputs = zeros(frames, x_u), []
    for frame in frames:
        u = torch.sigmoid(x_u(frame) + h_u(hidden))
        r = torch.sigmoid(x_r(frame) + h_r(hidden))
        a = torch.tanh(r * h_a(hidden) + x_a(frame))
        hidden = a * (1 - u) + u * hidden
        outputs.append(hidden)
    return outputs


EQUATIONS = {"RNN": conv_rnn, "LSTM": conv_lstm, "GRU": conv_gru}


def literal(layer, frames, *, stride):
    """What a layer puts out for a list of frames, by the printed equations and the layer's weights."""
    name = type(layer).__name__
    o = layer.outputs
    if name.startswith("Transposed"):
        of_input = [transposed(weight, stride) for weight in layer.of_input.weight.split(o, dim=1)]
    else:
        of_input = [plain(weight, stride) for weight in layer.of_input.weight.split(o)]
    of_hidden = [same(weight) for weight in layer.of_hidden.weight.split(o)]
    of_output = [same(layer.of_output.weight)] if name.endswith("RNN") else []
    return EQUATIONS[name.split("Conv")[1]](frames, of_input, [*of_hidden, *of_output])
