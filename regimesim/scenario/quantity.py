"""What a declared value may be: a number in a range, one of a few words, or a text.

Each kind reads a raw value itself, and refuses one that is not allowed.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

from regimesim.errors import nearest, shown
from regimesim.scenario.columns import Column, column_of
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

ASSUMPTION = "assumption"
LEAST_MASS = 1e-6  # a distribution with less probability in the range is refused


def refused(reason: str) -> PydanticCustomError:
    """The error that a declaration raises for a value that it does not allow."""
    return PydanticCustomError("refused", "{reason}", {"reason": reason})


def contradiction(keys: tuple[str, ...], reason: str) -> PydanticCustomError:
    """The error that a group raises when the values of `keys`, each allowed, do not go together.

    The first of `keys` is the one that is reported.
    """
    return PydanticCustomError("contradiction", "{reason}", {"reason": reason, "keys": keys})


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
