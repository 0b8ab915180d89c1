"""The memory that work takes at most."""

import subprocess
import sys

import numpy as np
import pytest

from xai_ad.errors import BenchmarkError
from xai_ad.machine import memory

GREEDY = """
import subprocess
import sys

import numpy as np
from xai_ad.machine import memory
before = memory.restart_peak()
np.ones(15_000_000)  # 120 MB, gone at once
print(memory.peak() - before)
"""


def test_the_peak_holds_what_was_given_back_since():
    # In a process of its own: other tests may have told this one's allocator to keep what is freed.
    ended = subprocess.run([sys.executable, "-c", GREEDY], capture_output=True, text=True, check=True)
    assert 119 < float(ended.stdout) < 150


def test_an_earlier_peak_is_forgotten():
    np.ones(15_000_000)
    before = memory.restart_peak()
    assert memory.peak() - before < 20


def test_where_linux_does_not_count_there_is_no_figure(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CLEAR", tmp_path / "missing" / "clear_refs")
    with pytest.raises(BenchmarkError, match="Measure speed on Linux"):
        memory.restart_peak()
