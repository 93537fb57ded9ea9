"""Rare failures: unbiased whatever is copied, true where counting can tell, and cheap."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scenarios_of_tests import busy
from small import NO_LUCK, SPARSE, scenario

import regimesim as rs
from regimesim.cli import main
from regimesim.model.dynamics.anticipation import FIRST_TRY_LOST, TAKEOVER
from regimesim.studies.rare import splitting
from regimesim.studies.rare.compute import effective_worlds, interval
from regimesim.studies.rare.importance import Exploring
from regimesim.studies.rare.splitting import Group, Lives, key_of, live_groups
from regimesim.studies.rare.text import tables

NOISY = {
    **NO_LUCK,
    **SPARSE,
    "months": 24,
    "systems": 3,
    "labs": 3,
    "capability.initial": 5,
    "cognition.awareness_midpoint": 5,
}
CONTROL = {"control": {"oversight.control": {}}}
FOUR = 4.0  # standard errors: 1 in 16,000


def noisy(noise, worlds=20_000, **given):
    """Labs have to be carried far up by the noise of their growth before a system tries."""
    return scenario({**NOISY, "capability.noise": noise, "worlds": worlds, **given}, CONTROL)


def shares_of(given):
    """(takeovers, first tries lost) of plain worlds, by policy, and how many worlds."""
    worlds, _ = rs.run(given)
    lost = worlds.crossing.sel(threshold="takeover").notnull()
    first = worlds.held_first_critical_try == 0
    return lost.mean("world").values, first.mean("world").values, worlds.sizes["world"]


def chances(given, policy, worth=None, groups=20, lives=64):
    """(groups, 2) totals."""
    wanted = [Group(k, lives, key_of(given.seed, 77), worth) for k in range(groups)]
    return np.array([one.chances for one in live_groups(given, policy, wanted)])


@pytest.mark.parametrize("worth", [None, Exploring(0.5)], ids=["integrated", "split"])
def test_every_submodel_is_integrated_without_bias(worth):
    given = busy(worlds=1000, months=40)
    lost, first, n = shares_of(given)
    for k, policy in enumerate(given.policies):
        totals = chances(given, policy, worth)
        for row, share in ((TAKEOVER, lost[k]), (FIRST_TRY_LOST, first[k])):
            own = totals[:, row].var(ddof=1) / len(totals)
            error = math.sqrt(own + max(share * (1 - share), 1 / n) / n)
            assert abs(totals[:, row].mean() - share) < FOUR * error


def test_splitting_agrees_with_counting_and_narrows():
    given = noisy(0.4)
    (share,), (first,), n = shares_of(replace(given, worlds=100_000))
    found = rs.rare(given)["control"]
    assert found["method"] == "splitting" and found["reached"] and not found["warnings"]
    for name, counted in (("takeover", share), ("first_try_lost", first)):
        told = found[name]
        error = math.hypot(
            told["relative_error"] * told["estimate"], math.sqrt(counted * (1 - counted) / n)
        )
        assert abs(told["estimate"] - counted) < FOUR * error
        assert told["low"] < told["estimate"] < told["high"]


def test_rarest_failures_cost_a_hundredth_of_counting_or_less():
    told = rs.rare(noisy(0.25, 20_000), relative_error=0.2)["control"]["takeover"]
    assert told["estimate"] < 1e-5
    assert told["fewer"] > 100
    again = rs.rare(noisy(0.25, 20_000, seed=4), relative_error=0.2)["control"]["takeover"]
    spread = math.hypot(told["relative_error"], again["relative_error"])
    assert abs(math.log(told["estimate"] / again["estimate"])) < FOUR * spread


def test_where_nothing_rare_is_needed_nothing_is_split():
    given = {**NOISY, "capability.noise": 0.1, "takeover.caught_value": 1, "cognition.patience": 0}
    hazard = scenario({**given, "takeover.difficulty": 40, "worlds": 1280}, CONTROL)
    found = rs.rare(hazard)["control"]
    assert found["method"] == "integrated hazard"
    assert found["takeover"]["estimate"] < 1e-5 and found["reached"]
    assert found["takeover"]["fewer"] > 1000


def test_intervals_hold_the_truth_over_repetitions():
    # The truth is the mean over all repetitions, which it is known from better than any one.
    given, repetitions, groups = noisy(0.5, **{"months": 12, "capability.initial": 9}), 200, 20
    totals = chances(given, "control", Exploring(0.5), repetitions * groups, 16)[:, TAKEOVER]
    held = [
        low < totals.mean() < high
        for low, high in (interval(some, 320) for some in totals.reshape(repetitions, groups))
    ]
    below = 0.95 - FOUR * math.sqrt(0.95 * 0.05 / repetitions)
    assert np.mean(held) > below


def test_an_interval_is_students_on_the_logarithm_with_a_hundredth_at_either_end():
    from scipy.stats import t

    totals = np.array([1.0, 3.0, 2.0, 5.0]) * 1e-7
    middle = totals.mean()
    error = totals.std(ddof=1) / 2 / middle
    ends = np.log(middle) + error * t.ppf([0.01, 0.99], 3)
    assert interval(totals, 1000) == pytest.approx(tuple(np.exp(ends)))
    assert interval(np.array([0.2, 1.0]), 1000)[1] == 1.0


@pytest.mark.parametrize("spread", [0.3, 0.6, 1.0])  # skewness 0.9, 2.3 and 6.2
def test_intervals_hold_the_mean_of_skewed_totals(spread):
    repetitions = 4000
    draws = np.random.default_rng(3).normal(size=(repetitions, 20))
    truth = math.exp(spread**2 / 2)
    ends = np.array([interval(some, 320) for some in np.exp(spread * draws) / 100]) * 100
    held = np.mean((ends[:, 0] < truth) & (truth < ends[:, 1]))
    assert held > 0.95 - FOUR * math.sqrt(0.95 * 0.05 / repetitions)


def test_no_life_can_weigh_more_than_twice_the_average():
    # a worth that looks the wrong way must not give up what it overlooks
    draws = np.random.default_rng(4)
    n = 64
    weights, worth = draws.random(n), np.exp(20 * draws.normal(size=n))
    parents, shared = splitting._copies(weights, worth, weights, draws)
    assert parents is not None
    assert shared.max() <= weights.mean() / splitting.SPARED * (1 + 1e-12)
    assert splitting.SPARED >= 0.5


def test_an_interval_of_nothing_is_that_of_a_share():
    assert interval(np.zeros(20), 1000) == (0.0, pytest.approx(1 - 0.025 ** (1 / 1000)))


def test_copies_keep_every_total_in_expectation():
    draws = np.random.default_rng(1)
    weights, worth = draws.random(64) ** 4, np.exp(3 * draws.normal(size=64))
    weights[::7] = 0.0
    value = draws.random(64)
    totals = []
    for k in range(4000):
        luck = np.random.default_rng([2, k])
        parents, shared = splitting._copies(weights, worth, value, luck)
        assert len(parents) == len(weights) and np.all(weights[parents] > 0.0)
        totals.append(shared @ value[parents])
    error = np.std(totals) / math.sqrt(len(totals))
    assert abs(np.mean(totals) - weights @ value) < FOUR * error
    even, same = splitting._copies(np.ones(64), np.ones(64), value, luck)
    assert even is None and np.all(same == 1.0)


def test_a_copy_has_the_past_of_its_life_and_a_future_of_its_own():
    given = busy(months=40)
    lives = Lives(given, given.policies["all"], Group(0, 32, key_of(1, 0)))
    lives.advance(20)
    lives.copy(np.array([3]), np.array([20]), np.array([10**6]))

    def frontiers():
        return [lives.tiles[k].labs["frontier"][0, w] for k, w in ((0, 3), (1, 4))]

    before = frontiers()
    rows = [lives.tiles[0].rows[:, 3], lives.tiles[1].rows[:, 4]]
    lives.advance(1)
    after = frontiers()
    assert before[0] == before[1] and after[0] != after[1]
    assert np.array_equal(*rows)


def test_no_two_lives_draw_the_same(monkeypatch):
    numbers = []
    copy = Lives.copy
    monkeypatch.setattr(Lives, "copy", lambda self, *a: (numbers.extend(a[2]), copy(self, *a)))
    chances(noisy(0.5), "control", Exploring(0.5), groups=3, lives=64)
    founded = [g * (splitting.STAGES + 1) * 64 + k for g in range(3) for k in range(64)]
    assert len(numbers) > 100
    assert len({*numbers, *founded}) == len(numbers) + len(founded)


def test_threads_change_nothing_and_seeds_do():
    given = noisy(0.4, 1280)
    one, two = (rs.rare(given, threads=threads).policies for threads in (1, 3))
    assert one == two != rs.rare(noisy(0.4, 1280, seed=9)).policies


def test_policies_in_python_are_asked_too():
    @rs.policy(settings={"oversight.control": {}})
    def same(seen, levers):
        return levers

    found = rs.rare(noisy(0.5, 1280), ["control", same])
    assert found["same"] == found["control"]
    assert list(found.to_dataframe().policy) == ["control"] * 2 + ["same"] * 2
    assert list(rs.rare(noisy(0.5, 1280), [same]).policies) == ["same"]
    ax = found.plot()
    drawn = ax.containers[0].lines[0].get_ydata()
    assert list(drawn) == [found[name]["takeover"]["estimate"] for name in ("control", "same")]
    assert ax.get_yscale() == "log"


def test_what_carries_too_much_is_told():
    assert effective_worlds(np.array([1e-300, 0.0, 0.0])) == 1.0
    assert effective_worlds(np.ones(5)) == 5.0 and effective_worlds(np.zeros(5)) == 0.0
    # what is drawn at the founding decides, which copies cannot make anew
    given = noisy(0.01, 1280, **{"capability.initial": {"normal": [5, 2]}})
    found = rs.rare(given)["control"]
    assert any("carries" in warning for warning in found["warnings"])
    few = f"only {found['effective_worlds']:.0f} founded worlds make up the total"
    assert found["effective_worlds"] < 30 and few in found["warnings"]


FILE = """
name = "small"
worlds = 200
months = 24
systems = 3
[conduct]
story_rate = 0.001
[policies.none]
[policies.both.oversight]
control = true
cot_monitor = true
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(FILE)
    return "small.toml"


def test_the_command_tells_and_writes_a_folder(file, capsys):
    assert main(["run", file, "--rare", "--worlds", "1280", "--relative-error", "0.5"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    folder = Path("outputs/small-rare")
    assert {path.name for path in folder.iterdir()} == {"rare.json", "manifest.json"}
    found = json.loads((folder / "rare.json").read_text())
    assert list(found["policies"]) == ["none", "both"]
    assert found["policies"]["both"]["takeover"]["low"] > 0
    assert tables(found) in told and "Results are in outputs/small-rare" in told
    assert rs.rare(rs.load(file).override({"worlds": 1280}), (), 0.5).to_dict() == found
    with pytest.raises(rs.Refusal, match="allowed is 1280 or more"):
        rs.rare(file)  # a path, of a scenario of fewer worlds
    assert json.loads((folder / "manifest.json").read_text())["made_by"] == "regimesim run --rare"


def test_where_no_attempt_comes_more_worlds_are_not_advised(file, capsys):
    options = ["--worlds", "1280", "--set", "takeover.difficulty=60", "--policy", "none"]
    few = ["--set", "months=3", "--set", "conduct.story_rate=0", "--no-figures"]
    assert main(["run", file, "--rare", *options, *few]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "no world came to any attempt" in told and "0 (below 0.0" in told
    assert "Attempts come where" in told and "(--worlds) help" not in told


def test_what_nearly_always_fails_is_not_told_as_certain():
    told = {"low": 0.9944, "high": 0.9986, "estimate": 0.9967, "relative_error": 0.001}
    told |= {"plain_worlds": 1300.0, "fewer": 0.17}
    policy = {"method": "integrated hazard", "worlds": 16384, "warnings": [], "reached": True}
    found = {"scenario": "small", "most_worlds": 20000, "seed": 1, "relative_error_asked": 0.1}
    found["policies"] = {"none": policy | {"takeover": told, "first_try_lost": told}}
    assert "0.997 (0.994 to 0.999)" in tables(found)
    told["estimate"] = 2.49e-6
    assert "2.5e-06 (0.994" in tables(found)


@pytest.mark.parametrize(
    "options, words",
    [
        (["--rare", "--precision", "no_takeover=0.1"], "--precision is for runs without --rare"),
        (["--rare", "--figures"], "--rare draws no figures"),
        (["--relative-error", "0.1"], "--relative-error is for --rare"),
        (["--rare", "--relative-error", "2"], "found 2; allowed is more than 0"),
        (["--rare", "--worlds", "100"], "allowed is 1280 or more"),
    ],
)
def test_mistakes_are_refused_in_a_sentence(file, capsys, options, words):
    assert main(["run", file, *options]) == 2
    told = capsys.readouterr().err
    assert words in told and len(told.splitlines()) == 1
    assert not Path("outputs").exists()


def test_an_interruption_leaves_nothing(file, monkeypatch):
    def press(self, lives, rule=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(Lives, "advance", press)
    assert main(["run", file, "--rare", "--worlds", "1280"]) == 130
    assert not Path("outputs").exists()
