"""What the publishers of video sets say of their frames: tables and MATLAB text."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from xai_ad.data.tables import read_table
from xai_ad.errors import DatasetError

FRAME_LABELS = "frame_labels.csv"
_STATEMENT = re.compile(r"gt_frame\s*=\s*\[([^\]]*)\]")
_RANGE = re.compile(r"(\d+)(?:\s*:\s*(\d+))?")


def read_frame_labels(path: Path) -> dict[str, dict[int, bool]]:
    """Return a `frame_labels.csv`: by clip and frame number, whether the frame is anomalous.

    Raises `DatasetError` naming the first bad row.
    """
    labels: dict[str, dict[int, bool]] = {}
    for number, (clip, frame, label) in enumerate(read_table(path, ("clip", "frame", "label")), 2):
        if not clip or not frame.isdecimal() or label not in {"0", "1"}:
            raise DatasetError(
                f"Line {number} of {path} is no label: a clip, a frame's number, 0 or 1. Got "
                f"{clip!r}, {frame!r}, {label!r}."
            )
        if int(frame) in labels.setdefault(clip, {}):
            raise DatasetError(f"Line {number} of {path} labels frame {frame} of {clip!r} again.")
        labels[clip][int(frame)] = label == "1"
    return labels


def read_event_text(path: Path) -> list[list[tuple[int, int]]]:
    """Return the ranges of anomalous frames, first and last, of each clip in a publisher's `.m` file, in its order.

    Its statements are `TestVideoFile{end+1}.gt_frame = [60:152, 170];`. Raises `DatasetError` for a file without any.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}).") from error
    code = "\n".join(line.split("%")[0] for line in text.splitlines())
    found = []
    for statement in _STATEMENT.findall(code):
        if re.sub(_RANGE, "", statement).strip(" ,;\t\n"):
            raise DatasetError(
                f"{path} holds the ranges {statement.strip()!r}; a range is first:last or a number."
            )
        found.append([(int(first), int(last or first)) for first, last in _RANGE.findall(statement)])
    if not found:
        raise DatasetError(f"{path} holds no line like 'TestVideoFile{{end+1}}.gt_frame = [60:152];'.")
    return found


def labels_of_ranges(
    numbers: Sequence[int], ranges: Iterable[tuple[int, int]], *, reach: int = 0, of: str
) -> tuple[bool, ...]:
    """Return whether each frame lies in a range, first to last, widened by `reach` frames to either side.

    Raises `DatasetError`, naming `of`, for a range that ends before it begins or lies outside the clip.
    """
    labels = np.zeros(len(numbers), dtype=bool)
    frames = np.asarray(numbers)
    for first, last in ranges:
        if not numbers[0] <= first <= last <= numbers[-1]:
            raise DatasetError(
                f"The labels of {of} do not match its frames: they mark {first} to {last}, and the frames are "
                f"{numbers[0]} to {numbers[-1]}."
            )
        labels |= (frames >= first - reach) & (frames <= last + reach)
    return tuple(labels.tolist())


def labels_of_table(numbers: Sequence[int], table: dict[int, bool], *, of: str) -> tuple[bool, ...]:
    """Return each frame's label; raises `DatasetError`, naming `of`, unless the table labels these frames and no others."""
    missing = [number for number in numbers if number not in table]
    surplus = sorted(set(table) - set(numbers))
    if missing or surplus:
        which = ", ".join(str(number) for number in (missing or surplus)[:3])
        problem = f"{len(surplus)} labels have no frame"
        if missing:
            problem = f"{len(missing)} of {len(numbers)} frames have no label"
        raise DatasetError(f"The labels of {of} do not match its frames: {problem}, the first: {which}.")
    return tuple(table[number] for number in numbers)
