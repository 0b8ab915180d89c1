"""What a session uploaded: pictures by their hash, listed for each dataset, within bounds."""

from collections.abc import Iterable

from xai_ad.data.decoding import SUFFIXES
from xai_ad.inspection.image_files import ImageFile, make_image_file

TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)
"""Endings of the files that an uploader takes."""
MOST = 64
LARGEST_TOTAL = 256 * 2**20
"""Bytes of all pictures together; the oldest go."""
LONGEST_NAME = 80
DIGITS = 12
"""Of the hash, as the address has it."""


class Uploads:
    """A session's uploads; a picture that came twice is kept once, by its first name."""

    def __init__(self, *, most: int = MOST, largest_total: int = LARGEST_TOTAL) -> None:
        self._most, self._largest_total = most, largest_total
        self._files: dict[str, ImageFile] = {}
        self._listed: dict[str, list[str]] = {}

    def of(self, dataset: str) -> dict[str, ImageFile]:
        """Return a dataset's uploads by token, in the order they came."""
        return {token: self._files[token] for token in self._listed.get(dataset, ())}

    def add(self, dataset: str, image_file: ImageFile) -> str:
        """List a picture for a dataset and return its token."""
        token = token_of(image_file)
        self._files[token] = image_file
        listed = self._listed.setdefault(dataset, [])
        if token not in listed:
            listed.append(token)
        return token

    def remove(self, dataset: str, token: str) -> None:
        """Take a picture off a dataset's list; it is forgotten once it is on none."""
        if token in self._listed.get(dataset, ()):
            self._listed[dataset].remove(token)
        self._forget_unlisted()

    def trim(self, keep: Iterable[str] = ()) -> list[str]:
        """Forget the oldest pictures until all are within bounds, but none of `keep`; return their names."""
        spared, gone = set(keep), []
        for token in [token for token in self._files if token not in spared]:
            size = sum(len(file.content) for file in self._files.values())
            if len(self._files) <= self._most and size <= self._largest_total:
                break
            gone.append(self._files[token].name)
            for listed in self._listed.values():
                if token in listed:
                    listed.remove(token)
            self._forget_unlisted()
        return gone

    def _forget_unlisted(self) -> None:
        listed = {token for tokens in self._listed.values() for token in tokens}
        self._files = {token: file for token, file in self._files.items() if token in listed}


def token_of(image_file: ImageFile) -> str:
    """Return what the address calls an upload: the beginning of its hash, and its name for those who lack it."""
    return f"{image_file.sha256[:DIGITS]}-{image_file.name}"


def same_upload(one: str, other: str) -> bool:
    """Return whether two tokens name the same bytes."""
    return one[:DIGITS] == other[:DIGITS]


def name_in(token: str) -> str:
    """Return the file's name in a token, as far as it has one.

    >>> name_in("0123456789ab-part7.png"), name_in("nonsense")
    ('part7.png', 'nonsense')
    """
    digits, _, name = token.partition("-")
    return safe_name(name) if name and len(digits) == DIGITS else safe_name(token)


def uploaded(name: str, content: bytes) -> ImageFile:
    """Return an uploaded picture under a name that can be shown."""
    return make_image_file(safe_name(name), content)


def safe_name(name: str) -> str:
    r"""Return a file's name as it is shown: without folders and invisible signs, and not too long.

    >>> safe_name("../../part\n7.png"), safe_name("C:\\\\parts\\\\a.png"), safe_name("\u202e")
    ('part7.png', 'a.png', 'unnamed picture')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(sign for sign in last if sign.isprintable()).strip()
    if len(visible) > LONGEST_NAME:
        visible = f"{visible[: LONGEST_NAME // 2]}...{visible[-LONGEST_NAME // 3 :]}"
    return visible or "unnamed picture"
