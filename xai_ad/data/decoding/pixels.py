"""A decoded image of 8 bits a channel, of any mode, as the L or RGB that a viewer shows."""

import io

from PIL import Image as Pillow
from PIL import ImageCms

from xai_ad.errors import ImageError

_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
"""Modes that a colour profile speaks of, and what such a profile calls them."""


def eight_bit(picture: Pillow.Image, name: str) -> Pillow.Image:
    """Return a decoded image as one of mode L or RGB, transparent pixels over white, and nothing attached to it.

    The colours are converted to sRGB where the image brings a profile of its own. `name` stands in the `ImageError` of
    a mode that has no such picture.
    """
    mode, info = picture.mode, picture.info
    if mode.startswith(("I", "F")) or mode == "HSV":
        raise ImageError(
            f"{name} has pixels of mode {mode!r}. Export it as an 8-bit or 16-bit grey or RGB picture."
        )
    profile = info.get("icc_profile")
    if mode == "LAB":
        picture = _from_lab(picture)
    elif "a" in mode.lower() or "transparency" in info:
        picture = _over_white(_in_srgb(picture.convert("RGBA"), profile))
    else:
        if mode not in _SPACES:
            picture = picture.convert("L" if mode == "1" else "RGB")
        picture = _in_srgb(picture, profile)
        picture = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    picture.info = {}
    return picture


def _over_white(picture: Pillow.Image) -> Pillow.Image:
    white = Pillow.new("RGBA", picture.size, "white")
    return Pillow.alpha_composite(white, picture).convert("RGB")


def _in_srgb(picture: Pillow.Image, profile: object) -> Pillow.Image:
    """Return an image in sRGB; as it is where it has no profile, sRGB's, a damaged one, or one of other channels."""
    bands = picture.mode.removesuffix("A")
    if not isinstance(profile, bytes) or bands not in _SPACES:
        return picture
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if own.profile.xcolor_space.strip() != _SPACES[bands] or "sRGB" in (
            own.profile.profile_description or ""
        ):
            return picture
        target = "RGBA" if picture.mode == "RGBA" else "RGB"
        shown = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    if shown is None:
        return picture
    return shown.getchannel("G") if picture.mode == "L" else shown


def _from_lab(picture: Pillow.Image) -> Pillow.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    shown = ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
    if shown is None:
        raise ValueError("CIE L*a*b* colours")
    return shown
