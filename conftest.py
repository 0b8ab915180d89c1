"""What the tests and the examples in docstrings share: a home of their own."""

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """No test reads or writes the user's own folder."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XAI_AD_HOME", str(folder))
    return folder
