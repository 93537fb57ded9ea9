"""The world on the page: the Mesa model, which keeps its past months and events for drawing."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from regimesim.mesa_model import COLUMN, RegimeModel
from regimesim.studies.trace.events import Event, events_of, state_of

KEPT = (  # of a month: quantities of MONTHLY that are drawn
    "difficulty",
    "catch_rate_believed",
    "catch_rate",
    "danger_belief",
    "favourable_systems",
    "aware_systems",
    "audit_budget",
    "pause",
    "alarm",
)


class Month(NamedTuple):
    """A past month: the frontier of each lab (log2 hours), and quantities of `KEPT` by name."""

    frontiers: tuple[float, ...]
    measured: dict[str, float]


class Watched(RegimeModel):
    """A RegimeModel that keeps its months and events; the first `until` months are run at once.

    `chosen` is the scenario.  (Mesa's controls take a parameter named `scenario` for one of
    their own.)
    """

    def __init__(self, chosen, policy=None, world=0, until=0):
        super().__init__(chosen, policy, world)
        self.past: list[Month] = []
        self.events: list[Event] = []
        self._before = state_of(self)
        while self.running and self.month < until:
            self.step()

    def step(self):
        """One month; does nothing when the world is over."""
        if not self.running:
            return
        super().step()
        after = state_of(self)
        frontiers = tuple(float(level) for level in after.labs["frontier"])
        self.past.append(Month(frontiers, {name: self.measured(name) for name in KEPT}))
        self.events += events_of(self, self._before, after)
        self._before = after

    def end(self):
        """Stop: the page no longer shows this world."""
        self.running = False

    def to_next_threshold(self, stop: Callable[[], bool] = lambda: False):
        """Step until the world crosses another threshold or is over, or until `stop` says so."""
        crossed = self._crossed()
        while self.running and self._crossed() == crossed and not stop():
            self.step()

    def to_first_try(self) -> bool:
        """Step to the month of the first critical try, or without one to the end; whether there
        was one."""
        while self.running and self.crossings["first_critical_try"] is None:
            self.step()
        return self.crossings["first_critical_try"] is not None

    def _crossed(self) -> int:
        return sum(month is not None for month in self.crossings.values())

    def happened(self, kind: str) -> list[Event]:
        """The events of a kind, in the order of time."""
        return [event for event in self.events if event.kind == kind]

    def series(self, name: str) -> list[float]:
        """A quantity of `KEPT`, a value a month."""
        return [month.measured[name] for month in self.past]

    def systems_now(self) -> dict[str, np.ndarray]:
        """Every number of the systems as they are, (systems,) by name, and `believed_chance`:
        how likely each believes a strike to succeed against the safeguards."""
        records = self.tile.systems
        now = {
            name: records[name][:, COLUMN].copy()
            for name in records.dtype.names
            if name != "log_miss"
        }
        chance = now["success"] * now["miss"]
        raised = chance * self._odds_factor(now)
        now["believed_chance"] = raised / (raised + (1.0 - chance))
        stake = now["gain"] + now["loss"]
        wanted = now["loss"] + now["constraint"]
        now["break_even"] = np.divide(wanted, stake, np.full_like(stake, 2.0), where=stake > 0)
        return now

    def parameter(self, table: str, name: str) -> float:
        """A parameter as this world has drawn it."""
        return float(self.tile.parameters[0][table][name][COLUMN])

    def _odds_factor(self, now):
        """The factor by which each system misjudges its odds (`dynamics.decision`)."""
        error, scale = (
            self.parameter("cognition", name)
            for name in ("calibration_error", "calibration_scale")
        )
        initial = self.parameter("capability", "initial")
        beyond = np.maximum(0.0, now["capability"] - initial)
        return np.exp(error * np.exp(-beyond / scale) * now["calibration"])
