"""What a component brings to the browser: all of its scripts, each after what it is made of, and plain data only."""

import re

import numpy as np
import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.ui.components import drawing, grid, viewer
from xai_ad.ui.components.mounting import FOLDER

COMPONENTS = {"grid": grid.SCRIPTS, "viewer": viewer.SCRIPTS}


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_script_of_a_component_is_sent(name):
    for folder in ("drawing", name):
        sent = {script for script in COMPONENTS[name] if script.startswith(f"{folder}/")}
        assert sent == {f"{folder}/{path.name}" for path in (FOLDER / folder).glob("*.js")}


@pytest.mark.parametrize("name", COMPONENTS)
def test_scripts_that_share_a_scope_share_no_name(name):
    texts = [(FOLDER / script).read_text("utf-8") for script in COMPONENTS[name]]
    names = [
        found
        for text in texts
        for found in re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    ]
    assert len(names) == len(set(names)) > 20


@pytest.mark.parametrize("name", COMPONENTS)
def test_only_the_last_script_exports_and_none_imports(name):
    texts = [(FOLDER / script).read_text("utf-8") for script in COMPONENTS[name]]
    assert [bool(re.search("^export ", text, re.MULTILINE)) for text in texts] == [False] * (
        len(texts) - 1
    ) + [True]
    assert not any(re.search("^import ", text, re.MULTILINE) for text in texts)


def test_the_drawing_scripts_come_first():
    for scripts in COMPONENTS.values():
        assert scripts[: len(drawing.SCRIPTS)] == drawing.SCRIPTS


def test_a_grid_is_told_plain_values_only():
    data = grid.GridData(name="x", columns=[], rows=[])
    data["rows"].append({"height": np.int64(3)})
    with pytest.raises(InvalidInputError, match=r"data\['rows'\]\[0\]\['height'\] must be a plain Python"):
        grid.grid(data, key="grid")
