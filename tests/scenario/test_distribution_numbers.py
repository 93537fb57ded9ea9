"""Distributions as central intervals, and their single numbers as keys."""

from pathlib import Path

import jsonschema
import pytest

import regimesim as rs
from regimesim.cli import main
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.distribution import CENTRAL, Distribution
from regimesim.scenario.json_schema import schema
from regimesim.studies.require.question import ask as ask_require
from regimesim.studies.sensitivity.question import ask as ask_sensitivity
from regimesim.sweeps.designs import make_design, scenario_at

SCENARIO = """
name = "small"
worlds = 20
months = 40
systems = 6
goals.value = 0.1
takeover.difficulty = { normal = [11, 1] }
[policies.none]
[policies.own]
takeover.difficulty = { lognormal = { ci80 = [5, 25] } }
oversight.control = true
"""


def difficulty(scenario, policy="none"):
    return scenario.policies[policy].takeover.difficulty


@pytest.mark.parametrize("name", CENTRAL)
@pytest.mark.parametrize("kind", ["normal", "lognormal"])
def test_a_central_interval_has_as_much_below_as_above(kind, name):
    scenario = rs.parse({"takeover": {"difficulty": {kind: {name: [2, 20]}}}})
    drawn = difficulty(scenario, "scenario")
    assert drawn.kind == kind
    assert drawn.below(2) == pytest.approx((1 - CENTRAL[name]) / 2, abs=1e-12)
    assert drawn.below(20) == pytest.approx((1 + CENTRAL[name]) / 2, abs=1e-12)


def test_the_normal_and_lognormal_of_an_interval_are_exact():
    z = 1.6448536269514722
    assert Distribution.of_interval("normal", "ci90", 4, 20).numbers == pytest.approx(
        (12, 8 / z), rel=1e-14
    )
    median, sigma = Distribution.of_interval("lognormal", "ci80", 2, 18).numbers
    assert (median, sigma) == pytest.approx((6, 1.0986122886681098 / 1.2815515655446004))


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({"normal": {"ci80": [20, 4]}}, "low is less than high in ci80"),
        ({"normal": {"ci80": [4, 4]}}, "low is less than high in ci80"),
        ({"lognormal": {"ci90": [0, 4]}}, "the ends of ci90 of a lognormal are more than 0"),
        ({"normal": {"ci80": [1, 2], "sd": 2}}, "one interval alone"),
        ({"normal": {"ci80": [1, 2], "ci90": [0, 3]}}, "one interval alone"),
        ({"normal": {"ci85": [1, 2]}}, "{ ci80 = [low, high] } or { ci90 = [low, high] }"),
        ({"normal": {"ci80": [1, "a"]}}, "ci80 takes [low, high], two finite numbers"),
        ({"normal": {"ci80": 3}}, "ci80 takes [low, high], two finite numbers"),
        ({"uniform": {"ci80": [1, 2]}}, "a uniform takes [low, high]"),
        ({"ci80": [1, 2]}, "an interval has its distribution"),
        ({"normal": {"ci80": [900, 901]}}, "no part of it lies in"),
    ],
)
def test_an_interval_that_cannot_be_used_is_refused_in_one_sentence(written, reason):
    with pytest.raises(rs.Refusal) as refused:
        rs.parse({"takeover": {"difficulty": written}})
    (line,) = refused.value.lines
    assert line.startswith("scenario: takeover.difficulty: found {") and reason in line


def test_the_schema_knows_intervals():
    check = jsonschema.Draft202012Validator(schema())
    for right in ({"normal": {"ci80": [-3, 4]}}, {"lognormal": {"ci90": [3, 4]}}):
        assert check.is_valid({"takeover": {"difficulty": right}})
    for wrong in (
        {"normal": {"ci80": [1, 2], "sd": 3}},
        {"normal": {}},
        {"lognormal": {"ci80": [0, 4]}},
        {"uniform": {"ci80": [3, 4]}},
    ):
        assert not check.is_valid({"takeover": {"difficulty": wrong}})


def test_a_number_is_set_where_the_distribution_stands():
    scenario = rs.parse(SCENARIO)
    wider = scenario.override({"takeover.difficulty.sd": 3})
    assert difficulty(wider).numbers == (11, 3)
    assert difficulty(wider, "own") == difficulty(scenario, "own")
    both = scenario.override({"takeover.difficulty.sd": 0, "takeover.difficulty.mean": 9})
    assert difficulty(both) == 9
    own = scenario.override({"policies.own.takeover.difficulty.sigma": 0.25})
    median = difficulty(scenario, "own").numbers[0]
    assert difficulty(own, "own").numbers == (median, 0.25)
    assert difficulty(own) == difficulty(scenario)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("takeover.difficulty.sd", -1, "the sd of a normal is at least 0"),
        ("takeover.difficulty.sd", "x", 'found "x"; allowed is a number'),
        ("takeover.difficulty.median", 3, "only a lognormal distribution has the number 'median'"),
        ("goals.value.sd", 3, "its value is 0.1; only a normal distribution has the number 'sd'"),
        ("takeover.difficulty.std", 3, "the nearest number of a distribution is 'sd'"),
        ("policies.no.takeover.difficulty.sd", 3, "no policy \"no\"; the nearest is 'none'"),
        ("months.sd", 3, "'months' is a value, not a table"),
    ],
)
def test_a_number_that_is_not_there_is_refused(key, value, reason):
    with pytest.raises(rs.Refusal) as refused:
        rs.parse(SCENARIO).override({key: value})
    assert len(refused.value.lines) == 1 and reason in str(refused.value)


def test_numbers_are_axes_of_a_sweep():
    scenario = rs.parse(SCENARIO)
    axes = {
        "takeover.difficulty.sd": {"low": 0.5, "high": 2, "points": 2},
        "takeover.difficulty.mean": [9, 12],
        "policies.own.takeover.difficulty.sigma": [0.5],
    }
    design = make_design(scenario, axes)
    at = [scenario_at(scenario, design, point) for point in range(4)]
    assert [difficulty(s).numbers for s in at] == [(9, 0.5), (12, 0.5), (9, 2), (12, 2)]
    assert {difficulty(s, "own").numbers[1] for s in at} == {0.5}
    for point in at:  # and the raw scenario reads as the same
        assert rs.parse(point.raw, name="small") == point


@pytest.mark.parametrize(
    ("axes", "reason"),
    [
        ({"goals.value.sd": [1, 2]}, "its value is 0.1"),
        ({"takeover.difficulty.sd": [-1, 2]}, "allowed is 0 to"),
        ({"takeover.difficulty": [9], "takeover.difficulty.sd": [1]}, "is an axis too"),
        (["takeover.difficulty.sd"], "is not drawn itself"),
    ],
)
def test_an_axis_of_a_number_that_cannot_vary_is_refused(axes, reason):
    kind = "latin_hypercube" if isinstance(axes, list) else "grid"
    with pytest.raises(rs.Refusal) as refused:
        make_design(rs.parse(SCENARIO), axes, kind, 4 if isinstance(axes, list) else None)
    assert reason in str(refused.value) and len(refused.value.lines) == 1


def test_require_and_sensitivity_vary_numbers():
    scenario = rs.parse(SCENARIO)
    target, wide = {"no_takeover": 0.5}, {"takeover.difficulty.mean": (5, 20)}
    question = ask_require(scenario, target, wide, ["none"])
    assert question.line.varied[0].key == "takeover.difficulty.mean"
    with pytest.raises(rs.Refusal, match="its range is missing"):
        ask_require(scenario, target, ["takeover.difficulty.mean"], ["none"])
    with pytest.raises(rs.Refusal, match=r"its value is 0\.1"):
        ask_require(scenario, target, {"goals.value.sd": (1, 2)}, ["none"])
    over = {"takeover.difficulty.sigma": (0.1, 2)}
    (one,) = ask_sensitivity(scenario, "no_takeover", over, ["own"], 8).parameters
    sigma = difficulty(scenario, "own").numbers[1]
    assert (one.key, one.own, one.unit) == ("takeover.difficulty.sigma", sigma, "1")


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_a_sweep_over_an_sd_is_that_of_the_distributions(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SCENARIO)
    command = ["sweep", "small.toml", "--vary", "takeover.difficulty.sd=0.5:2:2", "--no-figures"]
    assert main([*command, "--policy", "none"]) == 0, capsys.readouterr().err
    header = Path("outputs/small-sweep/points.csv").read_text().partition("\n")[0]
    assert header.startswith("point,takeover.difficulty.sd,policy,")
    swept = rs.sweep(rs.load("small.toml"), ["takeover.difficulty.sd=0.5:2:2"], policies=["none"])
    for sd in (0.5, 2):
        alone = rs.load("small.toml").override({"takeover.difficulty": {"normal": [11, sd]}})
        (estimate,) = (
            rs.estimates(rs.run(alone, ["none"]).worlds)
            .query("estimand == 'critical_tries'")
            .estimate
        )
        there = swept.dataset.critical_tries.sel({"takeover.difficulty.sd": sd}).item()
        assert there == pytest.approx(estimate)
