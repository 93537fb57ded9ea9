"""How the twin's safeguards catch attempts."""

import math

from scipy.special import ndtr, ndtri
from twin_mathematics import CATCH, clip, log, logit, sigmoid


def miss(twin, system, gap, budget):
    """Probability of missing an attempt: of each active safeguard, and of all.

    `gap` is the elicitation gap: 0 for the real thing, more in exercises; `budget` is the
    audit budget.
    Eq. 7.5.11.
    """
    kept = in_use(twin, system.lab)
    misses = {
        name: miss_alone(twin, name, system, gap, budget) if name in kept else 1.0
        for name in twin.catching
    }
    if not kept:
        return misses, 1.0
    together = twin["oversight.common_cause"]
    weakest = min(misses.values()) ** together
    return misses, weakest * math.prod(misses.values()) ** (1 - together)


def in_use(twin, lab):
    """The active safeguards that a lab uses: one that lags drops those that carry a tax.
    Eq. 7.2.12."""
    return [
        name for name in twin.catching if not (lab.dropped and twin[f"oversight.{name}.tax"] > 0)
    ]


def miss_alone(twin, name, system, gap, audit_budget):
    """Probability that one safeguard misses an attempt of the system.
    Eqs. 7.5.1, 7.5.7, 7.5.8, 7.5.9 and 7.5.13."""
    curve = twin[f"oversight.{name}.curve"]
    if curve == "elo":
        guard = elo(twin, f"oversight.{name}.guard", guard_capability(twin, name, system.lab))
        evader = elo(twin, f"oversight.{name}.evader", system.capability - gap)
        return 1 / (1 + 10 ** ((guard - evader) / 400))
    budget = audit_budget * twin[f"oversight.{name}.share"]
    if budget <= 0:
        return 1.0
    if budget >= 1:
        return 0.0
    shown = CATCHING[name][0](twin, system) * (1 + gap)
    if curve == "logistic":
        one_action = sigmoid(-logit(budget) - 1.6 * shown)
    else:
        one_action = float(ndtr(-ndtri(budget) - shown))
    return one_action ** twin["oversight.trajectories"]


def elo(twin, key, capability):
    """Elo of a guard or an evader: a clipped line in capability. Eq. 7.5.10."""
    floor, slope, intercept, ceiling = twin[key]
    return clip(slope * capability + intercept, floor, ceiling)


def guard_capability(twin, name, lab):
    """Capability of what watches: a trusted monitor must be too weak to scheme. Eq. 7.5.5."""
    if name != "control" or twin["oversight.control.monitor"] == "untrusted":
        return lab.frontier
    lagged = lab.frontier - twin["oversight.control.monitor_lag"]
    return min(lagged, twin["oversight.control.trusted_cap"])


def by_cot_monitor(twin, system):
    """d' of the chain-of-thought monitor against a system. Eq. 7.5.3."""
    faithfulness = twin["paradigm.faithfulness"][system.paradigm - 1]
    return faithfulness * twin["oversight.cot_monitor.strength"]


def by_interpretability(twin, system):
    """d' of the probe against a system. Eq. 7.5.4."""
    probe = twin["oversight.interpretability.strength"] + system.lab.knowledge
    return probe * math.exp(-system.lab.erosion)


def by_control(twin, system):
    """d' of the monitor of control against a system. Eqs. 7.5.2 and 7.5.6."""
    lab = system.lab
    at_par = math.sqrt(2) * float(ndtri(twin["oversight.control.auroc"]))
    lead = guard_capability(twin, "control", lab) - system.capability
    slope = twin["oversight.control.monitor_slope"]
    sensed = max(0.0, at_par + slope * lead + lab.knowledge)
    if twin["oversight.control.monitor"] == "untrusted":
        members = sum(other.lab is lab for other in twin.systems)
        sensed *= 1 - twin["oversight.control.monitor_collusion"] * lab.allies / members
    return sensed


# The safeguards that can catch: d', and the purpose and word of the draw.
CATCHING = {
    "control": (by_control, CATCH, 1),
    "cot_monitor": (by_cot_monitor, CATCH, 2),
    "interpretability": (by_interpretability, CATCH, 3),
}


def draw_catches(twin, system):
    """Which safeguards catch the attempt: the common shock (Marshall-Olkin). Eq. 7.5.12."""
    together = twin["oversight.common_cause"]
    common = twin.exponential(CATCH, system.index, 0)
    caught_by = []
    for name, (_, purpose, word) in CATCHING.items():
        own = twin.exponential(purpose, system.index, word)
        if together == 0:
            shock = own
        elif together == 1:
            shock = common
        else:
            shock = min(own / (1 - together), common / together)
        hardness = -log(system.misses[name]) if name in twin.catching else 0.0
        missed = twin.exceeds("catch", shock, hardness, 1e-9 * (1 + shock))
        caught_by.append(name in twin.catching and not missed)
    return tuple(caught_by)
