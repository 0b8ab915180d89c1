from pathlib import Path

from xai_ad.inspection.judging import frames_file, no_clip_row


def test_files_of_frames_have_names_of_their_own(tmp_path):
    taken = set()
    names = [frames_file(tmp_path, Path(name), taken).name for name in ("Walk.mkv", "walk.mov", "é" * 125)]
    assert names == ["Walk.frames.csv", "walk-2.frames.csv", "é" * 115 + ".frames.csv"]


def test_what_is_no_clip_says_what_it_is(tmp_path):
    (tmp_path / "still.png").write_text("")
    (tmp_path / "notes.txt").write_text("")
    assert (
        "is a single picture, and the model scores clips of 8" in no_clip_row(tmp_path / "still.png", 8).error
    )
    assert "is no video" in no_clip_row(tmp_path / "notes.txt", 8).error
    assert "cannot be read" in no_clip_row(tmp_path / "absent.png", 8).error
