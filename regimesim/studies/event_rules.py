"""Event rules that a search may switch on, written in a short form.

    believed_catch_rate <= 0.5:0.95 -> frozen, growth=0:0.5 for 6:24
    strikes_seen >= 1 -> withdraw=all, contact=0, frozen for 12

Before the arrow stands what the rule waits for, with the threshold; behind it what it sets, and
for how many months (else for good).  A number that is written LOW:HIGH is a number of the search,
and so is whether the rule is there at all.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.model.world.layout import LOOSEST
from regimesim.scenario.events import (
    COUNTED,
    DATE,
    MOST_EVENTS,
    OBSERVED,
    WITHDRAWALS,
    EventLevers,
)
from regimesim.scenario.input_errors import read
from regimesim.scenario.parameters import Tables
from regimesim.studies.dimensions import Number
from regimesim.studies.ranges import Varied, as_number

SIGNALS = tuple(name for name in OBSERVED if name != DATE)
LEVERS = tuple(EventLevers.model_fields)
SWITCHED_ON = ("frozen",)  # what stands for 1 without a number
WHOLE = ("hold", "frozen")
SENSES = {">=": "at_least", "<=": "at_most"}
EXAMPLE = '"believed_catch_rate <= 0.5:0.95 -> frozen, growth=0 for 6:24"'
RULE = re.compile(
    r"\s*(?P<signal>\w+)\s*(?P<sense>>=|<=)\s*(?P<bound>\S+?)\s*->\s*"
    r"(?P<responses>.+?)\s*(?:\bfor\s+(?P<months>\S+)\s*(?:months?)?)?\s*"
)
LONGEST = 400  # letters


@dataclass(frozen=True, eq=False)
class EventRule:
    """A rule that may be one of the events of a policy.

    Attributes
    ----------
    name : str
        What its dimensions begin with, as in "rule1".
    text : str
        As it was written.
    signal : str
        What it waits for.
    sense : str
        "at_least" or "at_most".
    withdraw : str
        Whose systems are trained afresh when it comes.
    numbers : mapping of str to Number or float
        Its threshold (`signal`), what it sets by lever, and `months`: a number of the search, or
        one that is fixed.
    """

    name: str
    text: str
    signal: str
    sense: str
    withdraw: str
    numbers: Mapping[str, Number | float]

    @property
    def options(self) -> tuple:
        """Whether the rule is there."""
        return (False, True)

    @property
    def varied(self) -> tuple[Number, ...]:
        """Its numbers of the search."""
        return tuple(one for one in self.numbers.values() if isinstance(one, Number))

    def event(self, values: Mapping[str, object]) -> dict:
        """The event, as in a file, with the value of each of its dimensions, by name."""

        def value(key):
            one = self.numbers[key]
            return one.rounded(values[one.name]) if isinstance(one, Number) else one

        event: dict = {"when": self.signal, self.sense: value(self.signal)}
        if "months" in self.numbers:
            event["months"] = value("months")
        if levers := {key: value(key) for key in LEVERS if key in self.numbers}:
            event["set"] = levers
        if self.withdraw != "none":
            event["withdraw"] = self.withdraw
        return event

    def plain(self) -> dict:
        """The content of a JSON file."""
        return {"name": self.name, "rule": self.text}


def events_at(rules: Iterable[EventRule], values: Mapping[str, object]) -> list[dict]:
    """The events, as in a file, of the rules that are there at a point: values by name."""
    return [rule.event(values) for rule in rules if values[rule.name]]


def read_rules(texts: Iterable[str], option: str = "--choose-events") -> tuple[EventRule, ...]:
    """The rules that texts stand for, in their order.

    Raises Refusal with a sentence for each that cannot be one: one that cannot be read, can never
    happen, changes nothing, or is there twice.
    """
    listed = [texts] if isinstance(texts, str) else list(texts)
    rules: list[EventRule] = []
    lines: list[str] = []
    if len(listed) > MOST_EVENTS:
        lines.append(f"{option}: found {len(listed)} rules; allowed are at most {MOST_EVENTS}")
    for number, text in enumerate(listed, 1):
        with gathering(lines, f"{option} {shown(text)}: "):
            one = _read(text, f"rule{number}")
            _check(one)
            _refuse_twice(one, rules)
            rules.append(one)
    if lines:
        raise Refusal(lines)
    return tuple(rules)


def _read(text, name: str) -> EventRule:
    parts = None
    if isinstance(text, str) and len(text) <= LONGEST:
        parts = RULE.fullmatch(text)
    if not parts:
        raise Refusal(f"cannot be read; allowed is WHAT >= NUMBER -> RESPONSES, as in {EXAMPLE}")
    signal = parts["signal"]
    if signal not in SIGNALS:
        raise Refusal(
            f"nothing can wait for {shown(signal)}; the nearest is '{nearest(signal, SIGNALS)}', "
            f"of {', '.join(SIGNALS)}"
        )
    numbers: dict[str, Number | float] = {
        signal: _number(f"{name}.{signal}", parts["bound"], signal in COUNTED)
    }
    withdraw = "none"
    for response in parts["responses"].split(","):
        key, equals, written = (part.strip() for part in response.partition("="))
        if key == "withdraw":
            withdraw = _withdrawal(written, withdraw)
            continue
        if key not in LEVERS:
            allowed = (*LEVERS, "withdraw")
            raise Refusal(
                f"no response {shown(key)}; the nearest is '{nearest(key, allowed)}', of "
                f"{', '.join(allowed)}"
            )
        if key in numbers:
            raise Refusal(f"{key}: given twice")
        if not equals and key not in SWITCHED_ON:
            raise Refusal(f"{key}: has no number; allowed is {key}=NUMBER or {key}=LOW:HIGH")
        numbers[key] = _number(f"{name}.{key}", written if equals else "1", key in WHOLE)
    if parts["months"]:
        numbers["months"] = _number(f"{name}.months", parts["months"], True)
    return EventRule(name, text.strip(), signal, SENSES[parts["sense"]], withdraw, numbers)


def _withdrawal(written: str, before: str) -> str:
    allowed = [one for one in WITHDRAWALS if one != "none"]
    if before != "none":
        raise Refusal("withdraw: given twice")
    if written not in allowed:
        raise Refusal(f"withdraw: found {shown(written)}; allowed are {', '.join(allowed)}")
    return written


def _number(name: str, written: str, whole: bool) -> Number | float:
    """A number of the search, or one that is fixed."""
    key = name.partition(".")[2]
    low_text, colon, high_text = written.partition(":")
    low, high = as_number(low_text), as_number(high_text) if colon else None
    if low is None or (colon and high is None):
        raise Refusal(f"{key}: found {shown(written)}; allowed is a number, or LOW:HIGH")
    if high is None:
        return _as_written(key, low, whole)
    if low >= high:
        raise Refusal(f"{key}: found {shown(written)}; allowed is LOW:HIGH, the lower one first")
    _as_written(key, low, whole)
    _as_written(key, high, whole)
    return Number(Varied(name, low, high, whole))


def _as_written(key: str, number: float, whole: bool) -> float:
    if not whole:
        return number
    if number != int(number):
        raise Refusal(f"{key}: found {shown(number)}; allowed are whole numbers")
    return int(number)


def _check(rule: EventRule) -> None:
    """Refuse a rule that is no event at an end of its numbers, or changes nothing there."""
    for end in ("low", "high"):
        values = {one.name: getattr(one.varied, end) for one in rule.varied}
        event = rule.event(values)
        if rule.signal in ("alarm", "highest_report"):
            everything = {"oversight": {"evaluations": True}, "events": [event]}
        else:
            everything = {"events": [event]}
        tables, mistakes = read(Tables, everything)
        if tables is None:
            reasons = dict.fromkeys(one.reason.removeprefix("event 1: ") for one in mistakes)
            raise Refusal(reasons)
        idle = [
            key
            for key, value in event.get("set", {}).items()
            if value == LOOSEST[key] and not isinstance(rule.numbers[key], Number)
        ]
        if idle:
            raise Refusal(
                f"{idle[0]}={rule.numbers[idle[0]]:g} changes nothing; an event only tightens"
            )
        always = {"at_least": 0.0, "at_most": 1.0}[rule.sense]
        bounded = rule.signal != "highest_report"
        if bounded and event[rule.sense] == always and rule.signal not in COUNTED:
            raise Refusal(f"{rule.signal} always is {rule.sense.replace('_', ' ')} {always:g}")
        if rule.sense == "at_least" and rule.signal in COUNTED and event[rule.sense] <= 0:
            raise Refusal(f"{rule.signal} always is at least {event[rule.sense]:g}")


def _refuse_twice(one: EventRule, others: list[EventRule]) -> None:
    """Refuse a rule that waits for, and does, what another does: only one of them would count."""

    def kind(rule):
        return rule.signal, rule.sense, rule.withdraw, frozenset(rule.numbers)

    for other in others:
        if kind(one) == kind(other):
            raise Refusal(f"waits for and sets the same as {shown(other.text)}")
