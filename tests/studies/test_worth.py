"""What is worth knowing: against closed forms, nested sampling, and from outside."""

import json

import numpy as np
import pytest
from scipy.stats import betabinom, norm

import regimesim as rs
from regimesim.analysis.likelihoods.measured_area import area_error
from regimesim.analysis.present_worlds import present_worlds
from regimesim.cli import main
from regimesim.studies.value import OUTCOMES, read_value
from regimesim.studies.worth.information import regions, rule_of, rule_of_all, rule_of_shown
from regimesim.studies.worth.measurement import Measurement, measured
from regimesim.studies.worth.reading import read_measurements

SMALL = {
    "worlds": 400,
    "months": 60,
    "labs": 1,
    "systems": 4,
    "takeover": {"difficulty": {"uniform": [2, 16]}},
    "feedback": {"density": 0, "density_trend": 0, "constraint": 0},
    "policies": {"none": {}, "slow": {"oversight": {"tax": 0.5}}},
}
VALUE = "no_takeover - 0.9*growth_lost"


def knowing(delta, sigma):
    """E max(0, X) − max(0, E X) of a normal X with mean `delta` and deviation `sigma`."""
    return sigma * norm.pdf(delta / sigma) - abs(delta) * norm.cdf(-abs(delta) / sigma)


def normal_choice(seed, worlds=4000, delta=0.2, weights=(0.6, 0.3), noise=1.0):
    """Values of two policies that differ by a linear normal effect of what is drawn, and luck."""
    random = np.random.default_rng(seed)
    drawn = {f"a.n{k}": random.normal(size=worlds) for k in range(5)}
    values = random.normal(scale=noise, size=(worlds, 2))
    values[:, 1] += delta + sum(w * drawn[f"a.n{k}"] for k, w in enumerate(weights))
    return values, drawn


def test_the_worth_of_a_normal_difference_is_the_closed_form():
    errors, pairs, everything = [], [], []
    for seed in range(12):
        values, drawn = normal_choice(seed)
        found = [rule_of(values, drawn, [f"a.n{k}"]).estimate(0.95) for k in range(3)]
        for one, sigma in zip(found[:2], (0.6, 0.3), strict=True):
            errors.append((one.estimate - knowing(0.2, sigma)) / (one.high - one.low) * 2 * 1.96)
        assert abs(found[2].estimate) < 0.01  # of a parameter that does nothing
        pairs.append(rule_of(values, drawn, ["a.n0", "a.n1"]).estimate(0.95).estimate)
        everything.append(rule_of_all(values, drawn).estimate(0.95).estimate)
    # the errors in standard errors, of 24 estimates
    assert abs(np.mean(errors)) < 3 / np.sqrt(len(errors))
    assert np.std(errors) < 1.6
    both = knowing(0.2, np.hypot(0.6, 0.3))
    assert np.mean(pairs) == pytest.approx(both, abs=0.01)
    assert np.mean(everything) == pytest.approx(both, abs=0.01)


def test_a_measurement_with_a_normal_error_has_the_closed_form():
    normal = Measurement("a.n0 +- 0.8", "a.n0", "error", 0.8)
    errors = []
    for seed in range(12):
        values, drawn = normal_choice(seed, weights=(0.6,))
        shown = measured([normal], drawn, seed, np.arange(len(values)))
        one = rule_of_shown(values, *shown[normal.text]).estimate(0.95)
        # the mean after the measurement varies by 0.6 times the correlation of both
        expected = knowing(0.2, 0.6 / np.hypot(1, 0.8))
        errors.append((one.estimate - expected) / (one.high - one.low) * 2 * 1.96)
    assert abs(np.mean(errors)) < 3 / np.sqrt(len(errors))
    assert np.std(errors) < 1.8


def test_trials_have_the_closed_form():
    trials = Measurement("a.rate: 5 trials", "a.rate", "trials", 5)
    found, a, b, bar = [], 2.0, 3.0, 0.45
    for seed in range(12):
        random = np.random.default_rng(seed)
        rate = random.beta(a, b, size=4000)
        values = random.normal(scale=0.3, size=(4000, 2))
        values[:, 1] += rate - bar
        shown = measured([trials], {"a.rate": rate}, seed, np.arange(4000))
        assert set(shown[trials.text].column) <= set(range(6))
        found.append(rule_of_shown(values, *shown[trials.text]).estimate(0.95).estimate)
    successes = np.arange(6)
    after = (a + successes) / (a + b + 5) - bar
    exact = betabinom.pmf(successes, 5, a, b) @ np.maximum(after, 0) - max(a / (a + b) - bar, 0)
    assert np.mean(found) == pytest.approx(exact, abs=3 * np.std(found) / np.sqrt(len(found)))


def test_the_error_of_an_area_is_that_of_simulated_trajectories():
    random = np.random.default_rng(5)
    gap = norm.ppf(0.8) * np.sqrt(2)
    attacks, others = random.normal(gap, size=(2000, 50)), random.normal(size=(2000, 50))
    areas = np.mean(attacks[:, :, None] > others[:, None, :], axis=(1, 2))
    # the formula assumes exponential scores, which differ by a few per cent from normal ones
    assert area_error(0.8, 50, 50) == pytest.approx(areas.std(), rel=0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("takeover.dificulty +- 1", "the nearest that is drawn is 'takeover.difficulty'"),
        ("takeover.collusion +- 1", "no policy here draws it"),
        ("takeover.difficulty: 30 trials", "its range is -10 to 60"),
        ("cognition.patience: 0 trials", "allowed are 1 to 10,000,000"),
        ("cognition.patience: 10 trajectories", "measure the auroc of a monitor"),
        ("takeover.difficulty +- -1", "allowed is a number above 0"),
        ("takeover.difficulty +- 1e", "allowed is a number above 0"),
        ("difficulty", "cannot be read; allowed is "),
    ],
)
def test_a_measurement_that_cannot_be_made_is_refused(text, said):
    drawing = {**SMALL, "cognition": {"patience": {"uniform": [0, 1]}}}
    with pytest.raises(rs.Refusal) as refused:
        read_measurements([text], rs.parse(drawing))
    assert said in str(refused.value)
    assert str(refused.value).startswith("--measure ")


def test_luck_alone_is_worth_nothing():
    gains, clear = [], 0
    for seed in range(40):
        values, drawn = normal_choice(seed, worlds=500, delta=0.0, weights=())
        one = rule_of(values, drawn, ["a.n0"]).estimate(0.95)
        gains.append(one.estimate)
        clear += one.low > 0
    assert np.mean(gains) < 2 * np.std(gains) / np.sqrt(len(gains))
    assert clear <= 4  # of 40 at 2.5 %: more than four in 0.1 % of cases


def test_where_the_choice_turns():
    values, drawn = normal_choice(3, delta=0.3, weights=(0.6,))
    low, high = regions(rule_of(values, drawn, ["a.n0"]), drawn["a.n0"], ["one", "other"])
    assert (low.policy, high.policy) == ("one", "other")
    assert low.high == high.low == pytest.approx(-0.5, abs=0.25)
    assert low.low is None
    assert high.high is None


def test_the_worth_of_difficulty_is_that_of_nested_sampling():
    scenario = rs.parse({**SMALL, "worlds": 1500})
    result = rs.worth(scenario, value=VALUE)
    (one,) = result.known
    assert one.source == "takeover.difficulty"
    # each of 24 quantiles of the difficulty, known, in 300 worlds
    value, means = read_value(VALUE), []
    for u in (np.arange(24) + 0.5) / 24:
        fixed = scenario.override({"takeover.difficulty": 2 + 14 * u, "worlds": 300})
        worlds = present_worlds(rs.run(fixed).worlds)
        means.append([value.of(worlds, name).mean() for name in scenario.policies])
    nested = np.max(means, axis=1).mean() - np.mean(means, axis=0).max()
    assert nested > 0.02  # there is something to learn
    assert one.worth.low - 0.01 < nested < one.worth.high + 0.01
    assert one.is_clear
    assert {region.policy for region in one.regions} == {"none", "slow"}


def test_values_of_worlds_have_the_mean_of_their_estimands():
    worlds = rs.run(rs.parse({**SMALL, "worlds": 64})).worlds
    table = rs.estimates(worlds).set_index(["policy", "estimand"])
    for name in ("growth_lost", "audited", "months_paused_a_year", "false_alarms_a_year"):
        mean = read_value(f"2*{name} - 1").of(present_worlds(worlds), "slow").mean()
        assert mean == pytest.approx(2 * table.estimate["slow", name] - 1)
    expected = 1 - float(worlds["expected_takeover"].sel(policy="slow").mean())
    assert read_value("no_takeover").of(present_worlds(worlds), "slow").mean() == pytest.approx(
        expected
    )
    for name in OUTCOMES:
        assert np.isfinite(read_value(name).of(present_worlds(worlds), "none")).all()


@pytest.mark.parametrize(
    ("text", "weights", "constant"),
    [
        ("no_takeover - 0.2*growth_lost", {"no_takeover": 1, "growth_lost": -0.2}, 0),
        ("-(audited + 1)/4 + 2*audited", {"audited": 1.75}, -0.25),
        ("3*(no_takeover + 2*-growth_lost)", {"no_takeover": 3, "growth_lost": -6}, 0),
        ("takeover_crossed", {"takeover_crossed": 1}, 0),
    ],
)
def test_a_value_is_read(text, weights, constant):
    read = read_value(text)
    assert read.weights == pytest.approx(weights)
    assert read.constant == pytest.approx(constant)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no_takover", "the nearest is 'no_takeover'"),
        ("held_first_critical_try", "in worlds with a critical try alone"),
        ("no_takeover*growth_lost", "two outcomes are multiplied"),
        ("1/no_takeover", "divided by an outcome"),
        ("no_takeover/0", "divided by 0"),
        ("__import__('os').system('true')", "allowed are numbers, outcomes"),
        ("no_takeover**2", "allowed are numbers, outcomes"),
        ("no_takeover <", "cannot be read"),
        ("(" * 300, "cannot be read"),
        ("3", "names no outcome"),
        ("no_takeover - no_takeover", "names no outcome"),
        ("1e400*no_takeover", "beyond 1e+09"),
        ("True*no_takeover", "allowed are numbers, outcomes"),
        ("1" * 500, "allowed is a text such as"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused(text, said):
    with pytest.raises(rs.Refusal, match="--value: ") as refused:
        read_value(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "policies", "said"),
    [
        ({}, ["none"], "between two policies at least"),
        ({}, ["none", "slwo"], "the nearest is 'slow'"),
        ({"takeover": {"difficulty": 9}}, (), "nothing to learn"),
        ({"worlds": 99}, (), "needs at least 100"),
    ],
)
def test_a_choice_without_alternatives_is_refused(changes, policies, said):
    with pytest.raises(rs.Refusal) as refused:
        rs.worth({**SMALL, **changes}, policies)
    assert said in str(refused.value)


def test_the_command_and_the_worlds_of_a_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(
        "worlds = 400\nmonths = 60\nlabs = 1\nsystems = 4\n"
        "takeover.difficulty = { uniform = [2, 16] }\n"
        "[feedback]\ndensity = 0\ndensity_trend = 0\nconstraint = 0\n"
        "[policies.none]\n[policies.slow.oversight]\ntax = 0.5\n"
    )
    command = ["worth", "small.toml", "--between", "none,slow", "--value", VALUE]
    assert main([*command, "--measure", "takeover.difficulty +- 1"]) == 0
    printed = capsys.readouterr().out
    assert "takeover.difficulty" in printed
    assert "With takeover.difficulty known, the choice is " in printed
    assert "would clearly be worth making: takeover.difficulty +- 1." in printed
    folder = tmp_path / "outputs" / "small-worth"
    content = json.loads((folder / "worth.json").read_text())
    assert (folder / "figures" / "worth.png").exists()
    assert content["value"] == VALUE
    assert main(["run", "small.toml", "--out", "ran"]) == 0
    assert main(["worth", "ran", "--value", VALUE, "--out", "again"]) == 0
    again = json.loads((tmp_path / "again" / "worth.json").read_text())
    assert again["assumptions"] == content["assumptions"]
    assert main(["worth", "ran", "--seed", "3"]) == 2
    assert main(["worth", "small.toml", "--between", "none,"]) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert "its worlds have been run" in errors[-2]
    assert "allowed is NAME,NAME" in errors[-1]


def test_nothing_that_would_change_the_choice_is_said_so():
    same = {"none": {}, "slow": {"oversight": {"tax": 0.05}}}
    result = rs.worth({**SMALL, "policies": same}, value="no_takeover - 50*growth_lost")
    assert result.best == "none"
    assert not any(one.is_clear for one in result.known)
    assert "Nothing here would change the choice" in result.text()
    assert list(result.to_dataframe().columns) == ["source", "worth", "low", "high", "changes"]
