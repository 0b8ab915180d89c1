from dataclasses import replace

import pytest

from xai_ad.data import layouts
from xai_ad.errors import DatasetError

NOTE = "Something of widget was decided."


@pytest.mark.parametrize(
    "command",
    [
        ("train", "--network", "bcae1", "--output", "MODEL/new"),
        ("evaluate", "--model", "MODEL", "--json", "MODEL/figures.json"),
        ("calibrate", "--model", "MODEL"),
        ("compress", "--model", "MODEL", "--output", "MODEL/new"),
        ("finetune", "--model", "MODEL", "--output", "MODEL/new"),
        ("familiarise", "--model", "MODEL"),
        ("benchmark", "explanations", "--model", "MODEL", "--json", "MODEL/figures.json"),
    ],
    ids=lambda command: command[0],
)
def test_a_note_of_a_dataset_is_printed_once_however_often_it_is_read(
    run, mvtec_folder, stored_model, monkeypatch, command
):
    def noted(directory):
        layouts.NOTES.warning("Something of %s was decided.", directory.name)
        layouts.NOTES.warning(NOTE)
        raise DatasetError("That is enough.")

    monkeypatch.setitem(layouts.LAYOUTS, "mvtec", replace(layouts.LAYOUTS["mvtec"], read=noted))
    arguments = [argument.replace("MODEL", str(stored_model.path)) for argument in command]
    code, _, errors = run(*arguments, "--data", mvtec_folder, "--layout", "mvtec")
    assert code == 1
    assert "That is enough." in errors
    assert errors.splitlines().count(f"Note: {NOTE}") == 1


def test_a_note_is_printed_where_all_goes_well(run, mvtec_folder, stored_model):
    (mvtec_folder / "test/good").rename(mvtec_folder / "test/OK")
    where = ("--data", mvtec_folder, "--layout", "mvtec", "--json", mvtec_folder.parent / "figures.json")
    code, _, errors = run("evaluate", "--model", stored_model.path, *where)
    assert code == 0
    assert "Note: test/OK is taken as normal" in errors
