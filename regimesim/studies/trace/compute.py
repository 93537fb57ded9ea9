"""A world lived through by the Mesa face, and the proof that it is the ensemble's.

It is lived through again by the ensemble, and that both end alike in every bit is checked
each time: what is told is what a run counted.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regimesim.ensemble.ensemble import ScenarioLike, Share, live_share
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.errors import Refusal, shown
from regimesim.mesa_model import RegimeModel
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.records import MONTHLY, names
from regimesim.scenario import Scenario
from regimesim.studies.trace.events import Event, State, budget_events, events_of, state_of

if TYPE_CHECKING:
    import pandas

LAST_WORLD = 2**32 - 1


@dataclass(frozen=True)
class Trace:
    """One world under one policy.

    months: a pandas DataFrame, a row a month, with the quantities of `MONTHLY`, the frontier
    of each lab and quantiles of the systems' capability · events: in the order of time ·
    crossings: month of each threshold, or None · outcome: what the ensemble keeps of the
    world · drawn: the parameters that this world drew, by dotted name.
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
        """Whether a critical try was stopped by no safeguard."""
        return self.crossings["takeover"] is not None


def trace(scenario: ScenarioLike, policy: str | Policy | None = None, world: int = 0) -> Trace:
    """The story of world number `world` of a scenario under a policy (the first by default).

    scenario: a Scenario, a path or a mapping · world: any whole number from 0 to 2^32 − 1,
    also beyond the worlds that the scenario runs.  Raises Refusal for bad input, and
    RuntimeError should the world not be the ensemble's.
    """
    import pandas

    model = RegimeModel(scenario, policy, check_world(world))
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


def check_world(world) -> int:
    """The number of a world, or a Refusal that says what it may be."""
    allowed = f"a whole number, 0 to {LAST_WORLD}"
    text = str(world).strip()
    if isinstance(world, bool) or not (text.isascii() and text.isdigit()):
        raise Refusal(f"--world: found {shown(world)}; allowed is {allowed}")
    if int(text) > LAST_WORLD:
        raise Refusal(f"--world: found {text}; allowed is {allowed}")
    return int(text)


def prove(model: RegimeModel):
    """Live through the world of a model again in the ensemble, in the column among its
    neighbours that it has there; raises RuntimeError where any outcome differs in a bit."""
    first = model.world - model.world % WIDTH
    share, stop = Share(0, first, first + WIDTH), np.zeros(1, np.int64)
    outcomes, *_ = live_share(model.source, model.tables, model.rule, share, stop, carry=0.0)
    theirs, ours = outcomes[model.world - first], model.batch.outcomes[0]
    for name in outcomes.dtype.names:
        if not np.array_equal(theirs[name], ours[name], equal_nan=True):
            raise RuntimeError(
                f"world {model.world} is not the ensemble's: {name} is {ours[name]} here "
                f"and {theirs[name]} there"
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
