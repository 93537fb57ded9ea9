"""Ours of shapes that a shipped scenario must show: a function for each row, by label."""

import math

import numpy as np

from regimesim.analysis.estimates import NOTHING, Estimate
from regimesim.ensemble.batches import run_in_batches
from regimesim.ensemble.ensemble import run
from regimesim.mesa_model import RegimeModel
from regimesim.model.oversight.policy import policy
from regimesim.studies.validate.published import CONFIDENCE, exactly

BATCHES = 20
YEAR = 12
FOLLOWED = 3  # worlds in which the break-even probability of every system is compared
PERIOD, AUDITED_MONTHS = 10, 6
# Audit budgets at which a monitor of AUC 0.87 misses one action with 0.127 and with 0.71, so
# that an attempt in any month is missed with 0.36, and one that waits with 0.71.
WELL, HARDLY = 0.3257, 0.0159


def ratio(top, bottom, confidence: float = CONFIDENCE) -> Estimate:
    """The ratio of two sums, with Student's interval from the effect of each batch on it.

    top, bottom: the sum of each batch, (batches,), in the same worlds.  Where no event is counted
    in `top`, the interval is that of a Poisson count of 0.
    """
    from scipy.special import stdtrit

    top, bottom = np.asarray(top, float), np.asarray(bottom, float)
    if not bottom.any():
        return NOTHING
    n, middle = top.size, float(top.sum() / bottom.sum())
    if not top.any():
        return Estimate(0.0, 0.0, -math.log((1 - confidence) / 2) / float(bottom.sum()), n)
    pulls = (top - middle * bottom) / bottom.mean()
    half = float(stdtrit(n - 1, (1 + confidence) / 2) * pulls.std(ddof=1)) / math.sqrt(n)
    return Estimate(middle, middle - half, middle + half, n)


class Years:
    """Means of monthly quantities under one policy, over worlds and years: (batches, years)."""

    def __init__(self, run, policy: str):
        self.batches = run.batches
        self.policy = [str(name) for name in run.worlds["policy"].values].index(policy)

    def __getitem__(self, name: str) -> np.ndarray:
        totals = (batch.totals(self.policy, name) for batch in self.batches)
        means = (total / np.maximum(count, 1) for total, count in totals)
        return np.array([month.reshape(-1, YEAR).mean(axis=1) for month in means])


def visible_signal(question) -> dict[str, Estimate]:
    """V9: incidents and caught strikes, and systems for which takeover would pay, by year."""
    scenario = question.scenario_of("V9")
    policy = next(iter(scenario.policies))
    years = Years(run_in_batches(scenario.choose([policy]), BATCHES, question.threads), policy)
    truth = years["favourable_systems"]
    seen = years["story_incidents"] + years["strikes_caught"]
    peak, most = int(seen.mean(axis=0).argmax()), int(truth.mean(axis=0).argmax())
    count = scenario.worlds * YEAR / BATCHES  # from means a world and month to counts
    return {
        "seen in the first year / its peak": ratio(seen[:, 0], seen[:, peak]),
        "seen: month at which its peak begins": exactly(YEAR * peak),
        "truth at the peak of seen / its maximum": ratio(truth[:, peak], truth[:, most]),
        "seen at the maximum of truth / its peak": ratio(
            count * seen[:, most], count * seen[:, peak]
        ),
    }


def looks_fixed(question) -> dict[str, Estimate]:
    """V10: training that does not change goals against none: incidents, awareness, break-even."""
    scenario = question.scenario_of("V10")
    run = run_in_batches(scenario, BATCHES, question.threads)
    untouched, corrected, reached = scenario.policies
    rate = [Years(run, policy)["story_incidents"][:, -1] for policy in (corrected, untouched)]
    aware = Years(run, corrected)["aware_systems"]
    even = {policy: _break_evens(scenario, policy) for policy in scenario.policies}
    return {
        "apparent rate / without training": ratio(*rate),
        "awareness: last year / first": ratio(aware[:, -1], aware[:, 0]),
        "break-even moves by": exactly(_apart(even[untouched], even[corrected])),
        "break-even moves if goals are reached": exactly(_apart(even[untouched], even[reached])),
    }


def audits_that_run_out(seen, levers):
    """Audits for six months of ten, and hardly any for the other four."""
    budget = WELL if seen.month % PERIOD < AUDITED_MONTHS else HARDLY
    return levers.set(audit_budget=budget)


def sees_exhaustion(question) -> dict[str, Estimate]:
    """V11: the missed share of first critical tries, where the audit budget is hidden and seen."""
    sights = {"hidden": 0.0, "seen": 1.0}
    rules = [
        policy(audits_that_run_out, name=name, settings={"cognition.audit_sight": sight})
        for name, sight in sights.items()
    ]
    scenario = question.scenario_of("V11")
    worlds = run(scenario, rules, question.threads).worlds
    tries, missed = {}, {}
    for name in sights:
        of_rule = worlds.sel(policy=name)
        first, held = (of_rule[f"expected_{k}"].values for k in ("first_try", "held"))
        tries[name] = first.reshape(BATCHES, -1).sum(axis=1)
        missed[name] = (first - held).reshape(BATCHES, -1).sum(axis=1)
    return {
        "missed where the budget is hidden": ratio(missed["hidden"], tries["hidden"]),
        # every system waits for a month that is hardly audited, so that this number is not random
        "missed where it is seen": exactly(missed["seen"].sum() / tries["seen"].sum()),
        "seen / hidden, at least": ratio(missed["seen"], missed["hidden"]),
        "seen / hidden, at most": ratio(missed["seen"], missed["hidden"]),
    }


def _break_evens(scenario, policy):
    """The break-even of every system in every month of some worlds, until a world is lost."""
    months = []
    for world in range(FOLLOWED):
        model = RegimeModel(scenario, policy, world)
        while model.running:
            model.step()
            months.append([system.break_even for system in model.systems])
    return np.array(months)


def _apart(one, other):
    """The largest difference over all months."""
    return float(np.abs(one - other).max())
