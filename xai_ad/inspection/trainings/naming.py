"""Names that a model may still have."""

import re

from xai_ad.errors import InvalidInputError
from xai_ad.machine.places import home, shipped_models

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")


def require_new_name(name: str) -> str:
    """Return a model's id that is valid and not taken; raises `InvalidInputError`."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"A model's name has up to 80 letters, digits, '-', '_' and '.', and no dot in front. Got {name!r}."
        )
    for root in (shipped_models(), home() / "models"):
        taken = [path.name for path in root.iterdir()] if root.is_dir() else []
        if name.casefold() in map(str.casefold, taken):
            raise InvalidInputError(f"There is a model {name!r} already. Choose another name.")
    return name
