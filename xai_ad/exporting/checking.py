"""Whether an exported file computes what the model computes: by OpenVINO, which runs ONNX files too, on real pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import ExportError
from xai_ad.exporting.graph import INPUT, OUTPUTS, ScoringGraph
from xai_ad.progress import Progress, silent
from xai_ad.types import Images

ALLOWED = 1e-4
"""The largest relative difference of a score, or of a map's pixel over its highest."""
_EXACTLY = {"INFERENCE_PRECISION_HINT": "f32"}
"""A processor with bfloat16 would compute in that otherwise, and no score would hold to three digits."""
_LEAST = 1e-12


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far a file's answers were from the model's on some images: the largest relative differences.

    `scores` are divided by the model's own, `maps` by each map's highest pixel.
    """

    images: int
    scores: float
    maps: float

    def require(self) -> None:
        """Raise `ExportError` where either exceeds `ALLOWED`."""
        if not max(self.scores, self.maps) <= ALLOWED:  # nor where one is no number
            raise ExportError(
                f"The exported model differs from this one by {self.scores:.2g} in scores and {self.maps:.2g} in maps, "
                f"relative, and {ALLOWED:g} is allowed. Nothing was written."
            )


@torch.no_grad()
def agreement(
    files: Mapping[str, bytes],
    detector: AnomalyClassifier,
    images: Images,
    *,
    on_progress: Progress = silent,
) -> Agreement:
    """Compare what files compute of images, (N, ...), one by one and the first two together, with what the model does.

    Raises `ExportError` where OpenVINO cannot compute them.
    """
    compiled = _compiled(files)
    several = compiled.input(INPUT).partial_shape[0].is_dynamic and len(images) > 1
    batches = [images[place : place + 1] for place in range(len(images))] + ([images[:2]] if several else [])
    scores, maps, graph = [0.0], [0.0], ScoringGraph(detector).eval()
    for place, batch in enumerate(batches):
        ours = [answer.numpy() for answer in graph(batch)]
        found = compiled({INPUT: batch.numpy()})
        theirs = [found[name] for name in OUTPUTS]
        scores.append(_apart(ours[0].reshape(-1, 1), theirs[0].reshape(-1, 1)))
        maps.append(_apart(*(each[1].reshape(each[0].size, -1) for each in (ours, theirs))))
        on_progress((place + 1) / len(batches))
    return Agreement(images=len(images), scores=float(np.max(scores)), maps=float(np.max(maps)))


def _compiled(files: Mapping[str, bytes]) -> Any:
    import openvino

    core, contents = openvino.Core(), {name.rpartition(".")[2]: data for name, data in files.items()}
    try:
        read = (
            core.read_model(contents["onnx"])
            if "onnx" in contents
            else core.read_model(contents["xml"], contents["bin"])
        )
        return core.compile_model(read, "CPU", _EXACTLY)
    except RuntimeError as error:
        raise ExportError(
            f"The exported model does not run: {' '.join(str(error).split())[:200]}."
        ) from error


def _apart(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """Return the largest difference of rows, (N, M), relative to the highest value of each of ours."""
    highest = np.maximum(np.abs(ours).max(axis=1, keepdims=True), _LEAST)
    return float((np.abs(ours - theirs) / highest).max())
