"""The walk: relevance taken through a network's graph in reverse.

Nothing is hooked and nothing is edited, so that a model shared between threads can be explained by all of them at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from xai_ad.detector.scores import Scoring
from xai_ad.errors import UnknownNameError
from xai_ad.explain.lrp.layers import handed_down, require_rule
from xai_ad.explain.lrp.linear import LINEAR_MAPS
from xai_ad.explain.lrp.recurrent import CELLS
from xai_ad.explain.lrp.rules import GAMMA, Composite, Division, LrpRule, Rule, by_image, composites
from xai_ad.networks.augmented import AttentionAugmented
from xai_ad.networks.graph import Graph
from xai_ad.networks.recurrent.cells import Bidirectional
from xai_ad.progress import Progress, silent

RECURRENT = {*CELLS, Bidirectional}
MIXING = {*LINEAR_MAPS, AttentionAugmented, *RECURRENT}
"""The layers that make each value of many."""


class Propagated(NamedTuple):
    """Relevance of a network's input, and what of each image's reached no input on the way."""

    relevance: Tensor  # (N, C, H, W)
    to_bias: Tensor  # (N,) float64
    to_epsilon: Tensor  # (N,) float64


def rules_for(graph: Graph, composite: Composite) -> list[Rule]:
    """Return the rule that each step takes for its linear maps."""
    rules: list[Rule] = []
    mixed = [False]  # whether a linear map stands between a value and the image
    for number, step in enumerate(graph.steps, start=1):
        is_mixed = any(mixed[value] for value in step.inputs)
        if type(step.layer) in RECURRENT:
            rules.append(composite.recurrent)
        elif number > graph.embedding:
            rules.append(composite.decoder)
        elif type(step.layer) in LINEAR_MAPS and not is_mixed:
            rules.append(composite.first)
        else:
            rules.append(composite.encoder)
        mixed.append(is_mixed or type(step.layer) in MIXING)
    return rules


def propagate(
    graph: Graph,
    values: Sequence[Tensor],
    relevance: Tensor,
    *,
    rules: Sequence[Rule],
    epsilon: float,
    on_progress: Progress = silent,
) -> Propagated:
    """Take the relevance of a graph's output back to its image; reports after each step.

    `values` are the graph's, `rules` each step's rule. A value that several steps are given has the sum of what comes
    back from them. The relevance handed in equals what arrives plus what went to the biases and to epsilon. Raises
    `UnsupportedLayerError` naming a layer that relevance cannot pass.
    """
    count, images = len(graph.steps), len(relevance)
    to_bias = to_epsilon = relevance.new_zeros(len(relevance), dtype=torch.float64)
    arrived = {count: relevance}
    for number in range(count, 0, -1):
        step = graph.steps[number - 1]
        shared = handed_down(
            step.layer,
            [values[place] for place in step.inputs],
            values[number],
            arrived.pop(number),
            Division(rules[number - 1], epsilon),
        )
        for place, part in zip(step.inputs, shared.relevances, strict=True):
            arrived[place] = arrived[place] + part if place in arrived else part
        to_bias = to_bias + by_image(shared.to_bias, images)
        to_epsilon = to_epsilon + by_image(shared.to_epsilon, images)
        on_progress(1 - (number - 1) / count)
    return Propagated(arrived[0], to_bias, to_epsilon)


@torch.inference_mode()
def relevance_of(
    graph: Graph,
    images: Tensor,
    scoring: Scoring,
    *,
    rule: LrpRule,
    epsilon: float,
    gamma: float = GAMMA,
    answer: Tensor | None = None,
    frame: int | None = None,
    on_progress: Progress = silent,
) -> Propagated:
    """Return the relevance of the images' values for their scores, in the images' precision.

    It starts from each output value's share of the score. Starting from the score's gradient instead would weigh all
    places alike, however small their error. The graph should be a `merged` one. `answer` is what the network should
    put out, by default what it is shown; of clips, the relevance is that for one `frame` of the answer. Raises
    `UnknownNameError` for a rule that is none, and `UnsupportedLayerError` for a network that relevance cannot pass.
    """
    known = composites(gamma)
    if rule not in known:
        raise UnknownNameError("LRP rule", str(rule), known)
    for step in graph.steps:
        require_rule(step.layer)  # before any work is done
    values = graph.values(images)
    shares = scoring.shares(images if answer is None else answer, values[-1])
    if frame is not None:
        shares = _of_frame(shares, frame)
    rules = rules_for(graph, known[rule])
    return propagate(graph, values, shares, rules=rules, epsilon=epsilon, on_progress=on_progress)


def _of_frame(shares: Tensor, frame: int) -> Tensor:
    """Return the shares, (N, T, C, H, W), of one frame's score alone."""
    alone = torch.zeros_like(shares)
    alone[:, frame] = shares[:, frame]
    return alone
