"""Relevance rules the slow way, on dense float64 matrices, as their papers print them."""

import numpy as np
import torch
from torch import nn


def dense(layers, shape):
    """Return the matrix and the bias of what the layers do to an input of a shape, by trying every unit vector."""
    run = nn.Sequential(*layers)
    count = int(np.prod(shape))
    with torch.no_grad():
        bias = run(torch.zeros(1, *shape).double())
        columns = run(torch.eye(count).double().reshape(count, *shape)) - bias
    return columns.reshape(count, -1).T.numpy(), bias.flatten().numpy(), tuple(bias.shape[1:])


def contributions(rule, matrix, bias, entering, gamma):
    """Return q of each output and input, and that of each output's bias, by the rules' printed forms."""
    up, down = matrix.clip(0), matrix.clip(None, 0)
    above, below = entering.clip(0), entering.clip(None, 0)
    if rule == "epsilon":
        return matrix * entering, bias
    if rule == "gamma":  # zennit's form for activations and outputs of either sign
        rising = (matrix + gamma * up) * above + (matrix + gamma * down) * below
        falling = (matrix + gamma * down) * above + (matrix + gamma * up) * below
        positive = matrix @ entering + bias >= 0
        biases = np.where(positive, bias + gamma * bias.clip(0), bias + gamma * bias.clip(None, 0))
        return np.where(positive[:, None], rising, falling), biases
    if rule == "z_plus":
        return up * above + down * below, bias.clip(0)
    assert rule == "bounded"
    lowest, highest = np.zeros_like(entering), np.ones_like(entering)
    return matrix * entering - up * lowest - down * highest, np.zeros_like(bias)


def divide(rule, matrix, bias, entering, relevance, *, epsilon, gamma=0.25):
    """Return the inputs' relevance, the biases' and epsilon's, by q alone."""
    parts, biases = contributions(rule, matrix, bias, entering, gamma)
    totals = parts.sum(axis=1) + biases
    stabilised = totals + epsilon * np.where(totals >= 0, 1, -1)
    down = np.zeros_like(entering)
    for output in range(len(totals)):
        down += parts[output] / stabilised[output] * relevance[output]
    return down, (biases / stabilised * relevance).sum(), ((1 - totals / stabilised) * relevance).sum()
