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
OFFERED = {  # by recipe, what the package then offers more
    "Add an estimand": {"estimands": ["no_critical_try"]},
    "Add a figure": {"figures": ["tries"]},
    "Add a study": {
        "commands": ["strikes"],
        "exported": ["strikes"],
        "figures": ["strikes"],
    },
    "Add a claim": {"claims": ["C40"]},
    "Add a validation row": {"rows": ["V16"]},
}


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
    """What the package does once all recipes have been carried out."""
    folder = extend(tmp_path_factory.mktemp("extended"), [*MODEL, *OFFERED])
    return answer(folder, folder / "cache", "extended")


@pytest.fixture(scope="module")
def plain():
    """What the package does as it is."""
    return answer(TESTS.parent, None)


def test_the_page_has_these_recipes():
    edits = recipes()
    assert set(edits) == {*MODEL, *OFFERED} and all(edits.values())


def test_what_is_not_used_changes_no_bit(extended, plain):
    assert len(plain["bits"]) == 4 and extended["bits"] == plain["bits"]


# ---- safeguard ----


def miss_of_one_action(budget, strength):
    """Φ(Φ⁻¹(1 − α) − d′)."""
    return norm.cdf(norm.isf(budget) - strength)


@pytest.mark.parametrize("case, strength", [("seen through", 0.0), ("believed", 1.5)])
def test_the_safeguard_catches_with_the_probability_of_its_equation(extended, case, strength):
    caught = extended["safeguard"][case]
    rate = 1 - miss_of_one_action(0.03, strength) ** 10
    assert caught["rates"] == pytest.approx([rate, rate], rel=1e-10)


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
    [(-1, "monitors declared"), (0, "monitors declared")],
    ids=["the row", "the declaration"],
)
def test_a_safeguard_that_is_added_in_part_is_refused(tmp_path, left_out, complaint):
    """Nothing is computed where a declared monitor has no row, or a row no declaration."""
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


def test_every_number_that_is_added_has_a_plausible_range(extended):
    assert extended["plausible"]["lacking"] == []
    assert extended["plausible"]["ranges"] == {
        "paradigm.knowledge_decay": [0, 0.1],
        "oversight.tripwire.believable": [4, 16],
        "oversight.tripwire.slope": [0.3, 1.5],
        "oversight.freeze.freeze_paradigm": [1, 4],
    }


# ---- the house ----


def test_the_package_offers_the_additions_and_nothing_else_moves(extended, plain):
    added = {kind: set() for kind in plain["offered"]}
    for more in OFFERED.values():
        for kind, names in more.items():
            added[kind] |= set(names)
    for kind, names in extended["offered"].items():
        assert [name for name in names if name not in added[kind]] == plain["offered"][kind]
        assert added[kind] <= set(names)


def test_old_estimates_and_figures_are_the_same_bit_by_bit(extended, plain):
    before, after = plain["run"], extended["run"]
    assert before["codes"] == after["codes"] == [0, 0]
    for policy in after["summary"]["policies"].values():
        del policy["no_critical_try"]
    assert after["summary"] == before["summary"]
    assert {"headline.svg", "survival.svg"} <= set(before["figures"])
    assert before["figures"].items() <= after["figures"].items()


# ---- estimand ----


def test_the_estimand_is_estimated_with_an_interval(extended):
    estimand = extended["estimand"]
    assert set(estimand["by_hand"]) == set(estimand["estimates"]) == {"none", "control"}
    for policy, one in estimand["estimates"].items():
        share = estimand["by_hand"][policy]
        assert 0 < share < 1 and one["low"] < share < one["high"]
        assert one["estimate"] == pytest.approx(share, abs=0.05)


def test_the_estimand_can_be_a_target(extended):
    estimand = extended["estimand"]
    assert estimand["reached"] and all(0 < half <= 0.3 for half in estimand["half_widths"])
    tried = estimand["required"]
    assert {one["target"] for one in tried} == {"no_critical_try >= 0.18"}
    assert all(one["low"] <= one["estimate"] <= one["high"] for one in tried)
    assert tried[0]["estimate"] < 0.18 < tried[-1]["estimate"]
    assert [one["reached"] for one in tried] == [one["estimate"] >= 0.18 for one in tried]


def test_the_page_about_a_run_has_the_column(extended, plain):
    assert ">no critical try, %</th>" in extended["run"]["report"]
    assert "no critical try" not in plain["run"]["report"]


# ---- figure ----


def test_the_figure_is_drawn_by_run_by_plot_and_on_the_page(extended):
    assert extended["figure"]["code"] == 0
    assert {"figures/tries.png", "figures/tries.svg"} <= set(extended["figure"]["files"])
    assert "tries.svg" in extended["run"]["figures"]
    assert "Critical tries in a world, by policy." in extended["run"]["report"]


# ---- study ----


def test_the_study_leaves_its_folder_and_is_drawn_again(extended):
    study = extended["study"]
    drawn = ["figures/strikes.png", "figures/strikes.svg"]
    assert study["codes"] == [0, 0] and study["made_by"] == "regimesim strikes"
    assert study["files"] == study["after"] == [*drawn, "manifest.json", "strikes.json"]
    assert study["text"].endswith("Results are in strikes/.\n")


def test_the_study_counts_right_and_answers_python_alike(extended):
    study = extended["study"]
    assert study["saved"] == study["in_python"]
    means = {policy: one["estimate"] for policy, one in study["saved"].items()}
    assert min(means.values()) > 0 and means == pytest.approx(study["by_hand"])


# ---- claim ----


def test_the_claim_has_its_verdict_its_folder_and_its_figure(extended):
    claim = extended["claim"]
    assert claim["code"] == 0 and "\nC40: shown\n" in claim["text"]
    assert claim["content"]["verdict"] == "shown"
    assert "claim.json" in claim["files"] and "figures/claim.png" in claim["files"]


# ---- row of the validation ----


def test_the_row_is_validated_beside_the_others(extended):
    validation = extended["validation"]
    assert validation["code"] == 0
    assert "V16 A monitor that guesses catches as many attempts as it audits" in validation["text"]
    rows = {row["name"]: row for row in validation["content"]["rows"]}
    (number,) = rows["V16"]["numbers"]
    assert (
        list(rows) == ["V4", "V16"] and number["holds"] and number["ours"] == pytest.approx(0.05)
    )
