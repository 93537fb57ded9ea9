"""Designs: at which points a scenario is run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np

from regimesim.scenario import Scenario
from regimesim.scenario.sweep_table import GRID, SAMPLED
from regimesim.sweeps.axes import Axis
from regimesim.sweeps.point_scenarios import scenario_at
from regimesim.sweeps.request import requested, requested_in_python
from regimesim.sweeps.validate_design import Asked, ask

POINT = "point"

__all__ = [
    "GRID",
    "POINT",
    "Design",
    "design_at",
    "lay_out",
    "make_design",
    "read_axes",
    "read_design",
    "scenario_at",
]


@dataclass(frozen=True, eq=False)
class Design:
    """The points of a sweep; `len` is their number, and their order is that of the results.

    kind: grid, zip, latin_hypercube, sobol or table · axes: what varies · values: by the key
    of an axis, the values along its own dimension (grid), or at each point · policies:
    those that are run at every point · presets: what each file lays over the scenario.
    """

    kind: str
    axes: tuple[Axis, ...]
    values: dict[str, np.ndarray]
    policies: tuple[str, ...]
    presets: dict[str, dict] = field(default_factory=dict, repr=False)
    frames: dict = field(default_factory=dict, repr=False)

    def __getstate__(self):
        return {**self.__dict__, "frames": {}}

    def __len__(self):
        return prod(self.dims.values())

    @property
    def dims(self) -> dict[str, int]:
        """Names and sizes of the dimensions of the results: of a grid one an axis."""
        sizes = {key: len(values) for key, values in self.values.items()}
        return sizes if self.kind == GRID else {POINT: next(iter(sizes.values()))}

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """The value of each axis at each point; the last axis of a grid moves fastest."""
        if self.kind != GRID:
            return self.values
        places = np.indices(tuple(self.dims.values())).reshape(len(self.axes), -1)
        return {key: self.values[key][places[k]] for k, key in enumerate(self.values)}

    @property
    def framing(self) -> tuple[str, ...]:
        """Keys of the axes that decide which tables there are: presets and switches."""
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
) -> Design:
    """The design that a scenario's table [sweep] asks for, or the command line instead.

    vary: texts such as "feedback.density=0.1:1:20", which replace the axes of the file ·
    kind, points, table: replace those of the file.  Raises Refusal with every mistake.
    """
    return lay_out(ask(scenario, requested(scenario, vary, kind, points, table)), scenario.seed)


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
    return lay_out(ask(scenario, requested_in_python(scenario, axes, kind, points)), scenario.seed)


def read_axes(scenario: Scenario, axes: Mapping[str, object] | Iterable[str] = ()) -> Asked:
    """Axes alone, whose points the caller makes with `design_at`.

    axes: as for `make_design`, or texts of the command line; none: those of [sweep].
    Raises Refusal with every mistake.
    """
    if isinstance(axes, Mapping):
        return ask(scenario, requested_in_python(scenario, axes, SAMPLED[0], 1))
    return ask(scenario, requested(scenario, axes, SAMPLED[0], 1))


def lay_out(asked: Asked, seed: int) -> Design:
    """The points of what was asked for; draws are made from the seed."""
    make = _KINDS[asked.kind]
    keys = [axis.key for axis in asked.axes]
    values = dict(zip(keys, make(asked, seed), strict=True))
    return Design(asked.kind, asked.axes, values, asked.policies, asked.presets)


def design_at(asked: Asked, uniforms: np.ndarray) -> Design:
    """The design whose points are those of `uniforms`: (points, axes), on (0, 1)."""
    values = {axis.key: axis.at(uniforms[:, k]) for k, axis in enumerate(asked.axes)}
    return Design("table", asked.axes, values, asked.policies, asked.presets)


def _levels(asked, _seed):
    return [axis.levels() for axis in asked.axes]


def _latin_hypercube(asked, seed):
    from scipy.stats.qmc import LatinHypercube

    drawn = LatinHypercube(len(asked.axes), rng=np.random.default_rng(seed)).random(asked.points)
    return _placed(asked, drawn)


def _sobol(asked, seed):
    from scipy.stats.qmc import Sobol

    sequence = Sobol(len(asked.axes), scramble=True, rng=np.random.default_rng(seed))
    return _placed(asked, sequence.random_base2(asked.points.bit_length() - 1))


def _placed(asked, drawn):
    inside = np.clip(drawn, 2.0**-40, 1 - 2.0**-40)  # a distribution has no quantile 0 or 1
    return [axis.at(inside[:, k]) for k, axis in enumerate(asked.axes)]


_KINDS = {
    GRID: _levels,
    "zip": _levels,
    "table": _levels,
    "latin_hypercube": _latin_hypercube,
    "sobol": _sobol,
}
