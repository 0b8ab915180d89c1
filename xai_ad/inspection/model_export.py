"""A model written for other programs as work of its own: converted, checked against the model, and kept on disk to be taken."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from xai_ad.exporting import ExportFormat
from xai_ad.inspection.clip_files import Folder
from xai_ad.inspection.engines.base import JobStatus
from xai_ad.inspection.exporting import ExportReport, export_model
from xai_ad.progress import Progress
from xai_ad.store import Fingerprint, StoredModel, fingerprint

ENDINGS = {ExportFormat.ZIP: ".zip", ExportFormat.ONNX: ".onnx", ExportFormat.OPENVINO: ".openvino.zip"}
"""How a file of each format ends."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ExportedModel:
    """An exported model's file on this computer's disk, deleted once nobody has it any more, and how well it agrees."""

    path: Path
    report: ExportReport
    _folder: Folder = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ModelExport:
    """The question for a model, under its active calibration, in a format."""

    model: Fingerprint
    format: ExportFormat
    stored: StoredModel = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """What the file is called for who gets it."""
        return f"{self.model.id}{ENDINGS[self.format]}"

    def answer(self, progress: Progress) -> ExportedModel:
        """Write it; raises `ExportError` where the format does not take the network or computes something else."""
        folder = Folder()
        path = folder.path / f"model{ENDINGS[self.format]}"
        report = export_model(self.stored, self.format, path, on_progress=progress)
        return ExportedModel(path=path, report=report, _folder=folder)


ExportStatus: TypeAlias = JobStatus[ExportedModel]
"""How far an export is."""


def model_export(stored: StoredModel, file_format: ExportFormat) -> ModelExport:
    """Ask for a model in a format."""
    return ModelExport(model=fingerprint(stored), format=file_format, stored=stored)
