"""The rules of relevance propagation through a linear map, each a pure function.

A layer z_k = sum_j a_j w_jk + b_k receives the relevance R_k of its outputs and hands it down to its inputs. Every rule
gives each input the part that a contribution q_jk makes of all of its output's, and the bias's contribution q_k to the
biases; they differ in q alone::

    R_j = sum_k  q_jk / (D_k + epsilon sign(D_k))  R_k,     D_k = sum_j q_jk + q_k,     sign(0) = 1

What the biases contributed, and what epsilon swallows, reaches no input; a rule says how much that was.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

from xai_ad.explain.lrp.linear import LinearMap

GAMMA = 0.25
"""How much more contributions of the output's own sign count in the gamma rule."""


class LrpRule(StrEnum):
    """How a layer's relevance is divided among its inputs."""

    EPSILON = "epsilon"
    """By what each contributed (Eq. 3.18)."""
    GAMMA = "gamma"
    """Contributions of the output's own sign count 1 + gamma times (Montavon et al. 2019)."""
    Z_PLUS = "z_plus"
    """By positive contributions alone (Montavon et al. 2017): no relevance turns negative."""
    COMPOSITE = "composite"
    """Epsilon in the decoder and in recurrent layers, z-plus in the encoder, and at its first convolution the bounded rule."""


class Passed(NamedTuple):
    """What a rule hands down: the inputs' relevance, and for each image the sums that reached none of them."""

    relevance: Tensor  # like the activation
    to_bias: Tensor | float = 0.0  # (N,) float64
    to_epsilon: Tensor | float = 0.0


Rule: TypeAlias = Callable[[LinearMap, Tensor, Tensor, Tensor, float], Passed]
"""Called with (linear map, activation, output, relevance of the output, epsilon)."""


class Division(NamedTuple):
    """A rule at an epsilon: how a layer's linear maps divide relevance."""

    rule: Rule
    epsilon: float

    def __call__(self, linear: LinearMap, activation: Tensor, output: Tensor, relevance: Tensor) -> Passed:
        """Divide a linear map's relevance among its inputs."""
        return self.rule(linear, activation, output, relevance, self.epsilon)


def epsilon_rule(
    linear: LinearMap, activation: Tensor, output: Tensor, relevance: Tensor, epsilon: float
) -> Passed:
    """Divide by what each input contributed, q_jk = a_j w_jk (Eq. 3.18 with the R_k and the sign its print omits)."""
    stabilised = _stabilised(output, epsilon)
    ratio = relevance / stabilised  # like the output
    down = activation * linear.transposed(ratio, linear.weight, activation.shape)
    return Passed(down, _sum(ratio * linear.bias), _sum(ratio * (stabilised - output)))


def gamma_rule(gamma: float) -> Rule:
    """Return the rule that favours contributions of the output's own sign.

    q_jk = z_jk + gamma max(0, s_k z_jk) s_k with z_jk = a_j w_jk and s_k the sign of z_k, and so the bias. D_k is never
    nearer to zero than z_k, so that less cancels. It is the form for activations of either sign; for positive z_k and
    a_j it is w + gamma w+. Both terms of q_jk = (1 + gamma / 2) z_jk + gamma / 2 s_k |z_jk| are sums that a map yields.
    """
    plain, sized = 1 + gamma / 2, gamma / 2

    def rule(
        linear: LinearMap, activation: Tensor, output: Tensor, relevance: Tensor, epsilon: float
    ) -> Passed:
        sign = torch.where(output >= 0, 1.0, -1.0).to(output)
        size, sizes = activation.abs(), linear.weight.abs()
        total = plain * output + sized * sign * (linear.applied(size, sizes) + linear.bias.abs())
        stabilised = total + epsilon * sign
        ratio = relevance / stabilised
        signed = ratio * sign
        down = plain * activation * linear.transposed(ratio, linear.weight, activation.shape)
        down += sized * size * linear.transposed(signed, sizes, activation.shape)
        to_bias = _sum(plain * ratio * linear.bias) + _sum(sized * signed * linear.bias.abs())
        return Passed(down, to_bias, _sum(ratio * (stabilised - total)))

    return rule


def z_plus_rule(
    linear: LinearMap, activation: Tensor, _output: Tensor, relevance: Tensor, epsilon: float
) -> Passed:
    """Divide by the positive contributions, q_jk = a_j+ w_jk+ + a_j- w_jk-; a negative bias counts nothing."""
    weight = linear.weight
    pairs = [(activation.clamp_min(0), weight.clamp_min(0))]
    if (activation < 0).any():
        pairs.append((-activation.clamp_max(0), -weight.clamp_max(0)))
    return _divided(linear, pairs, linear.bias.clamp_min(0), relevance, epsilon)


def bounded_rule(
    linear: LinearMap, activation: Tensor, _output: Tensor, relevance: Tensor, epsilon: float
) -> Passed:
    """Divide pixels' relevance as z-plus does, against both bounds of [0, 1]: q_jk = a_j w_jk+ + (a_j - 1) w_jk-.

    So a black pixel is no less heard than a white one (the z^B rule of Montavon et al. 2017). Biases get nothing.
    """
    weight = linear.weight
    pairs = [(activation, weight.clamp_min(0)), (1 - activation, -weight.clamp_max(0))]
    return _divided(linear, pairs, torch.zeros_like(linear.bias), relevance, epsilon)


def _divided(
    linear: LinearMap, pairs: list[tuple[Tensor, Tensor]], bias: Tensor, relevance: Tensor, epsilon: float
) -> Passed:
    """Divide by q_jk, the sum of the products of (activations, weights) that are nowhere negative; `bias` is q_k."""
    total = sum((linear.applied(values, weight) for values, weight in pairs), bias)
    ratio = relevance / (total + epsilon)
    shape = pairs[0][0].shape
    down = [values * linear.transposed(ratio, weight, shape) for values, weight in pairs]
    return Passed(
        torch.stack(down).sum(dim=0) if len(down) > 1 else down[0], _sum(ratio * bias), _sum(ratio) * epsilon
    )


def _stabilised(total: Tensor, epsilon: float) -> Tensor:
    return torch.where(total >= 0, total + epsilon, total - epsilon)


def _sum(values: Tensor) -> Tensor:
    """Return each image's sum, (N, ...) -> (N,) float64."""
    return torch.stack([image.sum(dtype=torch.float64) for image in values])  # half as long again by `dim`


def by_image(sums: Tensor | float, images: int) -> Tensor | float:
    """Return sums over each image, (N,), of those over its frames, (T N,), folded as `fold` does it."""
    return sums.reshape(-1, images).sum(dim=0) if isinstance(sums, Tensor) else sums


class Composite(NamedTuple):
    """Which rule a layer takes for its linear maps, by where it stands."""

    first: Rule
    """In the encoder, with no linear map between it and the image."""
    encoder: Rule
    decoder: Rule
    recurrent: Rule
    """Wherever it stands. A cell's values are of either sign: a rule for positive ones would explain what speaks for a
    negative one by what speaks against it."""


def composites(gamma: float) -> dict[LrpRule, Composite]:
    """Return what each choice of a rule means."""
    return {
        LrpRule.EPSILON: Composite(*[epsilon_rule] * 4),
        LrpRule.GAMMA: Composite(*[gamma_rule(gamma)] * 4),
        LrpRule.Z_PLUS: Composite(*[z_plus_rule] * 4),
        LrpRule.COMPOSITE: Composite(bounded_rule, z_plus_rule, epsilon_rule, epsilon_rule),
    }
