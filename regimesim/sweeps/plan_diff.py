"""Comparison of two plans: a sentence for each difference that changes results."""

from collections.abc import Iterator, Mapping

import numpy as np

from regimesim.errors import shown
from regimesim.model.oversight.rule_source import UNSTABLE
from regimesim.scenario.distribution import KINDS
from regimesim.sweeps.designs import GRID
from regimesim.sweeps.plan import Plan, jsonable

OTHER = "and the sweep in {} has"
MOST_DIFFERENCES = 10
ABSENT = object()


def differences(ours: Plan, theirs: Plan, place) -> list[str]:
    """A sentence for each difference from `theirs`, the plan of the sweep in `place`, of which
    at most ten are listed.

    Numbers of worlds and shards are not compared.
    """
    lines = list(_differences(ours, theirs, place))
    if len(lines) > MOST_DIFFERENCES:
        lines[MOST_DIFFERENCES:] = [f"and {len(lines) - MOST_DIFFERENCES:,} more differences"]
    return lines


def _differences(ours, theirs, place):
    has = OTHER.format(place)
    yield from _of_code(ours, theirs, place)
    yield from _of_scenario(ours.scenario, theirs.scenario, has)
    yield from _of_design(ours.design, theirs.design, place, has)
    if ours.independent != theirs.independent:
        said = {True: "its own worlds at each point", False: "the same worlds at all points"}
        yield f"worlds: {said[ours.independent]}, {has} {said[theirs.independent]}"
    for name in sorted(ours.rules.keys() | theirs.rules.keys()):
        yield from _of_rule(name, ours.rules.get(name), theirs.rules.get(name), place)


def _of_rule(name, ours, theirs, place):
    if ours and ours.startswith(UNSTABLE):
        what = ours.removeprefix(UNSTABLE)
        yield (
            f"policy '{name}': its rule reads {what}, which cannot be compared with that "
            f"of {place}; let it read numbers, arrays and functions alone"
        )
    elif ours != theirs:
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
    left, right = ours.resolved(), theirs.resolved()
    mine, other = left.pop("policies"), right.pop("policies")
    for key, first, second in _unlike(left, right):
        if key != "worlds":
            yield f"{key}: {_shown(first)}, {has} {_shown(second)}"
    if list(mine) != list(other):
        yield f"policies: {', '.join(mine)}, {has} {', '.join(other)}"
    alike: dict[tuple, list[str]] = {}  # policies that differ in the same way
    for name in (name for name in mine if name in other):
        for key, first, second in _unlike(mine[name], other[name]):
            alike.setdefault((key, _shown(first), _shown(second)), []).append(name)
    for (key, first, second), names in alike.items():
        if len(names) == 1:
            yield f"policies.{names[0]}.{key}: {first}, {has} {second}"
        else:
            yield f"{key}: {first}, {has} {second}, in {len(names)} policies"


def _unlike(left: Mapping, right: Mapping, prefix="") -> Iterator[tuple[str, object, object]]:
    """(dotted key, value, other value) wherever two tables differ."""
    for key in [*left, *(key for key in right if key not in left)]:
        first, second = (table.get(key, ABSENT) for table in (left, right))
        if _is_table(first) and _is_table(second):
            yield from _unlike(first, second, f"{prefix}{key}.")
        elif first != second:
            yield f"{prefix}{key}", first, second


def _is_table(value):
    """Whether a value is a table of parameters; a distribution or a fit is a single value."""
    return isinstance(value, Mapping) and value.keys().isdisjoint((*KINDS, "fit"))


def _shown(value):
    if value is ABSENT:
        return "no such value"
    return "a table" if _is_table(value) and len(value) > 2 else shown(value)


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
        if jsonable(ours.presets[file]) != jsonable(theirs.presets.get(file)):
            yield f"preset {file}: other content than in the sweep in {place}"
