"""Parameters that are declared once: their range, unit, source and words on one annotated field.

A table of parameters is a `Group`; its fields are annotated with a `Quantity`, a
`Choice` or a `Text`, and the docstring under a field holds its words.  Reading,
refusing, describing and replacing all follow from the declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict

from regimesim.errors import Refusal, shown
from regimesim.scenario.columns import Column
from regimesim.scenario.correlations import Correlation
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.measurement import Measurement
from regimesim.scenario.operating_point import OperatingPoint
from regimesim.scenario.quantity import ASSUMPTION, Choice, Quantity, Text, contradiction

PARADIGMS = ("paradigm 1", "paradigm 2", "paradigm 3", "paradigm 4")
LINE = ("floor", "slope", "intercept", "ceiling")

Number = float | Distribution | Fit | Column
Four = tuple[Number, Number, Number, Number]

__all__ = [
    "ASSUMPTION",
    "LINE",
    "PARADIGMS",
    "Choice",
    "Column",
    "Declaration",
    "Distribution",
    "Fit",
    "Four",
    "Group",
    "Number",
    "Plausible",
    "Quantity",
    "Refusal",
    "Switch",
    "Text",
    "contradiction",
    "declared_in",
    "extent",
    "group_in",
    "groups_in",
    "plain",
]


class Plausible(NamedTuple):
    """The values of a parameter that are worth a test, why these, and from which source.

    A range of this kind lies within the allowed one and holds the default.
    """

    low: float
    high: float
    why: str
    source: str = ASSUMPTION

    def around(self, *values: float) -> "Plausible":
        """The same range, widened to hold `values`."""
        return self._replace(low=min((self.low, *values)), high=max((self.high, *values)))

    @property
    def ends(self) -> str:
        """The range in words."""
        return f"{shown(self.low)} to {shown(self.high)}"


class Group(BaseModel):
    """A table of declared parameters; frozen, and strict about names and ranges."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True
    )

    @classmethod
    def left_below(cls, below: Mapping, above: Mapping) -> dict:
        """What a raw table keeps of a lower one, `below`, that `above` is laid over."""
        return dict(below)


Declared = Quantity | Choice | Text

# A table that may be switched on by `true` or an empty table, and off by `false`.
Switch = BeforeValidator(
    lambda raw: None if raw is False else {} if raw is True else raw,
    json_schema_input_type=Any,
)


@dataclass(frozen=True)
class Declaration:
    """One parameter of a tree of groups: its dotted `key`, what may be put in, its default."""

    key: str
    quantity: Declared
    default: Any
    words: str

    @property
    def kind(self) -> str:
        """number, whole, list, choice or text."""
        return self.quantity.kind

    @property
    def table(self) -> str:
        """The dotted name of its table; empty at the top level of a file."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Its name within its table."""
        return self.key.rpartition(".")[2]


def group_in(field) -> type[Group] | None:
    """The group that a pydantic field holds, or None when it holds a value."""
    if get_origin(field.annotation) is tuple:
        return None  # a list, which is read as a whole
    for annotation in (field.annotation, *get_args(field.annotation)):
        if isinstance(annotation, type) and issubclass(annotation, Group):
            return annotation
    return None


@cache
def groups_in(group: type[Group]) -> Mapping[str, type[Group]]:
    """The groups that the fields of a group hold, by the field's name."""
    tables = {name: group_in(field) for name, field in group.model_fields.items()}
    return MappingProxyType({name: inner for name, inner in tables.items() if inner})


@cache
def declared_in(group: type[Group], prefix: str = "") -> tuple[Declaration, ...]:
    """Every parameter of `group` and of the groups in it, in declared order."""
    entries: list[Declaration] = []
    for name, field in group.model_fields.items():
        if inner := group_in(field):
            entries += declared_in(inner, f"{prefix}{name}.")
        else:
            quantity = next(mark for mark in field.metadata if hasattr(mark, "kind"))
            default = quantity.read(field.default)
            words = field.description or ""
            entries.append(Declaration(f"{prefix}{name}", quantity, default, words))
    return tuple(entries)


def extent(value: float | Distribution | Column, quantity: Quantity) -> tuple[float, float]:
    """The lowest and the highest number that `value` can turn out to be."""
    if isinstance(value, Column):
        return value.ends
    if not isinstance(value, Distribution):
        return value, value
    low, high = value.support()
    return max(low, quantity.low), min(high, quantity.high)


def plain(value):
    """`value` as it would be written in a file: dicts, lists, strings and numbers only.

    Absent values are left out, and tables that are switched off are `False`.
    """
    if isinstance(value, Group):
        written = {}
        for name, field in type(value).model_fields.items():
            item = getattr(value, name)
            if item is None:
                if group_in(field):
                    written[name] = False
            else:
                written[name] = plain(item)
        return written
    if isinstance(value, Distribution | Fit | Column | Correlation | Measurement | OperatingPoint):
        return value.plain()
    return [plain(item) for item in value] if isinstance(value, tuple) else value
