"""Files read ahead by some threads, and which value is white in them."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from xai_ad.data.decoding.survey import survey
from xai_ad.data.fitting import Fitting, Size
from xai_ad.data.images import prepare
from xai_ad.data.reading import seen_part
from xai_ad.data.videos.stills import open_picture
from xai_ad.errors import ImageError
from xai_ad.inspection.likeness import squeezed_size
from xai_ad.inspection.subject import Subject, open_still
from xai_ad.presentation.shapes import Fitted, fitted_as
from xai_ad.store import ModelCard

READERS = min(4, os.cpu_count() or 1)
"""Threads that decode images ahead."""


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Which value is white in files of more than 8 bits a pixel: the one that was given, or that of each file."""

    given: int | None = None
    whites: Mapping[Path, int] = field(default_factory=dict)

    def of(self, path: Path) -> int | None:
        """Return it for a file, or None where that says it itself."""
        return self.whites.get(path, self.given)


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """A file, and what was read of it: what a model takes, or one line that says why not."""

    path: Path
    pixels: Tensor | None = None
    """(C, H, W) uint8: were they divided here, each thread that reads would start torch's own threads."""
    subject: Subject | None = None
    error: str | None = None
    fitted: Fitted = Fitted()  # noqa: RUF009  # frozen
    note: str | None = None
    squeezed: Size | None = None


def read_ahead(
    read: Callable[[Path], Read], paths: Iterator[Path], *, ahead: int
) -> Generator[Read, None, None]:
    """Yield what is read of files, in order, some threads being up to `ahead` files further."""
    waiting: deque[Future[Read]] = deque()
    readers = ThreadPoolExecutor(READERS, thread_name_prefix="images")
    try:
        for path in paths:
            waiting.append(readers.submit(read, path))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        readers.shutdown(cancel_futures=True)


def read_file(path: Path, *, card: ModelCard, fit: Fitting, keep: bool, levels: Levels) -> Read:
    """Read an image as a model sees it; what is wrong with it stands in what is returned."""
    try:
        if keep:
            subject = open_still(path, card, fit, levels=levels.of(path))
            return Read(
                path=path,
                pixels=subject.pixels,
                subject=subject,
                fitted=subject.fitted,
                note=subject.note,
                squeezed=subject.squeezed,
            )
        found = open_picture(path, levels=levels.of(path), assumed=card.preprocessing.levels)
        size = found.pixels.height, found.pixels.width
        seen = seen_part(size, card, fit)
        pixels = prepare(found.pixels, card.preprocessing, seen)
    except ImageError as error:
        return Read(path=path, error=str(error))
    squeezed, fitted = squeezed_size(size, seen, card), fitted_as(size, card, fit)
    return Read(path=path, pixels=pixels, fitted=fitted, note=found.note, squeezed=squeezed)


def levels_of(
    files: Sequence[tuple[Path, bool]],
    card: ModelCard,
    given: int | None,
    on_note: Callable[[str], None],
) -> Levels:
    """Return which value is white in the images among files and clips, and tell where their values decided it."""
    images = [path for path, is_clip in files if not is_clip]
    found = survey(images, levels=given, assumed=card.preprocessing.levels)
    if found.note is not None:
        on_note(found.note)
    return Levels(given=given, whites=found.whites)
