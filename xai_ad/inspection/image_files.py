"""Images under inspection: the shipped samples, what a person uploads, and what screens need of both."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow

from xai_ad.data.images import DecodedImage, Preprocessing, cropped, open_image, sha256_of
from xai_ad.data.layouts import images_in
from xai_ad.inspection.request import Source
from xai_ad.inspection.results import BoundedCache
from xai_ad.machine.places import samples

LARGEST_SIDE = 1400
FEATURED = {"washer": "contamination/006"}
"""The sample that a dataset opens on: a clear defect, found and explained well."""


@dataclass(frozen=True, kw_only=True)
class ImageFile:
    """An image's file in memory. `name` is for people and file names of downloads; it is never used as a path."""

    name: str
    content: bytes
    sha256: str

    @property
    def source(self) -> Source:
        """The bytes, as a question names them."""
        return Source(path=self.name, sha256=self.sha256)


_DECODED: BoundedCache[str, DecodedImage] = BoundedCache(1)
"""The image that was decoded last: its verdict and its drawing follow at once. A large one takes 240 MB."""
_SHOWN: BoundedCache[tuple[str, Preprocessing], Pillow.Image] = BoundedCache(16)


def make_image_file(name: str, content: bytes) -> ImageFile:
    """Name an image's bytes."""
    return ImageFile(name=name, content=content, sha256=sha256_of(content))


def list_samples(dataset: str, root: Path | None = None) -> dict[str, Path]:
    """Return a dataset's shipped test images by `<class>/<stem>`, defects before normal ones."""
    test = (root or samples()) / dataset / "test"
    kinds = [folder for folder in test.iterdir() if folder.is_dir()] if test.is_dir() else []
    kinds.sort(key=lambda folder: (folder.name == "good", folder.name))
    return {f"{kind.name}/{path.stem}": path for kind in kinds for path in images_in(kind)}


def default_sample(dataset: str, samples: dict[str, Path]) -> str | None:
    """Return which sample a dataset opens on, or None where it ships none."""
    featured = FEATURED.get(dataset, "")
    return featured if featured in samples else next(iter(samples), None)


def decoded(image_file: ImageFile) -> DecodedImage:
    """Return an image's pixels; raises `ImageError` for what is no image."""
    return _DECODED.get_or(image_file.sha256, lambda: open_image(image_file.content))


def shown_image(image_file: ImageFile, preprocessing: Preprocessing) -> Pillow.Image:
    """Return what the network saw of an image, at the image's own resolution as far as screens need it."""
    return _SHOWN.get_or((image_file.sha256, preprocessing), lambda: _reduced(image_file, preprocessing))


def _reduced(image_file: ImageFile, preprocessing: Preprocessing) -> Pillow.Image:
    picture = cropped(decoded(image_file).pixels, preprocessing).copy()
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Pillow.Resampling.LANCZOS)
    return picture
