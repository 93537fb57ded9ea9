"""What each part of a policy contributes: taken apart, added up, written down, refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import small
import xarray as xr

import regimesim as rs
from regimesim import figures
from regimesim.analysis.estimands import caught_by
from regimesim.analysis.estimates import Estimate, proportion_difference
from regimesim.analysis.formatting import percent_interval
from regimesim.ensemble.first_tries import first_tries
from regimesim.ensemble.workload import weigh
from regimesim.errors import Refusal
from regimesim.model.world.records import SAFEGUARDS
from regimesim.results.progress import Progress
from regimesim.studies.contributions import first_look as of_look
from regimesim.studies.contributions.compute import contributions
from regimesim.studies.contributions.first_look import first_look, greatest_losses
from regimesim.studies.contributions.question import Question, ask
from regimesim.studies.contributions.shares import (
    caught_together,
    common_cause,
    contributions_of_parts,
    outcomes,
)
from regimesim.studies.contributions.subsets import (
    independent,
    parts,
    run_subsets,
    subsets,
    unguarded,
)
from regimesim.studies.contributions.text import finding, text
from regimesim.studies.contributions.usefulness import run_untroubled

SCENARIOS = Path(__file__).parents[2] / "scenarios"
# Able and eager systems, so that worlds differ within few months.
EAGER = {
    **small.FIRST_PART,
    **small.SPARSE,
    "capability.initial": 8,
    "takeover.difficulty": {"normal": [12, 2]},
    "goals.value": 0.1,
    "oversight.audit_budget": 0.06,
}
STACK = {
    "oversight.control": {},
    "oversight.cot_monitor": {"evasion": 0},
    "oversight.evaluations": {"response": "warn"},
    "paradigm.hold": 2,
}


@pytest.fixture(scope="module")
def eager():
    return small.scenario(EAGER, {"none": {}, "stack": STACK})


@pytest.fixture(scope="module")
def apart(eager):
    """Every subset of the stack, run."""
    return next(run_subsets(eager, "stack"))


def test_parts_are_safeguards_responses_and_levers_of_its_own():
    scenario = rs.load(SCENARIOS / "fixed_assumptions.toml")
    assert {name: parts(scenario, name) for name in ("none", "control", "dense_feedback")} == {
        "none": (),
        "control": ("control",),
        "dense_feedback": ("control", "cot_monitor", "feedback"),
    }
    everything = ("control", "cot_monitor", "interpretability", "evaluations", "adaptive", "pause")
    assert parts(scenario, "defence_in_depth") == (*everything, "hold", "feedback")


def test_a_lever_of_the_whole_scenario_is_no_part_and_stays():
    scenario = rs.load(SCENARIOS / "common_cause.toml")
    assert parts(scenario, "half_shared") == ("control", "cot_monitor", "interpretability")
    bare = subsets(scenario, "half_shared").policies["nothing"]
    assert bare.paradigm.hold == 3 and bare.oversight.common_cause == 0.5
    assert bare.oversight.control is None


def test_every_subset_is_the_policy_that_one_would_have_written(eager):
    by_hand = small.scenario(
        EAGER,
        {
            "nothing": {},
            "control": {"oversight.control": {}},
            "cot_monitor-hold": {"oversight.cot_monitor": {"evasion": 0}, "paradigm.hold": 2},
            "control-cot_monitor-evaluations-hold": STACK,
        },
    )
    found = subsets(eager, "stack").policies
    assert len(found) == 16
    for name, tables in by_hand.policies.items():
        assert found[name.replace("-", "+")] == tables
    own = {key: value for key, value in EAGER.items() if not key.startswith("oversight.")}
    assert unguarded(eager) == small.scenario(own, {"none": {}}).policies["none"]


RESPONDING = {
    "oversight.control": {},
    "oversight.honeypots": {},
    "oversight.evaluations": {},
    "adopters": 1,
    "events": [
        {"when": "alarm", "at_least": 1, "months": 6, "set": {"frozen": 1}},
        {"on": "2026-06", "set": {"audit_budget": 0.5}, "withdraw": "all"},
    ],
}
FREEZE, AUDIT = (
    "freeze at an alarm",
    "audit 0.5, withdraw all from 2026-06",
)  # its events, in words


def test_events_adopters_and_honeypots_are_parts():
    scenario = small.scenario(EAGER, {"none": {}, "respond": RESPONDING})
    on = ("control", "honeypots", "evaluations")
    assert parts(scenario, "respond") == (*on, FREEZE, AUDIT, "adopters")
    everywhere = {**RESPONDING, "adopters": 3, "adopters_are": "lagging"}
    assert parts(small.scenario(EAGER, {"all": everywhere}), "all") == (
        *on,
        FREEZE,
        AUDIT,
    )
    inherited = small.scenario({**EAGER, "adopters": 1}, {"one": {}, "two": {"adopters": 2}})
    assert parts(inherited, "one") == () and parts(inherited, "two") == ("adopters",)
    alone = subsets(inherited, "two").policies["nothing"]
    assert alone == inherited.policies["one"] and alone.outside.density is not None


def test_subsets_without_events_or_adopters_are_the_policies_that_one_would_have_written():
    first, second = RESPONDING["events"]
    by_hand = {
        "nothing": {},
        f"control+{AUDIT}": {"oversight.control": {}, "events": [second]},
        f"control+honeypots+evaluations+{FREEZE}": {
            **RESPONDING,
            "adopters": None,
            "events": [first],
        },
        f"control+honeypots+evaluations+{FREEZE}+{AUDIT}+adopters": RESPONDING,
        "adopters": {"adopters": 1},
    }
    names = dict(zip("abcde", by_hand, strict=True))
    written = small.scenario(EAGER, {name: by_hand[names[name]] for name in names})
    scenario = small.scenario(EAGER, {"none": {}, "respond": RESPONDING})
    found = subsets(scenario, "respond").policies
    assert len(found) == 2**6
    for name, tables in written.policies.items():
        ours = found[names[name]]
        if ours.adopters is None:  # then nothing reads what other labs do
            ours, tables = (t.model_copy(update={"outside": None}) for t in (ours, tables))
        assert ours == tables, names[name]


def test_an_event_that_waits_for_evaluations_contributes_nothing_without_them():
    kept = {**RESPONDING, "adopters": 3}
    kept["events"] = [{"when": "alarm", "at_least": 1, "set": {"audit_budget": 0.9}}]
    scenario = small.scenario(EAGER, {"respond": kept})
    event = "audit 0.9 at an alarm"
    found = next(run_subsets(scenario, "respond"))
    for variable in ("crossing", "held_first_critical_try"):
        ours, theirs = (
            found[variable].sel(policy=name).values for name in (f"control+{event}", "control")
        )
        np.testing.assert_array_equal(ours, theirs)
    together = found.crossing.sel(policy=f"control+evaluations+{event}").values
    alone = found.crossing.sel(policy="control+evaluations").values
    assert not np.array_equal(together, alone, equal_nan=True)


def test_a_policy_of_too_many_parts_is_refused():
    events = [{"on": f"2026-0{k}", "set": {"growth": 0.5}} for k in range(1, 9)]
    many = {**RESPONDING, "events": events, "oversight.pause": {}, "oversight.correction": {}}
    scenario = small.scenario(EAGER, {"many": many})
    with pytest.raises(Refusal, match="'many' has 14 parts, and all subsets of at most 12 are"):
        subsets(scenario, "many")


def test_subsets_run_in_the_same_worlds_as_any_run(eager, apart):
    assert list(apart.has_part.sel(policy="control+hold").values) == [True, False, False, True]
    names = {"only": "control+cot_monitor", "none": "nothing"}
    both = {"oversight.control": {}, "oversight.cot_monitor": {"evasion": 0}}
    given = {"only": both, "none": {}}
    worlds, _ = small.run(EAGER, given)
    for ours, theirs in names.items():
        for variable in ("crossing", "held_first_critical_try", "first_try_caught_by"):
            one, other = worlds[variable].sel(policy=ours), apart[variable].sel(policy=theirs)
            np.testing.assert_array_equal(one.values, other.values)


def test_more_subsets_than_are_run_together_are_the_same_worlds(eager, monkeypatch):
    from regimesim.ensemble import first_tries as module

    whole = first_tries(subsets(eager, "stack"))
    monkeypatch.setattr(module, "TOGETHER", 3)
    xr.testing.assert_identical(first_tries(subsets(eager, "stack"), threads=1), whole)


def test_evaluations_that_only_warn_contribute_exactly_nothing(apart):
    found = contributions_of_parts(apart)
    for estimand in ("no_takeover", "first_try_not_lost"):
        values = found[estimand]["parts"]
        assert values["evaluations"]["shapley"]["estimate"] == 0
        assert values["evaluations"]["leave_one_out"]["estimate"] == 0
        assert any(value["shapley"]["estimate"] > 0.05 for value in values.values())
        total = sum(value["shapley"]["estimate"] for value in values.values())
        whole = found[estimand]["full"]["estimate"] - found[estimand]["nothing"]["estimate"]
        assert total == pytest.approx(whole, abs=1e-14)


def two_parts(takeovers, held, times):
    """Four subsets of the parts a and b in made-up worlds, each of which occurs several times."""
    here = ("policy", "world")
    takeovers, held = (np.repeat(rows, times, axis=1) for rows in (takeovers, held))
    crossing = np.where(takeovers == 1, 5.0, np.nan)
    return xr.Dataset(
        {
            "crossing": (("threshold", *here), crossing[None]),
            "held_first_critical_try": (here, held.astype(float)),
            "first_try_caught_by": (
                ("safeguard", *here),
                np.full((len(SAFEGUARDS), *held.shape), np.nan),
            ),
            "strikes": (here, np.ones(held.shape, int)),
        },
        {
            "policy": ["nothing", "a", "b", "a+b"],
            "part": ["a", "b"],
            "threshold": ["takeover"],
            "safeguard": list(SAFEGUARDS),
        },
    )


NAN = np.nan
TAKEOVERS = [[1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 0, 1], [0, 0, 0, 1]]
HELD = [[0, 0, 0, 0], [1, 0, NAN, 0], [0, 0, 1, 0], [1, 0, NAN, NAN]]


def test_leave_one_out_and_shapley_by_hand():
    found = contributions_of_parts(two_parts(TAKEOVERS, HELD, times=10))
    parts = found["no_takeover"]["parts"]
    assert parts["a"]["leave_one_out"]["estimate"] == 2 / 4
    assert parts["b"]["leave_one_out"]["estimate"] == 2 / 4
    assert parts["a"]["shapley"]["estimate"] == (1 + 2) / 2 / 4
    assert parts["b"]["shapley"]["estimate"] == (1 + 2) / 2 / 4
    # Not lost: no try, or held.  nothing 0, a 2, b 1, a and b 3 of 4 worlds.
    parts = found["first_try_not_lost"]["parts"]
    assert found["first_try_not_lost"]["full"]["estimate"] == 3 / 4
    assert parts["a"]["shapley"]["estimate"] == (2 + 2) / 2 / 4
    assert parts["b"]["shapley"]["estimate"] == (1 + 1) / 2 / 4
    # Held, in the two worlds in which the whole and that without it both met a try.
    parts = found["held_first_critical_try"]["parts"]
    assert set(parts["a"]) == {"leave_one_out"}
    assert parts["a"]["leave_one_out"] | {"low": 0, "high": 0} == {
        "estimate": 0.5,
        "low": 0,
        "high": 0,
        "n": 20,
    }
    assert found["first_try_caught_by"] == {} and found["common_cause"] is None


def test_effects_that_four_worlds_leave_open_are_not_given():
    found = contributions_of_parts(two_parts(TAKEOVERS, HELD, times=1))
    effect = found["no_takeover"]["parts"]["a"]["leave_one_out"]
    assert effect["estimate"] is None and effect["low"] < 0 < effect["high"]
    assert found["no_takeover"]["full"]["estimate"] == 3 / 4
    content = {"scenario": "few", "worlds": 4, "seed": 1, "frontier": {}, "audit_budgets": {}}
    content |= TITLED
    content["policies"] = {"stack": found}
    words = " ".join(text(content).split())
    assert "An effect with a dash may be of either sign" in words
    assert "About 8 worlds (--worlds) would be enough." in words
    assert finding("stack", found) == "stack: no part clearly adds"
    bars = figures.contributions(content)[0].containers[0]
    assert all(np.isnan(bar.get_width()) for bar in bars)


def test_which_safeguards_caught_the_first_try_adds_up(apart):
    whole = "control+cot_monitor+evaluations+hold"
    found = caught_together(apart, whole)
    met = int(apart.held_first_critical_try.sel(policy=whole).notnull().sum())
    assert {share.n for share in found.values()} == {met} and met > 5
    assert sum(share.estimate for share in found.values()) == pytest.approx(1)
    for name, either in caught_by(apart, whole).items():
        alone = found[name].estimate if name in found else 0.0
        assert either["alone"].estimate == pytest.approx(alone)
        some = sum(share.estimate for by, share in found.items() if name in by.split("+"))
        assert either["caught"].estimate == pytest.approx(some)


def test_common_cause_is_the_difference_to_safeguards_that_fail_apart(eager, apart):
    alone = first_tries(independent(eager, "stack"))
    policy = "control+cot_monitor+evaluations+hold"
    told = common_cause(apart, policy, alone)
    by_hand, _ = small.run(EAGER, {"stack": {**STACK, "oversight.common_cause": 0}})
    ours = outcomes(by_hand, "stack", "first_try_not_lost")
    theirs = outcomes(apart, policy, "first_try_not_lost")
    assert told["first_try_not_lost"]["cost"] == proportion_difference(ours, theirs)._asdict()


def test_common_cause_costs_nothing_where_nothing_is_shared(eager):
    one = small.scenario(EAGER, {"one": {"oversight.control": {}}})
    zero = small.scenario(EAGER, {"two": {**STACK, "oversight.common_cause": 0}})
    assert independent(one, "one") is None and independent(zero, "two") is None


def test_a_policy_that_cannot_be_taken_apart_is_refused(eager):
    with pytest.raises(Refusal, match="'none' has no safeguard, response, event or lever"):
        next(run_subsets(eager, "none"))
    with pytest.raises(Refusal, match="no policy \"stuck\"; the nearest is 'stack'"):
        next(run_subsets(eager, "stuck"))


TITLED = {
    "titles": {"one": "the first"},
    "cost": "growth_lost",
    "cost_of_budgets": "audited",
}


def test_figures_show_the_numbers(apart):
    told = contributions_of_parts(apart)
    point = {"estimate": 0.9, "low": 0.8, "high": 0.95, "n": 48}
    place = {"no_takeover": point, "growth_lost": point, "audited": point, "dominated_by": []}
    found = {
        "scenario": "eager",
        "worlds": 48,
        "seed": 3,
        **TITLED,
        "policies": {"stack": told},
        "frontier": {"one": place, "other": {**place, "dominated_by": ["one"]}},
        "audit_budgets": {},
    }
    bars = [bar.get_width() for bar in figures.contributions(found)[0].containers[0]]
    values = [part["shapley"]["estimate"] for part in told["no_takeover"]["parts"].values()]
    assert bars == pytest.approx([100 * value for value in values])
    axes = figures.frontier(found)
    assert {text.get_text().strip() for text in axes[0].texts} == {"the first", "other"}
    (mark,) = (m for m in axes[0].get_lines() if m.get_markerfacecolor() == "white")
    assert mark.get_xdata()[0] == -0.9  # less is lost further right
    found["audit_budgets"] = {"stack": [{**place, "audit_budget": 0.1}]}
    assert len(figures.frontier(found)) == 2
    for draw in (figures.contributions, figures.frontier):
        with pytest.raises(ValueError, match="axes were given for"):
            draw(found, axes=[*axes] * 3)


@rs.policy(settings=STACK)
def idle(observation, levers):
    """The stack, written in Python, with a rule that leaves every lever as it is."""
    return levers


def slow(contact):
    """A policy of half the growth, whatever is seen, which sets the contact of systems."""

    @rs.policy(name="slow", settings={"oversight.control": {}})
    def policy(observation, levers):
        return levers.set(growth=0.5, contact=contact)

    return policy


def test_python_gives_a_result_that_is_a_table_a_text_and_a_figure(eager, apart):
    counted = []
    result = rs.contributions(eager, ["stack"], [0.1, 0.01], progress=counted.append)
    assert sum(counted) == result.question.total
    assert result["stack"] == contributions_of_parts(
        apart, first_tries(independent(eager, "stack"))
    )
    assert [point["audit_budget"] for point in result.audit_budgets["stack"]] == [0.01, 0.1]
    table = result.to_dataframe()
    assert len(table) == 4 * 2 * 2
    row = table[(table.part == "hold") & (table.estimand == "no_takeover")].set_index("measure")
    fair = result["stack"]["no_takeover"]["parts"]["hold"]["shapley"]
    assert row.loc["shapley", ["estimate", "low", "high"]].tolist() == [
        fair[key] for key in ("estimate", "low", "high")
    ]
    assert json.loads(json.dumps(result.to_dict()))["policies"]["stack"] == result["stack"]
    assert "lost without it" in result.text() and len(result.plot()) == 1


def test_a_policy_written_in_python_is_taken_apart_with_its_rule(eager):
    written = rs.contributions(eager, [idle])
    named = rs.contributions(eager, ["stack"])
    assert written["idle"] == named["stack"]
    assert written.frontier["idle"] == named.frontier["stack"]
    slowed = rs.contributions(eager, [slow(1.0)], [0.02])
    worlds, _ = rs.run(eager.choose(["none"]), [slow(1.0)])
    safe = float(worlds.crossing.sel(threshold="takeover", policy="slow").isnull().mean())
    assert slowed["slow"]["no_takeover"]["full"]["estimate"] == pytest.approx(safe)
    kept = slowed.frontier["slow"]["growth_kept"]["estimate"]
    assert kept < 0.9 * named.frontier["stack"]["growth_kept"]["estimate"]
    assert slowed.audit_budgets["slow"][0]["growth_kept"]["estimate"] == pytest.approx(kept)


def test_nothing_is_tried_in_untroubled_worlds_whatever_a_rule_sets(eager):
    scenario = eager.with_policy("slow", slow(0.0).settings)
    calm, eager_to_try = (
        next(run_untroubled(scenario, rules={"slow": slow(contact)})) for contact in (0.0, 1.0)
    )
    xr.testing.assert_identical(calm, eager_to_try)


def test_the_text_says_which_policy_dominates(eager):
    words = rs.contributions(eager, ["stack"]).to_dict()
    words["frontier"]["worse"] = {**words["frontier"]["stack"], "dominated_by": ["stack"]}
    lines = text(words).splitlines()
    assert "  worse is dominated by stack" in lines
    assert max(map(len, lines)) <= 80


def lost(estimate, low, high):
    return Estimate(estimate, low, high, 100)


def test_the_first_look_names_the_greatest_clear_loss_of_each_of_two_policies():
    found = {
        ("a", "x"): lost(0.8, 0.7, 0.9),
        ("a", "y"): lost(0.8, 0.7, 0.9),
        ("a", "z"): lost(0.1, 0.05, 0.2),
        ("b", "x"): lost(0.2, 0.1, 0.3),
        ("c", "x"): lost(0.3, -0.1, 0.6),
    }
    assert greatest_losses(found) == [
        ("a", ["x", "y"], found["a", "x"]),
        ("b", ["x"], found["b", "x"]),
    ]
    unclear = {pair: effect for pair, effect in found.items() if pair[0] == "c"}
    assert greatest_losses(unclear) == [("c", ["x"], found["c", "x"])]


def test_the_first_look_is_the_loss_that_the_study_finds_in_as_many_worlds(monkeypatch):
    stop = {"oversight.control": {}, "events": [{"on": "2026-02", "set": {"frozen": 1}}]}
    source = small.scenario({**EAGER, "worlds": 96}, {"respond": stop})
    question, lines = ask(source), []
    runs = 1 + len(parts(source, "respond"))
    a_world = float(weigh(source.systems, source.months, runs))
    monkeypatch.setattr(of_look, "FIRST", 32.5 * a_world)
    monkeypatch.setattr(Question, "stages", (8, 96))
    progress = Progress()
    progress.line = lines.append
    first_look(question, progress)
    monkeypatch.undo()
    found = contributions(source.override({"worlds": 32}))["respond"]["no_takeover"]["parts"]
    alone = {part: one["leave_one_out"] for part, one in found.items()}
    part = max(alone, key=lambda name: alone[name]["estimate"])
    assert alone[part]["low"] > 0
    assert lines == [
        f"First look, 32 of 96 worlds: respond loses {percent_interval(alone[part])} points "
        f"without {part}."
    ]
