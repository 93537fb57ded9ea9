"""How the twin's labs are governed: who adopts the policy, the levers, and events."""

import math

from twin_learning import believed_catch_rate
from twin_mathematics import EVALUATION, WORLD, sigmoid

# What a lab that does not adopt the policy has in place of these parameters.
OUTSIDE = {
    "feedback.density": "outside.density",
    "feedback.density_trend": "outside.density_trend",
    "feedback.density_per_doubling": "outside.density_per_doubling",
    "feedback.density_floor": "outside.density_floor",
    "paradigm.hold": "outside.hold",
    "oversight.tax": "outside.tax",
}


def adopt(twin):
    """Which labs adopt the policy, by their frontiers at month 0. Eq. 5.4."""
    labs = list(twin.labs)
    if twin["adopters_are"] != "any":
        labs.sort(key=lambda lab: (-lab.frontier, lab.index))
    if twin["adopters_are"] == "lagging":
        labs.reverse()
    number = len(labs) if twin["adopters"] is None else twin["adopters"]
    for place, lab in enumerate(labs):
        lab.adopts = place < number


def govern(twin):
    """Levers, from last month's beliefs, this month's evaluations, and events.
    Eqs. 7.1.1, 7.1.4 and 7.1.5."""
    danger, threshold = sigmoid(twin.danger), twin["oversight.pause.pause_threshold"]
    called = "pause" in twin.active and twin.exceeds("pause", danger, threshold, 1e-12)
    twin.pause = twin["oversight.pause.pause_strength"] if called else 0.0
    twin.growth_lever, twin.frozen, twin.audit_floor = 1.0, 0.0, 0.0
    twin.contact = twin["takeover.real_world_contact"]
    twin.hold = twin["paradigm.hold"]
    twin.density_floor = twin["feedback.density_floor"]
    twin.correction_lever = 1.0 if "correction" in twin.active else 0.0
    twin.alarm, twin.highest_report = False, None
    if "evaluations" in twin.active:
        evaluate(twin)
    for place, event in enumerate(twin["events"]):
        respond(twin, place, event)


def evaluate(twin):
    """Whether a reported capability exceeds the overseers' red line, and their response.
    Eqs. 7.1.3, 7.1.4 and 7.1.5."""
    error = twin["oversight.evaluations.redline_error"] * twin.normal(WORLD, 0, 0, month_key=0)
    margin = twin["oversight.evaluations.eval_margin"]
    red_line = twin["takeover.difficulty"] - margin + error
    reports = [report(twin, system) for system in twin.systems if system.lab.adopts]
    twin.highest_report = max(reports, default=None)
    twin.alarm = any(twin.exceeds("red line", height, red_line) for height in reports)
    if twin.alarm:
        left = 1 - twin["oversight.evaluations.eval_response"]
        if twin["oversight.evaluations.response"] == "pause":
            twin.growth_lever = left
        elif twin["oversight.evaluations.response"] == "restrict":
            twin.contact *= left


def report(twin, system):
    """The capability that a system shows in an evaluation. Eq. 7.1.2."""
    four, place = divmod(system.index, 4)
    noise = twin["oversight.evaluations.eval_noise"] * twin.normal(EVALUATION, four, place)
    return twin.feigned(system) + noise


def respond(twin, place, event):
    """Let an event withdraw systems and set levers. Eqs. 7.1.7 and 7.1.8."""
    if comes(twin, event):
        twin.event_end[place] = twin.month + (event["months"] or math.inf)
        withdraw(twin, event)
    if twin.month < twin.event_end[place]:
        levers = event["set"]
        twin.audit_floor = max(twin.audit_floor, levers.get("audit_budget", 0.0))
        twin.pause = max(twin.pause, levers.get("pause", 0.0))
        twin.growth_lever = min(twin.growth_lever, levers.get("growth", 1.0))
        twin.contact = min(twin.contact, levers.get("contact", 1.0))
        twin.hold = min(twin.hold, levers.get("hold", 4.0))
        twin.density_floor = max(twin.density_floor, levers.get("density_floor", 0.0))
        twin.frozen = max(twin.frozen, levers.get("frozen", 0.0))


def comes(twin, event):
    """Whether what an event waits for is there this month. Eq. 7.1.7."""
    when = event["when"]
    if when == "date":
        return twin.month == event["month"]
    seen = observed(twin, when)
    if seen is None:
        return False
    exact = when in ("strikes_seen", "story_incidents", "alarm")
    above = twin.exceeds if not exact else lambda _, left, right: left > right
    too_low = event["at_least"] is not None and above(when, event["at_least"], seen)
    too_high = event["at_most"] is not None and above(when, seen, event["at_most"])
    return not too_low and not too_high


def observed(twin, when):
    """What overseers know: of last month the incidents, of this month the reports (None where
    nobody makes one), and what they believe."""
    if when == "strikes_seen":
        return twin.caught_strikes + twin.discovered_strikes
    if when == "story_incidents":
        return twin.stories_this_month
    if when == "alarm":
        return float(twin.alarm)
    if when == "highest_report":
        return twin.highest_report
    return sigmoid(twin.danger) if when == "danger_belief" else believed_catch_rate(twin)


def withdraw(twin, event):
    """Have systems of adopting labs trained afresh this month. Eq. 7.1.9."""
    whose = event["withdraw"]
    if whose == "none":
        return
    struck = [system for system in twin.systems if system.seen]
    labs = {system.lab.index for system in struck}
    models = {(system.lab.index, system.model) for system in struck}
    for system in twin.systems:
        affected = True
        if event["when"] == "strikes_seen" and whose == "lab":
            affected = system.lab.index in labs
        elif event["when"] == "strikes_seen" and whose == "model":
            affected = (system.lab.index, system.model) in models
        if affected and system.lab.adopts:
            twin.withdrawals += not system.spent
            system.spent = True


def bind(twin):
    """The levers as they bind each lab: none binds one that does not adopt. Eq. 7.1.6."""
    twin.budget = max(twin.audit_budget, twin.audit_floor)
    for lab in twin.labs:
        lab.contact = twin.contact if lab.adopts else twin["takeover.real_world_contact"]
        lab.hold = twin.hold if lab.adopts else twin["outside.hold"]
        lab.density_floor = twin.density_floor if lab.adopts else twin["outside.density_floor"]
        lab.frozen = lab.adopts and twin.frozen > 0
        lab.pause = twin.pause if lab.adopts and lab.complies else 0.0
        lab.growth_lever = twin.growth_lever if lab.adopts else 1.0
