"""A stored model written for another program: `export`."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from xai_ad.data.reading import read_image
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.exporting import ExportFormat, agreement, in_format, metadata_of, recorded_apart
from xai_ad.exporting.graph import input_shape
from xai_ad.inspection.image_files import list_samples
from xai_ad.machine.files import write_whole, writing
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import ModelCard, StoredModel, export_zip, find_model, load, load_calibration
from xai_ad.types import Images

SAMPLES = 6
"""How many sample pictures an exported model is checked on, evenly chosen, beside the mean training picture and noise."""
_MADE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class ExportReport:
    """What was written, and how far it is from the model on `images` images; of a ZIP, which is the model, None."""

    path: Path
    format: ExportFormat
    images: int = 0
    scores: float | None = None
    maps: float | None = None


def export_model(
    model: str | Path | StoredModel,
    file_format: ExportFormat,
    output: Path,
    *,
    on_progress: Progress = silent,
) -> ExportReport:
    """Write a model, under its active calibration, as a ZIP for xai_ad, as ONNX, or as OpenVINO.

    OpenVINO's two files go into `output` as a folder, or, where that ends with .zip, as an archive. What a format computes
    is compared with the model first: nothing is written that differs by more than 1e-4.

    Raises `ExportError` for a network that a format does not take or that it computes otherwise, `InvalidInputError` for an
    output that suits no file of the format, and `WritingError`.
    """
    stored = model if isinstance(model, StoredModel) else find_model(model)
    _require_place(output, file_format)
    if file_format is ExportFormat.ZIP:
        path = export_zip(stored, output)
        on_progress(1.0)
        return ExportReport(path=path, format=file_format)
    detector, card = load(stored)
    record = load_calibration(stored)
    graph = recorded_apart(stored, record.id, on_progress=part_of(on_progress, 0.0, 0.6))
    metadata = metadata_of(stored, record, detector)
    files = in_format(graph, file_format, card.id, metadata)
    on_progress(0.7)
    found = agreement(files, detector, _images(detector, card), on_progress=part_of(on_progress, 0.7, 1.0))
    found.require()
    _write(files, file_format, output)
    return ExportReport(
        path=output, format=file_format, images=found.images, scores=found.scores, maps=found.maps
    )


def _require_place(output: Path, file_format: ExportFormat) -> None:
    """Raise `InvalidInputError` where a file would lie in a folder's place, or a folder in a file's."""
    folder = file_format is ExportFormat.OPENVINO and output.suffix.lower() != ".zip"
    if folder and output.is_file():
        raise InvalidInputError(
            f"{str(output)!r} is a file. Give a folder for .xml and .bin, or a name that ends with .zip."
        )
    if not folder and output.is_dir():
        raise InvalidInputError(f"{str(output)!r} is a folder. Give the name of a file.")


def _write(files: Mapping[str, bytes], file_format: ExportFormat, output: Path) -> None:
    if file_format is ExportFormat.ONNX:
        (contents,) = files.values()
        targets = {output: contents}
    elif output.suffix.lower() == ".zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, _MADE), data, zipfile.ZIP_DEFLATED)
        targets = {output: buffer.getvalue()}
    else:
        targets = {output / name: data for name, data in files.items()}
    for target, data in targets.items():
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, data)


def _images(detector: AnomalyClassifier, card: ModelCard) -> Images:
    """Return images to compare on, (N, ...): the dataset's samples, the mean training picture, and noise.

    A network of clips sees the mean picture moving, and noise.
    """
    shape, references = input_shape(detector), detector.references
    noise = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    kept = [] if references.mean is None else [references.mean.float()]
    if len(shape) == 4:
        moving = [torch.stack([image.roll(2 * turn, dims=-1) for turn in range(shape[0])]) for image in kept]
        return torch.cat([*(clip[None] for clip in moving), noise])
    paths = list(list_samples(card.dataset).values())
    chosen = paths[:: max(1, -(-len(paths) // SAMPLES))]
    images = [*(read_image(path, card) for path in chosen), *kept]
    return torch.cat([*(image[None] for image in images), noise])
