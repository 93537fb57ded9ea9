"""Parameters that must agree with each other, such as an audit budget and its bounds.

What `--over all` brings in gives way: its ranges are cut, or it is left out, with a sentence.
What a user names is refused where it contradicts the rest.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np

from regimesim.errors import Refusal, gathering
from regimesim.scenario import Scenario
from regimesim.studies.parameter_points import Parameter, design_of
from regimesim.sweeps.axes import Range
from regimesim.sweeps.designs import scenario_at

ENDS = (0.05, 0.95)  # quantiles to which a parameter is moved by itself
RISING = ("oversight.adaptive.audit_min", "oversight.audit_budget", "oversight.adaptive.audit_max")
"""Parameters of which none may lie above the next."""

Parameters = tuple[Parameter, ...]


def one_at_a_time(size: int) -> np.ndarray:
    """Uniforms of the centre (NaN), and of each of `size` parameters at both its ends:
    (1 + 2 · size, size)."""
    points = np.full((1 + 2 * size, size), np.nan)
    for k in range(size):
        points[[1 + 2 * k, 2 + 2 * k], k] = ENDS
    return points


def check_ends(scenario: Scenario, policy: str, parameters: Parameters) -> None:
    """Refuse a named parameter that contradicts the others at one of its own ends."""
    named = [k for k, one in enumerate(parameters) if one.named]
    rows = [0, *(row for k in named for row in (1 + 2 * k, 2 + 2 * k))]
    design = design_of(scenario, policy, parameters, one_at_a_time(len(parameters))[rows])
    lines: list[str] = []
    for point, row in enumerate(rows):
        key = parameters[(row - 1) // 2].key if row else "all at their central values"
        with gathering(lines, f"--over: {key}: "):
            scenario_at(scenario, design, point)
    if lines:
        raise Refusal(dict.fromkeys(lines))


def narrowed_to_rise(parameters: Parameters) -> tuple[Parameters, tuple[str, ...]]:
    """The parameters, with ranges of RISING cut where two of them overlap; and a sentence each.

    A cut lies between the values of the scenario, and only parameters that are not named are
    cut.
    """
    there = {one.key: one for one in parameters}
    rising = [key for key in RISING if key in there]
    for under, over in pairwise(rising):
        low, high = there[under], there[over]
        (_, top), (bottom, _) = _range(low), _range(high)
        at = _between(low, high) if top > bottom else None
        if at is None:
            continue
        there[under], there[over] = _narrowed(low, top=at), _narrowed(high, bottom=at)
    notes = tuple(
        f"{key} varies from {now[0]:g} to {now[1]:g} only, so that {' <= '.join(rising)}."
        for key in rising
        if (now := _range(there[key])) != _range(next(p for p in parameters if p.key == key))
    )
    return tuple(there.values()), notes


def _range(one: Parameter) -> tuple[float, float]:
    low, high = one.at(np.array([0.0, 1.0]))
    return float(low), float(high)


def _can_narrow(one: Parameter) -> bool:
    return not one.named and isinstance(one.values, Range)


def _between(low: Parameter, high: Parameter) -> float | None:
    """Where two ranges that overlap are cut: between the values that the scenario sets."""
    (_, top), (bottom, _) = _range(low), _range(high)
    if not _can_narrow(high):
        return bottom if _can_narrow(low) else None
    if not _can_narrow(low):
        return top
    least = bottom if low.own is None else max(bottom, low.own)
    most = top if high.own is None else min(top, high.own)
    return min(max((bottom + top) / 2, least), most)


def _narrowed(one: Parameter, bottom: float | None = None, top: float | None = None) -> Parameter:
    """A parameter with a narrower range; the same where it must not be cut, or nothing is left."""
    if not _can_narrow(one):
        return one
    low, high = _range(one)
    low, high = max(low, bottom or low), min(high, high if top is None else top)
    return one if low >= high else one._replace(values=one.values._replace(low=low, high=high))


def agreeing(
    scenario: Scenario,
    policy: str,
    parameters: Parameters,
    uniforms_of: Callable[[int], np.ndarray],
) -> tuple[Parameters, tuple[str, ...]]:
    """The parameters without those that contradict others somewhere in their ranges.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    policy : str
        The policy whose parameters vary.
    parameters : tuple of Parameter
        How each varies.
    uniforms_of : callable
        The uniforms of points at which they are tried, from their number: an array
        (points, parameters).

    Returns
    -------
    tuple of Parameter
        Those that are left.
    tuple of str
        A sentence for each that is left out.

    Raises
    ------
    Refusal
        Where only parameters that are named could be left out.
    """
    notes: list[str] = []
    while (refused := _contradiction(scenario, policy, parameters, uniforms_of)) is not None:
        row, refusal = refused
        k = _involved(scenario, policy, parameters, row)
        if k is None:
            raise Refusal(together(refusal.lines)) from None
        notes.append(
            f"Left out: {parameters[k].key}, because at some points the parameters contradict "
            f"each other: {refusal.lines[0]}."
        )
        parameters = (*parameters[:k], *parameters[k + 1 :])
    return parameters, tuple(notes)


def _contradiction(scenario, policy, parameters, uniforms_of):
    """The uniforms of the first point that is refused, and the refusal; None without one."""
    uniforms = uniforms_of(len(parameters))
    design = design_of(scenario, policy, parameters, uniforms)
    for point in range(len(design)):
        try:
            scenario_at(scenario, design, point)
        except Refusal as refusal:
            return uniforms[point], refusal
    return None


def _involved(scenario, policy, parameters, row) -> int | None:
    """The place of a parameter that is not named and has a part in the refusal of a point.

    One after the other goes to its central value; the one with which the refusal ends has a part.
    """
    row = np.array(row)
    for k, one in enumerate(parameters):
        if not one.named and not np.isnan(row[k]):
            row[k] = np.nan
            try:
                scenario_at(scenario, design_of(scenario, policy, parameters, row[None]), 0)
            except Refusal:
                continue
            return k
    return None


def together(lines: Iterable[str]) -> list[str]:
    """The sentences of a refusal of values that contradict each other, each in its range."""
    advice = "give them narrower ranges with --over KEY=LOW:HIGH"
    return [f"--over: at some points the parameters do not agree: {x}; {advice}" for x in lines]
