"""The limit brings all of its scripts, each after what it is made of, and believes no browser."""

import re

import pytest

from xai_ad.ui.components import limit, scatter
from xai_ad.ui.components.mounting import FOLDER

SCRIPTS = {"limit": limit.SCRIPTS, "scatter": scatter.SCRIPTS}


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_sent_and_only_the_last_one_exports(name):
    own = [script for script in SCRIPTS[name] if script.startswith(f"{name}/")]
    assert set(own) == {f"{name}/{path.name}" for path in (FOLDER / name).glob("*.js")}
    texts = [(FOLDER / script).read_text("utf-8") for script in SCRIPTS[name]]
    exports = [bool(re.search("^export ", text, re.MULTILINE)) for text in texts]
    assert exports == [False] * (len(texts) - 1) + [True]


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_share_no_name(name):
    texts = [(FOLDER / script).read_text("utf-8") for script in SCRIPTS[name]]
    names = [
        found
        for text in texts
        for found in re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    ]
    assert len(names) == len(set(names)) > 5


@pytest.mark.parametrize(
    "told",
    [
        None,
        "moved",
        {"calibration": "b", "limit": 1.0, "set": "measured"},
        {"calibration": "a", "limit": "1", "set": "measured"},
        {"calibration": "a", "limit": True, "set": "measured"},
        {"calibration": "a", "limit": 0, "set": "measured"},
        {"calibration": "a", "limit": float("inf"), "set": "measured"},
        {"calibration": "a", "limit": float("nan"), "set": "measured"},
    ],
)
def test_what_is_no_limit_of_this_calibration_moves_nothing(told):
    assert limit.moved_of(told, "a") is None


def test_a_limit_that_was_moved_is_believed():
    told = {"calibration": "a", "limit": 2, "set": "setting"}
    assert limit.moved_of(told, "a") == {"limit": 2.0, "set": "setting"}
