"""Runs to a target precision: worlds are added until the intervals are narrow enough.

A target is the half-width of the 95 % interval, (high − low)/2, of an estimand under every
policy.  The number of worlds is doubled up to the maximum, with a look after each doubling: at
most seven looks, whose numbers of worlds follow from the maximum alone.  An interval that is
examined repeatedly until it is narrow would miss more often than its confidence allows.  So the
error of 5 % is divided equally among all allowed looks (Bonferroni): whichever look ends the run,
and for whatever reason, its interval misses in at most 5 % of runs.  For shares this bound is
exact, as each interval is.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from regimesim.analysis.estimand_table import ESTIMANDS, WITHIN
from regimesim.analysis.estimands import estimate
from regimesim.analysis.present_worlds import present_worlds
from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario

DOUBLINGS = 6
FEWEST = 64  # worlds at the first look, unless there are no more in all
TIMES, MOST = 100, 1_000_000  # the maximum by default: times the scenario's worlds, and in all


class Standing(NamedTuple):
    """How precisely an estimand of a policy is known.

    Attributes
    ----------
    policy, estimand : str
        Their names.
    half_width : float or None
        The half-width of the interval; None where there is no interval.
    target : float
        The half-width to be reached.
    n : int
        The number of worlds in which the estimand exists.
    """

    policy: str
    estimand: str
    half_width: float | None
    target: float
    n: int

    @property
    def ratio(self) -> float:
        """The half-width over the target; at most 1 where the target is reached."""
        return math.inf if self.half_width is None else self.half_width / self.target

    def plain(self) -> dict:
        """The content of summary.json."""
        content = self._asdict()
        content["asked"] = content.pop("target")
        return content


class Precision(NamedTuple):
    """The end of a run to a target precision.

    Attributes
    ----------
    scenario : Scenario
        The scenario with the number of worlds that were run.
    most : int
        The maximum number of worlds.
    looks : int
        The number of allowed looks.
    standings : list of Standing
        The precision of every estimand under every policy.
    """

    scenario: Scenario
    most: int
    looks: int
    standings: list[Standing]

    @property
    def reached(self) -> bool:
        """Whether every target is reached."""
        return all(standing.ratio <= 1 for standing in self.standings)

    def summary(self) -> dict:
        """The content of summary.json."""
        return {
            "reached": self.reached,
            "most_worlds": self.most,
            "looks_allowed": self.looks,
            "standings": [standing.plain() for standing in self.standings],
        }


def read_targets(texts: Iterable[str]) -> dict[str, float]:
    """Half-widths by estimand from texts `ESTIMAND=HALF_WIDTH`; Refusal with every mistake."""
    targets: dict[str, float] = {}
    lines = []
    for text in texts:
        name, equals, number = (part.strip() for part in text.partition("="))
        try:
            if not equals:
                raise Refusal("write ESTIMAND=HALF_WIDTH, as in no_takeover=0.01")
            if name in targets:
                raise Refusal("it is given twice")
            targets[name] = checked(name, number)
        except Refusal as refusal:
            lines += [f"command line: --precision {text}: {line}" for line in refusal.lines]
    if lines:
        raise Refusal(lines)
    return targets


def checked(estimand: str, half_width) -> float:
    """The half-width as a number; raises Refusal, which says what is allowed."""
    if estimand not in ESTIMANDS:
        begun = (name for name in ESTIMANDS if estimand and name.startswith(estimand))
        close = next(begun, None) or nearest(estimand, ESTIMANDS)
        raise Refusal(f"no estimand {shown(estimand)}; the nearest is '{close}'")
    low, high = WITHIN[estimand]
    widest = (high - low) / 2
    try:
        number = float(half_width)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number < widest:
        below = "" if math.isinf(widest) else f" and less than {widest:g}"
        raise Refusal(
            f"found {shown(half_width)}; allowed is a half-width of the 95 % interval, "
            f"more than 0{below}"
        )
    return number


def with_maximum_worlds(scenario: Scenario) -> Scenario:
    """The scenario with the default maximum of worlds.

    It is a hundred times the scenario's own number or a million, whichever is less, but no less
    than its own number.
    """
    most = max(scenario.worlds, min(TIMES * scenario.worlds, MOST))
    return scenario.override({"worlds": most})


def looks(most: int) -> tuple[int, ...]:
    """The numbers of worlds at which a run of at most `most` worlds may stop."""
    numbers = {most >> halvings for halvings in range(DOUBLINGS + 1)}
    return tuple(sorted(number for number in numbers if number >= FEWEST or number == most))


def standings(worlds, targets: Mapping[str, float]) -> list[Standing]:
    """The precision of every estimand of `targets` under every policy."""
    reached, worlds = [], present_worlds(worlds)
    for estimand, target in targets.items():
        for policy in worlds.policies:
            _, low, high, n = estimate(worlds, policy, estimand)
            half_width = None if low is None or high is None else (high - low) / 2
            reached.append(Standing(policy, estimand, half_width, target, n))
    return reached


def needed(worlds: int, standing: Standing) -> int | None:
    """About how many worlds the target needs, to two digits; None where that is unknown."""
    if math.isinf(standing.ratio):
        return None
    number = worlds * max(1.0, standing.ratio) ** 2
    grain = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return math.ceil(number / grain) * grain


def until_precise(
    scenario: Scenario,
    targets: Mapping[str, float],
    add: Callable,
    on_look: Callable[[Scenario, list[Standing]], object] | None = None,
) -> Precision:
    """Add worlds until all `targets` are reached, or scenario.worlds, the maximum, are run.

    Parameters
    ----------
    scenario : Scenario
        The scenario with the maximum of worlds.
    targets : mapping
        Half-widths of 95 % intervals by estimand.
    add : callable
        Takes the scenario of the next look, the number of worlds that are run already, and the
        number of allowed looks; returns a context manager of the dataset of all worlds so far.
    on_look : callable, optional
        Called after each look with its scenario and the precision of every estimand.
    """
    numbers, first = looks(scenario.worlds), 0
    for number in numbers:
        stage = scenario.override({"worlds": number})
        with add(stage, first, len(numbers)) as worlds:
            reached = standings(worlds, targets)
        ended = Precision(stage, scenario.worlds, len(numbers), reached)
        if on_look:
            on_look(stage, reached)
        if ended.reached:
            break
        first = number
    return ended


def progress_line(stage: Scenario, reached: list[Standing]) -> str:
    """One line about a look: the estimand that is furthest from its target."""
    return f"{stage.worlds:,} worlds: " + _words(max(reached, key=lambda s: s.ratio), stage.worlds)


def closing_words(ended: Precision) -> str:
    """The end of the run in a few sentences."""
    run = ended.scenario.worlds
    if ended.reached:
        widest = max(ended.standings, key=lambda standing: standing.ratio)
        return (
            f"Precision reached after {run:,} worlds: {_words(widest, run)}. Every 95 % "
            f"interval allows for the {ended.looks} looks at which the run could have stopped."
        )
    missed = [standing for standing in ended.standings if standing.ratio > 1]
    lines = "; ".join(_words(standing, run) for standing in missed)
    return f"Precision not reached at the maximum of {run:,} worlds (--worlds): {lines}."


def _words(standing: Standing, worlds: int) -> str:
    target = f"target {standing.target:.2g}"
    if standing.half_width is None:
        where = f"under {standing.policy}: no world has it"
        return f"{standing.estimand} has no interval {where}; {target}"
    known = f"{standing.estimand} ± {standing.half_width:.2g} under {standing.policy} ({target}"
    missing = f"; needs about {needed(worlds, standing):,} worlds" if standing.ratio > 1 else ""
    return f"{known}{missing})"
