"""What may have been seen, kind by kind: items of evidence, as they are declared."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import model_validator

from regimesim.errors import shown
from regimesim.scenario.dates import first_day, months_between
from regimesim.scenario.declaration import (
    Choice,
    Group,
    Number,
    Quantity,
    Text,
    contradiction,
)
from regimesim.scenario.quantity import refused

MOST_COUNT = 10**6
SEEN = "what has been seen"
MONITORS = ("control", "cot_monitor", "interpretability")
CLASSES = 4  # paradigms


@dataclass(frozen=True)
class Month(Text):
    """A calendar month, "YYYY-MM"; a full date stands for its month."""

    pattern: str = r"|(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?"
    range: str = 'a month "YYYY-MM", or a date'

    def read(self, raw: Any) -> str:
        """The month of `raw`, as "YYYY-MM"; empty where it is left out."""
        written = super().read(raw.isoformat()[:10] if isinstance(raw, date) else raw)
        try:
            return written and f"{first_day(written):%Y-%m}"
        except ValueError:  # a day that the month does not have
            raise refused(f"found {shown(raw)}; allowed is {self.range}") from None


@dataclass(frozen=True)
class Counts:
    """A list of whole numbers, such as one a month."""

    kind = "counts"
    unit = ""
    source = SEEN
    range = f"a list of whole numbers, 0 to {MOST_COUNT:,}"
    least: int = 0

    def read(self, raw: Any) -> tuple[int, ...]:
        """The numbers of `raw`, none where it is left out, or a pydantic error."""
        if raw == ():
            return ()
        whole = isinstance(raw, list | tuple) and all(type(item) is int for item in raw)
        if not whole or not raw or not all(0 <= item <= MOST_COUNT for item in raw):
            raise refused(f"found {shown(raw)}; allowed is {self.range}")
        return tuple(raw)

    def __get_pydantic_core_schema__(self, _annotated, _handler):
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)


def _whole(unit: str, low: int = 0) -> Quantity:
    return Quantity(unit, low, MOST_COUNT, SEEN, whole=True, optional=True)


Count = Annotated[int | None, _whole("")]
Share = Annotated[Number, Quantity("share", 0, 1, SEEN)]
MonthText = Annotated[str, Month()]


class Item(Group):
    """One thing that was seen."""

    needed: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _is_whole(self):
        for name in self.needed:
            if getattr(self, name) in (None, "", ()):
                raise contradiction((name,), "missing")
        return self

    @property
    def is_silent(self) -> bool:
        """Whether it is that nothing was seen."""
        return False

    def label(self) -> str:
        """What was seen, in a few words."""
        raise NotImplementedError

    def span(self, start: str) -> range:
        """The months that it is about, from the start of the run; none if about none."""
        first, last = self.first(start), self.last(start)
        return range(0) if first is None or last is None else range(first, last + 1)

    def first(self, start: str) -> int | None:
        """The first month that it is about, from the start of the run; None if about none."""
        since = getattr(self, "since", "") or getattr(self, "on", "")
        return months_between(start, since) if since else 0

    def last(self, start: str) -> int | None:
        """The last month that it is about; None if it is about none."""
        until = getattr(self, "until", "") or getattr(self, "on", "")
        return months_between(start, until) if until else None


class NoTakeover(Item):
    """That there was no takeover."""

    needed = ("until",)

    until: MonthText = ""
    """The last month in which there was none."""

    @property
    def is_silent(self) -> bool:
        return True

    def label(self) -> str:
        return f"no takeover until {self.until}"


class StrikesSeen(Item):
    """How many strikes were seen: caught, or discovered later."""

    needed = ("until", "count")

    since: MonthText = ""
    """The first month that counts, by default the first of the run."""

    until: MonthText = ""
    """The last month that counts."""

    count: Count = None
    """The strikes that became known."""

    reported: Share = 1.0
    """The share of strikes that overseers see of which the observer hears; it may be uncertain."""

    @property
    def is_silent(self) -> bool:
        return self.count == 0

    def label(self) -> str:
        return f"{_so_many(self.count, 'strike')} seen {_span(self)}"


class StoryIncidents(Item):
    """How many story incidents became known, in all or month by month."""

    since: MonthText = ""
    """The first month that counts, by default the first of the run."""

    until: MonthText = ""
    """The last month that counts."""

    count: Count = None
    """The incidents of all these months together."""

    counts: Annotated[tuple[int, ...], Counts()] = ()
    """The incidents of each month, from `since` on."""

    reported: Share = 1.0
    """The share of incidents that become known; it may be uncertain."""

    @model_validator(mode="after")
    def _one_form(self):
        if (self.count is None) == (not self.counts):
            both = "both" if self.counts else "neither"
            reason = f"found {both}; allowed is either count with until, or counts with since"
            raise contradiction(("count",), reason)
        if self.count is not None and not self.until:
            raise contradiction(("until",), "missing")
        if self.counts and self.until:
            raise contradiction(("until",), "counts say how many months there are; leave it out")
        return self

    @property
    def total(self) -> int:
        """All incidents."""
        return sum(self.counts) if self.counts else self.count or 0

    @property
    def is_silent(self) -> bool:
        return self.total == 0

    def last(self, start: str) -> int | None:
        if not self.counts:
            return super().last(start)
        return (self.first(start) or 0) + len(self.counts) - 1

    def label(self) -> str:
        span = _span(self) if not self.counts else f"in {len(self.counts)} months"
        span += f" from {self.since}" if self.counts and self.since else ""
        return f"{_so_many(self.total, 'story incident')} {span}"


class Horizon(Item):
    """The time horizon of the most capable system, as measured."""

    needed = ("on", "hours", "error")

    on: MonthText = ""
    """The month of the measurement."""

    hours: Annotated[
        float | None, Quantity("h", 0, 1e9, SEEN, open_low=True, optional=True, fixed=True)
    ] = None
    """The measured horizon."""

    error: Annotated[
        float | None,
        Quantity("doublings", 0, 20, SEEN, open_low=True, optional=True, fixed=True),
    ] = None
    """The standard error of the measurement."""

    def label(self) -> str:
        return f"horizon of {self.hours:g} h in {self.on}"


class Caught(Item):
    """How many of a number of trials were caught."""

    needed = ("on", "caught", "of")
    what: ClassVar[str] = "trials"

    on: MonthText = ""
    """The month of the trials."""

    caught: Count = None
    """Those that were caught."""

    of: Annotated[int | None, _whole("", 1)] = None
    """All trials."""

    @model_validator(mode="after")
    def _no_more_than_tried(self):
        if None not in (self.caught, self.of) and self.caught > self.of:
            reason = f"found {self.caught}; allowed is at most of = {self.of}"
            raise contradiction(("caught", "of"), reason)
        return self

    def label(self) -> str:
        return f"{self.caught} of {self.of} {self.what} in {self.on}"


class Exercises(Caught):
    """How many red-team exercises safeguards caught."""

    what = "exercises caught"


class Honeypots(Caught):
    """How many systems that were shown a trap, an opportunity that is none, went into it."""

    what = "traps entered"

    @property
    def is_silent(self) -> bool:
        return self.caught == 0


class Alarms(Item):
    """In how many months evaluations raised an alarm, false alarms included."""

    needed = ("until", "months")

    since: MonthText = ""
    """The first month that counts, by default the first of the run."""

    until: MonthText = ""
    """The last month that counts."""

    months: Count = None
    """The months with an alarm."""

    @property
    def is_silent(self) -> bool:
        return self.months == 0

    def label(self) -> str:
        return f"{_so_many(self.months, 'month')} with an alarm {_span(self)}"


class Paradigms(Item):
    """How many labs work with each paradigm."""

    needed = ("on", "labs")

    on: MonthText = ""
    """The month in which labs are counted."""

    labs: Annotated[tuple[int, ...], Counts()] = ()
    """The labs that are seen at paradigm 1, 2, 3 and 4."""

    misread: Annotated[float, Quantity("probability", 0, 1, SEEN, fixed=True)] = 0.0
    """The probability that a lab is taken for one of the other three paradigms."""

    @model_validator(mode="after")
    def _of_four(self):
        if self.labs and len(self.labs) != CLASSES:
            reason = f"found {len(self.labs)} numbers; allowed are {CLASSES}, one a paradigm"
            raise contradiction(("labs",), reason)
        return self

    def label(self) -> str:
        return f"labs at paradigms 1 to 4 in {self.on}: {', '.join(map(str, self.labs))}"


class MonitorMeasured(Item):
    """What a monitor flagged at one threshold, in a test on trajectories of both kinds."""

    needed = ("flagged_benign", "benign", "flagged_attacks", "attacks")

    monitor: Annotated[str, Choice(MONITORS)] = "control"
    """The monitor of the policy that was tested."""

    flagged_benign: Count = None
    """The benign trajectories that it flagged."""

    benign: Annotated[int | None, _whole("", 1)] = None
    """All benign trajectories."""

    flagged_attacks: Count = None
    """The attacks that it flagged."""

    attacks: Annotated[int | None, _whole("", 1)] = None
    """All attacks."""

    gap: Annotated[float, Quantity("doublings", -40, 40, SEEN, fixed=True)] = 0.0
    """Capability of the monitor minus that of the attacking system; for `control` alone."""

    paradigm: Annotated[int, Quantity("paradigm", 1, 4, SEEN, whole=True)] = 2
    """Under which the attacking system was trained; for `cot_monitor` alone."""

    @model_validator(mode="after")
    def _no_more_than_tested(self):
        for some, every in (("flagged_benign", "benign"), ("flagged_attacks", "attacks")):
            flagged, tested = getattr(self, some), getattr(self, every)
            if None not in (flagged, tested) and flagged > tested:
                reason = f"found {flagged}; allowed is at most {every} = {tested}"
                raise contradiction((some, every), reason)
        for name, monitor in (("gap", "control"), ("paradigm", "cot_monitor")):
            is_set = getattr(self, name) != type(self).model_fields[name].default
            if is_set and self.monitor != monitor:
                reason = (
                    f"found {getattr(self, name):g}; it belongs to monitor = '{monitor}' alone"
                )
                raise contradiction((name,), reason)
        return self

    def first(self, start: str) -> None:
        return None

    def label(self) -> str:
        return (
            f"{self.monitor} flagged {self.flagged_attacks} of {self.attacks} attacks "
            f"and {self.flagged_benign} of {self.benign} benign"
        )


def _span(item) -> str:
    """The months that an item counts, in words."""
    if item.since == item.until:
        return f"in {item.until}"
    return f"from {item.since} to {item.until}" if item.since else f"until {item.until}"


def _so_many(count: int | None, what: str) -> str:
    return f"{f'{count:,}' if count else 'no'} {what}{'' if count == 1 else 's'}"
