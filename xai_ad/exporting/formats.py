"""The files of each format, as bytes by name."""

import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from xai_ad.errors import ExportError
from xai_ad.machine.files import writing

if TYPE_CHECKING:
    from onnx import ModelProto


class ExportFormat(StrEnum):
    """What a model is written as."""

    ZIP = "zip"
    """For another xai_ad: the model's folder, all of it."""
    ONNX = "onnx"
    """One file for onnxruntime and others."""
    OPENVINO = "openvino"
    """Two files, .xml and .bin, for OpenVINO."""


def in_format(
    model: "ModelProto", file_format: ExportFormat, name: str, metadata: Mapping[str, str]
) -> dict[str, bytes]:
    """Return a graph's files in ONNX or OpenVINO by their names; raises `ExportError` where OpenVINO does not take it."""
    if file_format is ExportFormat.ONNX:
        return {f"{name}.onnx": model.SerializeToString()}
    import openvino

    try:
        converted = openvino.Core().read_model(model.SerializeToString())
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise ExportError(f"OpenVINO does not take the network: {reason}. Export it as ONNX.") from error
    for key, value in metadata.items():
        converted.set_rt_info(value, key.split("."))
    with tempfile.TemporaryDirectory(prefix="xai-ad-export-") as aside:
        target = Path(aside) / f"{name}.xml"
        with writing(target):
            openvino.save_model(converted, target, compress_to_fp16=False)
            return {path.name: path.read_bytes() for path in sorted(Path(aside).iterdir())}
