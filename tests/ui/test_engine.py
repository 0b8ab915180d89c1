"""The app's engine knows whose browser is there, and for how long it waits for one that is not."""

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.ui import engine


class Runtime:
    """Streamlit's, with one session."""

    def is_active_session(self, name):
        """Return whether a session is connected."""
        return name == "tab"


def test_an_owner_is_present_while_its_browser_is_connected(monkeypatch):
    assert engine.is_present(engine.WARM_UP)
    assert not engine.is_present("tab")  # no server runs
    monkeypatch.setattr(engine.runtime, "exists", lambda: True)
    monkeypatch.setattr(engine.runtime, "get_instance", Runtime)
    assert engine.is_present("tab")
    assert engine.is_present(f"tab{engine.OF_CLIPS}")
    assert engine.is_present(f"tab{engine.OF_MODELS}")
    assert not engine.is_present("closed tab")


def test_the_lease_is_a_setting(monkeypatch):
    monkeypatch.delenv(engine.LEASE, raising=False)
    assert engine.lease() == 30
    monkeypatch.setenv(engine.LEASE, "2.5")
    assert engine.lease() == 2.5


@pytest.mark.parametrize("value", ["soon", "0", "-1", "inf", "nan"])
def test_a_lease_that_is_no_time_is_refused(monkeypatch, value):
    monkeypatch.setenv(engine.LEASE, value)
    with pytest.raises(
        InvalidInputError, match=f"XAI_AD_LEASE is a positive number of seconds. Got '{value}'"
    ):
        engine.lease()
