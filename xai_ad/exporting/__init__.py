"""Models for other programs: one graph with score, map and reconstruction, as ONNX or OpenVINO, checked before it is written."""

from xai_ad.exporting.checking import Agreement, agreement
from xai_ad.exporting.formats import ExportFormat, in_format
from xai_ad.exporting.graph import onnx_graph
from xai_ad.exporting.metadata import metadata_of
from xai_ad.exporting.recording import recorded_apart

__all__ = [
    "Agreement",
    "ExportFormat",
    "agreement",
    "in_format",
    "metadata_of",
    "onnx_graph",
    "recorded_apart",
]
