"""A function asked in a process of its own."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from xai_ad.benchmarks import processes
from xai_ad.benchmarks.processes import ask
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


def double(question: Question) -> Reply:
    """Answer, and print as a library does."""
    sys.stdout.write("what a library prints\n")
    return Reply(question.folder, 2 * question.count)


def fail(question: Question) -> Reply:
    """End without an answer."""
    raise KeyError("missing")


def test_the_last_line_is_the_answer():
    found = ask(double, Question(Path("/some/where"), 21), tuned=True, what="a test")
    assert found == Reply(Path("/some/where"), 42)


def test_a_process_that_fails_is_quoted_by_its_last_words():
    with pytest.raises(
        BenchmarkError, match=r"process of a test ended with 1: KeyError: 'missing'. Mend that"
    ):
        ask(fail, Question(Path(), 1), tuned=False, what="a test")


@pytest.mark.parametrize(("tuned", "count"), [(False, 0), (True, 1)])
def test_the_allocator_is_tuned_where_that_is_asked_for(tuned, count, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(processes, "tune_allocator", lambda: calls.append(True))
    request = json.dumps({"folder": "/x", "count": 4})
    monkeypatch.setattr("sys.argv", ["-c", __name__, "double", str(tuned), request])
    processes.main()
    assert len(calls) == count
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"folder": "/x", "doubled": 8}
