import errno
import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from tests.holding import held
from xai_ad.errors import InUseError, WritingError
from xai_ad.machine import locks
from xai_ad.machine.locks import claim, is_claimed


@pytest.mark.parametrize("inside", [False, True])
def test_the_second_is_refused_by_name_until_the_first_is_done(tmp_path, inside):
    place = tmp_path / "out"
    with held(place, inside=inside) as process:
        began = time.strftime("%H:%M")
        with pytest.raises(InUseError) as refused, claim(place, inside=inside, instead=", or else"):
            pass
    words = f"'{place}' is being written by another process (pid {process.pid}, since "
    assert str(refused.value).startswith(words)
    assert str(refused.value).endswith("). Wait for it, or else.")
    assert began[:2].isdigit()
    with claim(place, inside=inside):
        assert len(list((place if inside else tmp_path).iterdir())) == 1
    assert list(tmp_path.iterdir()) == []  # neither the lock nor a folder that was made for it stays


def test_a_process_that_was_killed_blocks_nobody(tmp_path):
    with held(tmp_path / "out") as process:
        process.kill()
        process.wait()
        assert (tmp_path / ".out.lock").exists()
        with claim(tmp_path / "out"):
            pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_held_is_known_without_holding_it_and_nothing_is_after_a_kill(tmp_path):
    assert not is_claimed(tmp_path / "out")
    with held(tmp_path / "out") as process:
        assert is_claimed(tmp_path / "out")
        assert is_claimed(tmp_path / "out")
        process.kill()
        process.wait()
        assert not is_claimed(tmp_path / "out")
    with claim(tmp_path / "out"):
        assert is_claimed(tmp_path / "out")
    assert not is_claimed(tmp_path / "out")


def test_who_waits_goes_on_when_the_other_is_done(tmp_path, monkeypatch):
    with held(tmp_path / "out") as process:

        def sleep(_):
            process.stdin.close()
            process.wait()

        monkeypatch.setattr(locks.time, "sleep", sleep)
        with claim(tmp_path / "out", wait=60):
            assert process.returncode == 0


def test_a_thread_that_holds_a_place_may_claim_it_again_and_another_may_not(tmp_path):
    refused = []

    def another():
        try:
            with claim(tmp_path / "out"):
                pass
        except InUseError as error:
            refused.append(str(error))

    with claim(tmp_path / "out"), claim(tmp_path / "out"):
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert "is being written by this very process (pid " in refused[0]
    another()
    assert len(refused) == 1


def test_a_lock_that_was_removed_while_it_was_waited_for_is_not_taken_for_the_new_one(tmp_path, monkeypatch):
    """Else two would hold the place: one the removed file, and one the file made after it."""
    lock, taken = locks._lock, []

    def remove_first(descriptor):
        if not taken:
            (tmp_path / ".out.lock").unlink()
        taken.append(descriptor)
        return lock(descriptor)

    monkeypatch.setattr(locks, "_lock", remove_first)
    with claim(tmp_path / "out"):
        assert len(taken) == 2
        assert (tmp_path / ".out.lock").exists()


def test_a_drive_without_locks_keeps_nobody_from_writing(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with claim(tmp_path / "out"):
        pass


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("no folder")
    place = tmp_path / "file" / "out"
    with pytest.raises(WritingError) as refused, claim(place):
        pass
    assert str(refused.value) == (
        f"'{place}' cannot be written ('{tmp_path / 'file'}' is a file). Choose a folder that you may write to."
    )
    with (
        pytest.raises(WritingError, match=r"cannot be written \('.*file' is a file\)"),
        claim(tmp_path / "file", inside=True),
    ):
        pass


def test_a_drives_root_is_claimed_inside(monkeypatch):
    seen = []
    monkeypatch.setattr(locks, "_locked", lambda file, _: seen.append(file))
    with pytest.raises(InUseError, match="'/' is being written by another process"), claim(Path("/")):
        pass
    assert seen == [Path("/.lock")]


def test_what_a_lock_says_is_not_needed(tmp_path):
    Path(tmp_path / ".out.lock").write_text("no JSON")
    with claim(tmp_path / "out"):
        pass


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOENT])
def test_what_nobody_here_may_hold_is_held_by_nobody(tmp_path, monkeypatch, number):
    def answers(error):
        def opened(*_):
            raise OSError(error, os.strerror(error))

        return opened

    monkeypatch.setattr(os, "open", answers(number))
    assert not is_claimed(tmp_path / "place")
    monkeypatch.setattr(os, "open", answers(errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        is_claimed(tmp_path / "place")
