"""Which parameters matter: the numerics against exact answers, and the command end to end."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import read

import regimesim as rs
from regimesim import Levers
from regimesim.analysis.estimand_table import UNCOUNTED
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.meaning import says_something
from regimesim.analysis.outcome import OUTCOMES, values_of
from regimesim.analysis.survival import threshold_times
from regimesim.cli import main
from regimesim.ensemble.parameter_sampling import draw_parameters, uncertain
from regimesim.results.progress import Progress
from regimesim.scenario.parameters import declarations
from regimesim.studies.parameter_points import design_of, parameters_in_question
from regimesim.studies.sensitivity import question as of_sensitivity
from regimesim.studies.sensitivity.compute import compute
from regimesim.studies.sensitivity.morris import effects, mu_star, sigma, steps, trajectories
from regimesim.studies.sensitivity.question import ask
from regimesim.studies.sensitivity.regression import regressed_indices, spread_points
from regimesim.studies.sensitivity.sobol import noise_share, saltelli_points, sobol_indices
from regimesim.studies.sensitivity.text import standing
from regimesim.sweeps.designs import scenario_at
from regimesim.sweeps.work_units import point_seed

SCENARIO = """
name = "small"
worlds = 40
months = 80
systems = 6
seed = 5
[capability]
initial = { normal = [8, 0.5] }
doubling_time = { uniform = [4, 8] }
[feedback]
density = 0
constraint = 0
[takeover]
difficulty = { normal = [12, 1] }
[policies.none]
[policies.watched.oversight]
control = true
evaluations = { response = "warn" }
"""


@pytest.fixture(scope="module")
def small():
    return rs.parse(SCENARIO)


@pytest.fixture(scope="module")
def settled(small):
    """The same where worlds differ by luck alone, and by what a study varies."""
    return small.override({"capability.initial": 8, "capability.doubling_time": 6})


def ishigami(uniforms, a=7.0, b=0.1):
    x = np.pi * (2 * uniforms - 1)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


# Its exact indices (Ishigami and Homma 1990), by the variances of its parts.
ALONE = (0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 7**2 / 8, 0.0)
TOGETHER = 0.1**2 * np.pi**8 * (1 / 18 - 1 / 50)  # of the first and the third
VARIANCE = sum(ALONE) + TOGETHER
FIRST = [part / VARIANCE for part in ALONE]
TOTAL = [(ALONE[0] + TOGETHER) / VARIANCE, ALONE[1] / VARIANCE, TOGETHER / VARIANCE]


def test_indices_are_those_of_the_ishigami_function():
    points = saltelli_points(4096, 3, seed=1)
    found = sobol_indices(ishigami(points), 3, seed=1)
    for one, exact in zip((*found.first, *found.total), (*FIRST, *TOTAL), strict=True):
        error = (one.high - one.low) / 2 / 1.96
        assert abs(one.estimate - exact) < 4 * error and error < 0.03


def test_intervals_of_indices_cover_the_exact_ones():
    covered, repeats = 0, 40
    for seed in range(repeats):
        found = sobol_indices(ishigami(saltelli_points(256, 3, seed)), 3, seed)
        both = zip((*found.first, *found.total), (*FIRST, *TOTAL), strict=True)
        covered += sum(one.low <= exact <= one.high for one, exact in both)
    assert covered >= 0.9 * 6 * repeats


def test_an_index_of_a_single_parameter_is_one_and_of_an_idle_one_is_zero():
    points = saltelli_points(512, 1, seed=2)
    (first,), (total,) = sobol_indices(points[:, 0] ** 2, 1)
    assert first.low < 1 < first.high and total.low < 1 < total.high
    points = saltelli_points(128, 2, seed=2)
    found = sobol_indices(np.exp(points[:, 0]), 2)
    assert found.first[1][:3] == found.total[1][:3] == (0, 0, 0)


def test_an_outcome_that_never_varies_has_no_indices_and_no_noise():
    assert sobol_indices(np.full(4 * 16, 0.3), 2) is None
    assert noise_share(np.full(5, 0.3), np.full(5, 0.2), np.full(5, 0.4)) is None


def test_points_are_those_of_saltelli():
    ours, theirs, first, second = saltelli_points(32, 2, seed=3).reshape(4, 32, 2)
    np.testing.assert_array_equal(first, np.stack([theirs[:, 0], ours[:, 1]], axis=1))
    np.testing.assert_array_equal(second, np.stack([ours[:, 0], theirs[:, 1]], axis=1))
    assert ((0 < ours) & (ours < 1)).all() and not (ours == theirs).any()
    np.testing.assert_array_equal(saltelli_points(32, 2, seed=3)[:32], ours)


def test_a_group_of_parameters_has_the_variance_of_all_of_them():
    points = saltelli_points(1024, 3, 5, [[0], [1, 2]]).reshape(4, 1024, 3)
    np.testing.assert_array_equal(points[3], np.c_[points[0][:, 0], points[1][:, 1:]])
    values = points.reshape(-1, 3) @ [2.0, 1.0, 1.0]  # variances 4 : 1 : 1
    found = sobol_indices(values, 2)
    assert [one.estimate for one in found.total] == pytest.approx([2 / 3, 1 / 3], abs=0.03)
    assert [one.estimate for one in found.first] == pytest.approx([2 / 3, 1 / 3], abs=0.03)


def test_the_noise_share_is_the_variance_of_the_estimates():
    rng = np.random.default_rng(4)
    truth = rng.normal(0, 2, 50_000)
    seen = truth + rng.normal(0, 0.5, truth.size)
    found = noise_share(seen, seen - 1.959964 * 0.5, seen + 1.959964 * 0.5)
    assert found == pytest.approx(0.25 / 4.25, rel=0.03)


def test_each_trajectory_changes_every_parameter_once_by_half_the_levels():
    points = trajectories(50, 4, seed=1)
    assert points.shape == (50, 5, 4) and set(np.unique(points)) == {0.125, 0.375, 0.625, 0.875}
    change = np.diff(points, axis=1)
    assert (np.abs(change).sum(axis=2) == 0.5).all() and ((change != 0).sum(axis=1) == 1).all()
    before, length = steps(points)
    assert (np.sort(before, axis=1) == np.arange(4)).all() and set(np.unique(length)) == {
        -0.5,
        0.5,
    }
    assert len({tuple(row) for row in before}) > 10  # orders differ


def test_a_linear_function_has_its_slopes_as_effects_and_no_spread():
    slopes = np.array([3.0, -1.5, 0.0])
    points = trajectories(8, 3, seed=2)
    found = effects(points, points @ slopes + 5)
    np.testing.assert_allclose(found, np.tile(slopes, (8, 1)), atol=1e-13)
    assert [mu_star(row).estimate for row in found.T] == pytest.approx(abs(slopes))
    assert all(sigma(row) < 1e-13 for row in found.T)


def test_effects_that_depend_on_others_spread():
    points = trajectories(40, 3, seed=3)
    x = points - 0.5
    found = effects(points, x[..., 0] * x[..., 1] + x[..., 2])
    assert sigma(found[:, 0]) > 0.15 and sigma(found[:, 2]) < 1e-13
    # the other is at a distance of 1/8 or 3/8 from the middle, equally often
    at = mu_star(found[:, 0])
    assert at.low < 0.25 < at.high


def test_an_outcome_that_is_missing_spoils_only_its_own_effects():
    points = trajectories(3, 2, seed=4)
    outcome = points @ [1.0, 2.0]
    outcome[1, 0] = np.nan
    found = effects(points, outcome)
    assert np.isnan(found).sum() == 1 and np.isnan(found[1]).sum() == 1
    assert sigma(np.array([np.nan, 1.0])) is None


def test_outcomes_are_those_of_a_run(small):
    worlds = rs.run(small).worlds
    told = rs.estimates(worlds).query("policy == 'none'").set_index("estimand")
    table = told.counted_estimate.fillna(told.estimate)  # those that are counted anyhow
    for outcome in OUTCOMES.values():
        if outcome.name in UNCOUNTED:
            continue
        values = values_of(worlds, "none", outcome)
        assert values.shape == (40,)
        if outcome.threshold is None:
            assert np.nanmean(values) == pytest.approx(table[outcome.name], rel=1e-12)
        elif outcome.quantile is None:
            crossing = worlds.crossing.sel(policy="none", threshold=outcome.threshold)
            assert values.mean() == threshold_times(crossing.values, 80)["crossed"]


def test_by_default_what_is_uncertain_is_in_question(small):
    found = parameters_in_question(small, "none")
    keys = ["capability.initial", "capability.doubling_time", "takeover.difficulty"]
    assert [one.key for one in found] == keys
    assert found[1].varies == "{uniform = [4, 8]}"
    np.testing.assert_allclose(found[1].at(np.array([0.25, np.nan])), [5, 6])


def test_all_is_every_number_of_the_active_tables_moved_within_its_range(small):
    found = {one.key: one for one in parameters_in_question(small, "watched", ["all"])}
    active = {d.key for d in declarations() if d.kind in ("number", "whole")}
    off = ("cot_monitor", "interpretability", "honeypots", "correction", "adaptive", "pause")
    active = {
        key
        for key in active
        if "." in key and not key.startswith((*map("oversight.{}.".format, off), "outside."))
    }
    active.add("adopters")  # all labs, where the policy does not say how many
    parts = {
        f"paradigm.{name}.paradigm {k}"
        for name in ("premium", "faithfulness")
        for k in range(1, 5)
    }
    assert set(found) == active | parts
    assert found["adopters"].varies == [1, 3] and found["adopters"].own == 3
    assert found["cognition.patience"].varies == [0, 1]
    assert found["conduct.feint_rate"].varies == [0, 0.05]
    assert found["oversight.red_team.red_team"].varies == [1, 50]
    assert found["paradigm.faithfulness.paradigm 2"].varies == [0.2, 1]
    assert found["takeover.difficulty"].varies == "{normal = [12, 1]}"
    quantities = {d.key: d.quantity for d in declarations()}
    for key, one in found.items():
        low, high = one.values.at(np.array([0.001, 0.999]))
        quantity = quantities.get(key) or quantities[key.rpartition(".")[0]]
        assert quantity.allows(low) and quantity.allows(high) and low < high, key
    design = design_of(small, "watched", tuple(found.values()), np.full((1, len(found)), 0.75))
    tables = scenario_at(small, design, 0).policies["watched"]
    assert tables.paradigm.faithfulness[1] == pytest.approx(0.8)
    assert tables.oversight.red_team.red_team == 38
    centre = design_of(small, "watched", tuple(found.values()), np.full((1, len(found)), np.nan))
    tables = scenario_at(small, centre, 0).policies["watched"]
    assert tables.paradigm == small.policies["watched"].paradigm
    assert tables.takeover.difficulty == pytest.approx(12)


def test_a_plausible_range_is_widened_to_hold_the_scenarios_value(small):
    changed = small.override({"training.bad_data": 0.4, "paradigm.initial": 3})
    found = {one.key: one for one in parameters_in_question(changed, "watched", ["all"])}
    assert found["training.bad_data"].varies == [0, 0.4]
    assert found["paradigm.initial"].varies == [1, 3]
    assert found["training.bad_data"].at(np.array([np.nan])) == [0.4]


def test_both_numbers_of_a_fit_are_drawn_as_worlds_draw_them():
    fit = {"fit": "metr", "since": 2023}
    given = {"capability": {"initial": fit, "doubling_time": fit}, "takeover": {"difficulty": 9}}
    scenario = rs.parse(given)
    uniforms = saltelli_points(2048, 2, seed=1)[:4096]
    columns = design_of(
        scenario, "scenario", parameters_in_question(scenario, "scenario"), uniforms
    ).columns
    ours = np.array(list(columns.values()))
    tables = scenario.policies["scenario"]
    numbers = np.arange(4096)
    drawn = draw_parameters(tables, scenario.start, np.ones(4096, np.int64), numbers)
    theirs = drawn[
        :, [uncertain(tables)[f"capability.{n}"] for n in ("initial", "doubling_time")]
    ].T
    quantiles = [0.1, 0.5, 0.9]
    for mine, worlds in zip(ours, theirs, strict=True):
        wide = 4 * np.ptp(np.quantile(worlds, [0.05, 0.95])) / np.sqrt(4096)
        np.testing.assert_allclose(
            np.quantile(mine, quantiles), np.quantile(worlds, quantiles), atol=wide
        )
    # the rank correlation of 4096 pairs has a standard error below 1/64
    ranks = [np.argsort(np.argsort(both, axis=1), axis=1) for both in (ours, theirs)]
    mine, worlds = (np.corrcoef(rank)[0, 1] for rank in ranks)
    assert mine == pytest.approx(worlds, abs=4 / 64) and abs(worlds) > 0.5
    alone = parameters_in_question(scenario, "scenario", ["capability.initial"])
    columns = design_of(scenario, "scenario", alone, uniforms[:, :1]).columns
    (level,) = columns.values()
    wide = 4 * np.ptp(np.quantile(theirs[0], [0.05, 0.95])) / np.sqrt(4096)
    np.testing.assert_allclose(
        np.quantile(level, quantiles), np.quantile(theirs[0], quantiles), atol=wide
    )


@pytest.fixture(scope="module")
def question(small):
    over = [
        "takeover.difficulty",
        "capability.doubling_time",
        "oversight.control.auroc",
        "oversight.beliefs.attribution",
    ]
    return ask(small, "first_critical_try_median", over, "watched", 16, threads=2)


def answer(*asked, **options):
    """The answer to a question, without a bar."""
    return compute(ask(*asked, **options), Progress())


def joined(result):
    """The text of a result without its line breaks; no line is wider than a terminal."""
    lines = result.text().splitlines()
    assert max(map(len, lines)) <= 80
    return " ".join(lines)


def test_the_whole_names_what_is_inert_and_ranks_the_rest(question):
    result = compute(question, Progress())
    inert = result["oversight.beliefs.attribution"]
    assert inert.no_effect and inert.total is None and inert.mu_star.estimate == 0
    assert result.weights[-1] is inert
    hard = result["takeover.difficulty"]
    assert not hard.no_effect and hard.total.low > 0.3
    assert hard.alone[0].estimate < hard.alone[1].estimate  # easier is earlier
    assert hard.alone[0].at == pytest.approx(12 - 1.645, abs=1e-3)
    assert result.undefined == {
        "screening": {"points": 0, "of": 9 + 50},
        "indices": {"points": 0, "of": 16 * 5},
    }
    assert 0 < result.noise_share < 1
    text = joined(result)
    assert "In 12 trials each, these parameters had no effect on any result: oversight.be" in text
    assert "The indices divide the" in text
    assert "This is not proof" in text and "They are left out of the indices." in text
    again = compute(replace(question, threads=1), Progress())
    assert again.to_dict() == result.to_dict()
    assert json.loads(json.dumps(result.to_dict())) == result.to_dict()


def test_an_index_that_says_nothing_is_a_dash(settled):
    over = {"takeover.difficulty": (8, 16), "oversight.control.auroc": (0.5, 0.9)}
    result = answer(settled, "critical_tries", over, "watched", 8)
    hard, text = result["takeover.difficulty"], joined(result)
    assert not hard.no_effect and hard.total is None and result.explained is None
    assert re.search(r"takeover\.difficulty +- ", result.text())
    assert "An index with a dash is too uncertain to be given" in text
    assert result.needed_points >= 16 and f"About {result.needed_points:,} points" in text
    assert result.needed_points & (result.needed_points - 1) == 0  # as Sobol sequences need


def test_of_very_many_parameters_those_with_small_effects_have_indices_together(
    question, monkeypatch
):
    monkeypatch.setattr(of_sensitivity, "OWN_INDICES", 1)
    whole = compute(question, Progress())
    assert whole.rest is None  # those that are named have their own
    anywhere = tuple(one._replace(named=False) for one in question.parameters)
    many = replace(question, parameters=anywhere)
    counted: list[int] = []
    result = compute(many, Progress(counted.append))
    acting = [one for one in result.weights if not one.no_effect]
    greatest = max(acting, key=lambda one: one.mu_star.estimate)
    assert set(result.rest.keys) == {one.key for one in acting} - {greatest.key}
    assert sum(counted) == many.worlds(len(acting)) < whole.question.worlds(len(acting))
    assert result.undefined["indices"] == {"points": 0, "of": 16 * 4}
    assert result.to_dict()["rest"]["parameters"] == list(result.rest.keys)
    assert f"{len(result.rest.keys)} others together" in result.text()
    unscreened = compute(replace(many, screen=False), Progress())
    assert unscreened.rest is None


def test_progress_knows_what_is_left_to_run_and_shows_what_matters_most(question):
    class Seen(Progress):
        def __init__(self):
            super().__init__(counted.append)

        def finding(self, words):
            findings.append(words)

        def total(self, worlds):
            totals.append(worlds)

    counted, findings, totals = [], [], []
    result = compute(question, Seen())
    assert totals == [sum(counted)] and sum(counted) < question.total
    screened = max(result.weights, key=lambda one: one.mu_star.estimate)
    assert findings == [f"most: {screened.key.rpartition('.')[2]}"]


def test_most_points_run_in_fewer_worlds(settled):
    over = {"takeover.difficulty": (13, 60), "cognition.patience": (0.8, 0.9)}
    given = (settled.override({"worlds": 48}), "no_takeover", over, ["watched"], 8)
    question, counted = ask(*given, fewer=16), []
    result = compute(question, Progress(counted.append))
    left = sum(not one.no_effect for one in result.weights)
    assert question.few == 16 and left
    trajectories_and_indices = of_sensitivity.TRAJECTORIES * 3 + 8 * (left + 2)
    assert sum(counted) == question.worlds(left) == 5 * 48 + trajectories_and_indices * 16
    whole = compute(ask(*given), Progress())
    assert result.centre == whole.centre and result.costs == whole.costs
    assert [one.alone for one in result.weights] == [
        whole[one.key].alone for one in result.weights
    ]
    many = compute(ask(settled.override({"worlds": 16}), *given[1:]), Progress())
    for one in result.weights:
        theirs = many[one.key]
        assert (one.mu_star, one.sigma) == (theirs.mu_star, theirs.sigma)
    words = " ".join(result.text().split())
    assert "points of 16 worlds each (5 of them of 48 worlds), seed 5" in words
    assert result.to_dict()["worlds_of_indices"] == 16


def test_where_others_are_drawn_points_of_indices_have_worlds_of_their_own(small):
    over = {"takeover.difficulty": (9, 15)}
    question = ask(small, "critical_tries", over, ["watched"], 8, screen=False, fewer=16)
    assert question.others_drawn and question.few == 16
    result = compute(question, Progress())
    uniforms = spread_points(8, 1, small.seed).reshape(-1)
    places = np.arange(24).reshape(8, 3).T.ravel()
    means = []
    for value, place in zip(uniforms * 6 + 9, places.tolist(), strict=True):
        own = {"takeover.difficulty": value, "worlds": 16, "seed": point_seed(small.seed, place)}
        table = rs.estimates(rs.run(small.choose(["watched"]).override(own)).worlds)
        means.append(table.set_index("estimand").estimate["critical_tries"])
    assert result.varies == pytest.approx([min(means), max(means)], rel=1e-7)
    exact = regressed_indices(uniforms[:, None], np.array(means), small.seed)
    assert result.explained == pytest.approx(exact.explained, rel=1e-6)
    words = joined(result)
    assert "The indices divide the" in words and "moves no index" in words
    assert "Run more worlds" not in words and result["takeover.difficulty"].no_effect is None


def test_where_luck_hides_a_parameter_no_index_is_given_or_described(small):
    over = {"takeover.difficulty": (12.0, 12.01)}
    result = compute(
        ask(small, "critical_tries", over, ["watched"], 8, False, fewer=16), Progress()
    )
    assert result.varies[0] < result.varies[1] and result.explained is not None
    assert result["takeover.difficulty"].total is None
    words = joined(result)
    assert "The indices divide" not in words and "is in no index" not in words
    assert "is sampling noise" in words


def test_trajectories_have_few_worlds_only_where_luck_alone_is_left(small):
    given = (small.override({"worlds": 48}), "no_takeover")
    ours = ask(*given, ["takeover.difficulty"], ["watched"], 8, fewer=16)
    whole = ask(*given, ["all"], ["watched"], 8, fewer=16)
    by_default = ask(*given, None, ["watched"], 8, fewer=16)
    assert ours.worlds_of_trajectories == 48 and ours.few == 16
    assert whole.worlds_of_trajectories == by_default.worlds_of_trajectories == 16
    counted: list[int] = []
    result = compute(ours, Progress(counted.append))
    assert sum(counted) == ours.worlds(1) == (3 + 20) * 48 + 8 * 3 * 16
    assert "points of 16 worlds each (23 of them of 48 worlds)" in joined(result)


def test_what_only_moves_the_outcome_alone_comes_before_what_does_not(small):
    over = {"takeover.difficulty": (13, 60), "cognition.patience": (0.8, 0.9)}
    result = answer(small, "takeover_crossed", over, "watched", indices=False)
    weights = {}
    for key, ends in (("cognition.patience", (0.5, 0.5)), ("takeover.difficulty", (0.0, 0.07))):
        moved = [end._replace(estimate=x) for end, x in zip(result[key].alone, ends, strict=True)]
        still = Estimate(0.0, None, None, 10)
        weights[key] = replace(
            result[key], mu_star=still, no_effect=False, alone=(moved[0], moved[1])
        )
    assert weights["takeover.difficulty"].order < weights["cognition.patience"].order
    changed = replace(result, weights=tuple(weights.values()))
    (row,) = (x for x in changed.text().splitlines() if x.startswith("takeover.difficulty"))
    assert row.split()[-3:] == ["0", "->", "7.0"]
    assert "never this outcome: cognition.patience." in joined(changed)


def test_a_parameter_with_a_vague_index_stands_before_those_that_are_known(small):
    over = {"takeover.difficulty": (13, 60), "cognition.patience": (0.8, 0.9)}
    result = answer(small, "takeover_crossed", over, "watched", indices=False)
    shown = {"mu_star": Estimate(0.1, 0.0, 0.2, 10), "no_effect": False}
    known = replace(result["cognition.patience"], **shown, total=Estimate(0.2, 0.1, 0.3, 32))
    vague = replace(result["takeover.difficulty"], **shown, vague=True)
    changed = replace(result, weights=(known, vague), needed_points=64)
    assert min(changed.weights, key=lambda one: one.order) is vague
    assert standing(changed) == (
        "takeover_crossed depends most on cognition.patience, or perhaps more on "
        "takeover.difficulty, whose index is still too uncertain"
    )


def test_of_a_single_parameter_mu_star_has_no_interval(small):
    result = answer(small, "critical_tries", {"takeover.difficulty": (9, 15)}, "watched", 8)
    row = next(line for line in result.text().splitlines() if "->" in line)
    text = joined(result)
    assert "(" not in row and " - " in row and "neither an interval nor a sigma" in text
    assert "per world." in text


def test_without_screening_nothing_is_left_out(settled):
    over = ["takeover.difficulty", "oversight.beliefs.attribution"]
    text = joined(answer(settled, "no_takeover", over, "watched", 8, screen=False))
    assert "In 8 trials each, these parameters had no effect" in text
    assert "left out of" not in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"over": {"feedback.density": 0.5}}, "feedback.density: found 0.5; allowed is two numb"),
        ({"over": {"feedback.density": "ab"}}, 'found "ab"; allowed is two numbers'),
        ({"over": {"paradigm.premium.paradigm 2": (None, 2)}}, "found None; allowed is a number"),
        ({"over": {"paradigm.premium.paradigm 2": (0, 9)}}, "found 0:9; allowed is LOW:HIGH with"),
        ({"policies": ["watched", "none"]}, "policies: found 2; allowed is one"),
        ({"over": 5}, "--over: found 5; expected KEY"),
        ({"over": [5]}, "--over: found 5; expected KEY"),
        ({"points": 64.5}, "--points: found 64.5; allowed is a whole number"),
        ({"outcome": "takeover"}, "takeover with one of _crossed, _p10, _median, _p90 behind it"),
    ],
)
def test_bad_input_from_python_is_shown_in_one_sentence(small, options, sentence):
    with pytest.raises(rs.Refusal) as refused:
        rs.sensitivity(small, **{"outcome": "no_takeover", "policies": "watched", **options})
    (line,) = refused.value.lines
    assert sentence in line


def test_a_point_is_what_a_run_of_its_scenario_gives(settled):
    over = {"takeover.difficulty": (9, 15)}
    result = answer(settled, "critical_tries", over, "watched", 8, screen=False)
    assert result["takeover.difficulty"].no_effect is False
    means = []
    for value in saltelli_points(8, 1, settled.seed)[:, 0] * 6 + 9:
        changed = settled.choose(["watched"]).override({"takeover.difficulty": value})
        table = rs.estimates(rs.run(changed).worlds).set_index("estimand")
        means.append(table.estimate["critical_tries"])
    assert result.varies == pytest.approx([min(means), max(means)], rel=1e-7)
    exact = sobol_indices(np.array(means), 1, settled.seed)
    total = result["takeover.difficulty"].total
    assert (total is None) is not says_something(exact.total[0])


def test_missing_outcomes_are_counted_and_nothing_is_filled_in(small):
    over = {"takeover.difficulty": (8, 40)}
    result = answer(small, "first_critical_try_median", over, "watched", 8)
    missing = result.undefined["indices"]
    assert 0 < missing["points"] < missing["of"] == 24
    assert result["takeover.difficulty"].total is None
    text = joined(result)
    assert f"At {missing['points']} of 24 points of the indices the outcome does not exist" in text
    assert (
        "fewer than 50 % of the worlds get there" in text and "first_critical_try_crossed" in text
    )


def test_the_result_is_a_table_and_a_figure(small):
    result = rs.sensitivity(small, "no_takeover", policies=["none"], indices=False)
    table = result.to_dataframe()
    assert list(table.mu_star) == sorted(table.mu_star, reverse=True) and len(table) == 3
    assert {"total", "first_low", "mu_star", "mu_star_high", "sigma", "no_effect"} <= set(table)
    content = result.to_dict()
    assert content["policy"] == "none" and content["points"] is None
    (ax,) = result.plot()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(table.parameter)
    assert rs.sensitivity(small, "no_takeover", indices=False).question.policy == "watched"


def test_costs_are_shown_with_every_parameter_at_its_central_value(small):
    over = {"oversight.audit_budget": (0.1, 0.3)}
    result = answer(small, "no_takeover", over, "watched", indices=False)
    centre = small.override({"oversight.audit_budget": 0.2})
    estimates = rs.estimates(rs.run(centre, ["watched"]).worlds).set_index("estimand").estimate
    for name, cost in result.to_dict()["costs"].items():
        assert cost["estimate"] == pytest.approx(estimates[name], abs=1e-6)
    text = joined(result)
    assert "With every parameter at its central value it is" in text
    assert "the policy costs 0 % of growth, audits of 20.0 % of trajectories, and 0 months" in text
    assert answer(small, "no_takeover", over, "watched", screen=False).costs is None


def test_a_policy_written_in_python_is_run_at_every_point(small):
    def halting(observation, levers):
        return Levers(*((0.0,) * 8))

    still = rs.policy(
        lambda seen, levers: levers, name="still", settings={"oversight.control": {}}
    )
    halted = rs.policy(halting, name="halted", settings={"oversight.control": {}})
    named = small.with_policy("plain", {"oversight.control": {}})
    over = {"takeover.difficulty": (9, 15), "oversight.control.auroc": (0.6, 0.9)}
    asked = {"outcome": "critical_tries", "over": over, "points": 8}
    plain = rs.sensitivity(named, policies=["plain"], **asked)
    same = rs.sensitivity(small, policies=still, **asked)
    differs = {key: same.to_dict()[key] for key in ("policy", "titles", "scenario_digest")}
    assert same.to_dict() == plain.to_dict() | differs
    assert rs.sensitivity(small, policies=[halted], **asked).varies != plain.varies


CONTROL = ["--policy", "watched"]


def test_the_command_tells_and_writes_a_folder(file, capsys):
    asked = ["sensitivity", str(file), "--outcome", "no_takeover", "--policy", "watched"]
    asked += ["--points", "8", "--over", "takeover.difficulty", "--over", "feedback.density"]
    assert main([*asked, "--worlds", "20"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80 and "takeover.difficulty" in text
    folder = Path("outputs/small-sensitivity")
    assert {path.name for path in folder.iterdir()} == {
        "sensitivity.json",
        "manifest.json",
        "figures",
    }
    found = read(folder / "sensitivity.json")
    assert (found["worlds"], found["points"], found["outcome"]) == (20, 8, "no_takeover")
    assert {path.name for path in (folder / "figures").iterdir()} == {
        "sensitivity.png",
        "sensitivity.svg",
    }
    assert read(folder / "manifest.json")["made_by"] == "regimesim sensitivity"
    assert main([*asked, "--screen-only"]) == 0
    found = read(folder / "sensitivity.json")
    assert found["worlds"] == 40 and found["points"] is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--outcome", "no_takeovr"],
            "unknown outcome \"no_takeovr\"; the nearest is 'no_takeover'",
        ),
        (["--policy", "watchd"], "no policy \"watchd\"; the nearest is 'watched'"),
        (
            ["--points", "100"],
            "--points: found 100; allowed is a power of 2, from 8 on; the nearest is 128",
        ),
        (["--screen-only", "--no-screen"], "leave nothing to do"),
        (
            ["--over", "takeover.difficult"],
            "unknown parameter; the nearest is 'takeover.difficulty'",
        ),
        (["--over", "takeover.difficulty=9:1"], "write takeover.difficulty=1:9"),
        (["--over", "takeover.difficulty=9"], "expected KEY, KEY=LOW:HIGH or all"),
        (["--over", "oversight.pause.pause_strength=0:1"], "'watched' has no oversight.pause"),
        (["--over", "paradigm.premium.paradigm 2=0:9"], "allowed is LOW:HIGH within -0.9 to 5"),
        (
            [*CONTROL, "--set", "oversight.control.tax=0.5", "--over", "oversight.tax=0:0.9"],
            "--over: oversight.tax: oversight.tax: ",
        ),
        (
            [*CONTROL, "--over", "oversight.tax=0:0.8", "--over", "oversight.control.tax=0:0.8"],
            "at some points the parameters do not agree: oversight.tax: the taxes",
        ),
        (["--over", "worlds=1:9"], "set it with --worlds"),
        (["--executor", "procesess"], "the nearest is 'processes'"),
    ],
)
def test_bad_input_is_shown_in_one_sentence_and_writes_nothing(file, capsys, options, sentence):
    outcome = [] if "--outcome" in options else ["--outcome", "no_takeover"]
    assert main(["sensitivity", str(file), *outcome, *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error and len(error.splitlines()) == 1
    assert not Path("outputs").exists() or not list(Path("outputs").iterdir())


def test_a_scenario_without_distributions_asks_for_parameters(file, capsys):
    file.write_text('name = "sure"\nworlds = 5\n[takeover]\ndifficulty = 12\n')
    assert main(["sensitivity", str(file), "--outcome", "no_takeover"]) == 2
    assert "name parameters with --over KEY=LOW:HIGH, or --over all" in capsys.readouterr().err
