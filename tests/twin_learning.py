"""What the twin's overseers learn from a month, and what they do about it."""

import math
from statistics import mean

from twin_catching import miss, unrecognised_too
from twin_mathematics import EXERCISE, clip, log, sigmoid


def learn(twin):
    """Beliefs, audit budget, corrective training."""
    update_beliefs(twin)
    if "adaptive" in twin.active:
        adapt_budget(twin)
    if "correction" in twin.active:
        correct(twin)


def believed_catch_rate(twin):
    """The catch rate that overseers believe in. Eq. 7.8.5."""
    return twin.caught_belief / (twin.caught_belief + twin.missed_belief)


def update_beliefs(twin):
    """Catch belief and danger belief from exercises and incidents.
    Eqs. 7.8.1, 7.8.2, 7.8.3 and 7.8.4."""
    rounds = int(twin["oversight.red_team.red_team"])
    rate = twin.exercise_rate
    found = sum(
        twin.happens("exercise", twin.uniform(EXERCISE, k // 4, k % 4), rate)
        for k in range(rounds)
    )
    memory = twin["oversight.red_team.memory"]
    feints = twin.feints_this_month
    twin.caught_belief = (
        1 + (twin.caught_belief - 1) * memory + found + twin.caught_strikes + feints
    )
    twin.missed_belief = (
        1 + (twin.missed_belief - 1) * memory + (rounds - found) + twin.discovered_strikes
    )
    mistaken = twin.caught_strikes + twin.discovered_strikes - twin.recognised
    stories = twin.stories_this_month + feints + mistaken
    prior = twin["oversight.beliefs.danger_prior"]
    twin.danger = (
        prior
        + (twin.danger - prior) * twin["oversight.beliefs.memory_danger"]
        + twin["oversight.beliefs.strike_evidence"] * twin.recognised
        + twin["oversight.beliefs.story_evidence"] * stories
        + twin["oversight.beliefs.alarm_evidence"] * twin.alarm
    )


def exercise_catch_rate(twin):
    """Mean catch probability of exercises, which are such as people recognise, when aware systems
    do not show their best; 0 where no lab adopts the policy. Eqs. 7.5.16 and 7.8.1."""
    rates = []
    for system in twin.systems:
        if system.lab.adopts:
            gap = twin["oversight.red_team.elicitation_gap"] if system.aware else 0.0
            known = miss(twin, system, gap, twin.budget)[1]
            rates.append(1 - unrecognised_too(known, twin["oversight.recognition"]))
    return mean(rates) if rates else 0.0


def adapt_budget(twin):
    """Tighten audits above the tolerated risk, relax them below. Eqs. 7.8.6 and 7.8.7."""
    risk = sigmoid(twin.danger) * (1 - believed_catch_rate(twin))
    pressure = clip(log(risk / twin["oversight.adaptive.risk_tolerance"]), -1.0, 1.0)
    twin.audit_budget = clip(
        twin.audit_budget * math.exp(twin["oversight.adaptive.adaptation"] * pressure),
        twin["oversight.adaptive.audit_min"],
        twin["oversight.adaptive.audit_max"],
    )


def correct(twin):
    """Train on the opposite of flagged behaviour, in labs that adopt the policy: effects from the
    next month. Eqs. 7.8.8, 7.8.9, 7.8.10 and 7.8.11."""
    share = twin["oversight.correction.flagged_by_cot"]
    fed = {}
    for system in twin.systems:
        if system.lab.adopts:
            # what needs a flag works as often as the chain-of-thought monitor catches an attempt
            known = system.misses.get("cot_monitor", 1.0)
            caught = 1 - unrecognised_too(known, system.recognition)
            fed[system.index] = (1 - share) + share * caught
    lever = twin.correction_lever
    twin.corrected = lever * mean(fed.values()) if fed else 0.0
    strength = twin["oversight.correction.correction_strength"] * twin.corrected
    twin.suppression = 1 - (1 - twin.suppression) * (1 - strength)
    targeting = twin["oversight.correction.desire_targeting"]
    for lab in twin.labs:
        own = [fed[s.index] for s in twin.systems if s.lab is lab and s.index in fed]
        concealed = twin["oversight.correction.probe_erosion"] * (1 - targeting)
        lab.erosion += concealed * lever * (mean(own) if own else 0.0)
    for system in twin.systems:
        if system.aware and system.index in fed:
            shift = twin["oversight.correction.correction_goal_shift"] * targeting
            system.value += shift * lever * fed[system.index]
