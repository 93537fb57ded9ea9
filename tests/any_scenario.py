"""Scenarios drawn over the whole declared range of every parameter, ends included.

`rng` is a `random.Random`: a seeded one, or one that hypothesis draws from and shrinks.
"""

from math import exp, log

from small import nested

import regimesim as rs
from regimesim.scenario.dates import months_later
from regimesim.scenario.declaration import Quantity
from regimesim.scenario.events import MOST_EVENTS, OBSERVED, WITHDRAWALS
from regimesim.scenario.parameters import MONITOR_NAMES, SAFEGUARD_NAMES, SWITCHED, declarations

START = "2026-01"
ADOPTERS = ("leading", "lagging", "any")
# What an event may wait for, and set: numbers of which one is drawn.
AWAITED = {
    "strikes_seen": (0, 1, 2),
    "story_incidents": (0, 1, 3),
    "alarm": (0, 1),
    "highest_report": (-1, 3, 6, 9, 15),
    "danger_belief": (0, 0.02, 0.1, 0.5, 0.9, 1),
    "believed_catch_rate": (0, 0.3, 0.5, 0.7, 1),
}
SET = {
    "audit_budget": (0, 0.01, 0.3, 1),
    "pause": (0, 0.4, 1),
    "growth": (0, 0.7, 1),
    "contact": (0, 0.3, 1),
    "hold": (1, 2, 3, 4),
    "density_floor": (0, 0.5, 1),
    "frozen": (0, 0.3, 1),
}
LINES = ("guard", "evader")
TAXES = ("oversight.tax", *(f"oversight.{name}.tax" for name in SAFEGUARD_NAMES))
FITTED = ("capability.initial", "capability.doubling_time")
# How likely a parameter is changed: few at a time show what many hide, and the reverse.
SHARES = (0.05, 0.3, 0.6, 0.95)
MOST_UNCERTAIN = 0.12  # of the values are distributions


def any_scenario(rng, months=30, systems=9, worlds=2):
    """A scenario: sizes up to these, safeguards, words and numbers drawn over their ranges."""
    on = {name for name in SWITCHED if rng.random() < 0.5}
    share = rng.choice(SHARES)
    given = {}
    for declared in declarations():
        table = declared.table.rpartition(".")[2]
        is_off = table in SWITCHED and table not in on
        if not declared.table or declared.kind == "table" or is_off:
            continue
        if declared.name not in LINES and rng.random() < share:
            given[declared.key] = _any_value(rng, declared)
    _make_consistent(rng, given, on)
    sizes = {
        "months": _any_size(rng, months),
        "labs": _any_size(rng, 20 if rng.random() < 0.2 else 4),
        "systems": _any_size(rng, systems),
        "worlds": worlds,
        "seed": rng.randrange(2**63),
    }
    switched = {f"oversight.{name}": {} for name in on if not _holds(given, name)}
    policy = any_responses(rng, sizes, "evaluations" in on)
    return rs.parse(nested({**sizes, "start": START, **switched, **given, **policy}))


def any_responses(rng, sizes, evaluated):
    """Who adopts a policy and the events of it, each in half of all scenarios."""
    responses = {}
    if rng.random() < 0.5:
        responses["adopters"] = rng.randint(1, sizes["labs"])
        responses["adopters_are"] = rng.choice(ADOPTERS)
    if rng.random() < 0.5:
        number = rng.choice((1, 2, 3, MOST_EVENTS))
        responses["events"] = [_any_event(rng, sizes, evaluated) for _ in range(number)]
    return responses


def _any_event(rng, sizes, evaluated):
    """An event that can happen, and does something."""
    known = [when for when in OBSERVED if evaluated or when not in ("alarm", "highest_report")]
    when = rng.choice(known)
    event = {"months": rng.choice((0, 1, 2, 12)), "withdraw": rng.choice(WITHDRAWALS)}
    if when in AWAITED:
        event["when"] = when
        counted = when in ("strikes_seen", "story_incidents")  # at most one a system
        possible = [k for k in AWAITED[when] if not counted or k <= sizes["systems"]]
        least, most = sorted(rng.choice(possible) for _ in range(2))
        which = rng.choice((("at_least",), ("at_least",), ("at_most",), ("at_least", "at_most")))
        event |= {key: {"at_least": least, "at_most": most}[key] for key in which}
    else:
        event["on"] = months_later(START, rng.randrange(sizes["months"]))
    levers = {name: rng.choice(values) for name, values in SET.items() if rng.random() < 0.3}
    if not levers and event["withdraw"] == "none":
        levers["frozen"] = 1
    return event | ({"set": levers} if levers else {})


def _holds(given, name):
    return any(key.startswith(f"oversight.{name}.") for key in given)


def _any_size(rng, most):
    return rng.choice((1, most, rng.randint(1, most), rng.randint(1, most)))


def _any_value(rng, declared):
    quantity = declared.quantity
    if not isinstance(quantity, Quantity):
        return rng.choice(quantity.options)
    if quantity.parts:
        return [_any_number(rng, quantity) for _ in quantity.parts]
    if declared.key in FITTED and rng.random() < 0.05:
        return {"fit": "metr", "since": rng.choice((2019, 2023))}
    if quantity.whole:
        return rng.choice((quantity.low, quantity.high, rng.randint(quantity.low, quantity.high)))
    if rng.random() < MOST_UNCERTAIN:
        return _any_distribution(rng, quantity)
    default = declared.default
    usual = default if isinstance(default, float) and rng.random() < 0.3 else None
    return _any_number(rng, quantity, usual)


def _any_number(rng, quantity, usual=None):
    """A number in the range: an end, close to one, anywhere, of any magnitude, or about usual."""
    low, high = quantity.low, quantity.high
    kind = rng.choice(("low", "high", "near", "uniform", "uniform", "magnitude"))
    if usual is not None:
        value = usual * exp(rng.uniform(-1, 1))
    elif kind == "low" and not quantity.open_low:
        return low
    elif kind == "high" and not quantity.open_high:
        return high
    elif kind == "near":
        away = (high - low) * 10 ** rng.uniform(-12, -2)
        value = rng.choice((low + away, high - away))
    elif kind == "magnitude" and low >= 0:
        most = max(high, 1e-9)
        value = exp(rng.uniform(log(max(low, 1e-9 * most)), log(most)))
    else:
        value = rng.uniform(low, high)
    value = min(max(value, low), high)
    return value if quantity.allows(value) else (low + high) / 2


def _any_distribution(rng, quantity):
    low, middle, high = sorted(_any_number(rng, quantity) for _ in range(3))
    if not low < middle < high:
        return middle
    kinds = {
        "uniform": [low, high],
        "triangular": [low, middle, high],
        "normal": [middle, (high - low) / 2],
    }
    if middle > 0:
        kinds["lognormal"] = [middle, rng.uniform(0.01, 2)]
    if quantity.low == 0 and quantity.high == 1:
        kinds["beta"] = [rng.uniform(0.5, 5), rng.uniform(0.5, 5)]
    kind = rng.choice(sorted(kinds))
    return {kind: kinds[kind]}


def _make_consistent(rng, given, on):
    """What a file must not say together is said otherwise; and what would leave most worlds
    without any attempt is made rarer."""
    for name in MONITOR_NAMES:
        if name not in on:
            continue
        table = f"oversight.{name}"
        if given.get(f"{table}.curve") == "elo":
            for side in LINES:
                floor, ceiling = sorted(rng.uniform(-1e4, 1e4) for _ in range(2))
                wild = rng.random() < 0.3
                slope = rng.uniform(-1e4, 1e4) if wild else rng.uniform(-100, 300)
                middle = rng.uniform(-1e4, 1e4) if wild else rng.uniform(-500, 1500)
                given[f"{table}.{side}"] = [floor, slope, middle, ceiling]
    if "adaptive" in on:
        least, most = sorted(rng.choice((0, 1, rng.random(), 1e-3)) for _ in range(2))
        given |= {"oversight.adaptive.audit_min": least, "oversight.adaptive.audit_max": most}
        budget = given.get("oversight.audit_budget", 0.03)
        if isinstance(budget, dict):  # it may lie outside
            budget = rng.choice((least, most))
        given["oversight.audit_budget"] = min(max(budget, least), most)
    audited = [f"oversight.{name}.share" for name in MONITOR_NAMES if name in on]
    if audited and all(given.get(key) == 0 for key in audited):
        given[rng.choice(audited)] = rng.choice((1e-3, 1))  # somebody spends the budget
    taxed = [key for key in TAXES if key in given]
    if sum(_most(given[key]) for key in taxed) >= 1:
        for key in taxed:
            given[key] = rng.uniform(-0.9, 0.24)
    if given.get("training.intended.prior") == 0:
        given["training.scheming.prior"] = rng.choice((1e-3, 1, 1000))
    if rng.random() < 0.6:
        within_reach = rng.choice((-5, 0, 1, 2, 4, 8))
        given["takeover.difficulty"] = 3 + within_reach
        given["cognition.awareness_midpoint"] = rng.choice((-10, 2, 3, 4, 6))
    if rng.random() < 0.4:
        given["feedback.density"] = rng.choice((0, 0.2))
        given["feedback.constraint"] = rng.choice((0, 0.01))


def _most(tax):
    return 0.9 if isinstance(tax, dict) else tax


__all__ = ["START", "any_responses", "any_scenario"]
