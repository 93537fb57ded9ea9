"""Rare failures: unbiased whatever is copied, equal to counting where that works, and cheap."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scenarios_of_tests import busy
from small import FIRST_PART, NO_LUCK, SPARSE, scenario

import regimesim as rs
from regimesim.cli import main
from regimesim.model.dynamics.anticipation import CHANCES, FIRST_TRY_LOST, TAKEOVER
from regimesim.model.world.layout import WIDTH
from regimesim.studies.rare import splitting
from regimesim.studies.rare.estimates import effective_worlds, interval
from regimesim.studies.rare.importance import Exploring
from regimesim.studies.rare.splitting import Group, GroupState, key_of, simulate_groups
from regimesim.studies.rare.text import tables

BARE = {
    **NO_LUCK,
    **SPARSE,
    "months": 24,
    "systems": 3,
    "labs": 3,
    "capability.initial": 5,
    "cognition.awareness_midpoint": 5,
}
NOISY = {**FIRST_PART, **BARE}
CONTROL = {"control": {"oversight.control": {}}}
FOUR = 4.0  # standard errors: 1 in 16,000


def noisy(noise, worlds=20_000, **settings):
    """A system tries only after noise has raised the capability of its lab far."""
    return scenario({**NOISY, "capability.noise": noise, "worlds": worlds, **settings}, CONTROL)


def shares_of(worlds):
    """Shares of plain worlds (takeover, first try lost) by policy, and how many worlds."""
    lost = worlds.crossing.sel(threshold="takeover").notnull()
    first = worlds.held_first_critical_try == 0
    return lost.mean("world").values, first.mean("world").values, worlds.sizes["world"]


def plain(case):
    """100,000 worlds of a case."""
    return rs.run(replace(case, worlds=100_000)).worlds


def agrees_with_counting(result, worlds) -> float:
    """Hold the shares of one policy against plain worlds; the share lost there."""
    (share,), (first,), n = shares_of(worlds)
    for name, counted in (("takeover", share), ("first_try_lost", first)):
        row = result[name]
        error = math.hypot(
            row["relative_error"] * row["estimate"], math.sqrt(counted * (1 - counted) / n)
        )
        assert abs(row["estimate"] - counted) < FOUR * error
        assert row["low"] < row["estimate"] < row["high"]
    return share


def chances(case, policy, importance=None, groups=20, size=64):
    """(groups, 2) totals."""
    wanted = [Group(k, size, key_of(case.seed, 77), importance) for k in range(groups)]
    return np.array([one.chances for one in simulate_groups(case, policy, wanted)])


@pytest.mark.parametrize("importance", [None, Exploring(0.5)], ids=["hazard", "split"])
def test_every_submodel_is_simulated_without_bias(importance):
    case = busy(worlds=1000, months=40)
    lost, first, n = shares_of(rs.run(case).worlds)
    for k, policy in enumerate(case.policies):
        totals = chances(case, policy, importance)
        for row, share in ((TAKEOVER, lost[k]), (FIRST_TRY_LOST, first[k])):
            own = totals[:, row].var(ddof=1) / len(totals)
            error = math.sqrt(own + max(share * (1 - share), 1 / n) / n)
            assert abs(totals[:, row].mean() - share) < FOUR * error


RESPONDING = {
    "oversight.control": {},
    "oversight.honeypots": {},
    "adopters": 2,
    "events": [
        {
            "when": "strikes_seen",
            "at_least": 1,
            "months": 4,
            "set": {"audit_budget": 0.9, "frozen": 1},
            "withdraw": "model",
        },
        {"on": "2026-09", "months": 6, "set": {"audit_budget": 0.3}, "withdraw": "all"},
    ],
}


def test_splitting_agrees_with_counting_where_rare_strikes_meet_events_and_traps():
    given = {"training.shared": 0.7, "conduct.coordination": 1, "systems": 9}
    given = {**BARE, "capability.noise": 0.15, "worlds": 20_000, **given}
    case = scenario(given, {"responds": RESPONDING})
    result = rs.rare(case)["responds"]
    worlds = plain(case)
    assert 0 < agrees_with_counting(result, worlds) < 0.05
    assert worlds.withdrawals.sum() > 1000 and (worlds.attempts_in_first_try > 1).sum() > 50


def test_splitting_agrees_with_counting_and_narrows():
    case = noisy(0.4)
    result = rs.rare(case)["control"]
    assert result["method"] == "splitting" and result["reached"] and not result["warnings"]
    agrees_with_counting(result, plain(case))


def test_the_rarest_failures_cost_at_most_a_hundredth_of_counting():
    row = rs.rare(noisy(0.25, 20_000), relative_error=0.2)["control"]["takeover"]
    assert row["estimate"] < 1e-5
    assert row["fewer"] > 100
    again = rs.rare(noisy(0.25, 20_000, seed=4), relative_error=0.2)["control"]["takeover"]
    spread = math.hypot(row["relative_error"], again["relative_error"])
    assert abs(math.log(row["estimate"] / again["estimate"])) < FOUR * spread


def test_worlds_are_not_split_where_failures_need_no_rare_state():
    case = {
        **NOISY,
        "capability.noise": 0.1,
        "takeover.caught_value": 1,
        "cognition.patience": 0,
    }
    hazard = scenario({**case, "takeover.difficulty": 40, "worlds": 1280}, CONTROL)
    result = rs.rare(hazard)["control"]
    assert result["method"] == "integrated hazard"
    assert result["takeover"]["estimate"] < 1e-5 and result["reached"]
    assert result["takeover"]["fewer"] > 1000


def test_intervals_hold_the_truth_over_repetitions():
    # The truth is estimated by the mean over all repetitions, far better than by one of them.
    case, repetitions, groups = noisy(0.5, **{"months": 12, "capability.initial": 9}), 200, 20
    totals = chances(case, "control", Exploring(0.5), repetitions * groups, 16)[:, TAKEOVER]
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


def test_no_world_can_weigh_more_than_twice_the_average():
    # an importance that is wrong must not give up the worlds that it underrates
    draws = np.random.default_rng(4)
    n = 64
    weights, importance = draws.random(n), np.exp(20 * draws.normal(size=n))
    parents, shared = splitting.choose_parents(weights, importance, weights, draws)
    assert parents is not None
    assert shared.max() <= weights.mean() / splitting.BY_WEIGHT * (1 + 1e-12)
    assert splitting.BY_WEIGHT >= 0.5


def test_an_interval_of_nothing_is_that_of_a_share():
    assert interval(np.zeros(20), 1000) == (0.0, pytest.approx(1 - 0.025 ** (1 / 1000)))


def test_copies_keep_every_total_in_expectation():
    draws = np.random.default_rng(1)
    weights, importance = draws.random(64) ** 4, np.exp(3 * draws.normal(size=64))
    weights[::7] = 0.0
    value = draws.random(64)
    totals = []
    for k in range(4000):
        generator = np.random.default_rng([2, k])
        parents, shared = splitting.choose_parents(weights, importance, value, generator)
        assert len(parents) == len(weights) and np.all(weights[parents] > 0.0)
        totals.append(shared @ value[parents])
    error = np.std(totals) / math.sqrt(len(totals))
    assert abs(np.mean(totals) - weights @ value) < FOUR * error
    even, same = splitting.choose_parents(np.ones(64), np.ones(64), value, generator)
    assert even is None and np.all(same == 1.0)


def test_a_copy_has_the_past_of_its_world_and_a_future_of_its_own():
    case = busy(months=40)
    state = GroupState(case, case.policies["all"], Group(0, 64, key_of(1, 0)))
    state.advance(20)
    state.copy(np.array([3]), np.array([36]), np.array([10**6]))
    places = [divmod(world, WIDTH) for world in (3, 36)]  # of two tiles

    def frontiers():
        return [state.tiles[k].labs["frontier"][0, w] for k, w in places]

    before = frontiers()
    rows = [state.tiles[k].rows[:, w] for k, w in places]
    state.advance(1)
    after = frontiers()
    assert before[0] == before[1] and after[0] != after[1]
    assert np.array_equal(*rows)


def test_free_columns_at_the_end_of_a_group_change_no_world():
    case = busy(months=40)
    few, many = (
        GroupState(case, case.policies["all"], Group(0, size, key_of(1, 0))) for size in (16, 64)
    )
    theirs, ours = many.advance(20)[:, :16], few.advance(20)
    assert ours.shape == (CHANCES, 16) and np.array_equal(ours, theirs) and ours.any()
    assert np.array_equal(few.look(), many.look()[:16])
    assert np.array_equal(few.take_weights(), many.take_weights()[:16])


def test_no_two_worlds_draw_the_same(monkeypatch):
    numbers = []
    copy = GroupState.copy
    monkeypatch.setattr(
        GroupState, "copy", lambda self, *a: (numbers.extend(a[2]), copy(self, *a))
    )
    chances(noisy(0.5), "control", Exploring(0.5), groups=3, size=64)
    initial = [g * (splitting.STAGES + 1) * 64 + k for g in range(3) for k in range(64)]
    assert len(numbers) > 100
    assert len({*numbers, *initial}) == len(numbers) + len(initial)


def test_threads_change_nothing_and_seeds_do():
    case = noisy(0.4, 1280)
    one, two = (rs.rare(case, threads=threads).policies for threads in (1, 3))
    assert one == two != rs.rare(noisy(0.4, 1280, seed=9)).policies


def test_policies_in_python_are_allowed():
    @rs.policy(settings={"oversight.control": {}})
    def same(seen, levers):
        return levers

    result = rs.rare(noisy(0.5, 1280), ["control", same])
    assert result["same"] == result["control"]
    assert list(result.to_dataframe().policy) == ["control"] * 2 + ["same"] * 2
    assert list(rs.rare(noisy(0.5, 1280), [same]).policies) == ["same"]
    ax = result.plot()
    drawn = ax.containers[0].lines[0].get_ydata()
    assert list(drawn) == [result[name]["takeover"]["estimate"] for name in ("control", "same")]
    assert ax.get_yscale() == "log"


def test_a_world_that_carries_too_much_has_a_warning():
    assert effective_worlds(np.array([1e-300, 0.0, 0.0])) == 1.0
    assert effective_worlds(np.ones(5)) == 5.0 and effective_worlds(np.zeros(5)) == 0.0
    # what is drawn at the initialisation decides, and copies do not draw that again
    case = noisy(0.01, 1280, **{"capability.initial": {"normal": [5, 2]}})
    result = rs.rare(case)["control"]
    assert any("carries" in warning for warning in result["warnings"])
    few = f"only {result['effective_worlds']:.0f} initial worlds make up the total"
    assert result["effective_worlds"] < 30 and few in result["warnings"]


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


def test_the_command_prints_a_table_and_writes_a_folder(file, capsys):
    assert main(["run", file, "--rare", "--worlds", "1280", "--relative-error", "0.5"]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    folder = Path("outputs/small-rare")
    assert {path.name for path in folder.iterdir()} == {"rare.json", "manifest.json"}
    result = json.loads((folder / "rare.json").read_text())
    assert list(result["policies"]) == ["none", "both"]
    assert result["policies"]["both"]["takeover"]["low"] > 0
    assert tables(result) in printed and "Results are in outputs/small-rare" in printed
    assert rs.rare(rs.load(file).override({"worlds": 1280}), (), 0.5).to_dict() == result
    with pytest.raises(rs.Refusal, match="allowed is 1280 or more"):
        rs.rare(file)  # a path, of a scenario of fewer worlds
    assert json.loads((folder / "manifest.json").read_text())["made_by"] == "regimesim run --rare"


def test_more_worlds_are_not_advised_where_no_attempt_occurs(file, capsys):
    options = ["--worlds", "1280", "--set", "takeover.difficulty=60", "--policy", "none"]
    few = ["--set", "months=3", "--set", "conduct.story_rate=0", "--no-figures"]
    assert main(["run", file, "--rare", *options, *few]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "in no world does any attempt occur" in printed and "0 (below 0.0" in printed
    assert "Attempts occur where" in printed and "(--worlds) help" not in printed


def test_a_probability_near_1_is_not_printed_as_1():
    row = {"low": 0.9944, "high": 0.9986, "estimate": 0.9967, "relative_error": 0.001}
    row |= {"plain_worlds": 1300.0, "fewer": 0.17}
    policy = {"method": "integrated hazard", "worlds": 16384, "warnings": [], "reached": True}
    result = {"scenario": "small", "most_worlds": 20000, "seed": 1, "relative_error_asked": 0.1}
    result["policies"] = {"none": policy | {"takeover": row, "first_try_lost": row}}
    assert "0.997 (0.994 to 0.999)" in tables(result)
    row["estimate"] = 2.49e-6
    assert "2.5e-06 (0.994" in tables(result)


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
    printed = capsys.readouterr().err
    assert words in printed and len(printed.splitlines()) == 1
    assert not Path("outputs").exists()


def test_an_interruption_leaves_nothing(file, monkeypatch):
    def press(self, months, rule=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(GroupState, "advance", press)
    assert main(["run", file, "--rare", "--worlds", "1280"]) == 130
    assert not Path("outputs").exists()
