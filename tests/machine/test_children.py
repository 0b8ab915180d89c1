"""A child of the app's server finds the standard library, though the server's own path has a folder that hides it."""

import subprocess
import sys

from xai_ad.machine.children import PACKAGE, child_environment


def test_a_childs_inspect_is_the_standard_librarys(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGE / "ui"))  # as Streamlit does with its script's folder
    program = "import inspect, xai_ad.data.specs; print(inspect.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", program], env=child_environment(), capture_output=True, text=True, check=True
    ).stdout
    assert not said.startswith(str(PACKAGE))


def test_settings_come_on_top_of_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("OTHER", "kept")
    found = child_environment(OMP_NUM_THREADS="1")
    assert (found["OMP_NUM_THREADS"], found["OTHER"]) == ("1", "kept")
