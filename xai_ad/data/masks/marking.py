"""What a mask's file marks, whatever its mode: grey, coloured, indexed, or painted on a transparent ground."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from xai_ad.data.decoding.damage import DAMAGE
from xai_ad.data.decoding.opening import open_header
from xai_ad.data.decoding.pages import choose_page
from xai_ad.data.masks.levels import above_background
from xai_ad.errors import ImageError

_PHOTOMETRIC, _SAMPLE_FORMAT = 262, 339
_WHITE_IS_ZERO, _SIGNED = 0, 2
_ORDERS = (("16L", "16B"), ("16B", "16L"), ("16N", "16B"))
"""What Pillow calls the two bytes of a colour, and the other order; N is little-endian."""
_HEADER = 64
"""So many bytes of a WebP file say that it is lossy, where no metadata stands before."""
_DARK = 8
"""A colour is black that is darker than this part of the brightest."""


def marked_in(data: bytes, name: str) -> NDArray[np.bool_]:
    """Return what a file marks, (h, w) bool, as its pixels are stored; `name` stands in the `ImageError`.

    On a transparent ground it is what is painted, in whatever colour; where the opaque part is black and of other
    colours, what is not black. A palette's colours count, as a viewer shows them; its indices do where none of them is
    black. Raises `ImageError` also for colours without a ground, and for several pages.
    """
    picture = open_header(data, name)
    lossy = picture.format in {"JPEG", "MPO"} or (picture.format == "WEBP" and b"VP8 " in data[:_HEADER])
    try:
        if choose_page(picture) is not None:
            raise ImageError(f"{name} has several pages, and a mask has one. Export the right one by itself.")
        low_bytes = _low_bytes(data, name)
        picture.load()
        if low_bytes is not None:
            wide = np.asarray(picture).astype(np.uint16) * 256 + low_bytes
            return _on_ground(wide[..., :3], wide[..., 3] if wide.shape[2] == 4 else None, name)
        return _marked(picture, name, lossy=lossy)
    except DAMAGE as error:
        raise ImageError(f"{name} is damaged or cut short ({error}). Export the mask again.") from error


def _marked(picture: Pillow.Image, name: str, *, lossy: bool) -> NDArray[np.bool_]:
    mode = picture.mode
    if mode in {"LAB", "HSV"}:
        raise ImageError(f"{name} has pixels of mode {mode!r}. Export the mask as a grey PNG.")
    if mode.startswith("I") or mode in {"1", "L", "F"}:
        values = _grey_values(picture)
        marked = above_background(values, name, lossy=lossy)
        clear = picture.info.get("transparency")
        return marked if clear is None else marked & (values != clear)
    if picture.has_transparency_data:
        layers = np.asarray(picture.convert("RGBA"))
        return _on_ground(layers[..., :3], layers[..., 3], name, lossy=lossy)
    colours = np.asarray(picture.convert("RGB"))
    if mode == "P" and not _has_black(colours):
        return above_background(np.asarray(picture), name)
    return _on_ground(colours, None, name, lossy=lossy)


def _grey_values(picture: Pillow.Image) -> NDArray[Any]:
    """Return the values of a picture of one channel, black 0, and none negative where the file has no signs."""
    values = np.asarray(picture)
    tags: Any = getattr(picture, "tag_v2", {})
    if picture.mode.startswith("I;16") and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        return 65_535 - values  # of fewer bits Pillow turns them by itself
    if picture.mode == "I" and tags and tags.get(_SAMPLE_FORMAT, (1,))[0] != _SIGNED:
        return values.astype(np.uint32)
    return values


def _on_ground(
    colours: NDArray[Any], alpha: NDArray[Any] | None, name: str, *, lossy: bool = False
) -> NDArray[np.bool_]:
    """Return what is painted, (h, w), in colours (h, w, 3), on black or, where `alpha` (h, w) varies, on nothing."""
    values = colours.max(axis=2)
    if alpha is not None and alpha.min() < alpha.max():
        painted = above_background(alpha, name)
        inside = values[painted]
        if not _is_dark(inside.min(), inside.max()):
            return painted
        return painted & above_background(np.where(painted, values, 0), name)
    if alpha is not None and alpha.max() == 0 and values.any():
        raise ImageError(f"{name} is all transparent and has colours. Export the mask without transparency.")
    is_grey = np.array_equal(colours.min(axis=2), values)
    if not is_grey and not _is_dark(values.min(), values.max()) and _varies(colours):
        raise ImageError(
            f"{name} is coloured and nowhere black. Export the mask with defects painted on black, or on nothing."
        )
    return above_background(values, name, lossy=lossy)


def _has_black(colours: NDArray[Any]) -> bool:
    return bool(colours.max(axis=2).min() == 0)


def _is_dark(low: Any, high: Any) -> bool:
    """Return whether the lowest of some values is black beside the highest, which is not."""
    return bool(high > 0 and low < high / _DARK)


def _varies(colours: NDArray[Any]) -> bool:
    return bool((colours != colours[0, 0]).any())


def _low_bytes(data: bytes, name: str) -> NDArray[np.uint8] | None:
    """Return the lower bytes of 16-bit colours, (h, w, channels), of which Pillow decodes the upper ones; else None.

    Told of the other order of the two bytes, it takes the lower for the upper.
    """
    picture = open_header(data, name)
    tiles: list[Any] = getattr(picture, "tile", [])
    mode = tiles[0].args[0] if tiles and isinstance(tiles[0].args, tuple) else tiles[0].args if tiles else ""
    other = next((mode.replace(one, two) for one, two in _ORDERS if mode.endswith(one)), None)
    if picture.mode not in {"RGB", "RGBA"} or other is None:
        return None
    picture.tile = [  # type: ignore[attr-defined]
        tile._replace(args=(other, *tile.args[1:]) if isinstance(tile.args, tuple) else other)
        for tile in tiles
    ]
    picture.load()
    return np.asarray(picture)
