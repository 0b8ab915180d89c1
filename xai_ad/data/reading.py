"""An image as a model's network takes it: which part of it is seen, and its pixels."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from xai_ad.data.decoding import DecodedImage, decode_image
from xai_ad.data.fitting import Cut, Fit, Fitting, Proportions, Size, fitted
from xai_ad.data.images import Preprocessing, prepare, to_float
from xai_ad.types import Image

SQUARE = Proportions(width=1, height=1)
_LARGE = 10_000
"""How many times a shape's two numbers an image has in pixels, of which only the shape is known."""


class HasPreprocessing(Protocol):
    """Anything that says how its images are prepared, and what shape they had before; a model's card does."""

    @property
    def preprocessing(self) -> Preprocessing: ...  # noqa: D102
    @property
    def photograph(self) -> Proportions | None: ...  # noqa: D102


def read_image(
    source: Path | str | bytes | DecodedImage,
    card: HasPreprocessing,
    *,
    fit: Fitting = Fit.CROP,
    levels: int | None = None,
) -> Image:
    """Return an image as the card's network takes it, (C, H, W) float32 in [0, 1].

    `source` is a file or its bytes, of the kinds that `data/decoding` reads, or what was decoded of them; `fit` is
    what `seen_part` makes of one whose shape is not the model's; `levels` is the value that is white
    in a file of more than 8 bits a pixel, where that is known. Raises `ImageError` for anything else.

    >>> from xai_ad import load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> read_image("sample_data/washer/test/contamination/006.jpg", card).shape
    torch.Size([3, 128, 128])
    """
    if isinstance(source, DecodedImage):
        pixels = source.pixels
    else:
        whole = Path(source) if isinstance(source, str) else source
        pixels = decode_image(whole, levels=levels, assumed=card.preprocessing.levels)
    return to_float(prepare(pixels, card.preprocessing, seen_part((pixels.height, pixels.width), card, fit)))


def seen_part(size: Size, card: HasPreprocessing, fit: Fitting = Fit.CROP) -> Cut:
    """Return what a model's network sees of an image of (height, width) pixels.

    A rectangle is just that. A rule brings the image to the shape of those that the model was trained on, and the
    model's own crop is taken of that. It makes no difference to an image that `is_made_for` the model, nor to a model
    whose card does not know the shape: that stretches all. Raises `ImageError` for an image that does not contain the
    model's own crop.
    """
    if isinstance(fit, Cut):
        return fit
    shape = Proportions.of(size) if card.photograph is None or is_made_for(size, card) else card.photograph
    frame = fitted(size, shape, fit)
    part = card.preprocessing.rectangle_in((frame.height, frame.width))
    return replace(part, top=frame.top + part.top, left=frame.left + part.left)


def is_made_for(size: Size, card: HasPreprocessing) -> bool:
    """Return whether an image of (height, width) pixels has a model's shape, or its network's very size."""
    side = card.preprocessing.size
    return size == (side, side) or (card.photograph is not None and card.photograph.fits(size))


def needs_fit(size: Size, card: HasPreprocessing) -> bool:
    """Return whether an image's shape is not the model's, or, where that is not known, not a square."""
    return not (SQUARE.fits(size) if card.photograph is None else is_made_for(size, card))


def seen_shape(card: HasPreprocessing) -> Size | None:
    """Return the (height, width), up to a factor, of what a model sees of its training images, where that is known."""
    if card.photograph is None:
        return None
    if card.preprocessing.crop is not None and card.preprocessing.crop_of is None:
        return card.preprocessing.crop[2:]
    whole = _LARGE * card.photograph.height, _LARGE * card.photograph.width
    seen = card.preprocessing.rectangle_in(whole)
    return seen.height, seen.width
