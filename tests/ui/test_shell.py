"""The frame's style: what stays at the top while a page scrolls has the page's own ground under it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STYLE = (ROOT / "xai_ad/ui/shell.css").read_text()


def test_the_line_at_the_top_lies_on_the_ground_of_either_theme():
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
    rule = re.search(r"^\.product \{(.*?)\}", STYLE, re.DOTALL | re.MULTILINE)[1]
    grounds = re.search(r"background: light-dark\((#\w+), (#\w+)\);", rule)
    assert grounds.groups() == (theme["light"]["backgroundColor"], theme["dark"]["backgroundColor"])


def test_colours_that_only_components_know_are_not_asked_for():
    assert "var(--st-" not in STYLE
