"""The documents say what is true, as far as a machine can tell."""

import json
import re
from pathlib import Path

import pytest

from xai_ad.data.decoding import SUFFIXES
from xai_ad.data.layouts import LAYOUTS
from xai_ad.data.videos.decoding import VIDEO_SUFFIXES
from xai_ad.machine.places import shipped_models

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sample_data/README.md"),
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_inside_the_project_leads_somewhere(document):
    path = ROOT / document
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
        if not target.startswith("http"):
            place, _, heading = target.partition("#")
            file = path.parent / place if place else path
            assert file.exists(), target
            assert not heading or heading in headings(file), target


def headings(document):
    """The headings of a document as links have them."""
    found = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}


def test_all_endings_of_pictures_and_videos_are_documented():
    kinds = re.findall(r"^\|.*\|$", (ROOT / "docs/pictures.md").read_text(), re.MULTILINE)
    assert set(re.findall(r"\.[a-z]+\b", " ".join(kinds))) == SUFFIXES
    clips = (ROOT / "docs/layouts.md").read_text().partition("or a video file: `")[2].partition(".")[0]
    assert {f".{word}" for word in re.findall(r"\w+", clips)} - {".or", ".an", ".animated"} == VIDEO_SUFFIXES


def held_out_figures(model):
    """A shipped model's figures, from its card."""
    return json.loads((shipped_models() / model / "card.json").read_text())["metrics"]["held-out"]


def as_cell(value):
    return "-" if value is None else f"{value:.3f}"


def test_the_readmes_figures_are_the_cards():
    rows = re.findall(r"^\| `([a-z0-9_-]+)` (\|.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {model for model, _ in rows} == {path.parent.name for path in shipped_models().glob("*/card.json")}
    for model, row in rows:
        figures = held_out_figures(model)
        names = ("auc_roc", "auc_roc_ssim", "pixel_auc_roc", "pixel_auc_roc_ssim")
        assert " | ".join(as_cell(figures[name]) for name in names) in row, model


def test_the_results_are_the_cards():
    text = (ROOT / "docs" / "results.md").read_text()
    for path in shipped_models().glob("*/card.json"):
        figures = held_out_figures(path.parent.name)
        rows = [line for line in text.splitlines() if line.startswith(f"| `{path.parent.name}` |")]
        assert as_cell(figures["auc_roc"]) in rows[0], path.parent.name
        assert as_cell(figures["auc_roc_ssim"]) in rows[0], path.parent.name


def test_every_layout_and_no_other_has_a_section_with_a_command():
    sections = re.split(r"^## ", (ROOT / "docs/layouts.md").read_text(), flags=re.MULTILINE)[1:]
    documented = {section.split("`")[1]: section for section in sections}
    assert set(documented) == set(LAYOUTS)
    for layout, section in documented.items():
        assert f"--layout {layout} --output" in section
        assert "`held-out`:" in section
        assert "`thesis`" in section


def test_every_layout_stands_in_the_table_of_splits():
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/layouts.md").read_text(), flags=re.MULTILINE)
    assert set(rows) == set(LAYOUTS)
