"""A sweep in words: its plan, and its results."""

from collections.abc import Iterator

import numpy as np

from regimesim.analysis.terminal import filled
from regimesim.ensemble.parameter_sampling import drawn_jointly
from regimesim.ensemble.workload import _many, duration
from regimesim.errors import shown
from regimesim.sweeps.designs import Design
from regimesim.sweeps.forecast import MEASURED, Forecast
from regimesim.sweeps.plan import Plan

KEYS_SHOWN = 3


def plan_in_words(plan: Plan, cost: Forecast, threads: int, done: int = 0) -> str:
    """The plan of a sweep, and an estimate of its cost, in lines for a terminal.

    done: the number of finished chunks.
    """
    lines = _plan_lines(plan, cost, threads, done)
    return "\n".join(filled(line, rest="  ") for line in lines)


def _plan_lines(plan: Plan, cost: Forecast, threads: int, done: int) -> Iterator[str]:
    scenario, design, worlds = plan.scenario, plan.design, plan.worlds[-1]
    policies = len(scenario.policies)
    yield f"{scenario.name}: a sweep over {_many(len(design.axes), 'axis', 'axes')}"
    for axis in design.axes:
        yield f"  {axis.key}: {_values(design.values[axis.key])}"
    yield f"design      {design.kind}, {_many(len(design), 'point')}"
    yield f"policies    {policies}: {', '.join(scenario.policies)}"
    of = "each point its own" if plan.independent else "the same at all points"
    yield f"worlds      {worlds:,} at each point, {of}"
    yield f"months      {_sizes(plan, 'months')} of {_sizes(plan, 'systems')} systems"
    runs = len(design) * worlds * policies
    yield f"together    {_many(runs, 'world')}, {_system_months(plan):.3g} system-months at most"
    numbers, total = plan.chunking.numbers(), plan.chunking.total
    part = "" if plan.shard is None else f", {len(numbers):,} of them in this shard"
    left = f"; {done:,} are done, {len(numbers) - done:,} left" if done else ""
    yield f"chunks      {total:,}{part}{left}"
    measured = f"estimated from a run of {MEASURED:g} seconds"
    if cost.seconds is None:
        yield f"time        not known: no world ended within {MEASURED:g} seconds"
    else:
        on = _many(threads, "thread")
        yield f"time        some {duration(cost.seconds)} on {on} without figures ({measured})"
    if cost.memory is not None:
        yield f"memory      some {cost.memory / 2**20:,.0f} MiB ({measured})"


def closing_words(plan: Plan, failures) -> str:
    """The end of a sweep, in lines for a terminal.

    failures: the points that failed; None for a shard.
    """
    points, worlds = len(plan.design), plan.worlds[-1]
    lines = []
    if failures and failures.number:
        rows = "their rows hold" if failures.number > 1 else "its row holds"
        lines.append(
            f"{failures.number:,} of {_many(points, 'point')} could not be run; {rows} the reason:"
        )
        lines += [_failure(plan.design, *failure) for failure in failures.first]
        if failures.number > len(failures.first):
            lines.append("  ...")
        lines.append("")
    if plan.shard:
        part, parts = plan.shard
        lines.append(f"Shard {part} of {parts} is complete.")
        lines.append("When all are complete, make one of them: regimesim merge FOLDER...")
    else:
        what = f"{_many(points, 'point')}, {_many(worlds, 'world')} at each"
        lines.append(f"{plan.scenario.name}: {what}.")
    if joint := _joint(plan):
        lines.append(
            f"The scenario draws {joint} together with others. Here it has the value of each "
            "point, and the others keep their own distributions."
        )
    return "\n".join(filled(line, rest="    ") for line in lines)


def _joint(plan: Plan) -> str:
    """The axes that the scenario draws together with other parameters."""
    policies = plan.scenario.policies.values()
    together = frozenset().union(*map(drawn_jointly, policies))
    return " or ".join(axis.key for axis in plan.design.axes if axis.key in together)


def _failure(design: Design, point: int, sentence: str) -> str:
    settings = design.settings(point)
    shown_settings = [
        f"{key}={shown(value)}" for key, value in list(settings.items())[:KEYS_SHOWN]
    ]
    more = ", ..." if len(settings) > KEYS_SHOWN else ""
    return f"  point {point} ({', '.join(shown_settings)}{more}): {' '.join(sentence.split())}"


def _values(values: np.ndarray) -> str:
    several = list(dict.fromkeys(values[:1000].tolist()))
    if values.dtype.kind not in "fi" or len(several) <= 4:
        return ", ".join(shown(value) for value in several[:8]) + ", ..." * (len(several) > 8)
    return f"{len(values):,} values, {values.min():.6g} to {values.max():.6g}"


def _sizes(plan: Plan, key: str) -> str:
    if key not in plan.design.values:
        return f"{getattr(plan.scenario, key):,}"
    values = plan.design.values[key]
    return f"{values.min():,} to {values.max():,}"


def _system_months(plan: Plan) -> float:
    columns, points = plan.design.columns, len(plan.design)
    sizes = [columns.get(key, getattr(plan.scenario, key)) for key in ("systems", "months")]
    a_world = np.broadcast_to(np.prod(np.broadcast_arrays(*sizes), axis=0, dtype=float), points)
    return float(a_world.sum()) * plan.worlds[-1] * len(plan.scenario.policies)
