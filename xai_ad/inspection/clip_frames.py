"""One frame of a clip that was scored, as a case: read again by the shortest way, with those that the network sees with it."""

import io
from dataclasses import replace

import torch
from PIL import Image as Pillow

from xai_ad.data.fitting import Fit, Fitting
from xai_ad.data.images import prepare, to_float
from xai_ad.data.reading import seen_part
from xai_ad.detector.placement import placement_of
from xai_ad.detector.streams import window_around
from xai_ad.errors import ImageError
from xai_ad.inspection.cases import Case, ClipFrame, judged_image
from xai_ad.inspection.clip_files import ClipFile
from xai_ad.inspection.clip_scoring import ScoredClip
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.models import OpenModel
from xai_ad.inspection.request import Source
from xai_ad.inspection.results import BoundedCache
from xai_ad.store import Fingerprint

_FRAMES: BoundedCache[tuple[Fingerprint, Source | None, str, Fitting, int, float], Case] = BoundedCache(24)
"""The frames that were opened last: of a clip of large pictures about 3 MB each."""


def open_frame(
    model: OpenModel, clip: ClipFile, scored: ScoredClip, number: int, fit: Fitting = Fit.CROP
) -> Case:
    """Return a scored frame, judged by the score that it has in its clip.

    Raises `ImageError` for a number that no scored frame has, and where the clip cannot be read any more.
    """
    place = scored.place_of(number)
    if place is None:
        raise ImageError(f"{clip.name} has no scored frame {number}.")
    score = float(scored.judged.scores[place])
    key = (model.fingerprint, model.normal, clip.sha256, fit, number, score)
    return _FRAMES.get_or(key, lambda: _opened(model, clip, scored, place, fit))


def _opened(model: OpenModel, clip: ClipFile, scored: ScoredClip, place: int, fit: Fitting) -> Case:
    card, judged = model.card, scored.judged
    number = int(judged.numbers[place])
    own = int(scored.read.searchsorted(number))
    together: tuple[int, ...] = (own,)
    where = 0
    if model.classifier.grid.frames > 1:
        found = window_around(model.classifier.network, scored.read.tolist(), own)
        if found is None:
            raise ImageError(f"Those that frame {number} of {clip.name} is seen with were not read yet.")
        together, where = found
    pictures = _pictures(clip, scored, set(together))
    picture = pictures[own]
    seen = {index: seen_part((each.height, each.width), card, fit) for index, each in pictures.items()}
    pixels = {index: prepare(each, card.preprocessing, seen[index]) for index, each in pictures.items()}
    window = torch.stack([pixels[index] for index in together])  # (T, C, H, W)
    placement = placement_of(
        card.preprocessing, seen[own], tuple(int(scored.read[index]) for index in together)
    )
    source = Source(path=clip.name, sha256=clip.sha256, frame=number, levels=scored.white)
    frame = ClipFrame(source=source, score=float(judged.scores[place]), place=where)
    image_file = make_image_file(f"{clip.name}, frame {number}", _encoded(picture))
    image = to_float(window if len(together) > 1 else window[0])
    case = judged_image(model, image_file, image, placement, frame=frame)
    return replace(case, likeness=judged.likenesses[place]) if judged.likenesses else case


def _pictures(clip: ClipFile, scored: ScoredClip, wanted: set[int]) -> dict[int, Pillow.Image]:
    """Return the decoded frames of some indices among those that were read."""
    places = {int(scored.positions[index]): index for index in wanted}
    start, last = min(places), max(places)
    found = {}
    try:
        for position, (_, decode) in enumerate(scored.source.undecoded(start), start):
            if position in places:
                found[places[position]] = decode()
            if position >= last:
                break
    except ImageError as error:
        raise ImageError(clip.said(str(error))) from error
    if len(found) < len(places):
        raise ImageError(f"{clip.name} cannot be read as it was when it was scored. Open it again.")
    return found


def _encoded(picture: Pillow.Image) -> bytes:
    """Return a picture's bytes without loss; compressed little, since it is made while a person waits."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
