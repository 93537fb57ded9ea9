"""The events of a month of one world, from its state before and after the month."""

from typing import NamedTuple

import numpy as np

from regimesim.mesa_model import COLUMN
from regimesim.model.dynamics.record import FIRST_CRITICAL_TRY
from regimesim.model.world.layout import FEINTS, STORY_INCIDENT, STRIKES
from regimesim.model.world.mathematics import logistic
from regimesim.model.world.records import SAFEGUARDS, THRESHOLDS
from regimesim.scenario.declaration import plain
from regimesim.scenario.events import EventLevers

RUNGS = (
    "instruction-tuned",
    "faithful chain of thought",
    "optimised chain of thought",
    "latent reasoning",
)
MOST_LISTED = 3  # numbers of systems or models
STEP = 1.5  # a change of the audit budget by less than this factor is no event
OWN_EVENT = ("first_critical_try", "takeover")  # thresholds with an event of their own


class Event(NamedTuple):
    """An event of a month: its kind, how often it occurred, its words, and the capability
    (log2 hours) of each system that acted."""

    month: int
    kind: str
    count: int
    words: str
    capability: tuple[float, ...] = ()


class State(NamedTuple):
    """Copies of the numbers of a world, of its labs (labs,) and of its systems (systems,), by
    name."""

    world: dict
    labs: dict
    systems: dict


def state_of(model) -> State:
    """The state of a model's world now."""
    own, labs, systems = model.tile.worlds[0], model.tile.labs, model.tile.systems
    return State(
        {name: own[name][..., COLUMN].copy() for name in own.dtype.names},
        {
            name: labs[name][:, COLUMN].copy()
            for name in ("frontier", "paradigm", "paused", "dropped")
        },
        {
            name: systems[name][:, COLUMN].copy()
            for name in ("capability", "aware", "conduct", "spent", "model")
        },
    )


def events_of(model, before: State, after: State) -> list[Event]:
    """The events of the month that a model has just run, causes first."""
    month = model.month - 1
    contact = model.tile.parameters[0]["takeover"]["real_world_contact"][COLUMN]
    usual = {"alarm": 0.0, "contact": contact}
    # initialisation sets the levers of the first month already
    first = {**usual, "withdrawals": 0, "event_end": np.zeros_like(after.world["event_end"])}
    then = before.world if month else {**before.world, **first}
    events = [
        *_alarms(then, after.world),
        *_responses(month, model.tables.events, then, after.world),
        *_pauses(before.labs, after.labs),
        *_access(then, after.world, usual),
        *_paradigms(before.labs, after.labs),
        *_dropped(before.labs, after.labs),
        *_trigger(before.world, after.world),
        *_thresholds(month, after.world),
        *_attempts(after.world, after.systems, len(after.labs["frontier"])),
        *_critical_tries(month, before.world, after.world),
        *_beliefs(before.world, after.world),
    ]
    return [Event(month, *event) for event in events]


def budget_events(start: float, budgets) -> list[Event]:
    """Steps of the audit budget, which has one value a month: an event each time that it has
    moved by a factor of STEP since the last event."""
    last, events = start, []
    for month, budget in enumerate(budgets):
        if budget != last and not (last > 0 and 1 / STEP < budget / last < STEP):
            words = f"audit budget {_percent(last)} -> {_percent(budget)}"
            events.append(Event(month, "audit_budget", 1, words))
            last = budget
    return events


def _percent(share) -> str:
    return f"{100 * float(share):.3g} %"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _times(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _alarms(before, after):
    if after["alarm"] and not before["alarm"]:
        false = "" if after["favourable"] else " (false alarm: takeover pays for no system)"
        yield "alarm", 1, f"evaluations cross the red line{false}"
    elif before["alarm"] and not after["alarm"]:
        yield "alarm_over", 1, "evaluations are below the red line again"


def _responses(month, events, before, after):
    """Events of the policy that come and end, and the systems that they withdraw."""
    for number, event in enumerate(events):
        was, now = (state["event_end"][number] for state in (before, after))
        on, on_before = month < now, 0 < month <= was
        levers = levers_in_words(event.set)
        if levers and on and not on_before:
            span = f" for {_times(event.months, 'month', 'months')}" if event.months else ""
            yield "event", 1, f"event {number + 1} comes{span}: {levers}"
        if levers and on_before and not on:
            yield "event_over", 1, f"event {number + 1} ends"
    if count := int(after["withdrawals"] - before["withdrawals"]):
        yield "withdrawals", count, f"{_times(count, 'system is', 'systems are')} withdrawn"


def levers_in_words(set_levers: EventLevers) -> str:
    """What an event sets, in words; empty where it sets nothing."""
    levers: dict = plain(set_levers)
    if levers.pop("frozen", 0):
        levers = {"frozen": None, **levers}
    return ", ".join(
        "labs with the policy train nothing" if value is None else f"{_words(name)} {value:g}"
        for name, value in levers.items()
    )


def _pauses(before, after):
    share, then = float(after["paused"].mean()), float(before["paused"].mean())
    if share > 0 and then == 0:
        yield "pause", 1, f"labs pause {_percent(share)} of their growth"
    elif share == 0 and then > 0:
        yield "pause_over", 1, "the pause ends"


def _access(before, after, usual):
    """Limits on the access of systems; limits on growth are pauses."""
    now = after["contact"]
    if now == before["contact"]:
        return
    if now < usual["contact"]:
        yield "access", 1, f"access of systems to the world is limited to {_percent(now)}"
    else:
        yield "access_over", 1, "systems have full access to the world again"


def _paradigms(before, after):
    for lab in np.flatnonzero(after["paradigm"] != before["paradigm"]):
        rung = int(after["paradigm"][lab])
        yield "paradigm", 1, f"lab {lab} moves to paradigm {rung}, {RUNGS[rung - 1]}"


def _dropped(before, after):
    for lab in np.flatnonzero(after["dropped"] > before["dropped"]):
        yield "dropped", 1, f"lab {lab} falls behind and drops its safeguards"


def _trigger(before, after):
    count = int(after["awake_systems"])
    if count and after["awake"] > before["awake"]:
        where = _times(count, "system", "systems")
        yield "trigger", count, f"THE TRIGGER: a sleeping trait wakes in {where}"


def _thresholds(month, after):
    for threshold, crossed in zip(THRESHOLDS, after["crossing"], strict=True):
        if crossed == month and threshold.name not in OWN_EVENT:
            yield "threshold", 1, f"{_words(threshold.name).upper()}: {threshold.words}"


def _attempts(world, systems, labs):
    """Story incidents, feints and strikes, with the systems that made them."""
    story, feint = (systems["conduct"] == code for code in (STORY_INCIDENT, FEINTS))
    strike = systems["conduct"] == STRIKES
    able = systems["capability"]
    if count := int(world["month_stories"]):
        # only a system whose attempt was caught this month is retrained
        caught = int(systems["spent"][story].sum())
        words = f"{_times(count, 'story incident', 'story incidents')}, {caught} caught"
        yield "story_incidents", count, words, tuple(able[story].tolist())
    if count := int(world["month_feints"]):
        yield "feints", count, _times(count, "feint", "feints"), tuple(able[feint].tolist())
    if count := int(world["month_strikes"]):
        caught = int(world["month_strikes_caught"])
        discovered = int(world["month_strikes_discovered"])
        words = f"{_times(count, 'strike', 'strikes')}, {caught} caught"
        if discovered and not world["month_lost"]:
            words += f", {discovered} discovered later"
        words += f" ({_strikers(np.flatnonzero(strike), systems['model'], labs)})"
        yield "strikes", count, words, tuple(able[strike].tolist())
        if caught:
            yield "strikes_caught", caught, "", tuple(able[strike].tolist())


def _strikers(numbers, models, labs):
    """Which systems strike, lab by lab, and the models of which they are copies."""
    words = []
    for lab in sorted(set(numbers % labs)):
        own = numbers[numbers % labs == lab]
        kinds = sorted({int(models[number]) for number in own})
        copies = f"{'model' if len(kinds) == 1 else 'models'} {_listed(kinds)}"
        if len(own) == 1:
            words.append(f"system {own[0]} of lab {lab}, a copy of its {copies}")
        else:
            together = f"{len(own)} systems of lab {lab} strike together"
            words.append(f"{together}: {_listed(own)}, copies of its {copies}")
    return "; ".join(words)


def _listed(numbers):
    """The first few of some numbers."""
    few = ", ".join(str(number) for number in numbers[:MOST_LISTED])
    return f"{few}…" if len(numbers) > MOST_LISTED else few


def _critical_tries(month, before, after):
    """The critical try of the month: the first of the world with both catch rates, one that was
    held, or the takeover."""
    attempts = int(after["month_critical"])
    held = after["critical_tries_held"] > before["critical_tries_held"]
    several = f" of {attempts} attempts at once" if attempts > 1 else ""
    first = after["crossing"][FIRST_CRITICAL_TRY] == month
    if first:
        outcome = f"held, {_caught(after)}" if held else "not held"
        believed, true = map(_percent, (after["believed_catch_rate"], after["true_catch_rate"]))
        words = f"FIRST CRITICAL TRY{several}, {outcome}"
        yield (
            "first_critical_try",
            1,
            f"{words}: believed catch rate {believed}, true {true}",
        )
    if held:
        later = f"a critical try{several} is held, {_caught(after)}"
        yield "critical_tries_held", 1, "" if first else later
    elif attempts:
        yield "takeover", 1, f"TAKEOVER: a critical try{several} is not held"


def _caught(after):
    """Which safeguards caught every critical attempt of a try that was held."""
    hits = zip(SAFEGUARDS, after["month_caught_by"], strict=True)
    by = ", ".join(_words(name) for name, hit in hits if hit == 1)
    return f"caught by {by}" if by else "caught by different safeguards"


def _beliefs(before, after):
    now, then = (float(logistic(state["danger"])) for state in (after, before))
    if (now > 0.5) != (then > 0.5):
        which = "now think" if now > 0.5 else "no longer think"
        yield "belief", 1, f"overseers {which} danger more likely than not ({_percent(now)})"
