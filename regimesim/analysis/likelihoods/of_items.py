"""What each kind of evidence needs of a world, and its likelihood there."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from regimesim.analysis.likelihoods import (
    alarms,
    caught,
    horizon,
    operating_point,
    paradigms,
    story_incidents,
    strikes_seen,
)
from regimesim.ensemble.observables import Observables
from regimesim.scenario.evidence import Evidence
from regimesim.scenario.evidence_items import Item


class World(NamedTuple):
    """What a likelihood reads: observables, the months of the item, the policy's tables."""

    seen: Observables
    first: int
    last: int
    tables: Any

    def months(self, quantity: str) -> np.ndarray:
        """A quantity in the months of the item, (worlds, months, ...)."""
        return self.seen.during(quantity, self.first, self.last)

    def parameter(self, name: str) -> np.ndarray:
        """A parameter of each world, by dotted name."""
        return self.seen.parameters[name]


class Kind(NamedTuple):
    """How a kind of evidence is compared with worlds.

    Attributes
    ----------
    log_likelihood : callable
        Takes an item and a `World`, and returns ln of the likelihood in each world.
    quantity : str or None
        The quantity of `regimesim.ensemble.observables` that it needs.
    form : str
        How what is seen depends on a world, in words.
    """

    log_likelihood: Callable[[Item, World], np.ndarray]
    quantity: str | None
    form: str


def _no_takeover(_, world):
    return np.zeros(len(world.seen.lost))  # what is left after lost worlds are taken out


def _strikes_seen(item, world):
    seen = world.months("strikes_seen").sum(axis=1)
    return strikes_seen.log_likelihood(item.count, seen, item.reported)


def _story_incidents(item, world):
    rates = world.months("story_rate")
    if not item.counts:
        rates = rates.sum(axis=1, keepdims=True)
    counts = item.counts or (item.count,)
    return story_incidents.log_likelihood(counts, rates, item.reported)


def _horizon(item, world):
    return horizon.log_likelihood(item.hours, item.error, world.months("leader")[:, 0])


def _exercises(item, world):
    rate = world.months("exercise_catch_rate")[:, 0].astype(float)
    return caught.log_likelihood(item.caught, item.of, np.clip(rate, 0.0, 1.0))


def _honeypots(item, world):
    rate = world.months("trap_rate")[:, 0].astype(float)
    return caught.log_likelihood(item.caught, item.of, np.clip(rate, 0.0, 1.0))


def _alarms(item, world):
    return alarms.log_likelihood(item.months, world.months("alarm_chance"))


def _paradigms(item, world):
    return paradigms.log_likelihood(item.labs, world.months("paradigms")[:, 0], item.misread)


def _monitor(item, world):
    counts = item.flagged_benign, item.benign, item.flagged_attacks, item.attacks
    return operating_point.log_likelihood(*counts, *strength_of(item, world))


def strength_of(item, world: World) -> tuple[np.ndarray, np.ndarray, str]:
    """(d′, slope, form of the curve) of a monitor as it is before the run."""
    table = getattr(world.tables.oversight, item.monitor)
    slope = world.parameter(f"oversight.{item.monitor}.slope")
    return strength_before(item, world, table, slope), slope, table.curve


def strength_before(item, world, table, slope):
    """d′ of a monitor as it is before the run: without knowledge, erosion, evasion and collusion.
    Eqs. 7.5.2 to 7.5.4."""
    own = f"oversight.{item.monitor}."
    if item.monitor == "interpretability":
        return world.parameter(f"{own}strength")
    if item.monitor == "cot_monitor":
        faithful = world.parameter(f"paradigm.faithfulness.paradigm {item.paradigm}")
        return faithful * world.parameter(f"{own}strength")
    parity = _parity(world.parameter(f"{own}auroc"), slope, table.curve)
    return np.maximum(parity + world.parameter(f"{own}monitor_slope") * item.gap, 0.0)


def _parity(auroc, slope, curve):
    """d₁ of the area under the curve, which many worlds may share. Eqs. 7.5.2 and 7.5.14."""
    from scipy.special import ndtri

    if curve != "logistic":
        return np.sqrt(2.0) * ndtri(auroc)
    from regimesim.model.oversight.control import parity_strength

    pairs, back = np.unique(np.stack([auroc, slope], axis=1), axis=0, return_inverse=True)
    return np.array([parity_strength(*pair, True) for pair in pairs])[np.ravel(back)]


EXACT, MODELLED = "counted in the world itself", "observation model"
KINDS: Mapping[str, Kind] = {
    "no_takeover": Kind(_no_takeover, None, EXACT),
    "strikes_seen": Kind(_strikes_seen, "strikes_seen", EXACT),
    "story_incidents": Kind(_story_incidents, "story_rate", MODELLED),
    "horizon": Kind(_horizon, "leader", MODELLED),
    "exercises": Kind(_exercises, "exercise_catch_rate", MODELLED),
    "honeypots": Kind(_honeypots, "trap_rate", MODELLED),
    "alarms": Kind(_alarms, "alarm_chance", MODELLED),
    "paradigms": Kind(_paradigms, "paradigms", EXACT),
    "monitor": Kind(_monitor, None, MODELLED),
}


def needed(evidence: Evidence, start: str) -> dict[str, set[int]]:
    """The months in which each quantity is needed, by its name."""
    wanted: dict[str, set[int]] = {}
    for label, item in evidence.items.items():
        quantity = KINDS[evidence.kinds[label]].quantity
        if quantity is not None:
            wanted.setdefault(quantity, set()).update(item.span(start))
    return wanted


def log_likelihoods(evidence: Evidence, seen: Observables, tables, start: str) -> np.ndarray:
    """ln of the likelihood of each item in each world, (worlds, items). Eq. 8.15.

    A world that is lost by the last month of an item shows nothing then: its likelihood is 0.
    """
    columns = []
    for label, item in evidence.items.items():
        first, last = item.first(start), item.last(start)
        world = World(seen, first or 0, last or 0, tables)
        with np.errstate(invalid="ignore"):  # the values of lost worlds mean nothing
            column = KINDS[evidence.kinds[label]].log_likelihood(item, world)
        if last is not None:
            column = np.where(seen.lost <= last, -np.inf, column)
        columns.append(np.where(np.isnan(column), -np.inf, column))
    return np.stack(columns, axis=1)
