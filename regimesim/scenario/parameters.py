"""Every parameter once: the tables of a scenario file with their defaults.

`Tables` is what a policy sets; `Settings` are the run's own, at the top of the file.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import model_validator

from regimesim.errors import nearest, shown
from regimesim.scenario.columns import Column
from regimesim.scenario.correlations import Correlation, CorrelationList
from regimesim.scenario.declaration import (
    Choice,
    Declaration,
    Distribution,
    Fit,
    Group,
    Number,
    Quantity,
    Text,
    contradiction,
    declared_in,
    group_in,
    groups_in,
)
from regimesim.scenario.development_parameters import (
    METR,
    Capability,
    Feedback,
    Goals,
    Paradigm,
    Training,
)
from regimesim.scenario.events import Event, EventList
from regimesim.scenario.safeguard_parameters import Monitor, Oversight, Safeguard

CORRELATIONS = "correlations"
RUN = "chosen for each run"
NAME = Text(
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}",
    "1 to 80 of the letters, digits, '_', '-' and '.', a letter or digit first",
)
MONTH = Text(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", 'a month "YYYY-MM", 1900 to 2199')


class Settings(Group):
    """The name, length and size of a run. The same for all its policies."""

    name: Annotated[str, NAME] = "scenario"
    """Name of the scenario and of its folder of results; a file without one takes its own."""

    description: Annotated[str, Text(r"[\s\S]{0,4000}", "a text of at most 4000 letters")] = ""
    """What the scenario is about, in a sentence or two."""

    start: Annotated[str, MONTH] = "2026-01"
    """The first month."""

    months: Annotated[int, Quantity("months", 1, 1200, RUN, whole=True)] = 180
    """How many months are simulated."""

    labs: Annotated[int, Quantity("labs", 1, 20, RUN, whole=True)] = 3
    """Number of labs in a world."""

    systems: Annotated[int, Quantity("systems", 1, 100_000, RUN, whole=True)] = 60
    """Number of AI systems in a world, assigned to the labs in turn."""

    worlds: Annotated[int, Quantity("worlds", 1, 5_000_000, RUN, whole=True)] = 10_000
    """Number of worlds, each with its own draws. Every policy runs in all of them."""

    seed: Annotated[int, Quantity("", 0, 2**63 - 1, RUN, whole=True)] = 1
    """Seed of all random numbers. The same seed gives the same worlds."""


class Takeover(Group):
    """How hard a takeover is, what it pays, and what a failed one costs."""

    difficulty: Annotated[Number, Quantity("doublings", -10, 60)] = Distribution("normal", (15, 2))
    """Capability at which an unopposed takeover succeeds half of the time."""

    success_slope: Annotated[Number, Quantity("logits a doubling", 0, 1e6, METR)] = 0.58
    """How sharply success rises with capability around that difficulty."""

    automation_bonus: Annotated[Number, Quantity("doublings", 0, 30)] = 2
    """How much easier a takeover gets when AI systems run the whole economy."""

    automation_midpoint: Annotated[Number, Quantity("doublings", -10, 100)] = 12
    """Capability of the leading lab at which half of the economy is automated."""

    automation_width: Annotated[Number, Quantity("doublings", 0.01, 20)] = 1.5
    """How gradually the automation of the economy sets in. Small is sudden."""

    payoff_delay: Annotated[Number, Quantity("months", 0, 1200)] = 12
    """Time from a takeover to its payoff. Short-sighted systems value it less."""

    caught_value: Annotated[Number, Quantity("share", 0, 1)] = 0
    """Share of its expected values that a caught system keeps. Deals raise it."""

    collusion: Annotated[Number, Quantity("doublings", 0, 10)] = 0
    """Capability that a doubling of the number of allied systems adds. 0 means nobody colludes."""

    real_world_contact: Annotated[Number, Quantity("share", 0, 1)] = 1
    """Access of systems to the world, a factor on success. A chess engine has none."""


class Cognition(Group):
    """When systems come to reason about overseers, and how well they judge their chances."""

    awareness_midpoint: Annotated[Number, Quantity("doublings", -10, 100)] = 9
    """Capability above which a typical system knows what overseers want to see."""

    awareness_spread: Annotated[Number, Quantity("doublings", 0, 5)] = 1.5
    """Standard deviation of that threshold between systems."""

    calibration_error: Annotated[Number, Quantity("logits", 0, 20)] = 3
    """Error of a system at the initial capability when it judges its chance of success."""

    calibration_scale: Annotated[Number, Quantity("doublings", 0.01, 1000)] = 12
    """Growth in capability over which that error shrinks to 37 %."""

    patience: Annotated[Number, Quantity("share", 0, 1)] = 1
    """How much the prospect of better odds next month counts. At 0 a system never waits."""

    audit_sight: Annotated[Number, Quantity("share", 0, 1)] = 1
    """How far systems see each month's audit budget. At 0 they use the announced one."""

    sandbagging: Annotated[Number, Quantity("doublings", 0, 50)] = 4
    """How far an aware system understates its capability in evaluations."""


class Conduct(Group):
    """Misbehaviour that does not seek power: story incidents, and staged coups."""

    story_rate: Annotated[Number, Quantity("per month", 0, 10)] = 0.02
    """Rate of story incidents of a system at the initial capability."""

    story_handicap: Annotated[Number, Quantity("doublings", 0, 50)] = 4
    """How much less capable a system is in a story incident than in a strike."""

    reliability_scale: Annotated[Number, Quantity("doublings", 0.01, 1000)] = 4
    """Growth in capability over which story incidents become half as frequent."""

    coordination: Annotated[Number, Quantity("probability", 0, 1)] = 0.5
    """Chance that a willing system of the same lab joins a strike; strikers count on it."""

    feint_rate: Annotated[Number, Quantity("per month", 0, 10)] = 0
    """Rate at which an aware system stages a coup that is meant to be caught."""


class Outside(Group):
    """What labs that do not adopt a policy have in place of its values of these keys.

    A value that is left out is that of the scenario without the policy.
    """

    density: Annotated[Number | None, Quantity("share", 0, 1, optional=True)] = None
    """Density of training feedback in the first month."""

    density_trend: Annotated[
        Number | None, Quantity("share a month", -0.1, 0.1, optional=True)
    ] = None
    """Drift of that density."""

    density_per_doubling: Annotated[
        Number | None, Quantity("share a doubling", -0.2, 0.2, optional=True)
    ] = None
    """Drift of that density with a lab's own growth."""

    density_floor: Annotated[Number | None, Quantity("share", 0, 1, optional=True)] = None
    """Lowest density that a lab chooses."""

    hold: Annotated[int | None, Quantity("paradigm", 1, 4, whole=True, optional=True)] = None
    """The last paradigm that labs may move to."""

    tax: Annotated[Number | None, Quantity("share of growth", -0.9, 0.9, optional=True)] = None
    """Growth that oversight costs apart from safeguards."""


OUTSIDE_OF = {
    "density": "feedback.density",
    "density_trend": "feedback.density_trend",
    "density_per_doubling": "feedback.density_per_doubling",
    "density_floor": "feedback.density_floor",
    "hold": "paradigm.hold",
    "tax": "oversight.tax",
}
"""The parameter that a lab which adopts the policy has in place of each of `Outside`."""


class Tables(Group):
    """Everything that a policy can set."""

    adopters: Annotated[int | None, Quantity("labs", 1, 20, whole=True, optional=True)] = None
    """Number of labs that adopt the policy; all of them where it is left out."""

    adopters_are: Annotated[str, Choice(("leading", "lagging", "any"))] = "leading"
    """Which labs adopt it, by their frontier in the first month."""

    events: Annotated[tuple[Event, ...], EventList()] = ()
    """Responses that set levers, or withdraw models, when something happens."""

    correlations: Annotated[tuple[Correlation, ...], CorrelationList()] = ()
    """Pairs of parameters whose draws rise and fall together."""

    capability: Capability = Capability()
    feedback: Feedback = Feedback()
    goals: Goals = Goals()
    training: Training = Training()
    takeover: Takeover = Takeover()
    cognition: Cognition = Cognition()
    conduct: Conduct = Conduct()
    paradigm: Paradigm = Paradigm()
    oversight: Oversight = Oversight()
    outside: Outside = Outside()

    @model_validator(mode="after")
    def _events_can_happen(self):
        for number, event in enumerate(self.events, 1):
            if event.when in ("alarm", "highest_report") and self.oversight.evaluations is None:
                reason = f"event {number} waits for evaluations; switch on oversight.evaluations"
                raise contradiction(("events", "oversight.evaluations"), reason)
        return self

    @model_validator(mode="after")
    def _can_be_correlated(self):
        for number, pair in enumerate(self.correlations, 1):
            for name in pair.of:
                if reason := _never_correlated(self, name):
                    raise contradiction(("correlations",), f"pair {number}: {reason}")
        return self


def _never_correlated(tables: Tables, name: str) -> str | None:
    """Why the parameter of this dotted name cannot be correlated with others, or None."""
    if name not in drawable():
        unknown = name not in declared_by_key()
        what = "there is no such parameter" if unknown else "it takes no distribution"
        close = nearest(name, drawable())
        return f"{shown(name)}: {what}; the nearest that may be drawn is '{close}'"
    if key := OUTSIDE_OF.get(name.removeprefix("outside.")) if "outside." in name else None:
        return f"{name} is drawn together with {key}; name that"
    value = drawn_value(tables, name)
    if isinstance(value, Fit):
        return f"{name} is fitted to measurements, and a fit is drawn by itself"
    if isinstance(value, Column):
        return f"{name} is drawn from {value.file}, whose rows have correlations of their own"
    return None


def never_drawn(policies: Iterable[Tables]) -> Iterator[str]:
    """A sentence for each correlated parameter that none of the policies draws."""
    everyone = list(policies)
    names = [
        name
        for name in drawable()
        if any(isinstance(drawn_value(one, name), Distribution) for one in everyone)
    ]
    for number, pair in enumerate(everyone[0].correlations, 1):
        for name in pair.of:
            if name not in names:
                values = [drawn_value(one, name) for one in everyone]
                is_off = all(value is None for value in values)
                what = "absent under every policy" if is_off else "a number under every policy"
                close = nearest(name, [one for one in names if one not in pair.of])
                hint = f"; the nearest that is drawn is '{close}'" if close else ""
                yield f"pair {number}: {name} is {what}, and only what is drawn correlates{hint}"


class Drawable(NamedTuple):
    """A number that may be drawn: the path of its parameter in a policy, what that may be, and
    which number of a list it is."""

    path: tuple[str, ...]
    quantity: Quantity
    part: int | None


@cache
def drawable() -> Mapping[str, Drawable]:
    """Every number that may have a distribution, by dotted name."""
    numbers: dict[str, Drawable] = {}
    for declared in declared_in(Tables):
        quantity, path = declared.quantity, tuple(declared.key.split("."))
        if not isinstance(quantity, Quantity) or quantity.whole or quantity.fixed:
            continue
        for part, name in enumerate(quantity.parts):
            numbers[f"{declared.key}.{name}"] = Drawable(path, quantity, part)
        if not quantity.parts:
            numbers[declared.key] = Drawable(path, quantity, None)
    return MappingProxyType(numbers)


def drawn_value(tables: Tables, name: str) -> object:
    """The value under a policy of a number that may be drawn; None where it is absent."""
    one = drawable()[name]
    value: Any = tables
    for key in one.path:
        value = None if value is None else getattr(value, key)
    return value if value is None or one.part is None else value[one.part]


SWITCHED = tuple(
    name for name, field in Oversight.model_fields.items() if group_in(field) and not field.default
)
"""The safeguards and responses, which are active when their table is present."""

SAFEGUARD_NAMES = tuple(
    name for name in SWITCHED if issubclass(groups_in(Oversight)[name], Safeguard)
)
"""The safeguards among them: what can catch an attempt."""

MONITOR_NAMES = tuple(
    name for name in SAFEGUARD_NAMES if issubclass(groups_in(Oversight)[name], Monitor)
)
"""The monitors among these: what audits trajectories within a budget."""


def declarations() -> list[Declaration]:
    """Every parameter that a scenario file may hold, the run's settings first."""
    return [*declared_in(Settings), *declared_in(Tables)]


@cache
def declared_by_key() -> Mapping[str, Declaration]:
    """The same by dotted name."""
    return MappingProxyType({declared.key: declared for declared in declarations()})


def active(tables: Tables) -> dict[str, bool]:
    """Whether each safeguard and response is active, by the name of its table."""
    return {name: getattr(tables.oversight, name) is not None for name in SWITCHED}


def groups(tables: Tables) -> Iterator[tuple[Group, str]]:
    """(group, name) of every table of a policy, in declared order, itself first without a name.

    `name` is the last part of the table's name.  Safeguards that are not active come with their
    defaults: no active equation reads them.
    """
    return _groups(tables, "")


@cache
def quantities_of(group: type[Group]) -> tuple[str, ...]:
    """The names of the quantities of a table itself, in declared order."""
    return tuple(one.key for one in _own(group) if isinstance(one.quantity, Quantity))


def choices(tables: Tables) -> Iterator[tuple[str, str, str]]:
    """(table, key, value) of every parameter of a policy that is a word, in declared order."""
    for group, name in groups(tables):
        for key in _choices_of(type(group)):
            yield name, key, getattr(group, key)


@cache
def _choices_of(group: type[Group]) -> tuple[str, ...]:
    return tuple(one.key for one in _own(group) if isinstance(one.quantity, Choice))


def area_key(monitor: str) -> str:
    """What a monitor states beside its slope: "auroc" or "strength"."""
    group = groups_in(Oversight)[monitor]
    assert issubclass(group, Monitor)
    return group.AREA


def _groups(group: Group, name: str) -> Iterator[tuple[Group, str]]:
    yield group, name
    for key, inner in groups_in(type(group)).items():
        present = getattr(group, key)
        yield from _groups(_usual(inner) if present is None else present, key)


@cache
def _usual(group: type[Group]) -> Group:
    """A group with its defaults, which stands for one that is not active."""
    return group()


@cache
def _own(group: type[Group]) -> tuple[Declaration, ...]:
    return tuple(declared for declared in declared_in(group) if "." not in declared.key)
