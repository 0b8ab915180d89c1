"""Relative self-attention against the paper's formula, place by place in float64."""

import math

import torch
from torch import nn

from xai_ad.networks.augmented import AttentionAugmented, RelativeSelfAttention


def attended(attention, projections):
    """One image's attention by loops over places: (2 d_k + d_v, S, S) -> (d_v, S, S)."""
    depth, side = attention.key_depth, projections.shape[-1]
    queries, keys, values = projections[:depth], projections[depth : 2 * depth], projections[2 * depth :]
    places = [(y, x) for y in range(side) for x in range(side)]
    out = torch.zeros(len(values), side, side, dtype=torch.float64)
    for y, x in places:
        logits = []
        for to_y, to_x in places:
            row = attention.rows[to_y - y + side - 1]
            column = attention.columns[to_x - x + side - 1]
            logits.append(float(queries[:, y, x] @ (keys[:, to_y, to_x] + row + column)) / math.sqrt(depth))
        total = sum(math.exp(logit) for logit in logits)
        for logit, (to_y, to_x) in zip(logits, places, strict=True):
            out[:, y, x] += math.exp(logit) / total * values[:, to_y, to_x]
        out[:, y, x] = attention.mix.weight @ out[:, y, x]
    return out


@torch.no_grad()
def test_attention_follows_the_papers_formula_place_by_place():
    attention = RelativeSelfAttention(4, key_depth=3, value_depth=2).double()
    projections = torch.randn(2, 8, 4, 4, dtype=torch.float64)
    expected = torch.stack([attended(attention, image) for image in projections])
    torch.testing.assert_close(attention(projections), expected)


@torch.no_grad()
def test_without_positions_attention_does_not_know_where_a_place_is():
    attention = RelativeSelfAttention(3, key_depth=4, value_depth=1).double()
    projections = torch.randn(1, 9, 3, 3, dtype=torch.float64)
    turned = projections.rot90(1, (2, 3))
    assert not torch.allclose(attention(turned), attention(projections).rot90(1, (2, 3)))
    attention.rows.zero_()
    attention.columns.zero_()
    torch.testing.assert_close(attention(turned), attention(projections).rot90(1, (2, 3)))


@torch.no_grad()
def test_the_convolutions_channels_come_first_and_the_attentions_last():
    layer = AttentionAugmented(nn.Conv2d(3, 6, 3, 2), 5, key_depth=2, value_depth=2).double()
    values = torch.randn(2, 3, 11, 11, dtype=torch.float64)
    found = layer(values)
    assert found.shape == (2, 6, 5, 5)
    assert torch.equal(found[:, :4], layer.convolution(values))
    projected = layer.projection(values)
    torch.testing.assert_close(found[:, 4:], torch.stack([attended(layer.attention, p) for p in projected]))


@torch.no_grad()
def test_a_transposed_convolution_is_augmented_by_transposed_projections():
    layer = AttentionAugmented(nn.ConvTranspose2d(3, 6, 4, 2), 6, key_depth=2, value_depth=1)
    assert layer(torch.randn(1, 3, 2, 2)).shape == (1, 6, 6, 6)
    assert layer.projection.bias is None
