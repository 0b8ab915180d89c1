"""Images under inspection: the shipped samples, what a person uploads, and what screens need of both."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from PIL import Image as Pillow

from xai_ad.data.cutting import cut_out
from xai_ad.data.decoding import DecodedImage, open_image, sha256_of
from xai_ad.data.decoding.survey import may_be_deep
from xai_ad.data.fitting import Cut, Fit, Fitting, Size
from xai_ad.data.hidden import visible_in
from xai_ad.data.layouts import images_in
from xai_ad.data.reading import HasPreprocessing, seen_part
from xai_ad.inspection.request import Source
from xai_ad.inspection.results import BoundedCache
from xai_ad.machine.places import samples

LARGEST_SIDE = 1400
FEATURED = {"washer": "contamination/006"}
"""The sample that a dataset opens on: a clear defect, found and explained well."""


PixelsKey: TypeAlias = tuple[str, int | None]
"""A file's hash, and the value that is white in it."""


@dataclass(frozen=True, kw_only=True)
class ImageFile:
    """An image's file in memory. `name` is for people and file names of downloads; it is never used as a path.

    `levels` is the value that is white, in a file of more than 8 bits a pixel.
    """

    name: str
    content: bytes
    sha256: str
    levels: int | None = None

    @property
    def source(self) -> Source:
        """The bytes, as a question names them."""
        return Source(path=self.name, sha256=self.sha256, levels=self.levels)

    @property
    def pixels_key(self) -> PixelsKey:
        """What its pixels depend on."""
        return self.sha256, self.levels


_DECODED: BoundedCache[PixelsKey, DecodedImage] = BoundedCache(1)
"""The image that was decoded last: its verdict and its drawing follow at once. A large one takes 240 MB."""
_SIZES: BoundedCache[str, Size] = BoundedCache(1024)
_SHOWN: BoundedCache[tuple[PixelsKey, Cut | None], Pillow.Image] = BoundedCache(16)


def make_image_file(name: str, content: bytes) -> ImageFile:
    """Name an image's bytes."""
    return ImageFile(name=name, content=content, sha256=sha256_of(content))


def read_image_file(path: Path, *, levels: int | None = None, assumed: int | None = None) -> ImageFile:
    """Read an image's file; what is white in it is `levels`, what the file says, or what is `assumed`.

    Raises `OSError` where it cannot be read, and as `settled` does.
    """
    return settled(replace(make_image_file(path.name, path.read_bytes()), levels=levels), assumed)


def list_samples(dataset: str, root: Path | None = None) -> dict[str, Path]:
    """Return a dataset's shipped test images by `<class>/<stem>`, defects before normal ones."""
    test = (root or samples()) / dataset / "test"
    kinds = [folder for folder in visible_in(test) if folder.is_dir()] if test.is_dir() else []
    kinds.sort(key=lambda folder: (folder.name == "good", folder.name))
    return {f"{kind.name}/{path.stem}": path for kind in kinds for path in images_in(kind)}


def default_sample(dataset: str, samples: dict[str, Path]) -> str | None:
    """Return which sample a dataset opens on, or None where it ships none."""
    featured = FEATURED.get(dataset, "")
    return featured if featured in samples else next(iter(samples), None)


def decoded(image_file: ImageFile) -> DecodedImage:
    """Return an image's pixels; raises `ImageError` for what is no image."""
    return _DECODED.get_or(image_file.pixels_key, lambda: _opened(image_file))


def settled(image_file: ImageFile, assumed: int | None = None) -> ImageFile:
    """Return an image that says which value is white, where it has more than 8 bits a pixel.

    `assumed` is that value where the file does not say it. Raises `LevelsError` where nothing says it, and `ImageError`
    for what is no image.
    """
    if image_file.levels is not None or not may_be_deep(image_file.content):
        decoded(image_file)
        return image_file
    found = _opened(image_file, assumed)
    known = replace(image_file, levels=found.levels)
    _DECODED.put(known.pixels_key, found)
    return known


def _opened(image_file: ImageFile, assumed: int | None = None) -> DecodedImage:
    return open_image(image_file.content, levels=image_file.levels, assumed=assumed, name=image_file.name)


def size_of(image_file: ImageFile) -> Size:
    """Return an image's (height, width) in pixels, upright; raises `ImageError` for what is no image."""
    return _SIZES.get_or(image_file.sha256, lambda: _size(decoded(image_file)))


def seen_of(image_file: ImageFile, card: HasPreprocessing, fit: Fitting = Fit.CROP) -> Cut:
    """Return what a model's network sees of an image; raises `ImageError` as `seen_part` does, and for no image."""
    return seen_part(size_of(image_file), card, fit)


def shown_image(image_file: ImageFile, seen: Cut | None = None) -> Pillow.Image:
    """Return what is seen of an image, or all of it, at the image's own resolution as far as screens need it."""
    return _SHOWN.get_or((image_file.pixels_key, seen), lambda: _reduced(image_file, seen))


def _size(image: DecodedImage) -> Size:
    return image.pixels.height, image.pixels.width


def _reduced(image_file: ImageFile, seen: Cut | None) -> Pillow.Image:
    whole = decoded(image_file).pixels
    picture = (whole if seen is None else cut_out(whole, seen)).copy()
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Pillow.Resampling.LANCZOS)
    return picture
