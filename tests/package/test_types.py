"""Everything that is exported has a whole signature, for type checkers, and a description."""

import ast
import inspect
import re
import tomllib
from pathlib import Path

import pytest

import regimesim as rs
from regimesim.studies import STUDIES
from regimesim.studies.study import part

PACKAGE = Path(rs.__file__).parent
EXPORTED = [name for name in rs.__all__ if callable(getattr(rs, name))]


def imported_for_type_checkers():
    """{name: home} of the imports under `if TYPE_CHECKING` in the package."""
    body = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body
    (block,) = (node.body for node in body if isinstance(node, ast.If))
    homes = {}
    for node in block:
        (alias,) = node.names
        assert alias.asname == alias.name  # else it would not be exported
        homes[alias.name] = node.module
    return homes


def test_type_checkers_see_the_exported_names_in_their_homes():
    homes = {name: f"regimesim.{home}" for name, home in rs._HOMES.items()}
    homes["figures"] = homes["figures"].rpartition(".")[0]  # the module itself is exported
    assert imported_for_type_checkers() == homes


def test_the_function_of_each_study_is_exported():
    studies = [name for name in STUDIES if (PACKAGE / "studies" / name / "compute.py").exists()]
    functions = [name for name in studies if hasattr(part(name, "compute"), name)]
    assert {"run", "require", "trace"} <= set(functions) <= set(rs.__all__)


@pytest.mark.parametrize("name", EXPORTED)
def test_every_argument_and_result_has_a_type(name):
    exported = getattr(rs, name)
    signature = inspect.signature(exported)
    lacking = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.annotation is inspect.Parameter.empty
    ]
    assert lacking == []
    if not inspect.isclass(exported):
        assert signature.return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", EXPORTED)
def test_every_argument_is_described(name):
    exported = getattr(rs, name)
    lines = re.findall(r"^(\w+(?:, \w+)*)(?: : .+)?$", inspect.getdoc(exported), re.M)
    described = {word for line in lines for word in line.split(", ")}
    assert set(inspect.signature(exported).parameters) - described == set()


@pytest.mark.parametrize("name", EXPORTED)
def test_a_function_says_what_it_returns(name):
    exported = getattr(rs, name)
    assert inspect.isclass(exported) or "\nReturns\n-------\n" in inspect.getdoc(exported)


def test_the_package_says_that_it_has_types():
    assert (PACKAGE / "py.typed").exists()
    with (PACKAGE.parent / "pyproject.toml").open("rb") as file:
        data = tomllib.load(file)["tool"]["setuptools"]["package-data"]
    assert "py.typed" in data["regimesim"]
