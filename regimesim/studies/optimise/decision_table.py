"""A policy with events as a decision table that a person can follow."""

from collections.abc import Iterator

from regimesim.analysis.formatting import listed
from regimesim.model.world.records import MONITORS, SAFEGUARDS
from regimesim.scenario.events import COUNTED, DATE, Event
from regimesim.scenario.parameters import Tables, active

START = "at the start"
NAMES = {
    "control": "AI control",
    "cot_monitor": "chain-of-thought monitoring",
    "interpretability": "interpretability",
    "honeypots": "honeypots",
    "evaluations": "evaluations",
}
COUNTS = {"strikes_seen": "strike", "story_incidents": "story incident"}
SHARES = {
    "danger_belief": "the belief that systems strike",
    "believed_catch_rate": "the believed catch rate",
}
EVALUATED = {
    "pause": "take away {} of growth",
    "restrict": "take away {} of contact with the real world",
}
FREE = 4  # the last paradigm, at which nobody is held
WITHDRAWN = {
    "model": "replace all copies of a model of which one struck",
    "lab": "replace all systems of a lab in which one struck",
    "all": "replace all systems",
}


def decision_table(tables: Tables) -> list[dict[str, str]]:
    """The rules of a policy, one row for each, the first of them from the start on, then those of
    its responses and its events.

    Parameters
    ----------
    tables : Tables
        The parameters of the policy.

    Returns
    -------
    list of dict
        `if`, `for` and `then`, in words.
    """
    rows = [{"if": START, "for": "", "then": _start(tables)}, *_responses(tables)]
    for event in tables.events:
        months = f"{event.months} month{'s' * (event.months > 1)}" if event.months else "good"
        rows.append(
            {"if": _condition(event), "for": months, "then": listed(list(_then(event)), 9)}
        )
    return rows


def _start(tables: Tables) -> str:
    """What the policy does before any event."""
    on = [name for name, is_on in active(tables).items() if is_on]
    watch = [NAMES[name] for name in on if name in SAFEGUARDS or name == "evaluations"]
    parts = []
    if tables.adopters is not None:
        labs = f"{tables.adopters} lab{'s' * (tables.adopters > 1)}"
        verb = {"leading": " that lead at first", "lagging": " that lag at first"}
        parts.append(f"only in {labs}{verb.get(tables.adopters_are, '')}")
    if any(name in MONITORS for name in on):
        budget = tables.oversight.audit_budget
        moves = ", and move it each month" if tables.oversight.adaptive else ""
        parts.append(f"audit {_percent(budget)} of trajectories{moves}")
    if watch:
        parts.append(f"have {listed(watch, 9)}")
    if tables.oversight.correction:
        parts.append("train against story incidents")
    if tables.paradigm.hold < FREE:
        parts.append(f"let no lab go beyond paradigm {tables.paradigm.hold:g}")
    return "; ".join(parts) or "nothing"


def _responses(tables: Tables) -> Iterator[dict[str, str]]:
    """What a policy does by itself, month by month, besides its events."""
    oversight = tables.oversight
    if (one := oversight.adaptive) and any(active(tables)[name] for name in MONITORS):
        yield _row(
            f"the believed risk is above {_percent(one.risk_tolerance)} a month",
            f"audit more, up to {_percent(one.audit_max)} of trajectories",
        )
        yield _row(
            f"the believed risk is below {_percent(one.risk_tolerance)} a month",
            f"audit less, down to {_percent(one.audit_min)} of trajectories",
        )
    if (one := oversight.evaluations) and one.response in EVALUATED:
        taken = EVALUATED[one.response].format(_percent(one.eval_response))
        yield _row("an evaluation raises the alarm", taken)
    if one := oversight.pause:
        above = f"the belief that systems strike is above {_percent(one.pause_threshold)}"
        yield _row(above, f"ask labs to give up {_percent(one.pause_strength)} of growth")


def _row(condition: str, then: str) -> dict[str, str]:
    return {"if": condition, "for": "1 month", "then": then}


def _percent(share) -> str:
    """A share in percent, with as many digits as somebody would set."""
    return f"{100 * share:.3g} %" if isinstance(share, float | int) else "a drawn share"


def _condition(event: Event) -> str:
    """What an event waits for."""
    least, most = event.at_least, event.at_most
    if event.when == DATE:
        return f"it is {event.on}"
    if event.when == "alarm":
        return "an evaluation raises the alarm" if least else "no evaluation raises the alarm"
    if event.when in COUNTED:
        what = COUNTS[event.when]
        seen = f"{what} is seen" if (least, most) == (1, None) else f"{what}s are seen"
        if (least, most) == (1, None):
            return f"a {seen}"
        return f"{_between(least, most, '{:g}'.format)} {seen}"
    if event.when == "highest_report":
        return f"an evaluation reports {_between(least, most, '{:g}'.format)} doublings"
    return f"{SHARES[event.when]} is {_between(least, most, _percent)}"


def _between(least, most, write) -> str:
    if least is None:
        return f"{write(most)} or less"
    if most is None:
        return f"{write(least)} or more"
    return write(least) if least == most else f"{write(least)} to {write(most)}"


def _then(event: Event) -> Iterator[str]:
    """What an event does, in the order in which it matters."""
    levers = event.set
    if event.withdraw != "none":
        narrow = event.when == "strikes_seen"
        yield WITHDRAWN[event.withdraw if narrow else "all"]
    if levers.frozen:
        yield "train nothing new"
    if levers.growth is not None:
        yield "stop growth" if not levers.growth else f"cut growth to {_percent(levers.growth)}"
    if levers.pause:
        yield f"ask labs to give up {_percent(levers.pause)} of growth"
    if levers.contact is not None:
        less = f"at most {_percent(levers.contact)} of the" if levers.contact else "no"
        yield f"let systems have {less} contact with the real world"
    if levers.audit_budget:
        yield f"audit at least {_percent(levers.audit_budget)} of trajectories"
    if levers.hold is not None:
        yield f"let no lab go beyond paradigm {levers.hold:g}"
    if levers.density_floor:
        yield f"keep the feedback density at {levers.density_floor:.3g} or more"
