"""A module asked in a process of its own."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from xai_ad.benchmarks import processes
from xai_ad.benchmarks.processes import ask_own_process
from xai_ad.errors import BenchmarkError


@dataclass(frozen=True)
class Question:
    """What is asked."""

    folder: Path
    count: int


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    folder: Path
    doubled: int


ANSWERING = """
import json, sys
question = json.loads(sys.argv[1])
print("what a library prints")
print(json.dumps({"folder": question["folder"], "doubled": 2 * question["count"]}))
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that can be run from where processes are started."""

    def write(text):
        (tmp_path / "answering.py").write_text(text)
        monkeypatch.setattr(processes, "CHECKOUT", tmp_path)
        return "answering"

    return write


def test_the_last_line_is_the_answer(module):
    found = ask_own_process(module(ANSWERING), Question(Path("/some/where"), 21), Reply, what="a test")
    assert found == Reply(Path("/some/where"), 42)


def test_a_process_that_fails_is_quoted_by_its_last_words(module):
    with pytest.raises(
        BenchmarkError, match=r"process of a test ended with 1: KeyError: 'missing'. Mend that"
    ):
        ask_own_process(module("raise KeyError('missing')"), Question(Path(), 1), Reply, what="a test")
