"""How a scenario may state the strength of a monitor: as numbers, by a point, by a measurement.

`auroc` (or `strength`) and `slope` are the two numbers of its curve.  `operating_point` gives one
of them, `measured` both.  A table states each number once; where tables are laid over one another,
what the upper one states takes the place of what the lower one does.
"""

import os
from collections.abc import Iterator, Mapping
from math import isclose
from numbers import Real
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from regimesim.errors import Refusal, shown
from regimesim.scenario.declaration import contradiction, plain
from regimesim.scenario.distribution import Distribution
from regimesim.scenario.input_errors import Mistake
from regimesim.scenario.measurement import (
    MeasuredBy,
    Measurement,
    measurement_of,
    read_measurement,
    score_correlation,
)
from regimesim.scenario.operating_point import (
    OperatingPoint,
    Point,
    solve_area,
    solve_slope,
    solve_strength,
)

MEASURED, POINT, SLOPE = "measured", "operating_point", "slope"
AREAS = ("auroc", "strength")
SLOPES = (0.1, 3.0)  # that a scenario may have
CLOSE = 1e-9


def completed(raw: Mapping, area: str) -> Mapping:
    """The raw table of a monitor with the numbers that `measured` or `operating_point` give.

    Parameters
    ----------
    raw : mapping
        The table, of one layer or of several.
    area : {"auroc", "strength"}
        What this monitor states beside its slope.

    Raises
    ------
    PydanticCustomError
        For a contradiction.  What is wrong by itself is left to the reading of its key.
    """
    try:
        measured, point = MeasuredBy().read(raw.get(MEASURED)), Point().read(raw.get(POINT))
    except PydanticCustomError:
        return raw
    curve = raw.get("curve", "binormal")
    if not isinstance(curve, str):
        return raw
    for key, value in ((MEASURED, measured), (POINT, point)):
        if value is not None and curve == "elo":
            reason = 'found with the curve "elo"; the curves "binormal" and "logistic" use it'
            raise contradiction((key, "curve"), reason)
    if measured is not None and point is not None:
        raise contradiction((MEASURED, POINT), f"found beside {POINT}; a monitor has one of them")
    if measured is not None:
        fit = measured.fit(curve)
        return {area: fit.distribution(area), SLOPE: fit.distribution(SLOPE), **raw}
    if point is not None:
        return _through(point, raw, area, curve)
    return raw


def _through(point: OperatingPoint, raw: Mapping, area: str, curve: str) -> Mapping:
    """The raw table of a monitor whose curve goes through a point."""
    for key in (area, SLOPE):
        if key in raw and (isinstance(raw[key], bool) or not isinstance(raw[key], Real)):
            reason = f"found beside {POINT}, where it is a number: {shown(plain(raw[key]))}"
            raise contradiction((key, POINT), reason)
    solve = solve_area if area == "auroc" else solve_strength
    slope = raw.get(SLOPE)
    if area in raw:
        solved = solve_slope(point, float(raw[area]), curve, *SLOPES, area == "auroc")
        solves, stated = SLOPE, slope
        if slope is not None:  # both, which is sound where the curve goes through the point
            solved, solves, stated = solve(point, float(slope), curve), area, raw[area]
    else:
        if slope is not None and not SLOPES[0] <= slope <= SLOPES[1]:
            return raw
        solved, solves = solve(point, float(1 if slope is None else slope), curve), area
        stated = None
    if stated is not None:
        if solved.value is None or not isclose(stated, solved.value, rel_tol=CLOSE, abs_tol=CLOSE):
            reason = f"found beside {area} and {SLOPE}; it gives one of them, so leave one out"
            raise contradiction((POINT, area, SLOPE), reason)
        return raw
    if solved.value is None:
        raise contradiction((POINT, area, SLOPE), solved.reason)
    return {**raw, solves: solved.value}


def left_below(below: Mapping, above: Mapping) -> dict:
    """What the table of a monitor keeps of a lower one, `below`, that `above` is laid over."""
    gone: set[str] = set()
    if above.get(MEASURED) is not None:
        gone = {*AREAS, SLOPE, POINT}
    elif POINT in above:
        stated = any(key in above for key in AREAS)
        gone = {MEASURED, SLOPE} if stated else {MEASURED, *AREAS}
    elif POINT in below:
        both = {**below, **above}
        if SLOPE in both and any(key in both for key in AREAS):
            gone = {POINT}
    return {key: value for key, value in below.items() if key not in gone}


def with_measurements(raw: Mapping, folder: Path, monitors) -> tuple[dict, list[Mistake]]:
    """A raw scenario with what the files hold that `measured` names, and what is wrong there.

    Parameters
    ----------
    raw : mapping
        The content of a scenario file.
    folder : Path
        From which relative paths lead.
    monitors : iterable of str
        The names of the tables below [oversight] that may be measured.
    """
    mistakes: list[Mistake] = []
    changed = dict(raw)
    for path, table in list(_tables(raw, monitors)):
        stated, place = table.get(MEASURED), (*path, MEASURED)
        if not isinstance(stated, str):
            changed = _of_python(changed, place, stated, mistakes)
            continue
        beside = [key for key in (*AREAS, SLOPE, POINT) if key in table]
        if beside:
            reason = f"found beside {beside[0]}, which the measurement gives; leave one out"
            mistakes.append(Mistake(place, reason))
            changed = _put(changed, place, None)
            continue
        file = folder / os.path.expanduser(stated)
        try:
            changed = _put(changed, place, read_measurement(file).plain())
        except Refusal as refusal:
            mistakes.append(Mistake(place, refusal.lines[0]))
            changed = _put(changed, place, None)
    return changed, mistakes


def _of_python(raw: dict, place: tuple[str, ...], stated, mistakes: list[Mistake]) -> dict:
    """`raw` with the numbers of what `rs.monitor` returned, where `stated` is that."""
    try:
        measured = measurement_of(stated)
    except Refusal as refusal:
        mistakes.append(Mistake(place, refusal.lines[0]))
        return _put(raw, place, None)
    return raw if measured is None else _put(raw, place, measured.plain())


def _tables(raw: Mapping, monitors) -> Iterator[tuple[tuple[str, ...], Mapping]]:
    """(path, table) of each monitor in a raw scenario."""
    policies = raw.get("policies")
    homes: dict[tuple[str, ...], Any] = {(): raw}
    if isinstance(policies, Mapping):
        homes |= {("policies", name): one for name, one in policies.items()}
    for path, home in homes.items():
        oversight = home.get("oversight") if isinstance(home, Mapping) else None
        if isinstance(oversight, Mapping):
            for name in monitors:
                if isinstance(oversight.get(name), Mapping):
                    yield (*path, "oversight", name), oversight[name]


def _put(raw: Mapping, path: tuple[str, ...], value) -> dict:
    """`raw` with another value at a path, without that key for None."""
    key, *rest = path
    if rest:
        return {**raw, key: _put(raw[key], tuple(rest), value)}
    kept = {name: one for name, one in raw.items() if name != key}
    return kept if value is None else {**kept, key: value}


def correlation_of(group, area: str) -> float | None:
    """The correlation of the normal scores of area and slope of a measured monitor; None where
    they are independent, or one of them is not as it was measured."""
    measured = group.measured
    if not isinstance(measured, Measurement):
        return None
    fit = measured.fit(group.curve)
    both = (getattr(group, area), getattr(group, SLOPE))
    if both != (fit.distribution(area), fit.distribution(SLOPE)):
        return None
    if not all(isinstance(one, Distribution) for one in both):
        return None
    return score_correlation(fit.auroc_with_slope if area == "auroc" else fit.strength_with_slope)
