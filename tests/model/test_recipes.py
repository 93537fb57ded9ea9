"""The recipes of docs/extending.md work as they stand on the page.

One copy of the package has all of them carried out, and is run as a program of its own."""

import json
import os
import subprocess
import sys
from math import sqrt
from pathlib import Path

import pytest
from extended_package import carry_out, extend, recipes
from scipy.stats import norm

TESTS = Path(__file__).parents[1]
MODEL = ("Add a parameter", "Add a safeguard", "Add a response")


def answer(package, cache, *arguments):
    """What the program of recipes prints, with the package in this folder."""
    program = [sys.executable, TESTS / "program_of_recipes.py", *arguments]
    paths = os.pathsep.join([str(package), str(TESTS)])
    environment = {**os.environ, "PYTHONPATH": paths}
    if cache:
        environment["REGIMESIM_CACHE_DIR"] = str(cache)
    done = subprocess.run(program, env=environment, capture_output=True, text=True, cwd=package)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """What the package does once all recipes for the model have been carried out."""
    folder = extend(tmp_path_factory.mktemp("extended"), MODEL)
    return answer(folder, folder / "cache", "extended")


def test_the_page_has_these_recipes():
    found = recipes()
    assert set(MODEL) <= set(found) and all(found[heading] for heading in MODEL)


def test_what_is_not_used_changes_no_bit(extended):
    plain = answer(TESTS.parent, None)
    assert len(plain["bits"]) == 4 and extended["bits"] == plain["bits"]


# ---- safeguard ----


def miss_of_one_action(budget, strength):
    """Φ(Φ⁻¹(1 − α) − d′)."""
    return norm.cdf(norm.isf(budget) - strength)


@pytest.mark.parametrize("case, strength", [("seen through", 0.0), ("believed", 1.5)])
def test_the_safeguard_catches_with_the_probability_of_its_equation(extended, case, strength):
    caught = extended["safeguard"][case]
    rate = 1 - miss_of_one_action(0.03, strength) ** 10
    assert caught["rates"] == pytest.approx([rate, rate], rel=1e-12)


@pytest.mark.parametrize("case", ["seen through", "believed"])
def test_the_safeguard_holds_as_many_tries_as_it_should_and_is_recorded(extended, case):
    caught = extended["safeguard"][case]
    rate, tries = caught["expected"], caught["tries"]
    assert tries > 200 and caught["by_tripwire"] == caught["held"] and caught["by_others"] == 0
    assert caught["held"] == pytest.approx(rate, abs=4 * sqrt(rate * (1 - rate) / tries))


def test_the_safeguard_catches_all_with_the_whole_budget_and_nothing_without(extended):
    whole, none = (extended["safeguard"][case] for case in ("whole", "shared"))
    assert whole["rates"] == [1.0, 1.0] and whole["held"] == whole["by_tripwire"] == 1.0
    assert none["rates"] == [0.0, 0.0] and none["held"] == none["by_tripwire"] == 0.0


@pytest.mark.parametrize(
    "left_out, complaint",
    [(-1, "safeguards declared"), (0, "safeguards declared")],
    ids=["the row", "the declaration"],
)
def test_a_safeguard_that_is_added_in_part_is_refused(tmp_path, left_out, complaint):
    """Nothing is computed where a declared safeguard has no row, or a row no declaration."""
    folder = extend(tmp_path, ())
    edits = recipes()["Add a safeguard"]
    fields = [k for k, (_, text) in enumerate(edits) if "Tripwire | None" in text]
    without = len(edits) - 1 if left_out == -1 else fields[0]
    for k, (kind, text) in enumerate(edits):
        if k != without:
            carry_out(kind, text, folder)
    program = "import regimesim.model.oversight.safeguards"
    environment = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 1 and complaint in done.stderr


# ---- response ----


def test_the_response_holds_labs_where_they_are(extended):
    free, frozen = extended["response"]
    assert free > 0.5 and frozen == 0.0


# ---- parameter ----


def test_the_parameter_takes_away_what_it_should(extended):
    kept, lost = extended["parameter"]
    assert kept > 0.1 and lost == 0.0
