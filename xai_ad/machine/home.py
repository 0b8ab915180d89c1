"""Where the user's own files live."""

import os
from pathlib import Path

from platformdirs import user_data_path


def home() -> Path:
    """Return the user's own folder: `XAI_AD_HOME`, else the platform's place for user data."""
    return Path(os.environ.get("XAI_AD_HOME") or user_data_path("xai_ad", appauthor=False))
