"""DICOM pictures: the pixels as a screen shows them, and nothing of the patient.

Only the elements that describe pixels are read, and no error quotes a value.
"""

import io
import logging
import warnings
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as Pillow

from xai_ad.data.decoding.damage import DAMAGE
from xai_ad.data.decoding.files import require_size
from xai_ad.data.decoding.windowing import grey
from xai_ad.errors import ImageError

if TYPE_CHECKING:
    from pydicom import Dataset

_PREAMBLE = 128
_MAGIC = b"DICM"
_READ = [
    "SOPClassUID",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "VOILUTSequence",
    "ModalityLUTSequence",
    "RescaleSlope",
    "RescaleIntercept",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
    "ICCProfile",
    "PixelData",
    "FloatPixelData",
    "DoubleFloatPixelData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]
"""All that is read of a file: what its pixels are, and how they are shown."""
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")

# Its warnings may quote what a file holds, and so may its log. Once and for all threads, as with Pillow's.
warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
logging.getLogger("pydicom").addFilter(lambda _: False)


@dataclass(frozen=True, kw_only=True, eq=False)
class DicomFile:
    """An opened file: how many frames it has, each of which can be decoded in any thread. `name` is what errors call it."""

    dataset: "Dataset"
    frames: int
    name: str

    def frame(self, index: int) -> Pillow.Image:
        """Return a frame from 0, mode L or RGB, with its colour profile; raises `ImageError` for a damaged one."""
        from pydicom.pixels.utils import pixel_array

        where = self.name if self.frames == 1 else f"Frame {index + 1} of {self.name}"
        stored = picture = None
        with _damage_suppressed():  # and not chained to what is raised here: it may quote
            stored = pixel_array(self.dataset, index=index if self.frames > 1 else None)
        if stored is None:
            raise ImageError(self._undecoded(where))
        with _damage_suppressed():
            picture = _shown(self.dataset, stored, index)
        if picture is None:
            raise ImageError(
                f"{where} does not say how its values are shown: there is no window, and their range is not known. "
                "Export it as PNG."
            )
        return picture

    def _undecoded(self, where: str) -> str:
        syntax = self.dataset.file_meta.get("TransferSyntaxUID") if self.dataset.file_meta else None
        if syntax is not None and _needs_plugin(syntax):
            return (
                f"{where} is compressed in a way that is not read here ({_name_of(syntax)}). Export it uncompressed, or "
                "as PNG."
            )
        return f"{where} is damaged or cut short. Export it again."


def begins_as_dicom(data: bytes) -> bool:
    """Return whether bytes are a DICOM file's, by its mark, or by the first element of one without a mark."""
    return data[_PREAMBLE : _PREAMBLE + 4] == _MAGIC or (
        data[:2] in {b"\x08\0", b"\x02\0"} and data[3:4] == b"\0" and data[2] < 0x20
    )


def open_dicom(data: bytes, name: str) -> DicomFile:
    """Read a file's description; raises `ImageError` for one without pixels, too large or damaged."""
    if find_spec("pydicom") is None:
        raise ImageError(
            f"{name} is a DICOM picture, and the library that reads it (pydicom) is missing. Export it as PNG."
        )
    dataset, size, frames = None, None, 0
    with _damage_suppressed():
        dataset = _described(data)
        size = int(dataset.get("Columns") or 0), int(dataset.get("Rows") or 0)
        frames = int(dataset.get("NumberOfFrames") or 1)
    if dataset is None or size is None or frames < 1:
        raise ImageError(f"{name} is a damaged DICOM file. Export it again.")
    if 0 in size or not any(kind in dataset for kind in _PIXELS):
        raise ImageError(
            f"{name} is a DICOM file without a picture, a report for one. Choose one with pixels."
        )
    require_size(size, name)
    return DicomFile(dataset=dataset, frames=frames, name=name)


def _described(data: bytes) -> "Dataset":
    """Return what a file says of its pixels; one without a mark begins at once, in one of two encodings."""
    import pydicom

    marked = data[_PREAMBLE : _PREAMBLE + 4] == _MAGIC
    dataset = pydicom.dcmread(io.BytesIO(data), force=not marked, specific_tags=list(_READ))
    if not marked and "TransferSyntaxUID" not in dataset.file_meta:
        is_explicit = data[4:6].isalpha()
        dataset.file_meta.TransferSyntaxUID = (
            pydicom.uid.ExplicitVRLittleEndian if is_explicit else pydicom.uid.ImplicitVRLittleEndian
        )
    return dataset


def _shown(dataset: "Dataset", stored: Any, frame: int) -> Pillow.Image:
    """Return stored values as a picture."""
    from pydicom.pixels.processing import apply_color_lut

    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        colours = apply_color_lut(stored, dataset)
        bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
    elif stored.ndim == 3:
        colours, bits = stored, int(dataset.BitsStored)
    else:
        return Pillow.fromarray(grey(dataset, stored, frame))
    bright = np.clip(np.round(colours[..., :3].astype(np.float64) * (255 / (2**bits - 1))), 0, 255)
    picture = Pillow.fromarray(np.ascontiguousarray(bright.astype(np.uint8)))
    picture.info["icc_profile"] = dataset.get("ICCProfile")
    return picture


def _damage_suppressed() -> suppress:
    """Return what passes over all that pydicom raises on damaged files."""
    from pydicom.errors import BytesLengthException, InvalidDicomError

    return suppress(*DAMAGE, BytesLengthException, InvalidDicomError)


def _needs_plugin(syntax: Any) -> bool:
    from pydicom.pixels.decoders.base import get_decoder

    with _damage_suppressed():
        return not get_decoder(syntax).is_available
    return True


def _name_of(syntax: Any) -> str:
    """Return a transfer syntax by the name that the standard gives it: what a file writes there may be anything."""
    from pydicom._uid_dict import UID_dictionary

    found = UID_dictionary.get(str(syntax))
    return found[0] if found else "a transfer syntax that is not in the standard"
