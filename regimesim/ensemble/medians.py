"""A scenario at the medians of its assumptions: every distribution replaced by one number."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from regimesim.ensemble.parameter_sampling import fitted_growth, quantile
from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario, parse
from regimesim.scenario.columns import Column
from regimesim.scenario.declaration import Quantity, plain
from regimesim.scenario.distribution import Distribution, Fit
from regimesim.scenario.draws import DRAWS
from regimesim.scenario.measurement import CURVES, CurveFit, MeasuredBy, Measurement
from regimesim.scenario.overlay import File, laid_over, nested
from regimesim.scenario.parameters import CORRELATIONS, MONITOR_NAMES, area_key, declared_by_key

PLACES = ("medians",)
NO_SPREAD = {"auroc_sd": 0.0, "strength_sd": 0.0, "slope_sigma": 0.0}


def at_place(scenario: Scenario, place: str | None) -> Scenario:
    """The scenario at a place of its distributions, by name; itself for None.

    Raises Refusal for a name that is not among `PLACES`.
    """
    if place is None:
        return scenario
    if place not in PLACES:
        raise Refusal(f"--at: found {shown(place)}; the nearest is '{nearest(place, PLACES)}'")
    return at_medians(scenario)


def at_medians(scenario: Scenario) -> Scenario:
    """The scenario with each distribution replaced by its median.

    A distribution is cut off at the ends of the allowed range, and so is its median.  Of a fit it
    is the line with the middle level and the middle speed; of a table of draws it is the median of
    each column.  Correlations change no median.

    Parameters
    ----------
    scenario : Scenario
        Its name ends in "-at-medians" afterwards.

    Returns
    -------
    Scenario
        Without uncertain parameters: its worlds differ by luck alone.
    """
    raw = _medians(laid_over(File, _drawn_by_default(), scenario.raw), (), scenario.start)
    for key in (CORRELATIONS, DRAWS):  # of numbers that are drawn no more
        raw.pop(key, None)
    name = f"{scenario.name}-at-medians"
    moved = parse({**raw, "name": name}, scenario.source, name)
    return replace(moved, files=scenario.files)


def _drawn_by_default() -> dict:
    """The parameters whose defaults are distributions, as in a file; none is a safeguard's."""
    below: dict = {}
    for key, declared in declared_by_key().items():
        if isinstance(declared.default, Distribution | Fit):
            below = laid_over(File, below, nested(key.split("."), plain(declared.default)))
    return below


def _medians(written, path: tuple[str, ...], start: str):
    """What a file has at `path`, with medians in place of distributions."""
    key = path[2:] if path[:1] == ("policies",) else path
    declared = declared_by_key().get(".".join(key))
    if declared and isinstance(declared.quantity, MeasuredBy):
        measured = declared.quantity.read(written)
        return written if measured is None else _at_its_medians(measured).plain()
    if declared and isinstance(declared.quantity, Quantity):
        if isinstance(written, list | tuple) and declared.quantity.parts:
            return [_median(one, declared, start) for one in written]
        return _median(written, declared, start)
    if isinstance(written, Mapping):
        return {name: _medians(inner, (*path, name), start) for name, inner in written.items()}
    return written


def _at_its_medians(measured: Measurement) -> Measurement:
    """A measured monitor with the median of each number, and without uncertainty."""
    fits: dict[str, Any] = {}
    for curve in CURVES:
        fit, numbers = measured.fit(curve), {}
        for monitor in MONITOR_NAMES:
            for key in (area_key(monitor), "slope"):
                declared = declared_by_key()[f"oversight.{monitor}.{key}"]
                numbers[key] = _value_at_median(fit.distribution(key), declared.quantity)
        fits[curve] = CurveFit(**asdict(fit) | numbers | NO_SPREAD)
    return replace(measured, **fits)


def _value_at_median(value, quantity):
    if not isinstance(value, Distribution):
        return value
    return float(quantile(value, np.full(1, 0.5), quantity)[0])


def _median(written, declared, start):
    """The median of one number of a declared parameter."""
    if not isinstance(written, Mapping):
        return written
    quantity: Quantity = declared.quantity
    value = quantity.read([written] * len(quantity.parts) if quantity.parts else written)
    value = value[0] if quantity.parts else value
    if isinstance(value, Distribution):
        return _value_at_median(value, quantity)
    if isinstance(value, Column):
        return value.median
    if isinstance(value, Fit):
        middle = np.full(1, 0.5)
        return float(fitted_growth(value, declared.key, quantity, start, [middle] * 4)[0])
    return value
