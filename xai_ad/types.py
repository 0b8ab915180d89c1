"""The names of the arrays that cross the package's boundaries, each with its shape, once.

N images or clips, T frames, C channels, H x W pixels, K coalitions, M segments. A detector keeps any leading
dimensions: where N stands here, windows have N, T.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Image: TypeAlias = Tensor
"""(C, H, W) float32 in [0, 1]; where T images are looked at together, (T, C, H, W)."""

Images: TypeAlias = Tensor
"""(N, C, H, W) float32 in [0, 1]."""

Clips: TypeAlias = Tensor
"""(N, T, C, H, W) float32 in [0, 1]."""

Scores: TypeAlias = Tensor
"""(N,) float32, raw anomaly scores, larger is more anomalous."""

ErrorMaps: TypeAlias = Tensor
"""(N, H, W) float32, per-pixel errors whose reduction is the score."""

Relevance: TypeAlias = NDArray[np.float32]
"""(T, H, W) float32, each pixel's share of the raw score; the shares add up to it, less the baseline and a residual."""

Mask: TypeAlias = NDArray[np.bool_]
"""(H, W) bool, true where a person marked the defect."""

Segments: TypeAlias = NDArray[np.int64]
"""(T, H, W) int64, or (H, W) of one image, labels 0 .. M-1, every label present."""

Coalitions: TypeAlias = NDArray[np.bool_]
"""(K, M) bool, true where a segment is present."""
