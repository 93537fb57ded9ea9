"""Names of models, which each publisher writes in its own way.

`claude_3_5_sonnet_20241022_inspect`, `claude-3-5-sonnet-20241022` and `Claude 3.5 Sonnet (October
2024)` are one model.  Two names are of one model where their words and their numbers are the same
and their dates do not speak against it.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
IN_WORDS = re.compile(r"\(([a-z]{3,9})\.? (20\d\d)\)")  # (Nov 2024)
WHOLE = re.compile(r"(?<!\d)(20\d\d)[-_]?([01]\d)[-_]?([0-3]\d)(?!\d)")  # 20241022, 2024-10-22
DAY = re.compile(r"(?<=[-_ ])([01]\d)-?([0-3]\d)(?=$|[-_ ])")  # 0324, 06-05
SETTING = re.compile(r"_(inspect|elicited|low|medium|high|xhigh|\d+k)(?=$|_)")  # how it was run
VARIANT = {"preview", "instruct", "xl"}  # METR's gpt2 is what others call gpt2-xl
CLOSE = 60  # days between a release and a date in a name


class Name(NamedTuple):
    """The words of a name in alphabetical order, its numbers in their own, and its date.

    Of the date any part may be 0, where the name does not say it.
    """

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    year: int = 0
    month: int = 0
    day: int = 0

    @property
    def model(self) -> tuple:
        """What names of one model share."""
        return self.words, self.numbers

    @property
    def family(self) -> tuple:
        """What names of a model and its previews share."""
        return tuple(word for word in self.words if word not in VARIANT), self.numbers

    @property
    def whole_date(self) -> date | None:
        """Its whole date, or None."""
        return date(self.year, self.month, self.day) if self.year and self.day else None

    def days_from(self, released: date) -> int:
        """How far the date in the name is from a release; 0 where it has none."""
        if not self.month:
            return 0
        day = min(self.day, 28) or min(released.day, 28)
        return abs((date(self.year or released.year, self.month, day) - released).days)


def read_name(text: str) -> Name:
    """The parts of a name."""
    text, when = text.lower(), (0, 0, 0)
    for pattern in (IN_WORDS, WHOLE, DAY):
        match = pattern.search(text)
        if match and (when := _date(pattern, match)) != (0, 0, 0):
            text = text[: match.start()] + " " + text[match.end() :]
            break
    parts = re.findall(r"[a-z]+|\d+", SETTING.sub("", text.strip()))
    words = sorted(part for part in parts if not part.isdigit())
    return Name(tuple(words), tuple(part for part in parts if part.isdigit()), *when)


def _date(pattern, match) -> tuple[int, int, int]:
    if pattern is IN_WORDS:
        month = match[1][:3]
        return (int(match[2]), 1 + MONTHS.index(month), 0) if month in MONTHS else (0, 0, 0)
    year, month, day = (
        (0, *map(int, match.groups())) if pattern is DAY else map(int, match.groups())
    )
    try:
        date(year or 2024, month, day)
    except ValueError:
        return 0, 0, 0
    return year, month, day


def same_model(
    text: str, released: date, others: Iterable[str], dates: Iterable[date]
) -> int | None:
    """The place in `others` of the model that `text` names, which was released on `released`.

    A name with the month of the release is taken before one without any; where several fit
    equally, or none does, the answer is None.

    Parameters
    ----------
    text : str
        The name of a model.
    released : date
        When it was released.
    others : iterable of str
        The names among which it is looked for.
    dates : iterable of date
        When these were released.

    Returns
    -------
    int or None
    """
    wanted = read_name(text)
    year, month = wanted.year or released.year, wanted.month or released.month
    dated, undated = [], []
    for place, (other, day) in enumerate(zip(others, dates, strict=True)):
        name = read_name(other)
        if name.model != wanted.model:
            continue
        if name.month:
            dated += [place] * ((name.year or day.year, name.month) == (year, month))
        elif wanted.days_from(day) <= CLOSE:
            undated.append(place)
    best = dated or undated
    return best[0] if len(best) == 1 else None


def date_of(text: str, known: Iterable[tuple[str, date]]) -> date | None:
    """When the model that `text` names was released.

    That is the date of the model in `known`, or else the whole date in the name.

    Parameters
    ----------
    text : str
        The name of a model.
    known : iterable of (str, date)
        Names of models, and when these were released.

    Returns
    -------
    date or None
    """
    wanted = read_name(text)
    names = [(read_name(name), released) for name, released in known]
    near = {
        (name.model != wanted.model, wanted.days_from(released), released)
        for name, released in names
        if name.family == wanted.family
        and (wanted.days_from(released) <= CLOSE if wanted.month else not name.month)
    }
    best = min(near, default=None)
    if best is None or sum(one[:2] == best[:2] for one in near) > 1:
        return wanted.whole_date
    return best[2]
