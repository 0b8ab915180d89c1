"""Models of one's own: names that every system takes, renaming, deleting; shipped ones are left alone."""

import shutil
from dataclasses import replace

import pytest

from xai_ad.errors import InvalidInputError, StoreError, UnknownNameError, WritingError
from xai_ad.machine.places import home, shipped_models
from xai_ad.store import (
    activate_calibration,
    add_calibration,
    delete_model,
    find_model,
    list_models,
    load,
    load_calibration,
    load_calibrations,
    managing,
    read_card,
    rename_model,
    require_name,
    require_new_name,
)


@pytest.fixture
def own_model(stored_model):
    """The stored model, among the user's own."""
    (home() / "models").mkdir(parents=True)
    return find_model(stored_model.path.rename(home() / "models" / stored_model.card.id))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def own_names():
    """Everything in the folder of the user's models, hidden files too."""
    return sorted(path.name for path in (home() / "models").iterdir())


@pytest.mark.parametrize("name", ["a", "_a", "Part-7_b.2", "9" * 80, "console", "a.b"])
def test_portable_names_are_taken(name):
    assert require_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".a",
        "-a",
        "a.",
        "a b",
        "a/b",
        "a\\b",
        "..",
        "Größe",
        "a\n",
        "a:b",
        "9" * 81,
        "con",
        "NUL",
        "com1.txt",
        "LPT9",
        "a.training",
        "a.epochs",
        "__pycache__",
    ],
)
def test_names_that_some_system_does_not_take_are_refused(name):
    with pytest.raises(InvalidInputError, match=r"Got|Choose another one"):
        require_name(name)


def test_a_name_is_taken_in_any_letter_case(own_model):
    assert require_new_name("widget-bcae2") == "widget-bcae2"
    for name in ("widget-bcae1", "WIDGET-bcae1", "Washer-Bcae1"):
        with pytest.raises(InvalidInputError, match=r"There is a model '\S+' already"):
            require_new_name(name)


def test_a_renamed_model_is_the_same_under_another_id(own_model):
    before = contents(own_model.path)
    renamed = rename_model(own_model, "gadget")
    assert own_names() == ["gadget"]
    assert renamed == find_model("gadget")
    assert renamed.card == replace(own_model.card, id="gadget")
    after = contents(renamed.path)
    assert {**after, "card.json": b""} == {**before, "card.json": b""}
    assert load("gadget")[1].id == "gadget"


def test_a_model_that_changed_since_it_was_read_is_renamed_as_it_is_now(own_model):
    add_calibration(own_model, replace(load_calibration(own_model), id="newer"))
    assert rename_model(own_model, "gadget").card.calibration == "newer"


def test_a_damaged_model_keeps_its_name(own_model):
    (own_model.path / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(StoreError, match="does not match the hash"):
        rename_model(own_model, "gadget")
    assert own_names() == [own_model.card.id]


def test_a_name_that_is_taken_or_unfit_renames_nothing(own_model):
    for name in ("washer-bcae1", own_model.card.id, "a/b"):
        with pytest.raises(InvalidInputError):
            rename_model(own_model, name)
    assert own_names() == [own_model.card.id]


def test_a_model_elsewhere_keeps_its_neighbours(stored_model):
    """Its folder lies beside others that no list of models knows."""
    stored_model.path.with_name("notes").mkdir()
    with pytest.raises(InvalidInputError, match="exists already"):
        rename_model(stored_model, "notes")
    assert rename_model(stored_model, "gadget").path == stored_model.path.with_name("gadget").resolve()


def test_a_deleted_model_is_gone_and_nothing_else(own_model):
    (own_model.path.parent / "other").mkdir()
    delete_model(own_model)
    assert own_names() == ["other"]
    assert own_model.card.id not in {stored.card.id for stored in list_models()}


def test_other_files_in_a_models_folder_are_not_lost(own_model):
    (own_model.path / "notes.txt").write_text("mine")
    for act in (delete_model, lambda stored: rename_model(stored, "gadget")):
        with pytest.raises(StoreError, match=r"notes.txt' is no part of the model"):
            act(own_model)
    assert (own_model.path / "notes.txt").read_text() == "mine"
    (own_model.path / "notes.txt").rename(own_model.path / ".DS_Store")
    delete_model(own_model)
    assert own_names() == []


def test_a_shipped_model_is_neither_renamed_nor_deleted():
    shipped = find_model("washer-bcae1")
    before = sorted(shipped_models().iterdir())
    with pytest.raises(StoreError, match="'washer-bcae1' came with xai_ad and cannot be renamed"):
        rename_model(shipped, "gadget")
    with pytest.raises(StoreError, match="'washer-bcae1' came with xai_ad and cannot be deleted"):
        delete_model(shipped)
    assert sorted(shipped_models().iterdir()) == before


@pytest.fixture
def moved_model(stored_model, monkeypatch):
    """A model of one's own that was calibrated while it lay among shipped ones, under the user's home therefore."""
    with monkeypatch.context() as while_shipped:
        while_shipped.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
        add_calibration(stored_model, replace(load_calibration(stored_model), id="mine"))
    (home() / "models").mkdir()
    return find_model(stored_model.path.rename(home() / "models" / stored_model.card.id))


def test_limits_under_the_home_go_where_their_model_goes(moved_model):
    kept = home() / "calibrations"
    limits = (kept / "widget-bcae1.json").read_bytes()
    renamed = rename_model(moved_model, "gadget")
    assert contents(kept) == {"gadget.json": limits}
    delete_model(renamed)
    assert contents(kept) == {}


def test_limits_of_a_model_with_other_weights_stay(moved_model):
    path = home() / "calibrations" / "widget-bcae1.json"
    path.write_text(path.read_text().replace(moved_model.card.sha256["weights.safetensors"], "0" * 64))
    delete_model(moved_model)
    assert path.is_file()


def test_a_model_that_cannot_be_written_anew_keeps_its_name(own_model, monkeypatch):
    def full(*_):
        raise WritingError("full")

    monkeypatch.setattr(managing, "write_folder_whole", full)
    with pytest.raises(WritingError):
        rename_model(own_model, "gadget")
    assert own_names() == [own_model.card.id]


def test_any_calibration_of_ones_own_model_is_made_active_again(own_model):
    first = load_calibration(own_model)
    newer = add_calibration(own_model, replace(first, id="newer"))
    again = activate_calibration(newer, first.id)
    assert read_card(own_model.path).calibration == first.id
    assert {record.id for record in load_calibrations(again)} == {first.id, "newer"}
    with pytest.raises(UnknownNameError, match="no calibration 'older'"):
        activate_calibration(again, "older")


def test_of_a_shipped_model_the_users_file_says_which_is_active(stored_model, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(stored_model.path.parent))
    first, before = load_calibration(stored_model), contents(stored_model.path)
    add_calibration(stored_model, replace(first, id="mine"))
    for name in (first.id, "mine", first.id):
        activate_calibration(stored_model, name)
        assert load_calibration(stored_model).id == name
        assert [record.id for record in load_calibrations(stored_model)] == ["mine", first.id]
    assert contents(stored_model.path) == before
    with pytest.raises(UnknownNameError, match="no calibration 'older'"):
        activate_calibration(stored_model, "older")


def test_limits_of_a_shipped_model_of_the_same_id_stay(moved_model, monkeypatch):
    """The weights are the same, and the shipped one stays."""
    shipped = moved_model.path.parent.parent / "shipped"
    shutil.copytree(moved_model.path, shipped / moved_model.card.id)
    monkeypatch.setenv("XAI_AD_MODELS", str(shipped))
    delete_model(moved_model)
    assert (home() / "calibrations" / "widget-bcae1.json").is_file()
