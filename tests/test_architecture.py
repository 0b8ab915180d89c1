"""Imports point down and never round; who may import streamlit; every public contract has an example."""

import ast
import doctest
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

import xai_ad
from xai_ad.data.layouts import LAYOUTS

ROOT = Path(__file__).resolve().parent.parent

# Rows from top to bottom. A row imports the rows below it and, within its row, what stands to its right; what shares
# a place (a set) may not import each other.
ROWS: list[list[set[str]]] = [
    [{"app", "pages"}],
    [{"ui", "cli"}],
    [{"thesis"}, {"benchmarks"}],
    [{"inspection"}, {"presentation"}],
    [{"evaluation"}, {"training", "exporting"}],
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
    """A consensus stands above those that it is made of, and what trusts them above all; no method knows either."""
    shared = {"base", "choices", "frames", "results", "segments", "fills", "masking", "registry"}
    shared |= {"repeats", "noise"}
    explain = ROOT / "xai_ad" / "explain"
    methods = {path.stem for path in explain.iterdir()} - shared - {"__init__", "__pycache__"}
    for path in explain.rglob("*.py"):
        own = path.relative_to(explain).parts[0].removesuffix(".py")
        if own in methods - {"consensus"}:
            for name in imported_modules(path):
                parts = name.split(".")
                other = parts[2] if parts[:2] == ["xai_ad", "explain"] and len(parts) > 2 else own
                assert other == own or other not in methods, f"{own} imports {other}"


DATA = ["layouts", "sets", "videos", "masks", "decoding"]
"""The packages of `xai_ad/data` from top to bottom: each imports what follows it, and nothing before it."""


@pytest.mark.parametrize("room", DATA)
def test_data_are_read_from_the_bytes_up(room):
    above = {f"xai_ad.data.{name}" for name in DATA[: DATA.index(room)]}
    for path in (ROOT / "xai_ad" / "data" / room).rglob("*.py"):
        for name in imported_modules(path):
            assert ".".join(name.split(".")[:3]) not in above, (
                f"{path.relative_to(ROOT)} imports {name}, which is above it"
            )


def test_layouts_stand_by_themselves():
    """What several of them share is in `xai_ad/data/sets`."""
    names = {path.stem for path in (ROOT / "xai_ad" / "data" / "layouts").glob("*.py")} - {"__init__"}
    assert {layout.read.__module__ for layout in LAYOUTS.values()} == {
        f"xai_ad.data.layouts.{name}" for name in names
    }


def test_contributing_draws_the_layers():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    drawing = text.partition("## The house")[2].split("```")[1].strip()
    rows = [re.split(r" {2,}", line)[0].split(", ") for line in drawing.splitlines()]
    assert [[set(place.split(" | ")) for place in row] for row in rows] == ROWS


def test_the_rule_itself_tells_up_from_down():
    assert may_import("explain", "detector")
    assert not may_import("detector", "explain")
    assert may_import("training", "store")
    assert not may_import("store", "training")
    assert not may_import("ui", "cli")
    assert not may_import("cli", "ui")


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """All below a node but what stands under TYPE_CHECKING, which is never run."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from (other, *executed(other))
        else:
            yield from (child, *executed(child))


def circles(sources: dict[str, str]) -> list[list[str]]:
    """Return the groups of modules that import one another, given each module's source by its dotted name."""
    graph = nx.DiGraph()
    for module, source in sources.items():
        for node in executed(ast.parse(source)):
            if isinstance(node, ast.Import):
                imported = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                within = {
                    f"{node.module}.{alias.name}" for alias in node.names
                }  # modules of a package, or names
                imported = {name if name in sources else node.module for name in within}
            else:
                continue
            graph.add_edges_from((module, name) for name in imported & sources.keys())
    groups = nx.strongly_connected_components(graph)
    return sorted(sorted(group) for group in groups if len(group) > 1)


def test_no_module_imports_itself_through_others():
    sources = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text()
        for path in (ROOT / "xai_ad").rglob("*.py")
    }
    assert len(sources) > 100
    assert circles(sources) == []


def test_a_circle_is_found_wherever_an_import_stands():
    sources = {
        "one": "def late():\n    from two import name",
        "two": "import three.part",
        "three.part": "from one import late\nfrom four import inner",
        "four": "if TYPE_CHECKING:\n    import one\nelse:\n    import five",
        "four.inner": "from four import anything",
        "five": "from four.inner import anything",
    }
    assert circles(sources) == [["five", "four", "four.inner"], ["one", "three.part", "two"]]


@pytest.mark.parametrize("name", xai_ad.__all__)
def test_every_public_contract_has_an_example(name):
    contract = getattr(xai_ad, name)
    home = next(home for home, names in xai_ad._HOMES.items() if name in names)
    documented = contract if callable(contract) else sys.modules[home]  # data has no docstring of its own
    examples = doctest.DocTestParser().get_examples(documented.__doc__ or "")
    assert any(name in example.source for example in examples)
    assert any(example.want for example in examples)  # they run with the tests: --doctest-modules
