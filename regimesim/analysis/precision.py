"""Adding worlds until estimates are as precise as was asked for.

What is asked for is the half-width of the 95 % interval, (high − low)/2, of an estimand
under every policy.  Worlds are added in doublings up to the maximum, and looked at after
each: at most seven looks, whose numbers of worlds follow from the maximum alone.  An
interval that is looked at again and again until it is narrow would fail more often than
it says.  So the error of 5 % is shared equally among all looks that are allowed, after
Bonferroni: whichever look ends the run, and for whatever reason, the interval that it
leaves fails in at most 5 % of runs.  For shares this is exact, as each interval is.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from regimesim.analysis.estimands import ESTIMANDS, WITHIN, estimate
from regimesim.ensemble.datasets import Months, dataset, grown
from regimesim.ensemble.ensemble import Run, ScenarioLike, fill_store, with_rules
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario

DOUBLINGS = 6
FEWEST = 64  # worlds at the first look, unless there are no more in all
TIMES, MOST = 100, 1_000_000  # the maximum, where none is given


class Standing(NamedTuple):
    """How precisely an estimand of a policy is known from `n` worlds: the half-width of its
    interval, None where there is no interval, and the one that was asked for."""

    policy: str
    estimand: str
    half_width: float | None
    asked: float
    n: int

    @property
    def ratio(self) -> float:
        """The half-width over the one asked for; at most 1 where it is reached."""
        return math.inf if self.half_width is None else self.half_width / self.asked


class Precision(NamedTuple):
    """How adding worlds ended: the scenario with the number of worlds that were run, the
    maximum, the number of looks that were allowed, and where every estimand stands."""

    scenario: Scenario
    most: int
    looks: int
    standings: list[Standing]

    @property
    def reached(self) -> bool:
        """Whether every half-width that was asked for is reached."""
        return all(standing.ratio <= 1 for standing in self.standings)

    def summary(self) -> dict:
        """As it stands in summary.json."""
        return {
            "reached": self.reached,
            "most_worlds": self.most,
            "looks_allowed": self.looks,
            "standings": [standing._asdict() for standing in self.standings],
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
    """The half-width as a number, or a Refusal that says what is allowed."""
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


def with_room(scenario: Scenario) -> Scenario:
    """The scenario with the maximum of worlds that holds where none is given: a hundred times
    its own number or a million, whichever is less, but no fewer than its own."""
    most = max(scenario.worlds, min(TIMES * scenario.worlds, MOST))
    return scenario.override({"worlds": most})


def looks(most: int) -> tuple[int, ...]:
    """The numbers of worlds at which a run of at most `most` is looked at."""
    numbers = {most >> halvings for halvings in range(DOUBLINGS + 1)}
    return tuple(sorted(number for number in numbers if number >= FEWEST or number == most))


def standings(worlds, targets: Mapping[str, float]) -> list[Standing]:
    """Where every estimand of `targets` stands under every policy."""
    found = []
    for estimand, asked in targets.items():
        for policy in map(str, worlds["policy"].values):
            _, low, high, n = estimate(worlds, policy, estimand)
            half_width = None if low is None or high is None else (high - low) / 2
            found.append(Standing(policy, estimand, half_width, asked, n))
    return found


def needed(worlds: int, standing: Standing) -> int | None:
    """About how many worlds will be precise enough, to two digits; None where none can tell."""
    if math.isinf(standing.ratio):
        return None
    number = worlds * max(1.0, standing.ratio) ** 2
    grain = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return math.ceil(number / grain) * grain


def until_precise(
    scenario: Scenario,
    targets: Mapping[str, float],
    add: Callable,
    told: Callable[[Scenario, list[Standing]], object] | None = None,
) -> Precision:
    """Add worlds until all `targets` are reached, or scenario.worlds, the maximum, are run.

    add: called with the scenario of so many worlds, the first of them that is not yet run,
    and the number of looks; a context of the dataset of all worlds so far · told: called
    after each look with that scenario and where every estimand stands.
    """
    numbers, first = looks(scenario.worlds), 0
    for number in numbers:
        stage = scenario.override({"worlds": number})
        with add(stage, first, len(numbers)) as worlds:
            found = standings(worlds, targets)
        ended = Precision(stage, scenario.worlds, len(numbers), found)
        if told:
            told(stage, found)
        if ended.reached:
            break
        first = number
    return ended


def run_to_precision(
    scenario: ScenarioLike,
    targets: Mapping[str, float],
    policies: Iterable[Policy] = (),
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
    told: Callable[[Scenario, list[Standing]], object] | None = None,
) -> Run:
    """Run a scenario in memory until the half-width of the 95 % interval of each estimand in
    `targets` is as small as asked under every policy, in at most scenario.worlds worlds.

    The datasets are those of a run of so many worlds, bit for bit; their attribute `looks`
    widens the intervals of everything that is estimated from them.  Raises Refusal for a
    target that cannot be.
    """
    targets = {name: checked(name, half_width) for name, half_width in targets.items()}
    scenario, rules = with_rules(scenario, policies)
    store: dict[str, Any] = {}
    months: Months | None = None

    @contextmanager
    def add(stage, first, looks):
        nonlocal store, months
        store = grown(store, stage)
        months = fill_store(stage, store, rules, threads, progress, first, months)
        yield dataset(store, stage, looks)

    ended = until_precise(scenario, targets, add, told)
    assert months is not None  # there is at least one look
    return Run(dataset(store, ended.scenario, ended.looks), months.dataset())


def progress_line(stage: Scenario, found: list[Standing]) -> str:
    """What a look tells: the estimand that is furthest from what was asked."""
    return f"{stage.worlds:,} worlds: " + _words(max(found, key=lambda s: s.ratio), stage.worlds)


def closing_words(ended: Precision) -> str:
    """How adding worlds ended, in a few sentences."""
    run = ended.scenario.worlds
    if ended.reached:
        widest = max(ended.standings, key=lambda standing: standing.ratio)
        return (
            f"Precision reached after {run:,} worlds: {_words(widest, run)}. Every 95 % "
            f"interval allows for the {ended.looks} looks at which the run might have ended."
        )
    missed = [standing for standing in ended.standings if standing.ratio > 1]
    lines = "; ".join(_words(standing, run) for standing in missed)
    return f"Precision not reached at the maximum of {run:,} worlds (--worlds): {lines}."


def _words(standing: Standing, worlds: int) -> str:
    asked = f"{standing.asked:.2g} was asked"
    if standing.half_width is None:
        why = "no world has it" if standing.n == 0 else f"its {standing.n:,} worlds are alike"
        return f"{standing.estimand} has no interval under {standing.policy}: {why}; {asked}"
    known = f"{standing.estimand} ± {standing.half_width:.2g} under {standing.policy} ({asked}"
    missing = f"; some {needed(worlds, standing):,} worlds needed" if standing.ratio > 1 else ""
    return f"{known}{missing})"
