"""A network as a graph: which layers and operations run, in which order, and what each of them is given.

Whoever takes a network apart, to explain, merge, speed up or fine-tune it, walks this graph, so that skip connections
need nothing of their own. torch.fx records it, but not by its `symbolic_trace`: that patches every module's call in the
whole process while it runs, and a network here is shared between threads. What is run instead is a twin of the network
that shares its tensors and whose layers record that they were called.
"""

import copy
import operator
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, fx, nn

from xai_ad.errors import UnsupportedLayerError
from xai_ad.networks.asymmetric import AsymmetricConvolution, AsymmetricTransposedConvolution
from xai_ad.networks.augmented import AttentionAugmented
from xai_ad.networks.base import IMAGE_SIZE
from xai_ad.networks.clips import Autoencoder, RunningOn
from xai_ad.networks.operations import OPERATIONS, Concatenation, Gate, Product, Rearrangement, Sum
from xai_ad.networks.recurrent.cells import Bidirectional, RecurrentConvolution
from xai_ad.networks.soft_attention import SoftAttention
from xai_ad.networks.squeeze_excitation import SqueezeExcitation

LAYERS = (
    AsymmetricConvolution,
    AsymmetricTransposedConvolution,
    AttentionAugmented,
    Bidirectional,
    RecurrentConvolution,
    RunningOn,
    SoftAttention,
    SqueezeExcitation,
)
"""Modules of this package that are one layer each, as torch's own are."""

SHAPED = "shaped"
"""Under this name a node holds a tensor of its value's shape and without numbers, where the shape is known."""

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@dataclass(frozen=True, eq=False)
class Step:
    """A layer that runs, and the numbers of the values that it is given: 0 is the image, k what step k returns."""

    layer: nn.Module
    inputs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Graph:
    """A network's steps in the order they run; the last one returns the reconstruction."""

    steps: tuple[Step, ...]
    entering: int
    """Number of the value that the layer of the embeddings is given."""
    embedding: int
    """Number of the value that it returns, and so how many steps the encoder is."""

    def uses(self) -> Counter[int]:
        """Return how often each value is given to a step."""
        return Counter(number for step in self.steps for number in step.inputs)

    def values(self, images: Tensor, *, until: int | None = None) -> list[Tensor]:
        """Return the images, then what each step returns, up to the value of the number `until`."""
        values = [images]
        for step in self.steps[:until]:
            entering = [values[number] for number in step.inputs]
            if getattr(step.layer, "inplace", False):  # it would write over what a step before it returned
                entering = [value.clone() for value in entering]
            values.append(step.layer(*entering))
        return values


def graph_of(network: Autoencoder) -> Graph:
    """Return a network's graph, that of a network of clips for the clips that it is shown; raises as `trace` does."""
    if network.frames == 1:
        return trace(network, network.embedding)
    side = network.size or IMAGE_SIZE
    clip = (1, network.seeds or network.frames, network.channels, side, side)
    return trace(network, network.embedding, shape=clip)


def trace(module: nn.Module, part: nn.Module | None = None, *, shape: Sequence[int] | None = None) -> Graph:
    """Return the graph of a module that maps one tensor to another.

    `part` is the one of its modules that returns the embeddings, by default the module itself. With the `shape` of what
    it is given, it may ask for the shapes of values; the graph is then one for that shape, but for the first number of
    it. Raises `UnsupportedLayerError` for a module that does what no layer and none of the `OPERATIONS` does, or that
    does not always run the same way.
    """
    recorded = fx.Graph()
    tracer = _Recorder(recorded)
    marks: list[tuple[fx.Node, fx.Node]] = []
    twins: dict[nn.Module, nn.Module] = {}
    twin = _twin(module, "", partial(_called, tracer), twins)
    images = recorded.placeholder("images")
    if shape is not None:
        dtype = next((value.dtype for value in module.parameters()), None)
        images.meta[SHAPED] = torch.empty(shape, device="meta", dtype=dtype)
    try:
        marked = twins[part or module]
        marked.__dict__["forward"] = partial(_marked, marks, marked.forward)
        output = twin(tracer.proxy(images)).node
        return _graph(module, recorded, output, marks)
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
        raise UnsupportedLayerError(
            f"{type(module).__name__} cannot be taken apart into layers, sums, concatenations and gates: "
            f"{' '.join(str(error).split())[:200]}."
        ) from error


class _Value(fx.Proxy):
    """A value while the twin runs; it tells `+=`, which writes over a value, from `+`, and its shape if that is known."""

    @property
    def shape(self) -> torch.Size:
        found: torch.Size = self._shaped().shape
        return found

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def _shaped(self) -> Tensor:
        if SHAPED not in self.node.meta:
            raise AttributeError("the shape of a value is not known here")
        shaped: Tensor = self.node.meta[SHAPED]
        return shaped

    def __iadd__(self, other: object) -> fx.Proxy:
        return self.tracer.create_proxy("call_function", operator.iadd, (self, other), {})

    def __imul__(self, other: object) -> fx.Proxy:
        return self.tracer.create_proxy("call_function", operator.imul, (self, other), {})


class _Recorder(fx.proxy.GraphAppendingTracer):
    def proxy(self, node: fx.Node) -> fx.Proxy:
        """Return a node as the value that it yields."""
        return _Value(node, self)

    def create_node(self, *described: Any, **more: Any) -> fx.Node:
        """Return a new node that knows its shape if those that it is made of do."""
        node = super().create_node(*described, **more)
        if node.op in {"call_function", "call_method"}:
            _shape(node, lambda *given, **named: _run(node.target, *given, **named))
        return node


def _is_layer(module: nn.Module) -> bool:
    defined = type(module).__module__
    of_torch = (
        defined.startswith("torch.nn.") and defined != nn.Sequential.__module__
    )  # that of all containers
    return of_torch or isinstance(module, LAYERS)


def _twin(
    module: nn.Module, name: str, record: Callable[..., Any], twins: dict[nn.Module, nn.Module]
) -> nn.Module:
    """Return a module that runs as another does, on the same tensors and without hooks, but whose layers record."""
    if module not in twins:
        twin = twins[module] = type(module).__new__(type(module))
        twin.__dict__.update({**module.__dict__, **{key: {} for key in HOOKS}})
        if _is_layer(module):
            twin.__dict__["forward"] = partial(record, name, module)
        else:
            within = name and f"{name}."
            twin.__dict__["_modules"] = {
                key: child and _twin(child, within + key, record, twins)
                for key, child in module.__dict__["_modules"].items()
            }
    return twins[module]


def _called(recorder: _Recorder, name: str, layer: nn.Module, *inputs: fx.Proxy) -> fx.Proxy:
    node = recorder.graph.call_module(name, tuple(value.node for value in inputs))
    _shape(node, lambda *given: copy.deepcopy(layer).eval().to("meta").forward(*given))
    return recorder.proxy(node)


def _shape(node: fx.Node, run: Callable[..., Any]) -> None:
    """Note the shape of a node where those of all that it is made of are known; `run` makes it of tensors without numbers."""
    if node.all_input_nodes and all(SHAPED in value.meta for value in node.all_input_nodes):
        given, named = fx.node.map_arg((node.args, node.kwargs), lambda value: value.meta[SHAPED])
        node.meta[SHAPED] = run(*given, **named)


def _run(target: Any, *given: Any, **named: Any) -> Any:
    return (
        getattr(given[0], target)(*given[1:], **named) if isinstance(target, str) else target(*given, **named)
    )


def _marked(
    marks: list[tuple[fx.Node, fx.Node]], forward: Callable[[fx.Proxy], fx.Proxy], values: fx.Proxy
) -> fx.Proxy:
    returned = forward(values)
    marks.append((values.node, returned.node))
    return returned


def _graph(
    module: nn.Module, recorded: fx.Graph, output: fx.Node, marks: list[tuple[fx.Node, fx.Node]]
) -> Graph:
    """Return what was recorded as steps, without those that the output owes nothing to."""
    needed = {output}
    for node in reversed(recorded.nodes):
        needed.update(node.all_input_nodes if node in needed else ())
    numbers: dict[fx.Node, int] = {}
    steps: list[Step] = []
    for node in recorded.nodes:
        if node.op != "placeholder" and node in needed:
            layer, inputs = _step(module, node)
            if _writes_over(node, layer) and len(inputs[0].users) > 1:
                raise ValueError(f"{node} writes over what others read")
            steps.append(Step(layer, tuple(numbers[value] for value in inputs)))
        numbers[node] = len(steps)
    if not marks or marks[-1][1] not in needed:
        raise ValueError("its output owes nothing to its embeddings")
    entering, embedding = marks[-1]
    return Graph(tuple(steps), entering=numbers[entering], embedding=numbers[embedding])


def _step(module: nn.Module, node: fx.Node) -> tuple[nn.Module, Sequence[fx.Node]]:
    """Return the layer of a recorded node, and the nodes that it is given."""
    if node.op == "call_module":
        return module.get_submodule(str(node.target)), _nodes(node, node.args)
    kind = OPERATIONS.get(node.target)
    if kind is Rearrangement:
        value, *given = node.args
        if node.all_input_nodes != [value]:
            raise ValueError(f"{node.format_node()} takes more than a value of the network")
        return Rearrangement(node.target, tuple(given), node.kwargs), _nodes(node, [value])
    options = {key: value for key, value in node.kwargs.items() if key not in {"inplace", "memory_format"}}
    if kind is Concatenation:
        parts, *given = node.args
        dim = given[0] if given else options.pop("dim", 0)
        if dim not in (1, -3) or options:
            raise ValueError(f"{node} concatenates along {dim}, and only channels, 1, may be")
        return Concatenation(), _nodes(node, parts)
    if kind is None or options or len(node.args) != (2 if kind in (Sum, Product) else 1):
        raise ValueError(f"{node.format_node()} is no known operation")
    inputs = _nodes(node, node.args)
    if kind is not Product:
        return kind(), inputs
    gates = [_is_gate(module, value) for value in inputs]
    if sum(gates) != 1:
        return Product(), inputs
    return Gate(), inputs[::-1] if gates[0] else inputs


def _nodes(node: fx.Node, values: Any) -> Sequence[fx.Node]:
    if not all(isinstance(value, fx.Node) for value in values):
        raise ValueError(f"{node.format_node()} takes more than values of the network")
    return tuple(values)


def _is_gate(module: nn.Module, node: fx.Node) -> bool:
    if node.op == "call_module":
        return isinstance(module.get_submodule(str(node.target)), nn.Sigmoid)
    return OPERATIONS.get(node.target) is nn.Sigmoid


def _writes_over(node: fx.Node, layer: nn.Module) -> bool:
    in_place = node.target in (operator.iadd, operator.imul) or str(node.target).endswith("_")
    return in_place or bool(node.kwargs.get("inplace")) or bool(getattr(layer, "inplace", False))
