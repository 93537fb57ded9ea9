"""The imports between the top-level packages stay few, and go down only."""

from graphlib import CycleError
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "structure"
MOST_PACKAGES, MOST_FLOORS, MOST_ARROWS = 14, 10, 54


@pytest.fixture(scope="module")
def structure():
    loader = SourceFileLoader("structure", str(SCRIPT))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def test_packages_floors_and_arrows_are_few(structure):
    imported = structure.arrows()
    assert len(imported) <= MOST_PACKAGES
    assert max(structure.floors(imported).values()) <= MOST_FLOORS
    assert sum(map(len, imported.values())) <= MOST_ARROWS


def test_no_arrow_runs_up(structure):
    assert structure.upward(structure.arrows(), structure.order()) == []


def test_imports_inside_functions_count(structure):
    """The command line imports Refusal only where it is used, so that --help is there at once."""
    assert "errors" in structure.arrows()["cli"]


def test_a_circle_and_an_arrow_that_runs_up_are_seen(structure):
    low, high = {"low": set(), "high": {"low"}}, {"low": {"high"}, "high": {"low"}}
    assert structure.floors(low) == {"low": 1, "high": 2}
    assert structure.upward(low, [{"high"}, {"low"}]) == []
    assert structure.upward(low, [{"low"}, {"high"}]) == ["high -> low"]
    assert structure.upward(low, [{"low", "high"}]) == ["high -> low"]
    with pytest.raises(CycleError):
        structure.floors(high)


def test_the_script_prints_the_three_numbers(structure, capsys):
    assert structure.main() == 0
    imported = structure.arrows()
    arrows = sum(map(len, imported.values()))
    assert capsys.readouterr().out == (
        f"packages {len(imported)}, floors {max(structure.floors(imported).values())}, "
        f"arrows {arrows}\n"
    )
