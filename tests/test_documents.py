"""The documents say what is true, as far as a machine can tell."""

import json
import re
from pathlib import Path

import pytest

from xai_ad.store import SHIPPED

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sample_data/README.md"]


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
