"""Months that call a rule by its address do what months do between which Python calls it."""

import numpy as np
import pytest

import regimesim as rs
from regimesim.ensemble import ensemble
from regimesim.ensemble.ensemble import Share, run_share
from regimesim.model.compilation import INTERPRETED

pytestmark = pytest.mark.skipif(INTERPRETED, reason="there is no machine code to call")
SMALL = {"worlds": 24, "systems": 6, "months": 12, "oversight": {"control": {}}}


@rs.policy(memory={"months": 0.0})
def by_chance(seen, levers, memory):
    memory.months = memory.months + 1.0
    return levers.set(pause=seen.draw, growth=1.0 / memory.months)


@rs.policy(memory={"months": 0.0})
def failing(seen, levers, memory):
    memory.months = memory.months + 1.0
    if seen.month == 3 and seen.draw > 0.8:
        return levers.set(pause=1.0 / (memory.months - 4.0))
    return levers


@rs.policy
def infinite(seen, levers):
    return levers.set(growth=float("inf") if seen.draw > 0.9 else 1.0)


def in_both_ways(monkeypatch, run):
    """What `run` returns with months that call the rule, and with Python calling it."""
    called = run()
    monkeypatch.setattr(ensemble, "INTERPRETED", True)
    return called, run()


def test_the_bits_are_the_same(monkeypatch):
    scenario = rs.parse(SMALL)
    tables = next(iter(scenario.policies.values()))
    by_chance.prepare(tables)

    def run():
        share = Share(0, 0, scenario.worlds)
        outcomes, monthly, _ = run_share(scenario, tables, by_chance, share, np.zeros(1, np.int64))
        return outcomes.tobytes() + monthly.tobytes()

    called, in_steps = in_both_ways(monkeypatch, run)
    assert called == in_steps


@pytest.mark.parametrize("rule", [failing, infinite], ids=["fails", "sets a lever to infinity"])
def test_a_failure_is_the_same_sentence(monkeypatch, rule):
    def run():
        with pytest.raises(rs.Refusal) as refused:
            rs.run(rs.parse(SMALL), policies=[rule], threads=1)
        return str(refused.value)

    called, in_steps = in_both_ways(monkeypatch, run)
    assert called == in_steps
    assert called.startswith(f"policy '{rule.name}': in month ")
