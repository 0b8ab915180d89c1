"""Where things lie on this computer: what ships beside the package, and the user's own folder."""

import os
from pathlib import Path

from platformdirs import user_data_path

from xai_ad.errors import InvalidInputError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
"""The folder that holds the package: a checkout, with `models`, `sample_data` and `pages` in it, or site-packages."""


def home() -> Path:
    """Return the user's own folder: `XAI_AD_HOME`, else the platform's place for user data."""
    return Path(os.environ.get("XAI_AD_HOME") or user_data_path("xai_ad", appauthor=False))


def shipped_models() -> Path:
    """Return the folder of the shipped models: `XAI_AD_MODELS`, else the checkout's; raises `InvalidInputError`."""
    return _set_or_beside("XAI_AD_MODELS", "models")


def samples() -> Path:
    """Return the folder of the sample sets: `XAI_AD_SAMPLES`, else the checkout's; raises `InvalidInputError`."""
    return _set_or_beside("XAI_AD_SAMPLES", "sample_data")


def pages() -> Path:
    """Return the folder of the app's pages: `XAI_AD_PAGES`, else the checkout's; raises `InvalidInputError`."""
    return _set_or_beside("XAI_AD_PAGES", "pages")


def _set_or_beside(variable: str, name: str) -> Path:
    """Return the folder that a variable names, which must exist, else the one beside the package, which may not."""
    text = os.environ.get(variable)
    if not text:
        return (CHECKOUT / name).resolve()
    if not Path(text).is_dir():
        raise InvalidInputError(f"The environment variable {variable} is a folder that exists. Got {text!r}.")
    return Path(text).resolve()
