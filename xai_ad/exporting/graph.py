"""A detector as an ONNX graph: what it reconstructs, the map of its errors and their score, as the package computes them."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import ExportError
from xai_ad.types import Images

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch.onnx import ONNXProgram

INPUT, OUTPUTS = "images", ("score", "map", "reconstruction")
OPSET = 18
"""The version of ONNX's operators: of 2022, so that most runtimes know it."""


class ScoringGraph(nn.Module):
    """Images as the network takes them, (N, ...) float32 in [0, 1], into their scores, maps and reconstructions."""

    def __init__(self, detector: AnomalyClassifier) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, images: Images) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (N,), error maps (N, H, W) and reconstructions (N, C, H, W); of clips with T behind N."""
        scoring, reconstructions = self.detector.calibration.scoring, self.detector.reconstruct(images)
        maps = scoring.map(images, reconstructions)
        return scoring.reduce(maps), maps, reconstructions


def input_shape(detector: AnomalyClassifier) -> tuple[int, ...]:
    """Return the shape of one image, (C, H, W), or of the clip that a network sees together, (T, C, H, W)."""
    grid = detector.grid
    image = (detector.channels, grid.height, grid.width)
    return image if grid.frames == 1 else (grid.frames, *image)


def onnx_graph(detector: AnomalyClassifier, metadata: Mapping[str, str]) -> "ModelProto":
    """Return a detector as an ONNX model for any number of images at a time, with this metadata.

    Recurrent networks take one clip at a time: their cells are unrolled for the number that they were recorded with.
    Raises `ExportError` for a network with an operation that ONNX has no word for. torch is patched while it records, and
    what else computes in this process fails: see `recorded_apart`.
    """
    graph, shape = ScoringGraph(detector).eval(), input_shape(detector)
    recorded = _recorded(graph, torch.zeros(2, *shape), any_number=True)
    if not recorded.model_proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param:
        recorded = _recorded(graph, torch.zeros(1, *shape), any_number=False)
    model = recorded.model_proto
    _forget_sources(model)
    for name, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = name, value
    return model


@torch.no_grad()
def _recorded(graph: ScoringGraph, images: Images, *, any_number: bool) -> "ONNXProgram":
    graph(images)  # what is computed once and kept is computed now: while recording there are no values
    with _quiet():
        try:
            program = torch.onnx.export(
                graph,
                (images,),
                dynamo=True,
                input_names=[INPUT],
                output_names=OUTPUTS,
                dynamic_shapes={INPUT: {0: torch.export.Dim("N", min=1)}} if any_number else None,
                opset_version=OPSET,
                verbose=False,
            )
        except torch.onnx.errors.OnnxExporterError as error:
            reason = " ".join(str(error).split())[:200]
            raise ExportError(
                f"The network cannot be written as ONNX: {reason}. Export it as a ZIP for xai_ad."
            ) from error
    if program is None:
        raise ExportError("The network cannot be written as ONNX: nothing was recorded.")
    return program


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what torch says of itself while it records from those who asked for a file."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _forget_sources(model: "ModelProto") -> None:
    """Remove the places of source files on this computer that the exporter notes at every node."""
    for graph in (model.graph, *model.functions):
        graph.ClearField("metadata_props")
        graph.ClearField("doc_string")
        for node in graph.node:
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer):
        value.ClearField("metadata_props")
        value.ClearField("doc_string")
    model.ClearField("metadata_props")
