"""Samples into tensors, all at once: a dataset of the thesis's size fits into memory as bytes."""

import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor

from xai_ad.data.decoding import SUFFIXES, decode_image
from xai_ad.data.fitting import Proportions, typical_proportions
from xai_ad.data.images import Preprocessing, prepare
from xai_ad.data.layouts import NORMAL, Dataset, Sample
from xai_ad.data.masks.reading import Shape, laid_on, read_marked, shape_of, unite
from xai_ad.data.specs import dataset_spec
from xai_ad.data.videos.arrays import read_volume
from xai_ad.data.videos.depths import at_levels
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.data.wording import listed, short
from xai_ad.errors import DatasetError
from xai_ad.progress import Progress, silent
from xai_ad.types import Mask

MEASURED = 200
"""How many of a dataset's images its shape is taken from."""
_NAMED = 3
"""How many files a note names."""
_CODING = 8
"""By how much the channels of a grey frame may differ, of 255, after a lossy codec."""


def load_pixels(
    samples: Sequence[Sample], preprocessing: Preprocessing, *, on_progress: Progress = silent
) -> Tensor:
    """Return the samples' pixels, (N, C, H, W) uint8. Raises `ImageError` naming the first unreadable file."""
    shape = (len(samples), preprocessing.channels, preprocessing.size, preprocessing.size)
    pixels = torch.empty(shape, dtype=torch.uint8)
    for done, (index, picture) in enumerate(pictures_of(samples), 1):
        pixels[index] = prepare(picture, preprocessing)
        on_progress(done / len(samples))
    return pixels


def load_masks(
    samples: Sequence[Sample], preprocessing: Preprocessing
) -> tuple[NDArray[np.bool_], list[int]]:
    """Return the masks, (K, H, W) bool, and the indices of the K samples that have one.

    A normal sample's mask is empty and always known. Raises `ImageError` naming the first unreadable file, and
    `DatasetError` for a mask that does not fit its picture.
    """
    nothing = np.zeros((preprocessing.size, preprocessing.size), dtype=bool)
    masks, known = [], []
    marks = _Marks()
    for index, sample in enumerate(samples):
        if sample.label != NORMAL and not sample.is_marked:
            continue
        masks.append(nothing if sample.label == NORMAL else marks.read(sample, preprocessing))
        known.append(index)
    return np.array(masks, dtype=bool).reshape(-1, preprocessing.size, preprocessing.size), known


def mask_notes(
    samples: Sequence[Sample], masks: NDArray[np.bool_], known: Sequence[int], *, kinds: Collection[str]
) -> Iterator[str]:
    """Yield what a person should know of the masks that `load_masks` returned for samples, a line each.

    `kinds` are the classes whose masks are expected to be complete; of another one it is no surprise that it has none.
    """
    anomalous = [index for index, sample in enumerate(samples) if sample.label != NORMAL]
    marked = [mask.mean() for index, mask in zip(known, masks, strict=True) if samples[index].label != NORMAL]
    counted = set(known)
    missing = [samples[index] for index in anomalous if index not in counted]
    if any(sample.kind in kinds for sample in missing):
        names = listed((short(sample.path) for sample in missing), _NAMED)
        yield (
            f"Pixel figures rest on {len(marked)} of {len(anomalous)} defective pictures; {len(missing)} of "
            f"{len(anomalous)} have no mask: {names}."
        )
    most = sum(share > 0.5 for share in marked)
    if 2 * most > len(marked):
        yield (
            f"{most} of {len(marked)} masks mark more than half of what is seen. What is not black, or painted on a "
            "transparent ground, counts as defect."
        )


class _Marks:
    """Reads the masks of samples, of those of one clip after another, whose files are opened once."""

    def __init__(self) -> None:
        self._shapes: dict[Path, Shape] = {}
        self._volume: tuple[Path, list[NDArray[np.bool_]]] | None = None

    def read(self, sample: Sample, preprocessing: Preprocessing) -> Mask:
        """Return a sample's mask, (H, W); raises as `read_mask` does."""
        shape = self._shape(sample)
        marks = [self._marked(file, sample, shape) for file in sample.masks]
        for drawn in sample.drawn:
            marks += [
                laid_on(layer, shape, f"{drawn.file}: {drawn.name}", str(sample.path), as_seen=True)
                for layer in drawn.layers(shape.size)
            ]
        return unite(marks, preprocessing, shape.size)

    def _marked(self, file: Path, sample: Sample, shape: Shape) -> NDArray[np.bool_]:
        if file.suffix.lower() in SUFFIXES:
            return read_marked(file, shape, str(sample.path))
        if self._volume is None or self._volume[0] != file:  # one file holds the masks of a clip
            self._volume = file, read_volume(file)
        return laid_on(self._volume[1][sample.position or 0], shape, str(file), str(sample.path))

    def _shape(self, sample: Sample) -> Shape:
        """Return the shape of a picture, or that of a clip's first frame where one file holds all of them."""
        if is_picture(sample):
            return shape_of(sample.path)
        if sample.path not in self._shapes:
            _, decode = next(iter(open_frames(sample.path).undecoded()))
            frame = decode()
            self._shapes[sample.path] = Shape(size=(frame.height, frame.width))
        return self._shapes[sample.path]


def proportions_of(dataset: Dataset, samples: Sequence[Sample]) -> Proportions:
    """Return the shape of the photographs that samples of a dataset, at least one, were made from.

    It is what is known of the dataset by name, else that of the images in whose pixels its crop is given, else that of
    the samples' own files: the middle one of `MEASURED` that lie evenly among them, whole clips counting as one where
    a file holds them. Raises `ImageError` naming the first unreadable file.
    """
    known = dataset_spec(dataset.name, generated=dataset.generated).proportions
    if known is not None:
        return known
    if dataset.crop_of is not None:
        return Proportions.of(dataset.crop_of)
    first_of_each = {sample.path: sample for sample in reversed(samples)}
    kept = list(reversed(first_of_each.values()))
    spread = kept[:: math.ceil(len(kept) / MEASURED)]
    return typical_proportions((picture.height, picture.width) for _, picture in pictures_of(spread))


def count_channels(samples: Sequence[Sample]) -> int:
    """Return 1 when every image is grey, else 3. It stops at the first colour image.

    Lossy coding tints the grey frames of a video file a little; that counts as grey.
    """
    for index, picture in pictures_of(samples):
        if picture.mode != "L" and _tint(picture) > (0 if is_picture(samples[index]) else _CODING):
            return 3
    return 1


def _tint(picture: Pillow.Image) -> int:
    """Return the largest difference between two channels of one pixel."""
    red, green, blue = (np.asarray(band).astype(np.int16) for band in picture.split())
    return int(max(np.abs(red - green).max(), np.abs(green - blue).max(), np.abs(red - blue).max()))


def is_picture(sample: Sample) -> bool:
    """Return whether a sample is an image file, and no frame within an archive or a video."""
    return sample.position is None or (sample.path.suffix.lower() in SUFFIXES and not is_clip(sample.path))


def pictures_of(samples: Sequence[Sample]) -> Iterator[tuple[int, Pillow.Image]]:
    """Yield each sample's index and decoded image; an archive or a video is read once, where its first frame stands."""
    frames: dict[Path, dict[int, list[int]]] = {}
    for index, sample in enumerate(samples):
        if not is_picture(sample):
            places = frames.setdefault(sample.path, {})
            places.setdefault(sample.position or 0, []).append(index)
    for index, sample in enumerate(samples):
        if is_picture(sample):
            yield index, decode_image(sample.path, levels=sample.levels)
        elif sample.path in frames:
            yield from _frames_of(sample.path, frames.pop(sample.path), sample.levels)


def _frames_of(
    path: Path, places: dict[int, list[int]], levels: int | None
) -> Iterator[tuple[int, Pillow.Image]]:
    """Yield the images at some positions of an archive or a video, each for all of its indices.

    Raises `ImageError` for a damaged one, and `DatasetError` where the file is shorter than it was.
    """
    last = max(places)
    found = 0
    source = at_levels(open_frames(path), levels=levels)
    for position, (_, decode) in enumerate(source.undecoded()):
        if position in places:
            picture = decode()
            found += 1
            for index in places[position]:
                yield index, picture
        if position == last:
            break
    if found < len(places):
        raise DatasetError(f"{path} has fewer frames than when it was read: it changed meanwhile.")
