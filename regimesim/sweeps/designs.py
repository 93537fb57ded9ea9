"""Designs: the points at which a scenario is run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import ClassVar

import numpy as np

from regimesim.scenario import Scenario
from regimesim.scenario.sweep_table import GRID, SAMPLED
from regimesim.sweeps.axes import Axis
from regimesim.sweeps.kept import TALLIES, Kept
from regimesim.sweeps.point_scenarios import scenario_at
from regimesim.sweeps.request import read_request, request_from_python
from regimesim.sweeps.validate_design import CheckedRequest, check_request

POINT = "point"
MANY_POINTS = 5000  # a design with more points is sent in excerpts

__all__ = [
    "GRID",
    "POINT",
    "Design",
    "design_at",
    "make_design",
    "make_points",
    "read_axes",
    "read_design",
    "scenario_at",
]


class Excerpt:
    """The values of an axis at the points from `first` on, by the numbers of the points."""

    def __init__(self, values, first: int, last: int):
        self._values, self._first = values[first:last], first
        self._size, self.dtype = len(values), values.dtype

    def __len__(self):
        return self._size

    def __getitem__(self, point: int):
        return self._values[point - self._first]


@dataclass(frozen=True, eq=False)
class Design:
    """The points of a sweep, in the order of the results; `len` is their number.

    kind: grid, zip, latin_hypercube, sobol or table · axes: what varies · values: by the key
    of an axis, its values along its own dimension (grid) or at each point · policies: those
    that are run at every point · presets: by file, the settings over those of the scenario.
    """

    kind: str
    axes: tuple[Axis, ...]
    values: dict[str, np.ndarray]
    policies: tuple[str, ...]
    presets: dict[str, dict] = field(default_factory=dict, repr=False)
    frames: dict = field(default_factory=dict, repr=False)

    kept: ClassVar[Kept] = TALLIES

    def __getstate__(self):
        return {**self.__dict__, "frames": {}}

    def __len__(self):
        return prod(self.dims.values())

    def scenario(self, scenario: Scenario, point: int) -> Scenario:
        """The scenario of a point.  Raises Refusal if its values contradict each other."""
        return scenario_at(scenario, self, point)

    @property
    def many(self) -> bool:
        """Whether the points are sent to another process with their chunk alone."""
        return self.kind != GRID and len(self) > MANY_POINTS

    def excerpt(self, first: int, last: int) -> "Design":
        """A copy that holds the points `first` to `last` (not included) only."""
        values = {key: Excerpt(column, first, last) for key, column in self.values.items()}
        return replace(self, values=values)

    @property
    def dims(self) -> dict[str, int]:
        """Names and sizes of the dimensions of the results; a grid has one for each axis."""
        sizes = {key: len(values) for key, values in self.values.items()}
        return sizes if self.kind == GRID else {POINT: next(iter(sizes.values()))}

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """The value of each axis at each point; the last axis of a grid varies fastest."""
        if self.kind != GRID:
            return self.values
        places = np.indices(tuple(self.dims.values())).reshape(len(self.axes), -1)
        return {key: self.values[key][places[k]] for k, key in enumerate(self.values)}

    @property
    def framing(self) -> tuple[str, ...]:
        """Keys of the axes that decide which tables exist: presets and switches."""
        return tuple(axis.key for axis in self.axes if axis.framing)

    def settings(self, point: int) -> dict[str, object]:
        """The plain value of each axis at a point, by key."""
        if not 0 <= point < len(self):
            raise IndexError(f"point {point} of a design of {len(self)}")
        if self.kind != GRID:
            return {key: values[point].item() for key, values in self.values.items()}
        places = np.unravel_index(point, tuple(self.dims.values()))
        return {
            key: values[place].item()
            for (key, values), place in zip(self.values.items(), places, strict=True)
        }


def read_design(
    scenario: Scenario,
    vary: Iterable[str] = (),
    kind: str | None = None,
    points: int | None = None,
    table: str | None = None,
    ignored: Iterable[str] = (),
) -> Design:
    """The design of a scenario's table [sweep], or of the command line in its place.

    vary: texts such as "feedback.density=0.1:1:20", which replace the axes of the file ·
    kind, points, table: replace those of the file · ignored: columns of the table that are not
    read.  Raises Refusal with every mistake.
    """
    request = read_request(scenario, vary, kind, points, table)
    request.ignored = tuple(ignored)
    return make_points(check_request(scenario, request), scenario.seed)


def make_design(
    scenario: Scenario,
    axes: Mapping[str, object],
    kind: str = GRID,
    points: int | None = None,
) -> Design:
    """A design from Python: axes by key, each as it would stand in a file's [sweep.vary].

    {"feedback.density": {"low": 0.1, "high": 1, "points": 20}, "policy": ["control"]}.
    Raises Refusal with every mistake.
    """
    return make_points(
        check_request(scenario, request_from_python(scenario, axes, kind, points)), scenario.seed
    )


def read_axes(
    scenario: Scenario, axes: Mapping[str, object] | Iterable[str] = ()
) -> CheckedRequest:
    """Axes only; the caller makes points of them with `design_at`.

    axes: as for `make_design`, or texts of the command line; none: those of [sweep].
    Raises Refusal with every mistake.
    """
    if isinstance(axes, Mapping):
        return check_request(scenario, request_from_python(scenario, axes, SAMPLED[0], 1))
    return check_request(scenario, read_request(scenario, axes, SAMPLED[0], 1))


def make_points(request: CheckedRequest, seed: int) -> Design:
    """The design of a checked request; random points are drawn with the seed."""
    make = _KINDS[request.kind]
    keys = [axis.key for axis in request.axes]
    values = dict(zip(keys, make(request, seed), strict=True))
    return Design(request.kind, request.axes, values, request.policies, request.presets)


def design_at(request: CheckedRequest, uniforms: np.ndarray) -> Design:
    """The design whose points are those of `uniforms`: (points, axes), on (0, 1)."""
    values = {axis.key: axis.at(uniforms[:, k]) for k, axis in enumerate(request.axes)}
    return Design("table", request.axes, values, request.policies, request.presets)


def _levels(request, _seed):
    return [axis.levels() for axis in request.axes]


def _latin_hypercube(request, seed):
    from scipy.stats.qmc import LatinHypercube

    drawn = LatinHypercube(len(request.axes), rng=np.random.default_rng(seed)).random(
        request.points
    )
    return _placed(request, drawn)


def _sobol(request, seed):
    from scipy.stats.qmc import Sobol

    sequence = Sobol(len(request.axes), scramble=True, rng=np.random.default_rng(seed))
    return _placed(request, sequence.random_base2(request.points.bit_length() - 1))


def _placed(request, drawn):
    inside = np.clip(drawn, 2.0**-40, 1 - 2.0**-40)  # a distribution has no quantile 0 or 1
    return [axis.at(inside[:, k]) for k, axis in enumerate(request.axes)]


_KINDS = {
    GRID: _levels,
    "zip": _levels,
    "table": _levels,
    "latin_hypercube": _latin_hypercube,
    "sobol": _sobol,
}
