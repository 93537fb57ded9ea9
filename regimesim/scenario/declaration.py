"""Parameters that are declared once: their range, unit, source and words on one annotated field.

A table of parameters is a `Group`; its fields are annotated with a `Quantity`, a
`Choice` or a `Text`, and the docstring under a field holds its words.  Reading,
refusing, describing and replacing all follow from the declaration.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError, core_schema

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.columns import Column, column_of
from regimesim.scenario.correlations import Correlation
from regimesim.scenario.distribution import (
    CENTRAL,
    FIRST_YEAR,
    FIT_FORMS,
    FITS,
    KINDS,
    LAST_YEAR,
    Distribution,
    Fit,
    as_written,
    fit_of_line,
    flaw_of_interval,
    is_finite,
)
from regimesim.scenario.measurement import Measurement
from regimesim.scenario.operating_point import OperatingPoint

ASSUMPTION = "assumption"
LEAST_MASS = 1e-6  # a distribution with less probability in the range is refused
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


def refused(reason: str) -> PydanticCustomError:
    """The error that a declaration raises for a value that it does not allow."""
    return PydanticCustomError("refused", "{reason}", {"reason": reason})


def contradiction(keys: tuple[str, ...], reason: str) -> PydanticCustomError:
    """The error that a group raises when the values of `keys`, each allowed, do not go together.

    The first of `keys` is the one that is reported.
    """
    return PydanticCustomError("contradiction", "{reason}", {"reason": reason, "keys": keys})


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


class _Validated(ABC):
    """Lets pydantic read an annotated field by the annotation's own `read`."""

    @abstractmethod
    def read(self, raw: Any) -> Any:
        """The value of `raw`; raises a pydantic error for one that is not allowed."""

    def __get_pydantic_core_schema__(self, _annotated, _handler):
        return core_schema.no_info_plain_validator_function(self.read)


@dataclass(frozen=True)
class Quantity(_Validated):
    """A number with its unit, its range (inclusive unless open) and the source of its default.

    `whole` numbers take no distribution; a `fit` may be given only where it is named;
    `parts` names the numbers of a list; an `optional` one may be absent (None); a `fixed` one
    takes no distribution.
    """

    unit: str
    low: float
    high: float
    source: str = ASSUMPTION
    whole: bool = False
    open_low: bool = False
    open_high: bool = False
    fit: bool = False
    parts: tuple[str, ...] = ()
    optional: bool = False
    fixed: bool = False

    @property
    def kind(self) -> str:
        return "list" if self.parts else "whole" if self.whole else "number"

    @property
    def range(self) -> str:
        """The range in words."""
        low, high = shown(self.low), shown(self.high)
        if not (self.open_low or self.open_high):
            return f"{low} to {high}"
        lower = f"more than {low}" if self.open_low else f"at least {low}"
        return f"{lower} and {'less than' if self.open_high else 'at most'} {high}"

    def allows(self, value: float) -> bool:
        """Whether a plain number lies in the range (NaN never does)."""
        above = value > self.low if self.open_low else value >= self.low
        return above and (value < self.high if self.open_high else value <= self.high)

    def read(self, raw: Any):
        """The value of `raw`: a float, int, Distribution, Fit, Column, a tuple of them, or None.

        Raises a pydantic error that says what was found and what is allowed.
        """
        if raw is None and self.optional:
            return None
        if not self.parts:
            return self._read_one(raw)
        if not isinstance(raw, list | tuple) or len(raw) != len(self.parts):
            raise refused(f"found {shown(raw)}; allowed is [{', '.join(self.parts)}]")
        values, reasons = [], []
        for part, item in zip(self.parts, raw, strict=True):
            try:
                values.append(self._read_one(item))
            except PydanticCustomError as error:
                reasons.append(f"{part}: {(error.context or {})['reason']}")
        if reasons:
            raise refused("; ".join(reasons))
        return tuple(values)

    def _read_one(self, raw):
        if type(raw) is float and not self.whole and self.allows(raw):
            return raw  # by far the most frequent, when a table with other values is read again
        raw = raw.plain() if isinstance(raw, Column) else as_written(raw)
        if isinstance(raw, Mapping) and not self.whole and not self.fixed:
            if "column" in raw:
                return self._read_column(raw)
            return self._read_fit(raw) if "fit" in raw else self._read_distribution(raw)
        if isinstance(raw, bool) or not isinstance(raw, Real):
            raise refused(f"found {shown(raw)}; allowed is {self._described()}")
        if not self.allows(raw):
            raise refused(f"found {shown(raw)}; allowed is {self.range}")
        if not self.whole:
            return float(raw)
        if not isinstance(raw, Integral) and raw != int(raw):
            raise refused(f"found {shown(raw)}; allowed is {self._described()}")
        return int(raw)

    def _described(self) -> str:
        if self.whole:
            return f"a whole number, {self.range}"
        return f"a number, {self.range}{'' if self.fixed else ', or a distribution'}"

    def _read_distribution(self, raw) -> Distribution | float:
        if not raw.keys().isdisjoint(CENTRAL) and raw.keys().isdisjoint(KINDS):
            form = "{ lognormal = { ci80 = [low, high] } }"
            raise refused(f"found {shown(raw)}; an interval has its distribution, as in {form}")
        if len(raw) != 1 or (kind := next(iter(raw))) not in KINDS:
            close = nearest(str(next(iter(raw))), KINDS, alike=0.5) if len(raw) == 1 else None
            hint = f'; the nearest is "{close}"' if close else ""
            raise refused(f"found {shown(raw)}; a distribution is one of {', '.join(KINDS)}{hint}")
        numbers, names = raw[kind], KINDS[kind]
        if isinstance(numbers, Mapping):
            return self._within(_of_interval(raw, kind, numbers), raw)
        listed = isinstance(numbers, list | tuple) and len(numbers) == len(names)
        if not listed or not all(map(is_finite, numbers)):
            what = "" if not listed else " of finite numbers"
            raise refused(f"found {shown(raw)}; a {kind} takes [{', '.join(names)}]{what}")
        distribution = Distribution(kind, tuple(map(float, numbers)))
        if flaw := distribution.flaw():
            raise refused(f"found {shown(raw)}; {flaw}")
        return self._within(distribution, raw)

    def _within(self, distribution: Distribution, raw) -> Distribution | float:
        if distribution.kind in ("normal", "lognormal") and distribution.numbers[1] == 0:
            return self._read_one(distribution.numbers[0])
        if not distribution.mass(self.low, self.high) >= LEAST_MASS:
            raise refused(f"found {shown(raw)}; no part of it lies in {self.range}")
        return distribution

    def _read_column(self, raw) -> Column:
        column = column_of(raw)
        if column is None:
            raise refused(f"found {shown(raw)}; a column belongs to a table that [draws] names")
        for value in column.ends:
            if not self.allows(value):
                raise refused(f"found {shown(value)} in {column.file}; {self.range}")
        return column

    def _read_fit(self, raw) -> Fit:
        if not self.fit:
            raise refused(
                f"found {shown(raw)}; a fit is allowed only for capability.initial "
                "and capability.doubling_time"
            )
        if isinstance(raw["fit"], Mapping) and set(raw) == {"fit"}:
            try:
                return fit_of_line(raw["fit"])
            except ValueError as error:
                raise refused(f"found {shown(raw)}; {error}") from None
        if raw["fit"] not in FITS or not set(raw) <= {"fit", "since"}:
            raise refused(f"found {shown(raw)}; a fit is {FIT_FORMS}")
        since = raw.get("since", FIRST_YEAR)
        if not is_finite(since) or not FIRST_YEAR <= since <= LAST_YEAR:
            allowed = f"since is a year, {FIRST_YEAR} to {LAST_YEAR}"
            raise refused(f"found {shown(raw)}; {allowed}")
        return Fit(raw["fit"], float(since))


def _of_interval(raw, kind: str, written: Mapping) -> Distribution:
    """The distribution that is written as a central interval."""
    if flaw := flaw_of_interval(kind, written):
        raise refused(f"found {shown(raw)}; {flaw}")
    ((name, (low, high)),) = written.items()
    return Distribution.of_interval(kind, name, float(low), float(high))


@dataclass(frozen=True)
class Choice(_Validated):
    """One of a few words."""

    options: tuple[str, ...]
    source: str = ASSUMPTION
    unit = ""
    kind = "choice"

    @property
    def range(self) -> str:
        """The options in words."""
        return ", ".join(f'"{option}"' for option in self.options)

    def read(self, raw: Any) -> str:
        """`raw` itself, or a pydantic error with the nearest option."""
        if isinstance(raw, str) and raw in self.options:
            return raw
        hint = f'; the nearest is "{nearest(raw, self.options)}"' if isinstance(raw, str) else ""
        raise refused(f"found {shown(raw)}; allowed are {self.range}{hint}")


@dataclass(frozen=True)
class Text(_Validated):
    """A text that matches `pattern`, which `range` says in words."""

    pattern: str
    range: str
    source = "chosen for each run"
    unit = ""
    kind = "text"

    def read(self, raw: Any) -> str:
        """`raw` itself, or a pydantic error."""
        if isinstance(raw, str) and re.fullmatch(self.pattern, raw):
            return raw
        raise refused(f"found {shown(raw)}; allowed is {self.range}")


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
