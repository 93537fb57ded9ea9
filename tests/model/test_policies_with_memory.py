"""Policies that remember, and levers that are set by name: the same worlds as events."""

import pickle

import numpy as np
import pytest
import xarray as xr
from scenarios_of_tests import busy

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.model.world.layout import MOST_MEMORY, WIDTH
from regimesim.studies.contributions.usefulness import simulate_untroubled
from regimesim.studies.rare.splitting import Group, GroupState

CONTROL = {"oversight.control": {}}
EVALUATED = {**CONTROL, "oversight.evaluations": {}}
FREEZE = {"when": "strikes_seen", "at_least": 1, "months": 12, "set": {"frozen": 1}}
AUDIT = {"when": "alarm", "at_least": 1, "set": {"audit_budget": 0.3}}
FIXED = rs.Levers(0, 0, 1, 1, 4, 0, 1, False)


def freezing(seen, levers, memory):
    """Freeze for twelve months once a strike is seen."""
    if seen.strikes_seen > 0:
        memory.until = seen.month + 12
    return levers.set(frozen=1) if seen.month < memory.until else levers


def auditing(seen, levers, memory):
    """Audit 30 % for good after the first alarm."""
    if seen.alarm:
        memory["alarmed"] = True
    return levers.set(audit_budget=0.3 if memory["alarmed"] > 0 else levers.audit_budget)


RULES = {
    "freeze": (FREEZE, rs.policy(freezing, settings=EVALUATED, memory={"until": 0})),
    "audit": (AUDIT, rs.policy(auditing, settings=EVALUATED, memory={"alarmed": 0.0})),
}


@pytest.mark.parametrize("response", RULES)
def test_the_same_response_as_an_event_and_in_python_gives_the_same_worlds(response):
    event, own = RULES[response]
    scenario = busy(worlds=3 * WIDTH)
    scenario = scenario.with_policy("event", {**EVALUATED, "events": [event]})
    scenario = scenario.with_policy("without", EVALUATED)
    result = rs.run(scenario, ["event", "without", own], threads=2)
    for dataset in (result.worlds, result.months):
        event, without, python = (dataset.isel(policy=k, drop=True) for k in range(3))
        xr.testing.assert_identical(event, python)
        assert not event.equals(without)


def counting(seen, levers, memory):
    """Fails where memory is not that of this world, in this month."""
    if memory.months != seen.month or memory.first + 0.5 != memory["half"]:
        raise ValueError("another memory")
    memory.months += 1
    return levers


FIRST = {"months": 0.0, "first": 3.0, "half": 3.5}
counts = rs.policy(counting, settings=CONTROL, memory=FIRST, name="counts")


def test_each_world_has_its_own_memory_from_its_first_month():
    scenario = busy(worlds=3 * WIDTH + 1)
    worlds = rs.run(scenario, [counts, "control"], threads=2).worlds
    xr.testing.assert_equal(*(worlds.isel(policy=k, drop=True) for k in (0, 1)))
    for number in (0, 3 * WIDTH):
        rs.RegimeModel(scenario, counts, number).run_model()
    tables = scenario.with_policy("counts", CONTROL).policies["counts"]
    simulate_untroubled(scenario, tables, 0, WIDTH + 1, counts)


def test_memory_reaches_another_process_and_is_part_of_the_digest():
    received = pickle.loads(pickle.dumps(counts))
    assert received.memory == counts.memory == FIRST
    assert received.digest == counts.digest
    rs.run(busy(worlds=2), received)
    other = rs.policy(counting, settings=CONTROL, memory={**FIRST, "months": 1.0})
    assert other.digest != counts.digest
    with pytest.raises(rs.Refusal, match=r"in month 0 of world 0, .*ValueError: another memory"):
        rs.run(busy(worlds=2), other)


def adding(seen, levers, memory):
    memory.total += seen.draw
    return levers


def test_memory_is_copied_with_its_world():
    own = rs.policy(adding, settings=CONTROL, memory={"total": 0.0})
    scenario = busy(worlds=1).with_policy("adding", CONTROL)
    state = GroupState(scenario, scenario.policies["adding"], Group(0, WIDTH, 7))
    state.advance(3, own)
    before = state.worlds["memory"][0, 0].copy()
    assert np.unique(before).size == WIDTH and np.all((before > 0.0) & (before < 3.0))
    state.copy(np.array([0]), np.array([1]), np.array([9999]))
    after = state.worlds["memory"][0, 0]
    assert after[1] == before[0] and np.array_equal(after[2:], before[2:])
    state.advance(1, own)
    assert after[1] > before[0] and after[1] != after[0]  # it continues with draws of its own


def set_by_name(seen, levers):
    """Whole numbers in one case, floats in another, and all levers at once in others."""
    if seen.month == 1:
        return levers.set(growth=0, frozen=seen.month > 0)
    if seen.month == 2:
        return rs.Levers(1, 0, 1, 1, 3, 0, 0, 0)
    if seen.month == 3:
        return FIXED
    return levers.set(hold=2.5).set(pause=0.25)


def test_levers_set_by_name_keep_the_others():
    model = rs.RegimeModel(busy(), rs.policy(set_by_name, settings=CONTROL))
    names = ("audit_budget", "pause", "growth", "hold", "frozen", "contact")
    expected = [
        [0.03, 0.25, 1.0, 2.5, 0.0, 1.0],
        [0.03, 0.0, 0.0, 4.0, 1.0, 1.0],
        [1.0, 0.0, 1.0, 3.0, 0.0, 1.0],
        [0.0, 0.0, 1.0, 4.0, 0.0, 1.0],
    ]
    for levers in expected:
        model.step()
        assert [float(model.tile.worlds[0][name][0]) for name in names] == levers
    assert FIXED.set(pause=0.5)[:3] == (0, 0.5, 1)


def misspells(seen, levers):
    return levers.set(grwth=0.0)


def misspells_in_a_helper(seen, levers):
    return misspells(seen, levers)


def misspells_in_the_call_of_all(seen, levers):
    return rs.Levers(0.1, 0.0, 1.0, 1.0, 4.0, 0.0, 0.0, frozn=0.0)


def omits_one(seen, levers):
    return rs.Levers(0.1, 0.0, 1.0, 1.0, 4.0, 0.0, 0.0)


def omits_one_of_a_tuple(seen, levers):
    return rs.Levers(0.1, *levers[2:])


def sets_by_place(seen, levers):
    return levers.set(0.1)


def sets_text(seen, levers):
    return levers.set(growth="half")


REFUSED = {
    misspells: ("there is no lever 'grwth'; the nearest is 'growth'",) * 2,
    misspells_in_a_helper: ("there is no lever 'grwth'; the nearest is 'growth'",) * 2,
    misspells_in_the_call_of_all: ("no lever 'frozn'; the nearest is 'frozen'", "'frozn'"),
    omits_one: (r"Levers\(...\) lacks frozen; levers.set", "'frozen'"),
    omits_one_of_a_tuple: ("another number of levers than 8", "'frozen'"),
    sets_by_place: ("levers.set takes levers by name", "TypeError"),
    sets_text: ("must set levers to numbers, but sets growth to text", "TypeError"),
}


@pytest.mark.parametrize("rule", REFUSED, ids=lambda rule: rule.__name__)
def test_levers_that_do_not_exist_or_are_no_numbers_are_refused(rule):
    sentence = REFUSED[rule][INTERPRETED]
    with pytest.raises(rs.Refusal, match=f"^policy '{rule.__name__}': .*{sentence}"):
        rs.run(busy(worlds=1), rs.policy(rule, settings=CONTROL))


def reads_another_name(seen, levers, memory):
    return levers.set(growth=memory.sinse)


def writes_another_name(seen, levers, memory):
    memory["sinse"] = 1.0
    return levers


def remembers_nan(seen, levers, memory):
    memory.since = np.nan if seen.month == 2 else 1.0
    return levers


def fails_by_what_it_remembers(seen, levers, memory):
    memory.since += 1.0
    if memory.since > 2.0:
        raise ValueError("too long ago")
    return levers


WRONG_MEMORY = {
    reads_another_name: "there is no memory 'sinse'; the nearest is 'since'",
    writes_another_name: "there is no memory 'sinse'; the nearest is 'since'",
    remembers_nan: "in month 2 of world 0, the memory since was set to nan; allowed are finite",
    fails_by_what_it_remembers: "in month 2 of world 0, its rule failed in line .*too long ago",
}


@pytest.mark.parametrize("rule", WRONG_MEMORY, ids=lambda rule: rule.__name__)
def test_memory_that_does_not_exist_or_is_not_finite_is_refused(rule):
    own = rs.policy(rule, settings=CONTROL, memory={"since": 0.0})
    with pytest.raises(rs.Refusal, match=f"^policy '{own.name}': .*{WRONG_MEMORY[rule]}"):
        rs.run(busy(worlds=1), own)


@pytest.mark.parametrize(
    ("memory", "sentence"),
    [
        ({f"number_{k}": 0 for k in range(9)}, f"found 9 numbers; .* at most {MOST_MEMORY}"),
        ({"two words": 0.0}, 'found the name "two words"; allowed are names'),
        ({"_hidden": 0.0}, 'found the name "_hidden"; allowed are names'),
        ({"alarm": 0.0}, "alarm is what overseers observe; memory needs another name"),
        ({"since": np.inf}, "since: found inf; allowed are finite numbers"),
        ({"since": "May"}, 'since: found "May"; allowed are finite numbers'),
        (["since"], "found .*; allowed is such as"),
    ],
)
def test_a_memory_that_cannot_be_kept_is_refused(memory, sentence):
    with pytest.raises(rs.Refusal, match=f"^policy 'freezing': memory: {sentence}"):
        rs.policy(freezing, memory=memory)


def test_a_rule_takes_memory_if_it_has_one():
    with pytest.raises(TypeError, match=r"must take \(observation, levers\)"):
        rs.policy(freezing)
    with pytest.raises(TypeError, match=r"must take \(observation, levers, memory\)"):
        rs.policy(set_by_name, memory={"since": 0.0})
