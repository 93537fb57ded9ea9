"""The plan of a sweep: everything that determines its results, as plain JSON.

Two machines with the same plan run the same chunks and get the same bits.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regimesim import __version__
from regimesim.ensemble.workload import weigh
from regimesim.errors import Refusal
from regimesim.model.compilation import SOURCES
from regimesim.scenario import Scenario, parse
from regimesim.scenario.distribution import Distribution
from regimesim.sweeps.axes import Axis, Drawn, Listed, Range
from regimesim.sweeps.chunking import WORK, Chunking
from regimesim.sweeps.designs import Design
from regimesim.sweeps.variables import find_subject

# Files that determine the numbers of a sweep.
NUMBERS = (
    *SOURCES,
    "analysis/conditional.py",
    "analysis/exact_sums.py",
    "analysis/tally.py",
    "ensemble/copula.py",
    "ensemble/ensemble.py",
    "ensemble/growth_draws.py",
    "ensemble/parameter_sampling.py",
    "ensemble/quantiles.py",
    "ensemble/same_worlds.py",
    "scenario/calibration.py",
    "scenario/correlations.py",
    "scenario/draws.py",
    "scenario/growth.py",
    "scenario/measured",
    "scenario/overlay.py",
    "scenario/scenario.py",
    "sweeps/point_scenarios.py",
    "sweeps/work_units.py",
)
MANY = 1000  # an axis with as many values is written as bytes


class PlanContent(NamedTuple):
    """The fields of a plan; see `Plan`."""

    scenario: Scenario
    design: Design
    worlds: tuple[int, ...]
    independent: bool
    shard: tuple[int, int] | None
    rules: dict[str, str]
    work: int
    version: str
    code: dict[str, str]


class Plan(PlanContent):
    """A sweep to be run.

    worlds: the number at each point, at first and after each extension · independent: whether
    points have worlds of their own · shard: (k, n) of a part, None for the whole sweep ·
    rules: digests of the policies written in Python · work: of a chunk · version: of this
    package · code: digests of its files, by path.
    """

    @cached_property
    def chunking(self) -> Chunking:
        """The chunks."""
        policies, sizes = len(self.scenario.policies), {}
        for key in ("systems", "months"):
            varied = key in self.design.values
            sizes[key] = self.design.columns[key] if varied else getattr(self.scenario, key)
        weights = np.broadcast_to(weigh(**sizes, policies=policies), len(self.design))
        return Chunking(self.worlds, weights, policies, self.work, self.shard)

    def plain(self) -> dict:
        """The plan as JSON values; `read_plan` is the inverse."""
        return {
            "version": self.version,
            "scenario": {
                "name": self.scenario.name,
                "source": self.scenario.source,
                "given": jsonable(self.scenario.raw),
            },
            "design": _plain_design(self.design),
            "worlds": list(self.worlds),
            "independent": self.independent,
            "shard": list(self.shard) if self.shard else None,
            "rules": self.rules,
            "work": self.work,
            "code": self.code,
        }

    @property
    def digest(self) -> str:
        """A digest of everything that determines the results."""
        return _digest(json.dumps(self.plain(), sort_keys=True).encode())

    def whole(self) -> "Plan":
        """The plan of all shards together."""
        return self._replace(shard=None)


def make_plan(scenario, design, independent=False, shard=None, rules=None) -> Plan:
    """The plan of a sweep of `scenario`, which gives the number of worlds, over a design.

    rules: policies written in Python, by name.  Raises Refusal if the sweep is too large.
    """
    scenario = scenario.choose(design.policies)
    digests = {name: rule.digest for name, rule in (rules or {}).items()}
    worlds, code = (scenario.worlds,), code_digests()
    plan = Plan(
        scenario, design, worlds, bool(independent), shard, digests, WORK, __version__, code
    )
    plan.chunking  # noqa: B018 - refuses a sweep that is too large
    return plan


def read_plan(content: Mapping) -> Plan:
    """The plan that `Plan.plain` wrote.  Raises Refusal if it is of another version."""
    if content.get("version") != __version__:
        other = content.get("version", "unknown")
        raise Refusal(f"the sweep is of version {other}, and this is {__version__}")
    written = content["scenario"]
    scenario = parse(written["given"], written["source"], written["name"])
    shard = content["shard"]
    return Plan(
        scenario,
        _read_design(content["design"], scenario),
        tuple(content["worlds"]),
        content["independent"],
        tuple(shard) if shard else None,
        content["rules"],
        content["work"],
        content["version"],
        content["code"],
    )


def code_digests() -> dict[str, str]:
    """A digest of every file that determines the numbers of a sweep, by path."""
    package = Path(__file__).parents[1]
    files = []
    for name in NUMBERS:
        place = package / name
        files += (
            (f for f in place.rglob("*.*") if f.suffix != ".pyc") if place.is_dir() else [place]
        )
    return {
        f"{package.name}/{file.relative_to(package).as_posix()}": _digest(file.read_bytes())
        for file in sorted(files)
        if file.suffix != ".pyc"
    }


def _plain_design(design):
    return {
        "kind": design.kind,
        "axes": [
            {
                "key": axis.key,
                "unit": axis.unit,
                "words": axis.words,
                "varied": _varied(axis.values),
                "values": _plain_array(design.values[axis.key]),
            }
            for axis in design.axes
        ],
        "policies": list(design.policies),
        "presets": jsonable(design.presets),
    }


def _varied(values):
    """How an axis varies, as JSON values; empty for a list, whose values are kept anyway."""
    if isinstance(values, Range):
        return {"range": jsonable(values._asdict())}
    if isinstance(values, Drawn):
        return {"distribution": values.distribution.plain(), "points": values.points}
    return {}


def _read_design(content, scenario):
    axes, values = [], {}
    for axis in content["axes"]:
        key, varied = axis["key"], axis["varied"]
        values[key] = _read_array(axis["values"])
        if "range" in varied:
            how = Range(**varied["range"])
        elif "distribution" in varied:
            ((kind, numbers),) = varied["distribution"].items()
            quantity = find_subject(scenario, key).quantity
            how = Drawn(Distribution(kind, tuple(numbers)), quantity, varied["points"])
        else:
            how = Listed(tuple(values[key].tolist()))
        axes.append(Axis(key, how, axis["unit"], axis["words"]))
    policies = tuple(content["policies"])
    return Design(content["kind"], tuple(axes), values, policies, content["presets"])


def _plain_array(values):
    if len(values) < MANY or values.dtype.kind not in "fi":
        return values.tolist()
    kind = values.dtype.newbyteorder("<").str
    return {"type": kind, "base64": base64.b64encode(values.astype(kind).tobytes()).decode()}


def _read_array(content):
    if isinstance(content, list):
        return np.array(content)
    read = np.frombuffer(base64.b64decode(content["base64"]), content["type"])
    return read.astype(read.dtype.newbyteorder("="))


def jsonable(value):
    """Plain JSON values of a value that may hold numpy's types or distributions."""

    def plain(item):
        return item.plain() if hasattr(item, "plain") else item.tolist()

    return json.loads(json.dumps(value, default=plain))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
