"""`export`, `import`, `rename` and `delete`: one line each, of what was done or why it was not."""

import io
import zipfile

import pytest

from xai_ad.exporting import Agreement, ExportFormat
from xai_ad.inspection import exporting
from xai_ad.machine.places import home
from xai_ad.store import list_models


def own():
    return [stored.card.id for stored in list_models() if not stored.is_shipped]


def test_a_model_is_exported_imported_renamed_and_deleted(run, stored_model, tmp_path, monkeypatch):
    archive = tmp_path / "widget.zip"
    code, out, err = run("export", "--model", stored_model.path, "--format", "zip", "--output", archive)
    assert (code, out, err) == (0, f"Wrote {archive}\n", "")
    code, out, _ = run("import", archive, "--name", "mine")
    assert (code, out) == (0, f"Wrote {home() / 'models' / 'mine'}\n")
    code, _, err = run("import", archive, "--name", "mine")
    assert code == 1
    assert err == "xai_ad: There is a model 'mine' already. Choose another name. Import it with --name."
    code, out, _ = run("rename", "--model", "mine", "--name", "yours")
    assert (code, own()) == (0, ["yours"])
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, _, err = run("delete", "--model", "yours")
    assert (code, own()) == (1, ["yours"])
    code, out, _ = run("delete", "--model", "yours", "--yes")
    assert (code, own()) == (0, [])
    assert out == f"Deleted {home() / 'models' / 'yours'}\n"


def test_a_shipped_model_is_refused_without_a_question(run):
    for arguments in (
        ("rename", "--model", "washer-bcae1", "--name", "x"),
        ("delete", "--model", "washer-bcae1"),
    ):
        code, _, err = run(*arguments)
        assert (code, "'washer-bcae1' came with xai_ad" in err) == (1, True)


def test_a_hostile_archive_is_one_line(run, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../card.json", "{}")
    code, _, err = run("import", tmp_path / "bad.zip")
    assert code == 1
    assert err.startswith(f"xai_ad: '{tmp_path / 'bad.zip'}' has a file at '../card.json'")
    assert err.count("\n") == 0


@pytest.mark.parametrize("file_format", ["onnx", "openvino"])
def test_export_says_how_near_the_file_is(run, stored_model, tmp_path, monkeypatch, file_format):
    monkeypatch.setattr(exporting, "recorded_apart", lambda *_, **__: None)
    monkeypatch.setattr(exporting, "in_format", lambda _, kind, *__: {f"a.{ExportFormat(kind)}": b"graph"})
    monkeypatch.setattr(exporting, "agreement", lambda *_, **__: Agreement(images=3, scores=2e-7, maps=4e-6))
    output = tmp_path / "out.zip"
    code, out, err = run("export", "--model", stored_model.path, "--format", file_format, "--output", output)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "On 3 images it differs from the model by at most 2e-07 in scores and 4e-06 in maps, relative.",
        f"Wrote {output}",
    ]


def test_an_unknown_format_is_answered_with_the_valid_ones(run, tmp_path):
    code, _, err = run("export", "--model", "washer-bcae1", "--format", "torch", "--output", tmp_path / "x")
    assert (code, "no format 'torch'. Choose one of: onnx, openvino, zip" in err) == (1, True)
