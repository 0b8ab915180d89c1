"""What is asked about, read and decoded once: an image file, or one frame of a clip."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow
from torch import Tensor

from xai_ad.data.images import Preprocessing, cropped, open_image, prepare, sha256_of, to_float
from xai_ad.data.videos.sources import FrameSource, is_clip, open_frames
from xai_ad.detector.placement import Placement, placement_of
from xai_ad.errors import ImageError, InvalidInputError
from xai_ad.inspection.request import Source
from xai_ad.presentation.report import path_text
from xai_ad.store import ModelCard
from xai_ad.types import Image


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """An image of a source: what of it a network sees, at its own resolution and at the network's, (C, H, W) uint8."""

    source: Source
    seen: Pillow.Image
    pixels: Tensor
    placement: Placement

    @property
    def image(self) -> Image:
        """The image as the network takes it, (C, H, W) float32 in [0, 1]."""
        return to_float(self.pixels)


def open_subject(path: Path, card: ModelCard, *, frame: int | None = None) -> Subject:
    """Read an image, or the frame of a clip that has a number.

    Raises `ImageError` for what cannot be read, and `InvalidInputError` for a clip without a `frame`, an image with
    one, and a model that sees several frames together.
    """
    seen_together = card.preprocessing.frames or 1
    if seen_together > 1:
        raise InvalidInputError(
            f"The model {card.id!r} scores clips of {seen_together} frames and no single pictures. Inspect a video "
            "with it; explaining its frames comes later."
        )
    clip = is_clip(path)
    if clip and frame is None:
        raise InvalidInputError(
            f"{path_text(path)} is a clip. Say which of its frames to explain: --frame N."
        )
    if frame is None:
        decoded = open_image(path)
        return _subject(
            decoded.pixels, Source(path=path_text(path), sha256=decoded.sha256), card.preprocessing
        )
    if not clip:
        raise InvalidInputError(
            f"{path_text(path)} is a single picture and has no frames. Leave out --frame."
        )
    clip_source = open_frames(path)
    picture = _frame(clip_source, frame)
    source = Source(path=path_text(path), sha256=clip_source.sha256, frame=frame)
    return _subject(picture, source, card.preprocessing)


def content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's or a clip's bytes, as a `Source` has it."""
    return open_frames(path).sha256 if is_clip(path) else sha256_of(path)


def _subject(picture: Pillow.Image, source: Source, preprocessing: Preprocessing) -> Subject:
    return Subject(
        source=source,
        seen=cropped(picture, preprocessing),
        pixels=prepare(picture, preprocessing),
        placement=placement_of(preprocessing, (picture.height, picture.width), (source.frame or 0,)),
    )


def _frame(clip: FrameSource, wanted: int) -> Pillow.Image:
    """Return the decoded frame of a number; raises `ImageError` where it is damaged or there is none."""
    numbers: list[int] = []
    for number, decode in clip.undecoded():
        if number == wanted:
            return decode()
        numbers.append(number)
    span = f"from {numbers[0]} to {numbers[-1]}" if numbers else "none"
    raise ImageError(f"{path_text(clip.path)} has no frame {wanted}; its frames' numbers are {span}.")
