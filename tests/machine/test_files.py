import errno
import logging
from pathlib import Path

import pytest

from xai_ad.errors import WritingError
from xai_ad.machine import files
from xai_ad.machine.files import keep, require_writable, write_whole


def full(path, *_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_the_old_file_and_is_one_line(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    write_whole(path, b"old")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WritingError) as refused:
        write_whole(path, b"new")
    assert str(refused.value) == f"'{path}' cannot be written (No space left on device). Free some space."
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_can_be_made_anew_is_kept_or_said_once(tmp_path, caplog):
    keep(tmp_path / "deep" / "speeds.json", b"fast", what="what is fast")
    assert (tmp_path / "deep" / "speeds.json").read_bytes() == b"fast"
    (tmp_path / "file").write_text("no folder")
    files._say.cache_clear()
    with caplog.at_level(logging.WARNING, "xai_ad.notes"):
        for _ in range(2):
            keep(tmp_path / "file" / "speeds.json", b"fast", what="what is fast")
    (line,) = caplog.messages
    assert line.startswith(f"'{tmp_path / 'file' / 'speeds.json'}' cannot be written (")
    assert line.endswith("Until then what is fast is found out anew each time.")


def test_a_file_that_is_to_be_written_is_tried_and_stays_as_it_was(tmp_path):
    require_writable(tmp_path / "new" / "figures.json")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "old.json").write_text("{}")
    require_writable(tmp_path / "old.json")
    assert (tmp_path / "old.json").read_text() == "{}"
    require_writable(Path("/dev/null"))
    with pytest.raises(WritingError, match="Is a directory"):
        require_writable(tmp_path / "new")
