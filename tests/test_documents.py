"""The documents say what is true, as far as a machine can tell."""

import json
import re
from pathlib import Path

import pytest

from xai_ad.data.layouts import LAYOUTS
from xai_ad.store import SHIPPED

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sample_data/README.md", "docs/layouts.md"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_inside_the_project_leads_somewhere(document):
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_the_readmes_figures_are_the_cards():
    readme = (ROOT / "README.md").read_text()
    for path in SHIPPED.glob("*/card.json"):
        card = json.loads(path.read_text())
        figures = card["metrics"]["held-out"]
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{card['id']}`"))
        assert f"{figures['auc_roc']:.3f} | {figures['pixel_auc_roc']:.3f}" in row


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
