"""Worlds as samples: the assumptions that each drew, and whether the policy failed in it."""

import re
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import NamedTuple

import numpy as np

from regimesim.analysis.first_try import values
from regimesim.analysis.ranges import as_number, read_range
from regimesim.analysis.rows import confidence, row
from regimesim.experiment.contributions import first_tries
from regimesim.experiment.drawing import uncertain
from regimesim.experiment.outcomes import drawn_names
from regimesim.refusal import Refusal, shown
from regimesim.scenario import Scenario
from regimesim.world.parameters import declarations

EXPECTED = "KEY=LOW:HIGH, as in takeover.difficulty=12:18"
OF_A_POLICY = re.compile(r"^policies\.[^.]+\.")


class Sample(NamedTuple):
    """Worlds under one policy: dotted names of the uncertain parameters, their values
    (worlds, parameters), whether each world failed, and the confidence of intervals."""

    keys: tuple[str, ...]
    x: np.ndarray
    fails: np.ndarray
    confidence: float


def sample_of(scenario: Scenario, worlds, policy: str, outcome: str) -> Sample:
    """The sample that the dataset of a run's worlds holds of a policy.

    outcome: a share; a world fails where it is 0, and is left out where it does not exist.
    """
    keys = tuple(uncertain(scenario.policies[policy]))
    found = values(worlds, policy, outcome)
    there = ~np.isnan(found)
    x = np.empty((int(there.sum()), len(keys)))
    for k, key in enumerate(keys):
        x[:, k] = row(worlds, policy, key)[there]
    return Sample(keys, x, found[there] == 0, confidence(worlds))


def live_sample(scenario: Scenario, policy: str, outcome: str, threads=None, progress=None):
    """The sample of a policy whose worlds are lived through now."""
    alone = scenario.choose([policy])
    kept = ("crossing", outcome, *drawn_names(alone))
    worlds = first_tries(alone, threads, progress, kept)
    return sample_of(alone, worlds, policy, outcome)


def read_ranges(texts: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Range by dotted key, from `KEY=LOW:HIGH`; raises Refusal for what is no such text."""
    ranges, lines = {}, []
    for text in texts:
        try:
            key, ends = read_range(text, EXPECTED)
            low, high = map(as_number, ends or (None, None))
            if low is None or high is None:
                raise Refusal(f"found {shown(text)}; expected {EXPECTED}")
            if key in ranges:
                raise Refusal(f"{key}: given twice")
            ranges[key] = low, high
        except Refusal as refusal:
            lines += [f"--over: {line}" for line in refusal.lines]
    if lines:
        raise Refusal(lines)
    return ranges


def mistaken_ranges(ranges: Mapping, open_ends: bool = False) -> dict[str, str]:
    """A sentence for each range, by its key, that is no pair of ends; with `open_ends` None
    stands for a range that follows from the scenario."""
    allowed, found = "two numbers, (low, high)" + (", or None" if open_ends else ""), {}
    for key, ends in ranges.items():
        try:
            pair = len(tuple(ends)) == 2 and not isinstance(ends, str | Mapping)
        except TypeError:
            pair = ends is None and open_ends
        if not pair:
            found[key] = f"--over: {key}: found {shown(ends)}; allowed is {allowed}"
    return found


def _turned(ranges):
    """A sentence for each range whose ends are the wrong way round."""
    for key, ends in ranges.items():
        if key not in mistaken_ranges({key: ends}) and all(isinstance(x, Real) for x in ends):
            low, high = ends
            if low > high:
                written = f"{key}={shown(high)}:{shown(low)}"
                yield f"--over: {key}: the range is the wrong way round; write {written}"
            elif low == high:
                yield f"--over: {key}: the range holds one value only, {shown(low)}"


def drawn_over(scenario: Scenario, ranges: Mapping[str, tuple[float, float]]) -> Scenario:
    """The scenario with parameters drawn uniformly from ranges, by dotted key.

    As with any replaced value, a policy that sets the parameter itself keeps its own.  Raises
    Refusal for a key or a range that is not allowed.
    """
    if not ranges:
        return scenario
    if not isinstance(ranges, Mapping):
        wanted = "ranges by key, as in {'takeover.difficulty': (12, 18)}"
        raise Refusal(f"--over: found {shown(ranges)}; expected {wanted}")
    if lines := [*mistaken_ranges(ranges).values(), *_turned(ranges)]:
        raise Refusal(lines)
    uniform = {key: {"uniform": list(ends)} for key, ends in ranges.items()}
    changed = scenario.override(uniform, "--over")
    allowed = {declared.key: declared.quantity for declared in declarations()}
    lines = []
    for key, (low, high) in ranges.items():
        quantity = allowed[OF_A_POLICY.sub("", key)]
        if low < quantity.low or high > quantity.high:
            lines.append(f"--over: {key}: found {low:g}:{high:g}; allowed is {quantity.range}")
    if lines:
        raise Refusal(lines)
    return changed
