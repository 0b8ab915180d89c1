"""A video or an archive of one frame: no clip, but the picture that it is."""

from itertools import islice
from pathlib import Path

from xai_ad.data.decoding import DecodedImage, open_image
from xai_ad.data.videos.depths import at_levels
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.errors import ImageError


def is_still(path: Path) -> bool:
    """Return whether a file that looks like a clip holds one frame and no more; one that is damaged does not."""
    if path.is_dir() or not is_clip(path):
        return False
    try:
        return len(list(islice(open_frames(path).undecoded(), 2))) == 1
    except ImageError:
        return False


def open_picture(path: Path, *, levels: int | None = None, assumed: int | None = None) -> DecodedImage:
    """Read and decode an image file, or the one frame of a file that `is_still`; raises `ImageError` for neither.

    `levels` and `assumed` are as `decode_image` has them.
    """
    if not is_still(path):
        return open_image(path, levels=levels, assumed=assumed)
    source = at_levels(open_frames(path), levels=levels, assumed=assumed)
    ((_, decode),) = islice(source.undecoded(), 1)
    return DecodedImage(sha256=source.sha256, pixels=decode())
