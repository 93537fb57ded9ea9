"""The plan of a sweep: all that decides its results, as plain JSON, and compared.

Two machines with the same plan run the same chunks and get the same bits.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regimesim import __version__
from regimesim.compiled import ROOMS
from regimesim.distribution import Distribution
from regimesim.refusal import Refusal, shown
from regimesim.scenario import Scenario, parse
from regimesim.sweeps.axes import Axis, Drawn, Listed, Range
from regimesim.sweeps.cuts import WORK, Cuts, weigh
from regimesim.sweeps.designs import GRID, Design
from regimesim.sweeps.subjects import find_subject

# Sources on which the numbers of a sweep depend.
NUMBERS = (
    *ROOMS,
    "analysis/tally.py",
    "calibration.py",
    "declared.py",
    "distribution.py",
    "experiment/drawing.py",
    "experiment/ensemble.py",
    "measured",
    "overlay.py",
    "scenario.py",
    "sweeps/pieces.py",
    "sweeps/points.py",
)
OTHER = "and the sweep in {} has"
MANY = 1000  # values of an axis from which on they are written as bytes


class Given(NamedTuple):
    """What a plan holds."""

    scenario: Scenario
    design: Design
    worlds: tuple[int, ...]
    independent: bool
    shard: tuple[int, int] | None
    rules: dict[str, str]
    work: int
    version: str
    code: dict[str, str]


class Plan(Given):
    """A sweep to be run.

    worlds: at each point, first and after each extension · independent: whether points
    have worlds of their own · shard: (k, n) of a part, None for all of it · rules: digests
    of the policies written in Python · work: of a chunk · version, code: of this package,
    the latter by file.
    """

    @cached_property
    def cuts(self) -> Cuts:
        """The chunks."""
        policies, sizes = len(self.scenario.policies), {}
        for key in ("systems", "months"):
            varied = key in self.design.values
            sizes[key] = self.design.columns[key] if varied else getattr(self.scenario, key)
        weights = np.broadcast_to(weigh(**sizes, policies=policies), len(self.design))
        return Cuts(self.worlds, weights, policies, self.work, self.shard)

    def plain(self) -> dict:
        """As JSON values; `read_plan` reads it back."""
        return {
            "version": self.version,
            "scenario": {
                "name": self.scenario.name,
                "source": self.scenario.source,
                "given": _jsonable(self.scenario.raw),
            },
            "design": _plain_design(self.design),
            "worlds": list(self.worlds),
            "independent": self.independent,
            "shard": list(self.shard) if self.shard else None,
            "rules": self.rules,
            "work": self.work,
            "code": self.code,
        }

    def extended(self, worlds: int) -> "Plan":
        """The plan with more worlds at each point."""
        return self._replace(worlds=(*self.worlds, worlds))

    def whole(self) -> "Plan":
        """The plan of all shards together."""
        return self._replace(shard=None)


def make_plan(scenario, design, independent=False, shard=None, rules=None) -> Plan:
    """The plan of a sweep of `scenario`, which gives the number of worlds, over a design.

    rules: policies written in Python, by name.
    """
    scenario = scenario.choose(design.policies)
    digests = {name: _digest_of_rule(rule) for name, rule in (rules or {}).items()}
    worlds, code = (scenario.worlds,), code_digests()
    return Plan(
        scenario, design, worlds, bool(independent), shard, digests, WORK, __version__, code
    )


def read_plan(content: Mapping) -> Plan:
    """The plan that `Plan.plain` wrote; raises Refusal where it is none of this version."""
    if content.get("version") != __version__:
        found = content.get("version", "unknown")
        raise Refusal(f"the sweep is of version {found}, and this is {__version__}")
    given = content["scenario"]
    scenario = parse(given["given"], given["source"], given["name"])
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
    """A digest of every file on which the numbers of a sweep depend, by its path."""
    package = Path(__file__).parents[1]
    files = []
    for room in NUMBERS:
        place = package / room
        files += (
            (f for f in place.rglob("*.*") if f.suffix != ".pyc") if place.is_dir() else [place]
        )
    return {
        f"{package.name}/{file.relative_to(package).as_posix()}": _digest(file.read_bytes())
        for file in sorted(files)
        if file.suffix != ".pyc"
    }


def differences(ours: Plan, theirs: Plan, place) -> Iterator[str]:
    """A sentence for each difference from `theirs`, the plan of the sweep in `place`.

    Numbers of worlds and shards are for the caller to compare.
    """
    has = OTHER.format(place)
    yield from _of_code(ours, theirs, place)
    yield from _of_scenario(ours.scenario, theirs.scenario, has)
    yield from _of_design(ours.design, theirs.design, place, has)
    if ours.independent != theirs.independent:
        said = {True: "its own worlds at each point", False: "the same worlds at all points"}
        yield f"worlds: {said[ours.independent]}, {has} {said[theirs.independent]}"
    for name in sorted(ours.rules.keys() | theirs.rules.keys()):
        if ours.rules.get(name) != theirs.rules.get(name):
            yield f"policy '{name}': its rule in Python is another than that of {place}"


def _of_code(ours, theirs, place):
    if ours.version != theirs.version:
        yield f"this is version {ours.version}, {OTHER.format(place)} {theirs.version}"
    files = sorted(ours.code.keys() | theirs.code.keys())
    if other := [file for file in files if ours.code.get(file) != theirs.code.get(file)]:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        listed = f"{', '.join(other[:3])}{more}"
        yield f"the model's code in {listed} is another than that of the sweep in {place}"


def _of_scenario(ours, theirs, has):
    left, right = (_leaves(one.resolved()) for one in (ours, theirs))
    for key in [*left, *(key for key in right if key not in left)]:
        if key != "worlds" and left.get(key) != right.get(key):
            first, second = (
                "no such value" if key not in one else shown(one[key]) for one in (left, right)
            )
            yield f"{key}: {first}, {has} {second}"


def _of_design(ours, theirs, place, has):
    if ours.kind != theirs.kind:
        yield f"design: {ours.kind}, {has} {theirs.kind}"
        return
    keys, others = list(ours.values), list(theirs.values)
    yield from (f"{k}: varied, {has} it fixed" for k in keys if k not in others)
    yield from (f"{k}: not varied, {has} it varied" for k in others if k not in keys)
    if sorted(keys) == sorted(others) and keys != others:
        yield f"axes: {', '.join(keys)}, {has} {', '.join(others)}"
    same = [key for key in keys if key in others]
    sizes = {key: (len(ours.values[key]), len(theirs.values[key])) for key in same}
    if ours.kind != GRID and same and sizes[same[0]][0] != sizes[same[0]][1]:
        yield "points: {}, {has} {}".format(*sizes[same[0]], has=has)
        return
    for key, (here, there) in sizes.items():
        if here != there:
            yield f"{key}: {here} points, {has} {there}"
        elif not np.array_equal(ours.values[key], theirs.values[key]):
            yield f"{key}: other values than in the sweep in {place}"
    for file in ours.presets:
        if _jsonable(ours.presets[file]) != _jsonable(theirs.presets.get(file)):
            yield f"preset {file}: other content than in the sweep in {place}"


def _leaves(tree, prefix=""):
    """Values by dotted key."""
    leaves = {}
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            leaves |= _leaves(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


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
        "presets": _jsonable(design.presets),
    }


def _varied(values):
    """How an axis is varied, as JSON values; what is listed is in its values already."""
    if isinstance(values, Range):
        return {"range": _jsonable(values._asdict())}
    if isinstance(values, Drawn):
        return {"distribution": values.distribution.plain(), "points": values.points}
    return {}


def _read_design(content, scenario):
    axes, values = [], {}
    for given in content["axes"]:
        key, varied = given["key"], given["varied"]
        values[key] = found = _read_array(given["values"])
        if "range" in varied:
            how = Range(**varied["range"])
        elif "distribution" in varied:
            ((kind, numbers),) = varied["distribution"].items()
            quantity = find_subject(scenario, key).quantity
            how = Drawn(Distribution(kind, tuple(numbers)), quantity, varied["points"])
        else:
            how = Listed(tuple(found.tolist()))
        axes.append(Axis(key, how, given["unit"], given["words"]))
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


def _jsonable(value):
    """Plain JSON values for what Python may have given as numpy's or as a distribution."""

    def plain(item):
        return item.plain() if hasattr(item, "plain") else item.tolist()

    return json.loads(json.dumps(value, default=plain))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _digest_of_rule(rule) -> str:
    code = getattr(rule.decide, "py_func", rule.decide).__code__
    return _digest(code.co_code + repr((code.co_consts, code.co_names)).encode())
