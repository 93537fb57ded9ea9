"""What worlds would show were the evidence gathered again: one number for each item.

The number is the count of an item, the measured log2 horizon, or the sum of the paradigms of
labs.  Where what was seen lies far from what the worlds that are left would show, even they fit
badly (Gelman, Meng and Stern 1996, Posterior predictive assessment of model fitness, Statistica
Sinica 6, 733-807).
"""

import math

import numpy as np

from regimesim.analysis.likelihoods.of_items import World, strength_of
from regimesim.analysis.likelihoods.operating_point import catch_rate
from regimesim.analysis.likelihoods.shares import nodes
from regimesim.ensemble.observables import Observables
from regimesim.scenario.evidence import Evidence

CHANCES = {"exercises": "exercise_catch_rate", "honeypots": "trap_rate"}


def predictive_p(evidence: Evidence, seen: Observables, tables, start: str, rng) -> dict:
    """The posterior predictive p of each item, by its label. Eq. 8.29.

    Parameters
    ----------
    evidence : Evidence
        The evidence.
    seen : Observables
        What equally weighted worlds after the evidence show when their luck is drawn again.
    tables : Tables
        Those of the policy in force.
    start : str
        The first month of the run.
    rng : numpy.random.Generator
        For what is drawn again besides.

    Returns
    -------
    dict of float or None
        Two-sided, with half of what is equal; None where all worlds are lost by then.
    """
    content: dict[str, float | None] = {}
    for label, item in evidence.items.items():
        kind, first, last = evidence.kinds[label], item.first(start), item.last(start)
        lost = np.zeros(len(seen.lost), bool) if last is None else seen.lost <= last
        if kind == "no_takeover":
            content[label] = float(np.mean(~lost))
            continue
        world = World(seen, first or 0, last or 0, tables)
        with np.errstate(invalid="ignore"):
            was, again = _drawn(kind, item, world, ~lost, rng)
        content[label] = _two_sided(was, again) if len(again) else None
    return content


def _two_sided(was: float, again) -> float:
    below, equal = np.mean(again < was), np.mean(again == was)
    return float(min(1.0, 2 * min(below + equal / 2, 1 - below - equal / 2)))


def _drawn(kind, item, world: World, alive, rng) -> tuple[float, np.ndarray]:
    """(the number that was seen, that of each world in which it is seen again)."""
    if kind in CHANCES:
        rate = np.clip(world.months(CHANCES[kind])[alive, 0].astype(float), 0.0, 1.0)
        return item.caught, rng.binomial(item.of, rate)
    if kind == "strikes_seen":
        strikes = world.months("strikes_seen")[alive].sum(axis=1).astype(int)
        return item.count, rng.binomial(strikes, _reported(item, len(strikes), rng))
    if kind == "story_incidents":
        rates = world.months("story_rate")[alive].sum(axis=1).astype(float)
        return item.total, rng.poisson(rates * _reported(item, len(rates), rng))
    if kind == "horizon":
        leader = world.months("leader")[alive, 0].astype(float)
        return math.log2(item.hours), rng.normal(leader, item.error)
    if kind == "alarms":
        chances = world.months("alarm_chance")[alive].astype(float)
        return item.months, (rng.random(chances.shape) < chances).sum(axis=1)
    if kind == "paradigms":
        return _labs(item, world.months("paradigms")[alive, 0], rng)
    return _monitor(item, world, rng)


def _reported(item, count: int, rng) -> np.ndarray:
    return rng.choice(nodes(item.reported), count)


def _labs(item, actual, rng) -> tuple[float, np.ndarray]:
    """The sum of the paradigms at which labs are seen."""
    places = np.arange(1, 5)
    labs = np.stack([np.repeat(places, row) for row in actual.astype(int)])
    others = (labs - 1 + rng.integers(1, 4, labs.shape)) % 4 + 1
    again = np.where(rng.random(labs.shape) < item.misread, others, labs)
    return float(places @ item.labs), again.sum(axis=1)


def _monitor(item, world: World, rng) -> tuple[float, np.ndarray]:
    """Attacks that are flagged, at thresholds as uncertain as benign trajectories leave them."""
    strength, slope, curve = strength_of(item, world)
    share = rng.beta(item.flagged_benign + 1, item.benign - item.flagged_benign + 1, len(strength))
    return item.flagged_attacks, rng.binomial(
        item.attacks, np.clip(catch_rate(share, strength, slope, curve), 0.0, 1.0)
    )
