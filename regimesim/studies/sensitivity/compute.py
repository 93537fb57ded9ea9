"""How much each parameter in question matters to an outcome: screened first, then measured.

Screening finds the parameters that do nothing at all, by moving one at a time from the centre,
and ranks the others by elementary effects.  Sobol indices then share out the outcome's
variance.  All points have the same worlds, so that what differs between two is what the
parameters do.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.errors import Refusal
from regimesim.studies.sensitivity.morris import effects, mu_star, sigma, steps, trajectories
from regimesim.studies.sensitivity.parameters import Parameter, design_of
from regimesim.studies.sensitivity.question import (
    POINTS,
    TRAJECTORIES,
    Asked,
    ask,
    one_at_a_time,
    together,
)
from regimesim.studies.sensitivity.sobol import noise_share, saltelli_points, sobol_indices
from regimesim.sweeps.engine import evaluate

if TYPE_CHECKING:
    import distributed
    import pandas


class Seen(NamedTuple):
    """What was found at some points, a number each; NaN where there is none.

    value, low, high: the outcome with its interval · rows: (points, numbers), everything that
    was estimated there · settings: (points, parameters), their values.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray
    settings: np.ndarray

    def alike(self, ours, theirs) -> bool:
        """Whether all that was estimated at the points `ours` is what it is at `theirs`."""
        return np.array_equal(self.rows[ours], self.rows[theirs], equal_nan=True)

    @property
    def missing(self) -> int:
        """At how many points the outcome does not exist."""
        return int(np.isnan(self.value).sum())

    def estimate(self, point: int) -> dict:
        """The outcome at a point, plain."""
        ends = (self.value[point], self.low[point], self.high[point])
        return {name: _number(x) for name, x in zip(Estimate._fields, ends, strict=False)}


def sensitivity(
    scenario: ScenarioLike,
    outcome: str,
    over: Mapping[str, object] | Iterable[str] | None = None,
    policy: str | None = None,
    points: int = POINTS,
    screen: bool = True,
    indices: bool = True,
    threads: int | None = None,
    executor: "str | Executor | distributed.Client | None" = None,
    progress: Callable[[int], object] | None = None,
) -> "pandas.DataFrame":
    """How much each parameter matters to an outcome of a policy: a row a parameter, the one
    with the greatest total index first.

    outcome: an estimand, or a threshold with `_crossed`, `_p10`, `_median` or `_p90` · over:
    {"feedback.density": (0.5, 1)}, None for a range that follows from the scenario; or texts;
    by default every parameter with a distribution · points: a power of 2; the scenario is
    run at (parameters + 2) times as many, in the scenario's worlds.  Columns: total and first
    with `_low` and `_high`, mu_star, sigma, no_effect.  `attrs` is the content of
    sensitivity.json, which `plots.sensitivity(table)` draws.  Raises Refusal.
    """
    import pandas

    asked = ask(scenario, outcome, over, policy, points, screen, indices)
    found = measure(asked, threads, executor, progress)
    rows = []
    for key, one in found["parameters"].items():
        row = {"parameter": key}
        for name in ("total", "first", "mu_star"):
            for end, value in (one[name] or dict.fromkeys(Estimate._fields[:3])).items():
                row[name if end == "estimate" else f"{name}_{end}"] = value
        rows.append({**row, "sigma": one["sigma"], "no_effect": one["no_effect"]})
    table = pandas.DataFrame(rows)
    table.attrs.update(found)
    return table


def measure(asked: Asked, threads=None, executor=None, progress=None) -> dict:
    """The content of sensitivity.json, plain values: parameters in order of their weight."""
    run = {"threads": threads, "executor": executor, "progress": progress}
    told = {one.key: _blank(one) for one in asked.parameters}
    found: dict = {"undefined": {}, "noise_share": None, "centre": None, "varies": None}
    left = asked.parameters
    if asked.screen:
        found |= _screen(asked, told, run)
        left = tuple(one for one in left if not told[one.key]["no_effect"])
    if asked.indices and left:
        found |= _share_out(asked, left, told, run, found["undefined"])
    scenario = asked.scenario
    return {
        **about_run(scenario),
        "policy": asked.policy,
        "outcome": asked.outcome.name,
        "unit": asked.outcome.unit,
        "words": asked.outcome.words,
        "points": asked.points if asked.indices else None,
        "trajectories": TRAJECTORIES if asked.screen else None,
        **found,
        "parameters": dict(sorted(told.items(), key=lambda pair: _place(pair[1]))),
    }


def _blank(one: Parameter) -> dict:
    nothing = dict.fromkeys(("total", "first", "mu_star", "sigma", "no_effect", "alone"))
    return {"range": one.varies, "unit": one.unit, "words": one.words, **nothing}


def _place(told: dict) -> tuple:
    """By what parameters are ordered: the total index, then mu*, then what each changes alone;
    those without effect last."""
    ranked = [(told[name] or {}).get("estimate") for name in ("total", "mu_star")]
    ranked.append(changed_alone(told))
    return bool(told["no_effect"]), *(1.0 if value is None else -value for value in ranked)


def changed_alone(told: dict) -> float | None:
    """How far apart the outcome is where one parameter is moved to either end by itself; None
    where it was not, or where the outcome does not exist at an end."""
    ends = [end["estimate"] for end in told["alone"] or ()]
    return abs(ends[1] - ends[0]) if ends and None not in ends else None


def _look(asked, parameters, uniforms, run) -> Seen:
    """Run the points of uniforms (points, parameters)."""
    design = design_of(asked.scenario, asked.policy, parameters, uniforms)
    dataset = evaluate(asked.scenario, design, **run)
    if errors := list(filter(None, map(str, np.ravel(dataset["error"].values)))):
        raise Refusal(together(errors[:1]))
    here = dataset.sel(policy=asked.policy)
    numbers = [here[name].values for name in here.data_vars if here[name].dtype.kind in "fiu"]
    name = asked.outcome.name
    ends = (here[key].values for key in (name, f"{name}_low", f"{name}_high"))
    settings = np.stack(list(design.columns.values()), axis=1)
    return Seen(*ends, np.stack(numbers, axis=1), settings)


def _screen(asked, told, run) -> dict:
    """Enter effects into `told`; what was found of the outcome itself."""
    size = len(asked.parameters)
    alone, ways = one_at_a_time(size), trajectories(TRAJECTORIES, size, asked.scenario.seed)
    uniforms = np.concatenate([alone, ways.reshape(-1, size)])
    seen = _look(asked, asked.parameters, uniforms, run)
    outcome = seen.value[len(alone) :].reshape(TRAJECTORIES, size + 1)
    each = effects(ways, outcome)
    begins = len(alone) + np.arange(TRAJECTORIES)[:, None] * (size + 1) + steps(ways)[0]
    for k, one in enumerate(asked.parameters):
        ours, theirs = [0, 0, *begins[:, k]], [1 + 2 * k, 2 + 2 * k, *(begins[:, k] + 1)]
        told[one.key] |= {
            "mu_star": _plain(mu_star(each[:, k])),
            "sigma": sigma(each[:, k]),
            "no_effect": seen.alike(ours, theirs),
            "alone": [
                {"at": float(seen.settings[end, k]), **seen.estimate(end)} for end in theirs[:2]
            ],
        }
    return {
        "centre": seen.estimate(0),
        "undefined": {"screening": _undefined(seen)},
        **_spread(seen),
    }


def _share_out(asked, parameters, told, run, undefined) -> dict:
    """Enter indices into `told`; what was found of the outcome itself."""
    size, seed = len(parameters), asked.scenario.seed
    uniforms = saltelli_points(asked.points, size, seed)
    seen = _look(asked, parameters, uniforms, run)
    found = {"undefined": {**undefined, "indices": _undefined(seen)}, **_spread(seen)}
    first = np.arange(asked.points)
    for k, one in enumerate(parameters):
        mixed = first + (2 + k) * asked.points
        if told[one.key]["no_effect"] is None:
            told[one.key]["no_effect"] = seen.alike(first, mixed)
    indices = None if seen.missing else sobol_indices(seen.value, size, seed)
    if indices:
        for k, one in enumerate(parameters):
            told[one.key] |= {"first": _plain(indices.first[k]), "total": _plain(indices.total[k])}
    return found


def _spread(seen: Seen) -> dict:
    """The range of the outcome over points, and how much of its variance is luck."""
    there = ~np.isnan(seen.value)
    if not there.any():
        return {"varies": None, "noise_share": None}
    value = seen.value[there]
    share = noise_share(seen.value, seen.low, seen.high)
    return {"varies": [float(value.min()), float(value.max())], "noise_share": share}


def _undefined(seen: Seen) -> dict:
    return {"points": seen.missing, "of": len(seen.value)}


def _plain(estimate: Estimate) -> dict:
    return {name: getattr(estimate, name) for name in Estimate._fields[:3]}


def _number(x) -> float | None:
    return None if np.isnan(x) else float(x)
