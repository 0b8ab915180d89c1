"""Imports point down: the layers of the house, and who may import streamlit."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Rows from top to bottom. A row imports the rows below it and, within its row, what stands to its right; what shares
# a place (a set) may not import each other.
ROWS: list[list[set[str]]] = [
    [{"app", "pages"}],
    [{"ui", "cli"}],
    [{"thesis"}, {"benchmarks"}],
    [{"inspection"}, {"presentation"}],
    [{"evaluation"}, {"training"}],
    [{"explain"}],
    [{"store"}],
    [{"detector"}],
    [{"metrics"}, {"networks"}, {"data"}],
    [{"machine"}],
    [{"types"}, {"progress"}, {"fields"}, {"errors"}],
]
PLACES = {
    name: (row, column)
    for row, places in enumerate(ROWS)
    for column, names in enumerate(places)
    for name in names
}
MODULES = sorted(
    path
    for path in [*(ROOT / "xai_ad").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    if path.relative_to(ROOT).as_posix() not in {"xai_ad/__init__.py", "xai_ad/__main__.py"}
)


def room_of(path: Path) -> str:
    """The layer that a file belongs to: its package below xai_ad, or the top-level folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "xai_ad" else parts[0]


def imported_modules(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def may_import(importer: str, imported: str) -> bool:
    return importer == imported or PLACES[importer] < PLACES[imported]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_down(path):
    for name in imported_modules(path):
        parts = name.split(".")
        if parts[0] == "xai_ad" and len(parts) > 1:
            assert parts[1] in PLACES, (
                f"{path.relative_to(ROOT)} imports {name}: name the module it stands in"
            )
            assert may_import(room_of(path), parts[1]), (
                f"{path.relative_to(ROOT)} imports {name}, which is above it"
            )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_app_imports_streamlit(path):
    tops = {name.split(".")[0] for name in imported_modules(path)}
    if room_of(path) not in {"ui", "pages", "app"}:
        assert "streamlit" not in tops


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_has_a_place(path):
    assert room_of(path) in PLACES


def test_explainers_never_import_one_another():
    """A consensus stands above those that it is made of; nothing but the registry stands above it."""
    shared = {"base", "segments", "fills", "masking", "registry"}
    explain = ROOT / "xai_ad" / "explain"
    methods = {path.stem for path in explain.iterdir()} - shared - {"__init__", "__pycache__"}
    for path in explain.rglob("*.py"):
        own = path.relative_to(explain).parts[0].removesuffix(".py")
        if own in methods - {"consensus"}:
            for name in imported_modules(path):
                parts = name.split(".")
                other = parts[2] if parts[:2] == ["xai_ad", "explain"] and len(parts) > 2 else own
                assert other == own or other not in methods, f"{own} imports {other}"


def test_the_rule_itself_tells_up_from_down():
    assert may_import("explain", "detector")
    assert not may_import("detector", "explain")
    assert may_import("training", "store")
    assert not may_import("store", "training")
    assert not may_import("ui", "cli")
    assert not may_import("cli", "ui")
