"""The pictures in a dataset's folders, as samples, and what a person should know of how they were read."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xai_ad.data.decoding import SUFFIXES, names_image, sha256_of
from xai_ad.data.hidden import visible_in
from xai_ad.data.masks.matching import match_masks
from xai_ad.data.sets.base import ANOMALOUS, Sample, Subset
from xai_ad.data.sets.tree import folders_beneath, is_mask_folder, listing
from xai_ad.data.wording import are, bare, counted, listed, short
from xai_ad.errors import DatasetError

_NAMED = """
gif apng jfif jpe dib jp2 j2k jpf jpx jxl jxr heic heif avif mpo psd xcf svg ico pgm ppm pbm pnm pfm tga pcx sgi exr hdr
dds eps raw dng cr2 cr3 crw nef nrw arw raf orf rw2 pef srw 3fr iiq x3f dcm dicom nii fits mhd nd2 czi lif svs ndpi
"""
UNREAD = frozenset(f".{suffix}" for suffix in _NAMED.split()) - SUFFIXES
"""Formats of pictures that are not read: files of them in a class's folder are told of."""
_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
"""How PNG, JPEG and TIFF files begin."""
_MASK_STEM = re.compile(r"(.+)[_-](?:mask|gt|label|ground_?truth)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was read of some folders: samples, and notes for `Dataset.notes`."""

    samples: tuple[Sample, ...] = ()
    notes: tuple[str, ...] = ()


def joined(parts: Iterable[Found]) -> Found:
    """Return what was read of several folders together, in their order."""
    every = list(parts)
    return Found(
        samples=tuple(sample for part in every for sample in part.samples),
        notes=tuple(note for part in every for note in part.notes),
    )


def images_in(folder: Path) -> list[Path]:
    """Return the image files directly in a folder, by name."""
    found = (path for path, is_folder in listing(folder) if not is_folder and names_image(path))
    return [path for path in found if path.is_file()]


def read_samples(
    folder: Path,
    *,
    label: int,
    kind: str,
    subset: Subset,
    group: str | None = None,
    others: Collection[str] = (),
    within: bool = True,
) -> Found:
    """Read the images in a folder, and in those `within`, as samples of one class, with the masks that lie beside them.

    `others` are bare names that no folder within may have, since they mean something else than this class: then, and
    for links that lead nowhere, it raises `DatasetError`.
    """
    places = list(folders_beneath(folder)) if within else [folder]
    inner = [place for place in places[1:] if not is_mask_folder(place)]
    for place in inner:
        if bare(place.name) in others:
            raise DatasetError(
                f"{str(place)!r} lies in a folder of the class {kind!r}, and its name says something else. Move it out, or "
                "rename it."
            )
    beside = [masks_beside(_pictures_in(place)) for place in (folder, *inner)]
    pictures = [path for found in beside for path in found]
    known = {path: found for place in beside for path, found in place.items() if found}
    found = known if label == ANOMALOUS else {}
    return Found(
        samples=tuple(
            Sample(
                path=path,
                label=label,
                kind=kind,
                subset=subset,
                sha256=sha256_of(path),
                masks=found.get(path, ()),
                group=group,
            )
            for path in pictures
        ),
        notes=(*_notes(folder, places), *_beside_note(folder, known)),
    )


def with_masks_in(masks: Path, classes: Mapping[Path, Found]) -> Found:
    """Return the samples of classes by their folders, defective ones that share one folder of masks, with these.

    The pictures of all of them are matched together. Of those in a folder within a class's the masks lie in the folder of
    the same place, if there is one.
    """
    by_place: dict[Path, list[Path]] = {}
    for folder, found in classes.items():
        for sample in found.samples:
            if not sample.masks:
                place = masks / sample.path.parent.relative_to(folder)
                by_place.setdefault(place if place.is_dir() else masks, []).append(sample.path)
    matches = [match_masks(members, place, others=by_place.keys()) for place, members in by_place.items()]
    own = {path: files for match in matches for path, files in match.masks.items()}
    whole = joined(classes.values())
    return Found(
        samples=tuple(replace(sample, masks=own.get(sample.path, sample.masks)) for sample in whole.samples),
        notes=(*whole.notes, *(note for match in matches for note in match.notes)),
    )


def _pictures_in(place: Path) -> list[Path]:
    """Return the images directly in a folder; raises `DatasetError` for links that lead nowhere."""
    lost = [path.name for path in visible_in(place) if names_image(path) and not path.exists()]
    if lost:
        raise DatasetError(
            f"{counted(len(lost), 'picture')} in {str(place)!r} cannot be found: {listed(lost, 3)}. The links lead nowhere."
        )
    return images_in(place)


def masks_beside(pictures: Sequence[Path]) -> dict[Path, tuple[Path, ...]]:
    """Return the images of one folder that are no masks, and which of the others are their masks, by the names.

    A mask is called like its picture, with `_mask`, `_GT` or `_label` behind.
    """
    stems = {path.stem.casefold() for path in pictures}
    mine: dict[str, list[Path]] = {}
    for path in pictures:
        match = _MASK_STEM.fullmatch(path.stem.casefold())
        if match and match[1] in stems:
            mine.setdefault(match[1], []).append(path)
    masks = {mask for members in mine.values() for mask in members}
    return {path: tuple(mine.get(path.stem.casefold(), ())) for path in pictures if path not in masks}


def _beside_note(folder: Path, known: Mapping[Path, tuple[Path, ...]]) -> list[str]:
    if not known:
        return []
    names = listed((mask.name for masks in known.values() for mask in masks), 3)
    return [
        f"In {short(folder)} {counted(len(known), 'picture')} with a mask beside it: {names}. They are no pictures."
    ]


def _notes(folder: Path, places: Sequence[Path]) -> Iterator[str]:
    """Yield what a person should know of how a class's folders were read, a line each."""
    read = {place: len(images_in(place)) for place in places}
    within = [place for place in places[1:] if read[place] and not is_mask_folder(place)]
    if within:
        number = sum(read[place] for place in within)
        names = listed(place.relative_to(folder).as_posix() for place in within)
        yield f"{counted(number, 'picture')} in folders within {short(folder)} {are(number)} read as well: {names}."
    for place in places[1:]:
        if read[place] and is_mask_folder(place):
            yield (
                f"{counted(read[place], 'picture')} in {short(place)} {are(read[place])} not read: the folder's name says "
                "that they are masks."
            )
    unread = unread_formats(places)
    if unread:
        yield f"In {short(folder)} {unread}."
    if not any(read.values()):
        yield f"{short(folder)} holds no pictures."


def unread_formats(places: Iterable[Path]) -> str:
    """Return how many files in some folders are pictures of formats that are not read, and which; empty for none."""
    suffixes = Counter(
        path.suffix.lower() or "without a suffix"
        for place in places
        for path in visible_in(place)
        if (path.suffix.lower() in UNREAD or not path.suffix) and path.is_file() and _is_picture(path)
    )
    number = suffixes.total()
    return f"{counted(number, 'file')} {are(number)} not read: {listed(sorted(suffixes))}" if number else ""


def _is_picture(path: Path) -> bool:
    """Return whether a file has a picture's suffix, or none and begins like a picture."""
    if path.suffix:
        return True
    with path.open("rb") as file:
        return file.read(4).startswith(_BEGINNINGS)


def require_some(found: Found, folder: Path) -> None:
    """Raise `DatasetError` where a folder that must have pictures has none."""
    if not found.samples:
        unread = unread_formats(folders_beneath(folder))
        raise DatasetError(
            f"No pictures in {str(folder)!r}. Pictures end in {', '.join(sorted(SUFFIXES))}"
            + (f"; {unread}." if unread else ".")
        )
