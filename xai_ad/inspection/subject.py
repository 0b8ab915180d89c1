"""What is asked about, read and decoded once: an image file, or one frame of a clip."""

from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image as Pillow
from torch import Tensor

from xai_ad.data.cutting import cut_out
from xai_ad.data.decoding import sha256_of
from xai_ad.data.fitting import Fit, Fitting, Size
from xai_ad.data.images import prepare, to_float
from xai_ad.data.reading import seen_part
from xai_ad.data.videos.base import FrameSource
from xai_ad.data.videos.depths import surveyed
from xai_ad.data.videos.frames import FrameStream
from xai_ad.data.videos.sources import is_clip, open_frames
from xai_ad.data.videos.stills import is_still, open_picture
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.placement import Placement, placement_of
from xai_ad.detector.streams import frame_in_window
from xai_ad.errors import ImageError, InvalidInputError
from xai_ad.inspection.likeness import squeezed_size
from xai_ad.inspection.request import Source
from xai_ad.presentation.report import path_text
from xai_ad.presentation.shapes import Fitted, fitted_as
from xai_ad.store import ModelCard
from xai_ad.types import Image


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """An image of a source: what of it a network sees, at its own resolution, and as the network takes it.

    `fitted` says how it was, where its shape is not the model's. `pixels` are (C, H, W) uint8; for a network that sees
    frames together they are a window of them, (T, C, H, W), in which the image has its `place`.
    """

    source: Source
    fitted: Fitted
    seen: Pillow.Image
    pixels: Tensor
    placement: Placement
    place: int = 0
    squeezed: Size | None = None  # what to compare with the training images' shape
    note: str | None = None
    """What was decided in reading the file: which of several pages, which value is white."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the image was read and fitted, a line each."""
        return tuple(filter(None, [self.note, self.fitted.note]))

    @property
    def image(self) -> Image:
        """The pixels as the network takes them, float32 in [0, 1], of the same shape."""
        return to_float(self.pixels)

    @property
    def still(self) -> Image:
        """The image alone, (C, H, W), without those that are seen with it."""
        return self.image[self.place] if self.pixels.ndim == 4 else self.image


def open_subject(
    path: Path,
    detector: AnomalyClassifier,
    card: ModelCard,
    *,
    frame: int | None = None,
    fit: Fitting = Fit.CROP,
    levels: int | None = None,
) -> Subject:
    """Read an image, or the frame of a clip that has a number, and those that the network sees with it.

    `fit` is what is made of one whose shape is not the model's, `levels` the value that is white in a file of more than
    8 bits a pixel, where that is known. Raises `ImageError` for what cannot be read, and `InvalidInputError` for a clip
    without a `frame`, an image with one, and an image for a model that sees several frames together.
    """
    together = detector.grid.frames
    clip = is_clip(path) and not (frame is None and together == 1 and is_still(path))
    if clip and frame is None:
        raise InvalidInputError(
            f"{path_text(path)} is a clip. Say which of its frames to explain: --frame N."
        )
    if not clip and together > 1:
        raise InvalidInputError(
            f"The model {card.id!r} scores clips of {together} frames and no single pictures. Inspect a video with "
            "it, or explain a frame of one."
        )
    if frame is None:
        return open_still(path, card, fit, levels=levels)
    if not clip:
        raise InvalidInputError(
            f"{path_text(path)} is a single picture and has no frames. Leave out --frame."
        )
    return _open_frame(path, detector, card, number=frame, fit=fit, levels=levels)


def open_still(path: Path, card: ModelCard, fit: Fitting = Fit.CROP, *, levels: int | None = None) -> Subject:
    """Read an image, or the one frame of a video that has no more; raises `ImageError` for what cannot be read."""
    decoded = open_picture(path, levels=levels, assumed=card.preprocessing.levels)
    source = Source(path=path_text(path), sha256=decoded.sha256, levels=decoded.levels)
    return replace(_still(decoded.pixels, source, card, fit), note=decoded.note)


def content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's or a clip's bytes, as a `Source` has it."""
    return open_frames(path).sha256 if is_clip(path) else sha256_of(path)


def _open_frame(
    path: Path,
    detector: AnomalyClassifier,
    card: ModelCard,
    *,
    number: int,
    fit: Fitting,
    levels: int | None,
) -> Subject:
    """Read the frame of a clip that has a number, and those that the network sees with it."""
    clip = surveyed(open_frames(path), levels=levels, assumed=card.preprocessing.levels)
    frames = clip.source
    source = Source(path=path_text(path), sha256=frames.sha256, frame=number, levels=clip.white)
    alone = replace(_still(_frame(frames, number), source, card, fit), note=clip.note)
    if detector.grid.frames == 1:
        return alone
    stream = FrameStream(frames, card.preprocessing, seen=lambda size: seen_part(size, card, fit))
    found = frame_in_window(detector.network, stream, number)
    if found is None:  # it came to be damaged meanwhile
        raise ImageError(f"{path_text(path)} has no frame {number} any more.")
    placement = placement_of(card.preprocessing, alone.placement.seen, found.numbers)
    return replace(alone, pixels=found.pixels, placement=placement, place=found.place)


def _still(picture: Pillow.Image, source: Source, card: ModelCard, fit: Fitting) -> Subject:
    """Return an image by itself, whatever a network sees together."""
    size = picture.height, picture.width
    seen = seen_part(size, card, fit)
    preprocessing = replace(card.preprocessing, frames=None)
    return Subject(
        source=source,
        fitted=fitted_as(size, card, fit),
        seen=cut_out(picture, seen),
        pixels=prepare(picture, preprocessing, seen),
        placement=placement_of(preprocessing, seen, (source.frame or 0,)),
        squeezed=squeezed_size(size, seen, card),
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
