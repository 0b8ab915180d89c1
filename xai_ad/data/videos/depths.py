"""Frames of more than 8 bits: which value is white in all of a clip."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from xai_ad.data.decoding.survey import Survey, may_be_deep, survey, survey_of
from xai_ad.data.videos.base import FrameSource
from xai_ad.data.videos.sources import FolderFrames, ZipFrames


def at_levels(source: FrameSource, *, levels: int | None = None, assumed: int | None = None) -> FrameSource:
    """Return a source whose frames know which value is white: `levels`, or `assumed` where their files do not say it."""
    if isinstance(source, FolderFrames | ZipFrames):
        return replace(source, levels=levels, assumed=assumed)
    return source


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """A source whose frames know which value is white, that value where they need it, and a note where it was decided."""

    source: FrameSource
    white: int | None = None
    note: str | None = None


def surveyed(source: FrameSource, *, levels: int | None = None, assumed: int | None = None) -> Surveyed:
    """Return a source at the levels that were given, else those that its own values allow."""
    if levels is not None:
        return Surveyed(source=at_levels(source, levels=levels), white=levels)
    found: Survey[Path] | Survey[str]
    if isinstance(source, FolderFrames):
        found = survey(source.files, assumed=assumed)
    elif isinstance(source, ZipFrames):
        found = survey_of(_deep_in(source), levels=None, assumed=assumed)
    else:
        return Surveyed(source=source)
    white = next(iter(found.whites.values()), None)
    return Surveyed(source=at_levels(source, assumed=white), white=white, note=found.note)


def _deep_in(source: ZipFrames) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the frames of an archive that may be deep; what cannot be read is refused where it is used."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            for name in source.names:
                with archive.open(name) as entry:
                    head = entry.read(26)
                if may_be_deep(head):
                    yield name, partial(archive.read, name)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError):
        return
