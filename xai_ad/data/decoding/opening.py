"""From the bytes of a file to an upright 8-bit picture, or one line that says why not.

Whatever comes in is refused in one line or becomes the 8-bit grey or colour image that a viewer shows: header checked
before decoding, rotation honoured, alpha laid over white, more than 8 bits a channel reduced to 8, colours in sRGB.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from xai_ad.data.decoding.damage import DAMAGE
from xai_ad.data.decoding.deep import DeepPixels, deep_pixels, is_deep, reduced, white_of
from xai_ad.data.decoding.dicom import begins_as_dicom, open_dicom
from xai_ad.data.decoding.files import FORMATS, KINDS, MAX_PIXELS, bytes_of, require_size, sha256_of
from xai_ad.data.decoding.levels import white_by_values
from xai_ad.data.decoding.pages import choose_page
from xai_ad.data.decoding.pixels import eight_bit
from xai_ad.data.decoding.tiffs import rare_tiff
from xai_ad.errors import ImageError

warnings.filterwarnings("ignore", category=Pillow.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL(\.|$)")  # of EXIF that viewers pass over
# Once and for all threads, since `catch_warnings` is for one thread alone; the limit here is the stricter one.

_ORIENTATION = 0x0112
_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""What brings a picture of an EXIF orientation upright."""


class RareTiffError(ImageError):
    """A TIFF picture of a kind that Pillow does not know."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedImage:
    """An image that was read and decoded once: the SHA-256 of its bytes, and its pixels as `decode_image` has them.

    `levels` is the value that was taken for white, of a file of more than 8 bits a pixel; `note` says in one line what
    else was decided.
    """

    sha256: str
    pixels: Pillow.Image
    note: str | None = None
    levels: int | None = None


def open_image(
    source: Path | bytes, *, levels: int | None = None, assumed: int | None = None, name: str | None = None
) -> DecodedImage:
    """Read and decode a file, or its bytes; raises `ImageError` as `decode_image` does."""
    data = bytes_of(source)
    found = name or (str(source) if isinstance(source, Path) else "The file")
    return _decode(data, found, levels, assumed)


def decode_image(
    source: Path | bytes, *, levels: int | None = None, assumed: int | None = None, name: str | None = None
) -> Pillow.Image:
    """Decode a file, or its bytes, into an upright 8-bit image of mode L or RGB.

    Of a file with more than 8 bits a pixel `levels` is the value that is white, whatever the file says; `assumed` is
    it where the file does not say. `name` is what errors call it. Raises `ImageError` with one line for what is not an
    image, is damaged, too large or too small, or holds pixels that have no defined brightness.
    """
    return open_image(source, levels=levels, assumed=assumed, name=name).pixels


def open_header(data: bytes, name: str) -> Pillow.Image:
    """Return a file's picture before its pixels are decoded, as stored; `name` stands in the `ImageError` of what is none.

    What decodes it later catches `DAMAGE`.
    """
    return _header(data, name)[0]


def _header(data: bytes, name: str) -> tuple[Pillow.Image, str | None]:
    """Return a file's picture as `open_header` does, and a note where the file holds several."""
    if not data:
        raise ImageError(f"{name} is empty (0 bytes). Choose a {KINDS} picture.")
    try:
        picture = _heif(data, name) if is_heif(data) else Pillow.open(io.BytesIO(data), formats=FORMATS)
        note = choose_page(picture)
    except UnidentifiedImageError as error:
        if data[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
            raise RareTiffError(f"{name} is a TIFF picture of a kind that is not read here.") from error
        hint = " It looks like a video or an archive: give it such an ending." if _moves(data) else ""
        raise ImageError(f"{name} is not a {KINDS} picture.{hint}") from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise ImageError(f"{name} claims too many pixels. At most {MAX_PIXELS:,} are read.") from error
    except DAMAGE as error:
        raise ImageError(
            f"{name} has a damaged header ({_one_line(error)}). Export the picture again."
        ) from error
    require_size(picture.size, name, least=1)
    return picture, note


def _moves(data: bytes) -> bool:
    """Return whether bytes begin as a video's or an archive's do."""
    return data[4:8] == b"ftyp" or data[8:12] == b"AVI " or data[:4] in {b"GIF8", b"\x1aE\xdf\xa3", b"PK\3\4"}


def kind_of(data: bytes) -> str:
    """Return what kind of picture bytes are, as Pillow calls them, or DICOM; empty for none."""
    if begins_as_dicom(data):
        return "DICOM"
    try:
        return open_header(data, "").format or ""
    except ImageError:
        return ""


def is_heif(data: bytes) -> bool:
    """Return whether bytes begin as a HEIC picture's do, and not as an AVIF's."""
    brands = data[8 : min(int.from_bytes(data[:4]), 256)]
    known = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
    return data[4:8] == b"ftyp" and brands[:4] in known and b"avif" not in brands


def _decode(data: bytes, name: str, levels: int | None, assumed: int | None) -> DecodedImage:
    """Decode a file's bytes; `name` stands in the `ImageError` of what cannot be."""
    if begins_as_dicom(data):
        return _decode_dicom(data, name)
    try:
        picture, note = _header(data, name)
    except RareTiffError:
        return _decode_rare(data, name, levels, assumed)
    require_size(picture.size, name)
    white = None
    try:
        if is_deep(picture):
            stored = _orientation(picture) if picture.format == "TIFF" else None  # loading turns those
            pixels = deep_pixels(picture, data, name)
            white = white_of(pixels, name, levels=levels, assumed=assumed)
            note = _with_assumption(note, pixels, white, levels=levels, assumed=assumed)
            shown = reduced(pixels, white)
            shown.info["icc_profile"] = picture.info.get("icc_profile")
            orientation = stored if pixels.as_stored and stored else _orientation(picture)
        else:
            picture.load()
            shown, orientation = picture, _orientation(picture)
        shown = eight_bit(upright(shown, orientation), name)
    except DAMAGE as error:
        raise ImageError(
            f"{name} is damaged or cut short ({_one_line(error)}). Export the picture again."
        ) from error
    return DecodedImage(sha256=sha256_of(data), pixels=shown, note=note, levels=white)


def _decode_rare(data: bytes, name: str, levels: int | None, assumed: int | None) -> DecodedImage:
    """Decode a TIFF file that Pillow does not know."""
    pixels, orientation, note = rare_tiff(data, name)
    white = white_of(pixels, name, levels=levels, assumed=assumed)
    note = _with_assumption(note, pixels, white, levels=levels, assumed=assumed)
    shown = eight_bit(upright(reduced(pixels, white), orientation), name)
    return DecodedImage(sha256=sha256_of(data), pixels=shown, note=note, levels=white)


def _with_assumption(
    note: str | None, pixels: DeepPixels, white: int, *, levels: int | None, assumed: int | None
) -> str | None:
    """Return a note that also tells of a white value that is only assumed."""
    if (
        levels is not None
        or white != assumed
        or white in pixels.stated
        or white_by_values(pixels.span) == white
    ):
        return note
    return " ".join(filter(None, [note, f"White is taken to be {white}, as for the model's training."]))


def _decode_dicom(data: bytes, name: str) -> DecodedImage:
    """Decode a DICOM file, or the first of its frames; levels and turns are its own affair."""
    opened = open_dicom(data, name)
    note = f"It has {opened.frames} frames; the first is judged." if opened.frames > 1 else None
    return DecodedImage(sha256=sha256_of(data), pixels=eight_bit(opened.frame(0), name), note=note)


def upright(picture: Pillow.Image, orientation: object) -> Pillow.Image:
    """Return a picture turned as an EXIF orientation says; one from 2 to 8 says something."""
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)


def _orientation(picture: Pillow.Image) -> object:
    """Return the EXIF orientation, where it can be read: a viewer shows the picture without it too."""
    try:
        return picture.getexif().get(_ORIENTATION)
    except DAMAGE:
        return None


def _heif(data: bytes, name: str) -> Pillow.Image:
    try:
        from pi_heif import HeifImageFile
    except ImportError as error:
        raise ImageError(
            f"{name} is a HEIC picture, and the library that reads it (pi-heif) is missing. Export it as PNG."
        ) from error
    picture: Pillow.Image = HeifImageFile(io.BytesIO(data))
    return picture


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
