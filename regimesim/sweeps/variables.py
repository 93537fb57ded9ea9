"""The parameter or setting that a key of a sweep names, and how its values are read."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import Choice, Group, Quantity, Text, group_in
from regimesim.scenario.distribution_numbers import inner_value
from regimesim.scenario.input_errors import ALIKE
from regimesim.scenario.overlay import File, inner_at, known, no_policy, own_path
from regimesim.scenario.parameters import SWITCHED, Tables, declarations
from regimesim.scenario.titles import TITLE
from regimesim.sweeps.axes import PRESET

POLICY, SWITCH = "policy", "switch"
FIXED = {
    "name": "the results of a sweep have one name",
    "description": "the results of a sweep have one description",
    "worlds": "every point is run in the same worlds; set their number with --worlds",
    "seed": "every point is run in the same worlds; set it with --seed",
    "policies": "name a parameter, as in policies.NAME.feedback.density, or choose policies "
    "with policy",
    "sweep": "a sweep does not vary itself",
    "title": "every policy has its own, and it changes no number",
    "extends": "vary preset instead, over files",
}
WORDS = {
    POLICY: "Policies that are run.",
    PRESET: "Scenario file laid over the scenario.",
}


class Subject(NamedTuple):
    """What can be varied under `key`.

    kind: number, whole, choice, text (of a setting), switch (of a safeguard), policy or preset.
    """

    key: str
    kind: str
    quantity: Quantity | Choice | Text | None = None
    unit: str = ""
    words: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """Its keys in a scenario file."""
        return tuple(self.key.split("."))

    @property
    def numeric(self) -> bool:
        """Whether it takes numbers, so that a range can be given."""
        return self.kind in ("number", "whole")


def find_subject(scenario: Scenario, key: str) -> Subject:
    """What `key` names.  Raises Refusal if that cannot vary."""
    if key in WORDS:
        return Subject(key, key, words=WORDS[key])
    if key in FIXED:
        raise Refusal(f"cannot vary: {FIXED[key]}")
    if close := nearest(key, WORDS, ALIKE):
        raise Refusal(f"unknown key; the nearest is '{close}'")
    own, path = own_path(tuple(key.split(".")))
    if own and own not in scenario.policies:
        raise Refusal(no_policy(own, scenario.policies))
    if own and path == (TITLE,):
        raise Refusal("cannot vary: a title changes no number")
    if one := inner_value(path):
        inner_at(scenario.raw, tuple(key.split(".")))
        return Subject(key, one.kind, one.quantity, one.quantity.unit, one.words)
    known(Tables if own else File, path)
    inner = ".".join(path)
    if path[:-1] == ("oversight",) and path[-1] in SWITCHED:
        words = (_group(path).__doc__ or "").split("\n\n")[0]
        return Subject(key, SWITCH, words=" ".join(words.split()))
    declared = {entry.key: entry for entry in declarations()}.get(inner)
    if declared is None:
        example = next(iter(_group(path).model_fields), "")
        raise Refusal(f"a table; name a value in it, as in {key}.{example}")
    if declared.kind == "events":
        raise Refusal(f"a list of events; name a value of one, as in {key}.1.months")
    if declared.kind == "correlations":
        raise Refusal("a list of pairs; vary preset instead, over files that set it")
    if declared.kind == "list":
        parts = ", ".join(declared.quantity.parts)
        raise Refusal(f"takes a list [{parts}]; vary preset instead, over files that set it")
    quantity = declared.quantity
    return Subject(key, declared.kind, quantity, quantity.unit, declared.words)


def _group(path: Iterable[str]) -> type[Group]:
    group: type[Group] = Tables
    for key in path:
        group = group_in(group.model_fields[key])
    return group


def from_text(subject: Subject, text: str):
    """The number, switch or word that is written as `text` in a command or a table."""
    text = text.strip()
    if subject.kind == SWITCH:
        return {"true": True, "false": False}.get(text.lower(), text)  # TRUE of a spreadsheet
    for number in (int, float) if subject.numeric else ():
        try:
            return number(text)
        except ValueError:
            continue
    return text


def read_value(subject: Subject, raw):
    """`raw` as a plain value of the subject: a float, an int, a text or a bool.

    Raises Refusal if it is not allowed.  A policy or a file is only a text here.
    """
    if subject.kind in (POLICY, PRESET, SWITCH):
        wanted, allowed = (bool, "true or false") if subject.kind == SWITCH else (str, "a name")
        if not isinstance(raw, wanted):
            raise Refusal(f"found {shown(raw)}; allowed is {allowed}")
        return raw
    if subject.numeric:
        return _number(subject, raw)
    try:
        return subject.quantity.read(raw)
    except PydanticCustomError as error:
        raise Refusal(error.context["reason"]) from None


def _number(subject: Subject, raw) -> float | int:
    quantity = subject.quantity
    whole = quantity.whole
    number = isinstance(raw, Real) and not isinstance(raw, bool) and raw == raw  # no NaN
    if not number or (whole and not isinstance(raw, Integral) and not float(raw).is_integer()):
        kind = "a whole number" if whole else "a number"
        raise Refusal(f"found {shown(raw)}; allowed is {kind}, {quantity.range}")
    if not quantity.allows(raw):
        raise Refusal(f"found {shown(raw)}; allowed is {quantity.range}")
    return int(raw) if whole else float(raw)
