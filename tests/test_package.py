"""What an installed package holds, and what it stands on."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from xai_ad import cli

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "xai_ad"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
OF_CHECKS = {"playwright"}
"""What `benchmark page` alone takes, and asks for by name where it is not there."""
OF_OTHERS = {"onnxscript"}
"""What torch imports by itself, to write ONNX, and does not bring along."""


def pinned(name):
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines if line}


def imported_libraries():
    """The distributions of all that the package, the pages and the app import, wherever in a file."""
    names = set()
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add((node.module or "").split(".")[0])
    names -= {*sys.stdlib_module_names, "xai_ad", "_typeshed"}
    distributions = packages_distributions()
    return {re.sub(r"[-_.]+", "-", distributions[name][0]).lower() for name in names}


def test_what_is_imported_is_pinned_and_nothing_else():
    assert imported_libraries() | OF_OTHERS == pinned("requirements.txt") | OF_CHECKS
    assert pinned("requirements-checks.txt") >= OF_CHECKS


def test_every_file_of_the_package_is_installed_with_it():
    patterns = SETTINGS["tool"]["setuptools"]["package-data"]["xai_ad"]
    installed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    data = {
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert PACKAGE / "py.typed" in data
    assert data <= installed


@pytest.mark.parametrize("path", sorted({path.parent for path in PACKAGE.rglob("*.py")}), ids=str)
def test_every_folder_of_modules_is_a_package(path):
    assert (path / "__init__.py").is_file()


def test_the_console_script_is_the_command_line():
    module, _, name = SETTINGS["project"]["scripts"]["xai-ad"].partition(":")
    assert module == cli.__name__
    assert getattr(cli, name) is cli.main
