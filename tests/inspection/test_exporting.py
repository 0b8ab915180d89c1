"""`export`: what is checked before a file is written, and where files lie."""

import zipfile

import pytest

from xai_ad.errors import ExportError, InvalidInputError
from xai_ad.exporting import Agreement, ExportFormat
from xai_ad.inspection import exporting
from xai_ad.inspection.exporting import ExportReport, export_model
from xai_ad.store import import_zip


@pytest.fixture
def quick(monkeypatch):
    """No graph is recorded: its files are two words, and agree as they are told to."""
    seen = {}

    def compare(files, detector, images, *, on_progress):
        seen.update(files=files, images=images)
        on_progress(1.0)
        return seen["agreement"]

    seen["agreement"] = Agreement(images=3, scores=1e-6, maps=2e-6)
    monkeypatch.setattr(exporting, "recorded_apart", lambda stored, *_, **__: stored.card.id)
    monkeypatch.setattr(
        exporting,
        "in_format",
        lambda graph, file_format, name, metadata: (
            {f"{name}.xml": b"graph", f"{name}.bin": graph.encode()}
            if file_format is ExportFormat.OPENVINO
            else {f"{name}.onnx": graph.encode()}
        ),
    )
    monkeypatch.setattr(exporting, "agreement", compare)
    return seen


def test_a_model_for_another_xai_ad_is_an_archive(stored_model, tmp_path):
    report = export_model(stored_model.path, ExportFormat.ZIP, tmp_path / "a" / "widget.zip")
    assert report == ExportReport(path=tmp_path / "a" / "widget.zip", format=ExportFormat.ZIP)
    assert import_zip(report.path).card == stored_model.card


def test_onnx_is_one_file(stored_model, tmp_path, quick):
    progress = []
    report = export_model(
        stored_model, ExportFormat.ONNX, tmp_path / "a" / "part.onnx", on_progress=progress.append
    )
    assert report.path.read_bytes() == b"widget-bcae1"
    assert (report.images, report.scores, report.maps) == (3, 1e-6, 2e-6)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_openvino_is_a_folder_or_an_archive_as_the_output_says(stored_model, tmp_path, quick):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    export_model(stored_model, ExportFormat.OPENVINO, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        "widget-bcae1.xml": b"graph",
        "widget-bcae1.bin": b"widget-bcae1",
        "mine.txt": b"kept",
    }
    export_model(stored_model, ExportFormat.OPENVINO, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == quick["files"]


def test_a_model_is_checked_on_its_sets_samples_its_mean_picture_and_noise(tmp_path, quick):
    export_model("washer-bcae1", ExportFormat.ONNX, tmp_path / "part.onnx")
    assert 6 <= len(quick["images"]) <= 9
    assert quick["images"].shape[1:] == (3, 128, 128)
    export_model("ped2-cgru", ExportFormat.ONNX, tmp_path / "clip.onnx")
    assert quick["images"].shape == (3, 8, 1, 128, 128)


@pytest.mark.parametrize("file_format", [ExportFormat.ONNX, ExportFormat.OPENVINO])
def test_what_differs_leaves_no_file(stored_model, tmp_path, quick, file_format):
    quick["agreement"] = Agreement(images=3, scores=1e-3, maps=0.0)
    with pytest.raises(ExportError, match=r"0\.001 in scores"):
        export_model(stored_model, file_format, tmp_path / "out" / "part")
    assert not (tmp_path / "out").exists()


def test_an_output_that_suits_no_file_of_the_format_is_refused_first(stored_model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match=r"file' is a file\. Give a folder"):
        export_model(stored_model, ExportFormat.OPENVINO, tmp_path / "file")
    for file_format in (ExportFormat.ONNX, ExportFormat.ZIP):
        with pytest.raises(InvalidInputError, match=r"is a folder\. Give the name of a file"):
            export_model(stored_model, file_format, tmp_path)
