"""Pilots: groups that decide whether worlds are split, and to which an importance is fitted."""

from typing import NamedTuple

import numpy as np

from regimesim.model.dynamics.anticipation import TAKEOVER
from regimesim.studies.rare.estimates import chances_of, effective_worlds, worlds_of
from regimesim.studies.rare.importance import Exploring, Learnt
from regimesim.studies.rare.splitting import Group, GroupResult, key_of

POWERS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
ROUNDS = 5  # of exploring, each with powers twice as high, until takeovers occur
OCCURRED = 2  # groups of a round with a takeover, after which exploring ends
LESSONS = 3  # rounds of fitting, until many worlds are effective
PLAIN, EXPLORING, TAUGHT, FINAL = range(4)  # purposes of keys
ENOUGH = 0.02  # share of effective worlds without splitting above which none is split,
FURTHER = 3.0  # unless exploring estimates so many times the probability
LEARNT = 8  # effective worlds of a group at which fitting ends


class Pilots(NamedTuple):
    """Results of pilots: without copies, exploring, and with an importance fitted to both.

    The last are none where splitting would not help.
    """

    plain: list[GroupResult]
    explored: list[GroupResult]
    taught: list[GroupResult]


def explore(scenario, simulate, size: int):
    """Simulate pilots of `size` worlds a group.

    Returns the pilots and the importance that is fitted to them, or None where splitting would
    not help.  `simulate` is a function of groups, and of whether records of stages are kept.
    """
    count = len(POWERS)
    key = key_of(scenario.seed, PLAIN)
    plain = simulate([Group(k, size, key) for k in range(count)], keep=True)
    explored = _explored(scenario, simulate, size)
    seen, further = (chances_of(some)[:, TAKEOVER].mean() for some in (plain, explored[-count:]))
    many = effective_worlds(worlds_of(plain)) >= ENOUGH * count * size
    if not chances_of(plain + explored).any() or (many and further < FURTHER * seen):
        return Pilots(_bare(plain), _bare(explored), []), None
    importance, taught, last = _taught(scenario, simulate, size, plain + explored)
    helps = effective_worlds(worlds_of(last)) > effective_worlds(worlds_of(plain))
    pilots = Pilots(_bare(plain), _bare(explored), _bare(taught))
    return pilots, importance if helps else None


def _explored(scenario, simulate, size) -> list[GroupResult]:
    """Groups with a guessed importance, of higher powers until takeovers occur."""
    key, count = key_of(scenario.seed, EXPLORING), len(POWERS)
    explored: list[GroupResult] = []
    for turn in range(ROUNDS):
        powers = (power * 2**turn for power in POWERS)
        groups = [
            Group(number, size, key, Exploring(power))
            for number, power in enumerate(powers, turn * count)
        ]
        explored += simulate(groups, keep=True)
        if np.count_nonzero(chances_of(explored[-count:])[:, TAKEOVER]) >= OCCURRED:
            break
    return explored


def _taught(scenario, simulate, size, pilots):
    """Groups with an importance fitted to the groups before.

    Returns the last importance, all groups with a takeover, and the groups of the last round.
    """
    key, count = key_of(scenario.seed, TAUGHT), len(POWERS)
    importance, taught = Learnt(pilots), []
    for turn in range(LESSONS):
        numbers = range(turn * count, (turn + 1) * count)
        last = simulate([Group(k, size, key, importance) for k in numbers], keep=True)
        if not chances_of(last)[:, TAKEOVER].any():
            break
        taught += last
        importance = Learnt(taught)
        if effective_worlds(worlds_of(last)) > count * LEARNT:
            break
    return importance, taught, last


def _bare(groups: list[GroupResult]) -> list[GroupResult]:
    """Without the records of stages, which are large."""
    return [group._replace(stages=[]) for group in groups]
