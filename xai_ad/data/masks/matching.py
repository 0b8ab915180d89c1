"""Which mask belongs to which picture, by their names: only where no other could be meant, and never by their order.

A mask has its picture's name, or that with a word for masks behind or before it, in any letter case and format; or the
masks of a picture lie in a folder of its name, and are united.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xai_ad.data.decoding import SUFFIXES, names_image
from xai_ad.data.hidden import visible_in
from xai_ad.data.wording import as_written, in_any_case, listed, short

NAMED = 3
"""How many names a note gives."""
_WORDS = r"(?:masks?|gts?|labels?|segs?|segmentations?|ground[ _.-]?truths?|annotations?|anno)"
_BEHIND = re.compile(rf"(.+?)[ _.-]+{_WORDS}", re.IGNORECASE)
_BEFORE = re.compile(rf"{_WORDS}[ _.-]+(.+)", re.IGNORECASE)
_BETWEEN = re.compile(rf"(.+?)[ _.-]+{_WORDS}([ _.-]+.+)", re.IGNORECASE)
_NUMBERED = re.compile(rf"(.+?)[ _.-]+{_WORDS}[ _.-]*\d+", re.IGNORECASE)
"""One of several masks of a picture."""
_PICTURE_WORDS = r"(?:images?|imgs?|im|pictures?|pics?|photos?|rgb|input|orig(?:inal)?)"
_PICTURE = re.compile(rf"(?:(.+?)[ _.-]+{_PICTURE_WORDS}|{_PICTURE_WORDS}[ _.-]+(.+))", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class MaskMatches:
    """The masks found for pictures, and what could not be matched.

    `masks` has every picture: its mask files, several of which are united, or none. `unmatched` are the pictures
    without any, `unused` the mask files, or folders of them, that belong to no picture, by their order. `notes` say so
    to a person, a line each.
    """

    masks: Mapping[Path, tuple[Path, ...]]
    unmatched: tuple[Path, ...] = ()
    unused: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    """One mask file, a series of numbered ones, or a folder of them; `names` are pictures' names that it may be of."""

    place: Path
    files: tuple[Path, ...]
    names: tuple[str, ...]


def match_masks(pictures: Sequence[Path], folder: Path, *, others: Collection[Path] = ()) -> MaskMatches:
    """Return the masks in a folder that belong to pictures; folders in it of `others` are passed over.

    Names are compared as they are, then without regard to letter case, then without the words for pictures. A picture
    that two masks could belong to has none, and neither do pictures that one mask could belong to.
    """
    candidates = _candidates(folder, pictures, others) if folder.is_dir() else []
    found: dict[Path, list[_Candidate]] = {}
    for name_of in (as_written, in_any_case, _without_words):
        left = [picture for picture in pictures if picture not in found]
        taken = {id(one) for several in found.values() for one in several}
        free = [one for one in candidates if id(one) not in taken]
        found |= _paired(left, free, name_of)
    owners: dict[int, list[Path]] = {}
    for picture, several in found.items():
        for one in several:
            owners.setdefault(id(one), []).append(picture)
    clear = {
        picture: several[0].files
        for picture, several in found.items()
        if len(several) == 1 and len(owners[id(several[0])]) == 1
    }
    masks = {picture: clear.get(picture, ()) for picture in pictures}
    unmatched = tuple(picture for picture in pictures if not masks[picture])
    unused = tuple(one.place for one in candidates if id(one) not in owners)
    notes = [
        *(_several(picture, several) for picture, several in found.items() if len(several) > 1),
        *(_shared(one, owners.get(id(one), [])) for one in candidates if len(owners.get(id(one), [])) > 1),
    ]
    if candidates:
        notes += _missing(pictures, unmatched, unused, folder)
    return MaskMatches(masks=masks, unmatched=unmatched, unused=unused, notes=tuple(notes))


def _candidates(folder: Path, pictures: Iterable[Path], others: Collection[Path]) -> list[_Candidate]:
    """Return what may be masks in a folder: its picture files, those numbered for one picture together, and its folders."""
    known = {in_any_case(picture.stem) for picture in pictures}
    found: dict[str, _Candidate] = {}
    for path in visible_in(folder):
        if path in others:
            continue
        if path.is_dir():
            files = tuple(file for file in visible_in(path) if names_image(file) and file.is_file())
            if files:
                found[f"{path.name}/"] = _Candidate(path, files, _names_of_mask(path.name))
        elif names_image(path) and path.is_file():
            numbered = _NUMBERED.fullmatch(path.stem)
            if numbered and in_any_case(numbered[1]) in known and in_any_case(path.stem) not in known:
                before = found.get(f"{numbered[1]}*")
                files = (*before.files, path) if before else (path,)
                found[f"{numbered[1]}*"] = _Candidate(before.place if before else path, files, (numbered[1],))
            else:
                found[path.name] = _Candidate(path, (path,), _names_of_mask(path.stem))
    return list(found.values())


def _names_of_mask(stem: str) -> tuple[str, ...]:
    """Return the names of pictures whose mask may be called so."""
    matches = (pattern.fullmatch(stem) for pattern in (_BEHIND, _BEFORE, _BETWEEN))
    names = (stem, *("".join(match.groups()) for match in matches if match))
    return tuple(dict.fromkeys(name for written in names for name in (written, _without_suffix(written))))


def _without_suffix(name: str) -> str:
    """Return a name without a picture's suffix: masks of `000.jpg` may be called `000.jpg.png`."""
    path = Path(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name


def _paired(
    pictures: Iterable[Path], candidates: Iterable[_Candidate], name_of: Callable[[str], str]
) -> dict[Path, list[_Candidate]]:
    """Return the candidates of each picture that has some, by names as `name_of` has them."""
    named: dict[str, list[_Candidate]] = {}
    for one in candidates:
        for name in {name_of(name) for name in one.names}:
            named.setdefault(name, []).append(one)
    pairs = {}
    for picture in pictures:
        several = named.get(name_of(picture.name), []) or named.get(name_of(picture.stem), [])
        if several:
            pairs[picture] = several
    return pairs


def _without_words(name: str) -> str:
    match = _PICTURE.fullmatch(in_any_case(name))
    return (match[1] or match[2]) if match else in_any_case(name)


def _several(picture: Path, several: Sequence[_Candidate]) -> str:
    names = " and ".join(one.place.name for one in several[:NAMED])
    return (
        f"{short(picture)} has no mask that is clearly its own: {names} could each be it. Remove all but one."
    )


def _shared(one: _Candidate, owners: Sequence[Path]) -> str:
    names = " and ".join(short(picture) for picture in owners[:NAMED])
    return f"The mask {short(one.place)} could belong to {names}, and is used for none. Name it after one of them."


def _missing(
    pictures: Sequence[Path], unmatched: Sequence[Path], unused: Sequence[Path], folder: Path
) -> list[str]:
    notes = []
    if unmatched:
        names = listed((path.name for path in unmatched), NAMED)
        notes.append(
            f"{len(unmatched)} of {len(pictures)} pictures have no mask in {short(folder)}: {names}."
        )
    if unused:
        count = f"{len(unused)} masks belong" if len(unused) > 1 else "1 mask belongs"
        names = listed((path.name for path in unused), NAMED)
        notes.append(f"In {short(folder)} {count} to no picture: {names}.")
    return notes
