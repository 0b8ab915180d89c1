"""Which picture of a set an annotation means, where its paths were another computer's."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xai_ad.data.masks.annotations.base import Drawn
from xai_ad.data.wording import as_written, in_any_case

_EXPORTED = re.compile(r"(.+)_(png|jpe?g|bmp|tiff?|webp)\.rf\.[0-9A-Za-z]+\.\w+", re.IGNORECASE)
"""What Roboflow makes of a file's name."""
_UPLOADED = re.compile(r"[0-9a-f]{8}-(.+)")
"""What Label Studio makes of an uploaded file's."""


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What was drawn on each picture of a set, by its path; what means no picture, and what could mean several."""

    drawn: Mapping[Path, tuple[Drawn, ...]]
    unknown: tuple[Drawn, ...] = ()
    unclear: tuple[tuple[Drawn, tuple[Path, ...]], ...] = ()


def assign(drawn: Iterable[Drawn], pictures: Sequence[Path], likely: Collection[Path]) -> Assigned:
    """Return which picture each drawing means: the one that shares the most of its path's end, at least the name.

    Names are compared as they are, then without regard to letter case, then without suffix. Of several that share as
    much, the only one in `likely` is meant. A picture that drawings of different paths mean alike is meant by none.
    """
    places: dict[Callable[[str], str], dict[str, list[Path]]] = {
        key_of: _by_name(pictures, key_of) for key_of in (as_written, in_any_case, _without_suffix)
    }
    found: dict[Path, list[tuple[int, Drawn]]] = {}
    unknown, unclear = [], []
    for one in drawn:
        several, shared = _meant(one.name, places)
        if len(several) > 1 and not one.is_empty:
            several = [path for path in several if path in likely] or several
        if len(several) == 1:
            found.setdefault(several[0], []).append((shared, one))
        elif several:
            unclear.append((one, tuple(several)))
        else:
            unknown.append(one)
    clear = {}
    for path, members in found.items():
        most = max(shared for shared, _ in members)
        nearest = [one for shared, one in members if shared == most]
        unknown += [one for shared, one in members if shared < most]
        if len({_parts(one.name) for one in nearest}) > 1:
            unclear += [(one, (path,)) for one in nearest]
        else:
            clear[path] = tuple(nearest)
    return Assigned(drawn=clear, unknown=tuple(unknown), unclear=tuple(unclear))


def _meant(name: str, places: dict[Callable[[str], str], dict[str, list[Path]]]) -> tuple[list[Path], int]:
    """Return the pictures that share the most of a path's end, and how many parts that is."""
    *folders, last = _parts(name)
    exported, uploaded = _EXPORTED.fullmatch(last), _UPLOADED.fullmatch(last)
    candidates = [
        last,
        *([f"{exported[1]}.{exported[2]}"] if exported else []),
        *([uploaded[1]] if uploaded else []),
    ]
    for candidate in candidates:
        for key_of, by_name in places.items():
            named = by_name.get(key_of(candidate), ())
            if named:
                shares = [1 + _shared(folders, path.parts[:-1], key_of) for path in named]
                most = max(shares)
                return [path for path, share in zip(named, shares, strict=True) if share == most], most
    return [], 0


def _shared(folders: Sequence[str], others: Sequence[str], key_of: Callable[[str], str]) -> int:
    """Return how many folders, from the end, two paths share."""
    key_of = as_written if key_of is as_written else in_any_case
    count = 0
    for one, other in zip(reversed(folders), reversed(others), strict=False):
        if key_of(one) != key_of(other):
            break
        count += 1
    return count


def _by_name(pictures: Iterable[Path], key_of: Callable[[str], str]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in pictures:
        found.setdefault(key_of(path.name), []).append(path)
    return found


def _parts(name: str) -> tuple[str, ...]:
    """Return a path's parts, whatever system wrote it."""
    return PurePosixPath(name.replace("\\", "/")).parts or (name,)


def _without_suffix(name: str) -> str:
    path = PurePosixPath(in_any_case(name))
    return path.stem if re.fullmatch(r"\.[a-z]{3,5}", path.suffix) else path.name
