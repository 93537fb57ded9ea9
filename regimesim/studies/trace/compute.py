"""One world month by month, run as a Mesa model.

The ensemble then runs the same world again, and both must agree in every bit.  So the trace shows
a world that a run counts.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike, Share, run_share
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.errors import Refusal
from regimesim.mesa_model import RegimeModel
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.records import MONTHLY, names
from regimesim.results.progress import Progress, as_progress
from regimesim.scenario import Scenario
from regimesim.studies.trace import text
from regimesim.studies.trace.events import Event, State, budget_events, events_of, state_of
from regimesim.studies.trace.find import KINDS, find_world
from regimesim.studies.trace.question import Question, ask

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Trace:
    """The history of one world under one policy.

    Attributes
    ----------
    scenario : Scenario
        The scenario, with that policy alone.
    policy : str
        Its name.
    world : int
        The number of the world.
    months : pandas.DataFrame
        A row for each month: the quantities of `MONTHLY`, the frontier of each lab, and
        quantiles of the systems' capability (log2 hours).
    events : tuple of Event
        In the order of time.
    crossings : dict
        The month in which each threshold was crossed, or None.
    outcome : dict
        What a run records of the world.
    drawn : dict
        The parameters that this world drew, by dotted name.
    """

    scenario: Scenario
    policy: str
    world: int
    months: "pandas.DataFrame"
    events: tuple[Event, ...]
    crossings: dict
    outcome: dict
    drawn: dict

    @property
    def lost(self) -> bool:
        """Whether a takeover ended the world."""
        return self.crossings["takeover"] is not None

    def to_dict(self) -> dict:
        """The content of trace.json: the months column by column."""
        return {
            **about_run(self.scenario),
            "policy": self.policy,
            "world": self.world,
            "drawn": self.drawn,
            "crossings": self.crossings,
            "outcome": {name: _plain(value) for name, value in self.outcome.items()},
            "monthly": {
                name: [_plain(value) for value in self.months[name].tolist()]
                for name in self.months
            },
            "events": [{**e._asdict(), "capability": list(e.capability)} for e in self.events],
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """The table of months."""
        return self.months

    def text(self) -> str:
        """The timeline and how the world ended, in lines as wide as the terminal."""
        return text.text(self)

    def plot(self, ax=None):
        """Draw the timeline, into five axes or a new figure; returns the axes."""
        from regimesim.studies.trace.figure import timeline

        return timeline(self.to_dict(), ax)


def trace(
    scenario: ScenarioLike,
    world: int | None = None,
    find: str | None = None,
    policies: str | Policy | Iterable[str | Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Trace:
    """Trace one world of a scenario, month by month.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario of the world.
    world : int, optional
        Its number, 0 to 2^32 - 1, by default 0.  It may exceed the number of worlds that the
        scenario runs.
    find : str, optional
        Instead of a number, a kind of `KINDS`, such as "first_failure": the first of the
        scenario's worlds of that kind.
    policies : str or Policy, or an iterable of one
        The policy, by default the scenario's first with a monitor.
    threads : int, optional
        Number of threads that search for a kind of world, by default one per core.
    progress : callable, optional
        Called with the number of worlds just searched.

    Returns
    -------
    Trace
        The table of months, the events and the outcome.

    Raises
    ------
    Refusal
        For input that cannot be used, and where no world is of the kind.
    RuntimeError
        If the ensemble disagrees about the world, which would be a defect of this package.
    """
    return compute(ask(scenario, world, find, policies, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Trace:
    """Find the world, run it, and check it against the ensemble."""
    import pandas

    world = question.world if question.find is None else _first_of_kind(question, progress)
    model = RegimeModel(question.scenario, question.rule or question.policy, world)
    rows, events, before = [], [], state_of(model)
    budget = float(before.world["audit_budget"])
    while model.running:
        model.step()
        after = state_of(model)
        rows.append(_row(model, after))
        events += events_of(model, before, after)
        before = after
    prove(model)
    months = pandas.DataFrame(rows).set_index("month")
    events += budget_events(budget, months["audit_budget"])
    columns = uncertain(model.tables)
    return Trace(
        scenario=model.source,
        policy=model.policy_name,
        world=model.world,
        months=months,
        events=tuple(sorted(events, key=lambda event: event.month)),
        crossings=model.crossings,
        outcome=model.outcome,
        drawn={name: float(model.batch.drawn[0, k]) for name, k in columns.items()},
    )


def _first_of_kind(question, progress) -> int:
    world = find_world(question.scenario, question.find, question.rule, question.threads, progress)
    if world is None:
        raise Refusal(
            f"--find: none of the {question.scenario.worlds:,} worlds of {question.policy} is one "
            f"{KINDS[question.find]}"
        )
    return world


def prove(model: RegimeModel):
    """Run the world of a model again in the ensemble, in its own column beside its neighbours.

    Raises RuntimeError where any outcome differs in a bit.
    """
    first = model.world - model.world % WIDTH
    share, stop = Share(0, first, first + WIDTH), np.zeros(1, np.int64)
    outcomes, *_ = run_share(
        model.source, model.tables, model.rule, share, stop, continuation_rate=0.0
    )
    theirs, ours = outcomes[model.world - first], model.batch.outcomes[0]
    for name in outcomes.dtype.names:
        if not np.array_equal(theirs[name], ours[name], equal_nan=True):
            raise RuntimeError(
                f"world {model.world} is not the ensemble's: {name} is {ours[name]} here "
                f"and {theirs[name]} in the ensemble"
            )


def _row(model: RegimeModel, state: State) -> dict:
    """A row of the table of months."""
    month = model.month - 1
    low, middle, high = np.quantile(state.systems["capability"], (0.05, 0.5, 0.95))
    return {
        "month": month,
        "date": model.source.date(month),
        **{name: model.measured(name) for name in names(MONTHLY)},
        **{f"lab_{k}": float(frontier) for k, frontier in enumerate(state.labs["frontier"])},
        "systems_low": float(low),
        "systems_median": float(middle),
        "systems_high": float(high),
        "regime": model.regime,
    }


def _plain(value):
    """A value for JSON, which has no NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value
