"""TIFF pictures of kinds that Pillow does not know: 64-bit floating point, unsigned 32 bits or white zero in big-endian."""

import io
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_ad.data.decoding.damage import DAMAGE
from xai_ad.data.decoding.deep import DeepPixels, whites_of_tags
from xai_ad.data.decoding.files import require_size
from xai_ad.data.decoding.pages import REDUCED_OR_MASK, page_note
from xai_ad.errors import ImageError

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

_SUBFILE, _INTERPRETATION, _ORIENTATION, _EXTRA_SAMPLES = 254, 262, 274, 338
_ALPHA = {(1,), (2,)}
_WHITE_ZERO, _BLACK_ZERO, _COLOURS = 0, 1, 2
# It logs what is odd about a file; here one line is said.
logging.getLogger("tifffile").addFilter(lambda _: False)


def rare_tiff(data: bytes, name: str) -> tuple[DeepPixels, object, str | None]:
    """Return the first whole page's values, its orientation, and a note where there are more; raises `ImageError`."""
    from tifffile import TiffFile, TiffFileError

    with suppress(*DAMAGE, TiffFileError), TiffFile(io.BytesIO(data)) as opened:
        page, note = _first(opened)
        height, width = page.imagelength, page.imagewidth
        require_size((width, height), name)
        pixels = _pixels(page)
        if pixels is not None:
            return pixels, _tag(page, _ORIENTATION), note
    raise ImageError(
        f"{name} is a TIFF picture of a kind that is not read. Export it as an 8-bit or 16-bit grey or RGB picture."
    )


def _first(opened: "TiffFile") -> tuple["TiffPage", str | None]:
    from tifffile import TiffPage

    pages = [page for page in opened.pages if isinstance(page, TiffPage)]
    whole = [page for page in pages if not int(_tag(page, _SUBFILE) or 0) & REDUCED_OR_MASK]
    return (whole or pages)[0], page_note(len(whole))


def _pixels(page: "TiffPage") -> DeepPixels | None:
    """Return a page's values, or None for what shows no grey or colours."""
    interpretation = _tag(page, _INTERPRETATION)
    if interpretation not in {_WHITE_ZERO, _BLACK_ZERO, _COLOURS} or page.dtype is None:
        return None
    values = np.squeeze(page.asarray())
    if interpretation == _COLOURS and values.ndim == 3 and values.shape[0] in {3, 4}:
        values = np.moveaxis(values, 0, 2)  # plane after plane
    if values.dtype.kind not in "uif" or values.shape[:2] != (page.imagelength, page.imagewidth):
        return None
    tags = {tag.code: tag.value for tag in page.tags}
    extra = tags.get(_EXTRA_SAMPLES, ())
    extra = extra if isinstance(extra, tuple) else (extra,)
    own, bands = 3 if interpretation == _COLOURS else 1, values[..., None] if values.ndim == 2 else values
    if (
        bands.ndim != 3
        or bands.shape[2] not in {own, own + 1}
        or (bands.shape[2] > own and extra not in _ALPHA)
    ):
        return None
    bands = bands.astype(np.float64) if bands.dtype.kind == "f" else bands
    alpha: Any = bands[..., own] if bands.shape[2] > own else None
    return DeepPixels(
        values=bands[..., :3] if own == 3 else bands[..., 0],
        alpha=alpha,
        is_premultiplied=extra == (1,),
        zero_is_white=interpretation == _WHITE_ZERO,
        stated=(255,)
        if values.dtype == np.uint8
        else whites_of_tags(tags, is_float=values.dtype.kind == "f"),
        as_stored=True,
    )


def _tag(page: "TiffPage", code: int) -> Any:
    found = page.tags.get(code)
    return None if found is None else found.value
