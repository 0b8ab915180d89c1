from dataclasses import replace

from xai_ad.data import layouts


def test_a_note_of_a_dataset_is_printed_once_however_often_it_is_read(
    run, mvtec_folder, stored_model, tmp_path, monkeypatch
):
    layout = layouts.LAYOUTS["mvtec"]

    def noted(directory):
        layouts.NOTES.warning("Something of %s was decided.", directory.name)
        return replace(layout.read(directory), notes=("Something of widget was decided.",))

    monkeypatch.setitem(layouts.LAYOUTS, "mvtec", replace(layout, read=noted))
    where = ("--data", mvtec_folder, "--layout", "mvtec")
    for command in (
        ("evaluate", "--model", stored_model.path, "--json", tmp_path / "figures.json"),
        ("calibrate", "--model", stored_model.path),
        ("train", "--network", "bcae1", "--output", tmp_path / "model", "--epochs", 1),
    ):
        code, _, errors = run(*command, *where)
        assert code == 0, errors
        assert errors.splitlines().count("Note: Something of widget was decided.") == 1
