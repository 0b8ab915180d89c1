"""A few clips cut into stretches of pictures, since whole clips validate a training and set its limit."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from xai_ad.data.archives import KEPT_FREE
from xai_ad.data.videos.decoding import promised_frames
from xai_ad.data.videos.sources import open_frames
from xai_ad.errors import DatasetError, ImageError
from xai_ad.machine.files import writing

CLIPS = 10
"""Fewer clips are cut into about so many stretches."""
MOST_FRAMES = 6_000
"""Of all clips together: some minutes of decoding, and about 3 GB of pictures."""
_LEAST_FRAMES = 16
_LONGEST_SIDE = 640


def cut_clips(
    clips: Sequence[Path],
    target: Path,
    *,
    free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free,
) -> int:
    """Write the frames of clips as pictures into numbered folders in `target`; return how many folders.

    Raises `DatasetError` in one line for clips that are too long or cannot be read, and where the disk has no room.
    """
    _require_short(sum(map(_promised, clips)))
    stretches = frames = 0
    for clip in clips:
        aside = target / ".frames"
        written = _write_frames(clip, aside, frames, free)
        pieces = max(1, min(-(-CLIPS // len(clips)), written // _LEAST_FRAMES))
        for place in range(written):
            folder = target / f"{stretches + 1 + place * pieces // written:03d}"
            with writing(folder):
                folder.mkdir(exist_ok=True)
                (aside / _name(place)).rename(folder / _name(place))
        with writing(aside):
            aside.rmdir()
        frames += written
        stretches += pieces if written else 0
    return stretches


def _write_frames(clip: Path, folder: Path, before: int, free: Callable[[Path], int]) -> int:
    """Decode a clip once, `before` frames after others; return how many it has, which no header is trusted with."""
    count = 0
    with writing(folder):
        folder.mkdir()
    try:
        for count, (_, decode) in enumerate(open_frames(clip).undecoded(), 1):
            _require_short(before + count)
            _require_room(free(folder))
            picture = decode().copy()
            picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            with writing(folder):
                picture.save(folder / _name(count - 1), compress_level=1)
    except ImageError as error:
        raise DatasetError(str(error).replace(str(clip), clip.name)) from error
    return count


def _name(place: int) -> str:
    return f"{place + 1:06d}.png"


def _promised(clip: Path) -> int:
    """Return what a header says, so that hours are refused at once; 0 where it says nothing."""
    try:
        return promised_frames(clip) or 0
    except ImageError:
        return 0


def _require_short(frames: int) -> None:
    if frames > MOST_FRAMES:
        raise DatasetError(
            f"Fewer than {CLIPS} clips are cut into pictures, at most {MOST_FRAMES:,} frames of them together, and there are "
            f"{frames:,} or more. Bring shorter ones, or {CLIPS} clips, which are read as they are."
        )


def _require_room(free: int) -> None:
    if free < KEPT_FREE:
        raise DatasetError(
            f"The disk has {free / 2**30:.1f} GiB free, too little for a clip's pictures. Free some space."
        )
