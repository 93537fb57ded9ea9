"""How the twin's safeguards catch attempts."""

import math

from scipy.special import ndtr, ndtri
from twin_mathematics import (
    ATTEMPT,
    CATCH,
    TRAP,
    clip,
    log,
    logit,
    power_of_two,
    sigmoid,
    strength_of_area,
)


def miss(twin, system, gap, budget):
    """Probability of missing an attempt that is recognised: of each active monitor, and of all.

    `gap` is the elicitation gap: 0 for the real thing, more in exercises; `budget` is the
    audit budget.
    """
    misses = {}
    for name in twin.monitors:
        audited = audited_share(twin, name, system.lab, budget)
        used = name in in_use(twin, system.lab)
        misses[name] = miss_alone(twin, name, system, gap, audited) if used else 1.0
    return misses, joint(twin, misses.values())


def joint(twin, misses):
    """Probability that all miss what each misses with these probabilities. Eq. 7.5.11."""
    together = twin["oversight.common_cause"]
    weakest, product = min(misses, default=1.0), math.prod(misses)
    return weakest**together * product ** (1 - together)


def face(twin, system):
    """What the safeguards miss of a system this month, and what it believes that they miss.
    Eqs. 7.5.15 and 7.5.17."""
    beyond = max(0.0, system.capability - twin["oversight.recognition_limit"])
    fading = power_of_two(-beyond / twin["oversight.recognition_scale"])
    system.recognition = twin["oversight.recognition"] * fading
    system.trapped = 0.0
    if "honeypots" in in_use(twin, system.lab):
        beyond = max(0.0, system.capability - twin["oversight.honeypots.seen_through_limit"])
        fading = power_of_two(-beyond / twin["oversight.honeypots.seen_through_scale"])
        system.trapped = twin["oversight.honeypots.traps"] * fading
    system.misses, known = miss(twin, system, 0.0, twin.budget)
    system.missed = missed_by_all(system, known)
    system.reckoned = missed_by_all(system, miss(twin, system, 0.0, reckoned_budget(twin))[1])


def missed_by_all(system, known):
    """Probability that the monitors, which miss an attempt that they recognise with probability
    `known`, and the traps miss it. Eqs. 7.5.16 and 7.5.18."""
    return unrecognised_too(known, system.recognition) * (1 - system.trapped)


def unrecognised_too(missed, recognition):
    """1 − r·(1 − M). Eq. 7.5.16."""
    return missed + (1 - recognition) * (1 - missed)


def reckoned_budget(twin):
    """The audit budget as systems know it: this month's, or the announced one. Eq. 7.6.3."""
    sight = twin["cognition.audit_sight"]
    return sight * twin.budget + (1 - sight) * twin["oversight.audit_budget"]


def misses_in_part(twin, system):
    """Probabilities of missing an attempt: by monitors that audit at random and without traps, by
    monitors without traps, and by all safeguards if it is recognised. Eq. 8.11."""
    trajectories, at_random = twin["oversight.trajectories"], []
    for name in twin.monitors:
        if twin[f"oversight.{name}.curve"] != "elo":
            audited = audited_share(twin, name, system.lab, twin.budget)
            at_random.append((1 - audited) ** trajectories)
    known = joint(twin, system.misses.values())
    return (
        unrecognised_too(joint(twin, at_random), system.recognition),
        unrecognised_too(known, system.recognition),
        known * (1 - system.trapped),
    )


def in_use(twin, lab):
    """The active safeguards that a lab uses: none if it does not adopt the policy; one that lags
    drops those that carry a tax. Eq. 7.2.12."""
    return [
        name
        for name in twin.catching
        if lab.adopts and not (lab.dropped and twin[f"oversight.{name}.tax"] > 0)
    ]


def shares(twin, lab):
    """The weights of the monitors that a lab uses in its audit budget, by name."""
    kept = in_use(twin, lab)
    return {name: twin[f"oversight.{name}.share"] for name in twin.monitors if name in kept}


def audited_share(twin, name, lab, budget):
    """The part of its lab's audit budget that a monitor has. Eq. 7.5.1."""
    weights = shares(twin, lab)
    total = sum(weights.values())
    return budget * (weights.get(name, 0.0) / total) if total > 0 else 0.0


def miss_alone(twin, name, system, gap, budget):
    """Probability that one monitor, with this budget of its own, misses an attempt of the system
    that it recognises. Eqs. 7.5.7, 7.5.8, 7.5.9 and 7.5.13."""
    curve = twin[f"oversight.{name}.curve"]
    if curve == "elo":
        guard = elo(twin, f"oversight.{name}.guard", guard_capability(twin, name, system.lab))
        evader = elo(twin, f"oversight.{name}.evader", system.capability - gap)
        return 1 / (1 + 10 ** ((guard - evader) / 400))
    if budget <= 0:
        return 1.0
    if budget >= 1:
        return 0.0
    shown = MONITORS[name][0](twin, system) * (1 + gap)
    slope = twin[f"oversight.{name}.slope"]
    if curve == "logistic":
        one_trajectory = sigmoid(-slope * logit(budget) - 1.6 * shown)
    else:
        stretched = shown * math.sqrt((1 + slope**2) / 2)
        one_trajectory = float(ndtr(-slope * ndtri(budget) - stretched))
    return one_trajectory ** twin["oversight.trajectories"]


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
    return evaded(
        twin, "cot_monitor", system, faithfulness * twin["oversight.cot_monitor.strength"]
    )


def by_interpretability(twin, system):
    """d' of the probe against a system. Eq. 7.5.4."""
    probe = twin["oversight.interpretability.strength"] + system.lab.knowledge
    return evaded(twin, "interpretability", system, probe * math.exp(-system.lab.erosion))


def evaded(twin, name, system, strength):
    """What a system's evasion leaves of the d' of a monitor. Eqs. 7.5.3 and 7.5.4."""
    beyond = max(0.0, system.capability - twin[f"oversight.{name}.evasion_onset"])
    return max(0.0, strength - twin[f"oversight.{name}.evasion"] * beyond)


def by_control(twin, system):
    """d' of the monitor of control against a system. Eqs. 7.5.2 and 7.5.6."""
    lab, area = system.lab, twin["oversight.control.auroc"]
    if twin["oversight.control.curve"] == "logistic":
        at_par = strength_of_area(area, twin["oversight.control.slope"])
    else:
        at_par = math.sqrt(2) * float(ndtri(area))
    lead = guard_capability(twin, "control", lab) - system.capability
    slope = twin["oversight.control.monitor_slope"]
    sensed = max(0.0, at_par + slope * lead + lab.knowledge)
    if twin["oversight.control.monitor"] == "untrusted":
        members = sum(other.lab is lab for other in twin.systems)
        sensed *= 1 - twin["oversight.control.monitor_collusion"] * lab.allies / members
    return sensed


# The monitors: d', and the word of the draw.
MONITORS = {
    "control": (by_control, 1),
    "cot_monitor": (by_cot_monitor, 2),
    "interpretability": (by_interpretability, 3),
}
CATCHING = (*MONITORS, "honeypots")


def draw_catches(twin, system):
    """Which safeguards catch the attempt: monitors, with a common shock (Marshall-Olkin), if it is
    recognised; and a trap. Eqs. 7.5.12, 7.5.16 and 7.5.18."""
    drawn = twin.uniform(ATTEMPT, system.index, 3)
    recognised = twin.happens("recognition", drawn, system.recognition)
    together = twin["oversight.common_cause"]
    common = twin.exponential(CATCH, system.index, 0)
    caught_by = []
    for name, (_, word) in MONITORS.items():
        own = twin.exponential(CATCH, system.index, word)
        if together == 0:
            shock = own
        elif together == 1:
            shock = common
        else:
            shock = min(own / (1 - together), common / together)
        hardness = -log(system.misses[name]) if name in twin.catching else 0.0
        missed = twin.exceeds("catch", shock, hardness, 1e-9 * (1 + shock))
        caught_by.append(name in twin.catching and recognised and not missed)
    trap = twin.uniform(TRAP, system.index, 0)
    caught_by.append("honeypots" in twin.catching and twin.happens("trap", trap, system.trapped))
    return tuple(caught_by)
