"""Pictures as bytes, of kinds that Pillow does not write."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
"""The colour type of a PNG by how many channels it has."""


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png16(values: np.ndarray, *extra: bytes) -> bytes:
    """A PNG of 16 bits a sample, (H, W) or (H, W, C); `extra` are chunks before the pixels."""
    planes = values.reshape(*values.shape[:2], -1)
    height, width, channels = planes.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in planes)
    header = struct.pack(">IIBBBBB", width, height, 16, PNG_COLOURS[channels], 0, 0, 0)
    body = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


_KINDS = {"u": 1, "i": 2, "f": 3, "c": 6}


def tiff(*pages: np.ndarray, order: str = "<", tags: dict[int, tuple] | None = None, each=({},)) -> bytes:
    """A plain TIFF, one strip a page; `tags` by number, as (type, values), for all pages, `each` for single ones."""
    parts, place = [b"II*\0" if order == "<" else b"MM\0*"], 8
    links, blobs = [], []
    for page, own in zip(pages, [*each, *[{}] * len(pages)], strict=False):
        planes = page.reshape(*page.shape[:2], -1)
        height, width, channels = planes.shape
        pixels = planes.astype(planes.dtype.newbyteorder(order)).tobytes()
        bits = 8 * planes.dtype.itemsize
        found = (
            {
                256: (4, [width]),
                257: (4, [height]),
                258: (3, [bits] * channels),
                259: (3, [1]),
                262: (3, [1 if channels < 3 else 2]),
                277: (3, [channels]),
                278: (4, [height]),
                279: (4, [len(pixels)]),
                339: (3, [_KINDS[planes.dtype.kind]] * channels),
            }
            | (tags or {})
            | own
        )
        found[273] = (4, [place])
        blob, place = pixels, place + len(pixels)
        entries = b""
        for tag, (kind, values) in sorted(found.items()):
            code = {2: "s", 3: "H", 4: "I", 11: "f"}[kind]
            content = values if kind == 2 else struct.pack(f"{order}{len(values)}{code}", *values)
            count = len(content) if kind == 2 else len(values)
            if len(content) <= 4:
                entries += struct.pack(f"{order}HHI", tag, kind, count) + content.ljust(4, b"\0")
            else:
                entries += struct.pack(f"{order}HHII", tag, kind, count, place)
                blob, place = blob + content, place + len(content)
        links.append(place)
        directory = struct.pack(f"{order}H", len(found)) + entries
        blobs.append((blob, directory))
        place += len(directory) + 4
    parts.append(struct.pack(f"{order}I", links[0]))
    for (blob, directory), following in zip(blobs, [*links[1:], 0], strict=True):
        parts += [blob, directory, struct.pack(f"{order}I", following)]
    return b"".join(parts)


PATIENT = "Sekretova^Anna"
"""Who must be found nowhere."""


def dicom(
    pixels: np.ndarray, photometric: str = "MONOCHROME2", *, frames: int = 1, syntax=None, **elements
) -> bytes:
    """A DICOM file of pixels, (H, W), (H, W, 3), or with `frames` before that; `elements` by keyword."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["1"])
    meta.TransferSyntaxUID = syntax or ExplicitVRLittleEndian
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.PatientName = PATIENT
    dataset.PatientID = PATIENT
    one = pixels[0] if frames > 1 else pixels
    dataset.Rows, dataset.Columns = one.shape[:2]
    dataset.SamplesPerPixel = 3 if one.ndim == 3 else 1
    if one.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    dataset.BitsStored = dataset.BitsAllocated
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    if frames > 1:
        dataset.NumberOfFrames = frames
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.HighBit = dataset.BitsStored - 1
    content = pixels.tobytes()
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    if syntax is not None and syntax.is_compressed:
        from pydicom.encaps import encapsulate

        dataset.PixelData = encapsulate([elements.get("compressed", b"\0\0")])
        dataset["PixelData"].is_undefined_length = True
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
