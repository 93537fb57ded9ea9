"""The window of release dates from which models are taken: years with a fraction, or dates."""

import math
from dataclasses import dataclass
from datetime import date
from numbers import Real

from regimesim.errors import Refusal, shown
from regimesim.scenario.dates import first_day

Year = float | str | date
ALLOWED = 'a year, such as 2023.5, or a date, such as "2023-07-01"'


@dataclass(frozen=True)
class Window:
    """The day numbers from which on and before which models are taken, and the words for them."""

    first: float
    end: float
    words: str

    def holds(self, released: date) -> bool:
        """Whether a release date lies in it."""
        return self.first <= released.toordinal() < self.end


def read_window(since: Year, until: Year) -> Window:
    """The window from `since` on and before `until`, which may be infinite.

    Raises Refusal with a sentence for each that is no year and no date, and where it is empty.
    """
    lines, days = [], []
    for name, written in (("since", since), ("until", until)):
        try:
            days.append(_day_of(written, endless=name == "until"))
        except ValueError:
            lines.append(f"{name}: found {shown(written)}; allowed is {ALLOWED}")
    if not lines and days[1] <= days[0]:
        kind = "a year" if isinstance(since, Real) else "a date"
        lines.append(f"until: found {shown(until)}; allowed is {kind} after {shown(since)}")
    if lines:
        raise Refusal(lines)
    end = "" if math.isinf(days[1]) else f" until {_in_words(until)}"
    return Window(days[0], days[1], f"since {_in_words(since)}{end}")


def _in_words(year: Year) -> str:
    return f"{year:g}" if isinstance(year, Real) else str(year)


def _day_of(year: Year, endless: bool) -> float:
    """The day number of a year with a fraction or of a date; infinite where an end is.

    Raises ValueError for anything else.
    """
    if isinstance(year, str | date):
        return first_day(year).toordinal()
    if not isinstance(year, Real) or isinstance(year, bool):
        raise ValueError
    if endless and year == math.inf:
        return math.inf
    if not 1 <= year < 9999:
        raise ValueError
    whole = math.floor(year)
    begin, end = date(whole, 1, 1).toordinal(), date(whole + 1, 1, 1).toordinal()
    return begin + (year - whole) * (end - begin)
