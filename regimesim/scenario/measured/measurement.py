"""What one file of measured capability holds."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeVar

from regimesim.errors import shown


class Measurement(NamedTuple):
    """One released model: its horizons in minutes, and the 95 % interval of its p50.

    NaN where p80 or the interval was not published.
    """

    model: str
    released: date
    version: str
    is_sota: bool
    p50: float
    p80: float
    p50_low: float = math.nan
    p50_high: float = math.nan


class Score(NamedTuple):
    """One released model: its score on an index of capability, and the 90 % interval.

    NaN where the interval was not published, as for the models that fix the scale.
    """

    model: str
    released: date
    is_sota: bool
    score: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class MeasuredFile:
    """A file of measured capability, as it was read.

    Attributes
    ----------
    place : str
        Its path, as sentences name it.
    digest : str
        The SHA-256 of its bytes.
    kind : str
        What it is, in words.
    horizons : tuple of Measurement
        The time horizons in it; none in a file of an index.
    scores : tuple of Score
        The scores in it, of a file of an index.
    published : mapping of str to mapping
        The doubling times in days that the file itself states, by period: `estimate`, and `low`
        and `high` where it has them.
    undated : tuple of str
        Models that are left out, because nothing says when they were released.
    names, where : str
        Where the names of models and the versions stand in it, in words.
    """

    place: str
    digest: str
    kind: str
    horizons: tuple[Measurement, ...] = ()
    scores: tuple[Score, ...] = ()
    published: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    undated: tuple[str, ...] = ()
    names: str = "column model"
    where: str = ""

    @property
    def models(self) -> int:
        """The number of models with a date."""
        return len(self.horizons) + len(self.scores)

    @property
    def versions(self) -> list[str]:
        """The versions of the benchmark in it; none where it names none."""
        return sorted({one.version for one in self.horizons if one.version})


M = TypeVar("M", Measurement, Score)


def with_records(models: Iterable[M], of: str) -> tuple[M, ...]:
    """The models in the order of their release, each with whether it set a record then.

    A record is more than every model had that was released before or on the same day.  `of` is
    the attribute that is compared.
    """
    marked, best = [], -math.inf
    by_release = sorted(models, key=lambda one: (one.released, -getattr(one, of)))
    for one in by_release:
        marked.append(one._replace(is_sota=getattr(one, of) > best))
        best = max(best, getattr(one, of))
    return tuple(marked)


def minutes(written, name: str) -> float:
    """A number of minutes above 0; raises ValueError with a sentence for anything else."""
    number = as_number(written)
    if not 0 < number < math.inf:
        raise ValueError(
            f"{name} is {value_text(written)}; allowed is a number of minutes above 0"
        )
    return number


def as_number(written) -> float:
    """The number that stands in a file as text or as a number, or NaN."""
    if isinstance(written, bool):
        return math.nan
    try:
        return float(written)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def release_date(written, name: str = "release_date") -> date:
    """A date; raises ValueError with a sentence for anything else."""
    if type(written) is date:
        return written
    try:
        return date.fromisoformat(written)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value_text(written)}; allowed is YYYY-MM-DD") from None


def value_text(value) -> str:
    """A value of a file, in a sentence."""
    return "absent" if value is None else shown(value)
