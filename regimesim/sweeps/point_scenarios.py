"""The scenario of one point of a design.

Presets and the switches of safeguards decide which tables a scenario has.  The scenario with
these set, a `Frame`, is read once.  The values of a point are then put into its tables, which
are validated again, so that contradictions are refused as they are in a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from regimesim.errors import Refusal, dotted
from regimesim.scenario import Scenario, parse
from regimesim.scenario.declaration import Group, groups_in
from regimesim.scenario.distribution_numbers import inner_value
from regimesim.scenario.input_errors import Mistake, holds, read
from regimesim.scenario.monitor_numbers import numbers_follow
from regimesim.scenario.overlay import (
    ONLY_POLICY,
    File,
    changed,
    laid_over,
    own_path,
    policies_affected,
    value_at,
)
from regimesim.scenario.parameters import SWITCHED, Settings, Tables
from regimesim.scenario.policy_in_run import beyond_the_run, with_outside
from regimesim.sweeps.axes import PRESET
from regimesim.sweeps.presets import with_preset


@dataclass(frozen=True)
class Frame:
    """A scenario before the values of a point are put in.

    raw: as read from a file · affected: by key, the policies in which it has an effect ·
    base: the scenario of `raw`, or None where `raw` is valid with the values of a point only.
    """

    raw: dict
    affected: dict[str, tuple[str, ...]]
    base: Scenario | None


def scenario_at(scenario: Scenario, design, point: int) -> Scenario:
    """The scenario of a point, without the sweep.  Raises Refusal if its values contradict
    each other."""
    settings = design.settings(point)
    fixed = tuple((key, settings.pop(key)) for key in design.framing)
    kept, frame = design.frames.get(fixed, (None, None))
    if kept is not scenario:
        frame = make_frame(scenario.choose(design.policies), design.presets, fixed, settings)
        design.frames[fixed] = scenario, frame
    return _filled(scenario, frame, settings)


def make_frame(scenario: Scenario, presets: Mapping, fixed, keys) -> Frame:
    """The scenario with `fixed` (key, value) pairs set: presets and switches."""
    raw = {key: value for key, value in scenario.raw.items() if key != "sweep"}
    fixed = dict(fixed)
    if PRESET in fixed:
        raw = with_preset(raw, presets[fixed.pop(PRESET)])
    lines = []
    for key, value in sorted(fixed.items(), key=lambda pair: _is_own(pair[0])):
        try:
            raw = changed(raw, tuple(key.split(".")), value)
        except Refusal as refusal:
            lines += [f"{key}: {line}" for line in refusal.lines]
    if lines:
        raise Refusal(lines)
    try:
        base = parse(raw, scenario.source, scenario.name)
    except Refusal:
        base = None
    if base and any(map(numbers_follow, base.policies.values())):
        base = None  # a value of a point may change others, so each point is read as a whole
    affected = {key: _affected(raw, key) for key in keys}
    for own in filter(_is_own, keys):  # a key that names its policy takes precedence
        _, name, inner = own.split(".", 2)
        if inner in affected:
            affected[inner] = tuple(other for other in affected[inner] if other != name)
    return Frame(raw, affected, base)


def _affected(raw, key):
    try:
        return policies_affected(raw, tuple(key.split(".")))
    except Refusal:
        return ()


def _is_own(key: str) -> bool:
    return key.startswith("policies.")


def _filled(scenario: Scenario, frame: Frame, settings: Mapping) -> Scenario:
    """The scenario of a frame with the values of a point."""
    top = {key: value for key, value in settings.items() if key in Settings.model_fields}
    above: dict[str, dict] = {}
    below: dict = {}  # of the scenario itself, for labs that do not adopt a policy
    for key, value in settings.items():
        own, path = own_path(tuple(key.split(".")))
        if key in top:
            continue
        for name in frame.affected[key]:
            _put(above.setdefault(name, {}), path, value, frame.raw, ("policies", name))
        of_a_switch = len(path) > 1 and path[1] in SWITCHED
        if not own and frame.affected[key] and not of_a_switch:
            _put(below, path, value, frame.raw)
    raw = _raw(laid_over(File, frame.raw | top, below), above)
    if frame.base is None:
        return _parsed(scenario, raw)
    policies, mistakes = dict(frame.base.policies), {}
    for name, changes in above.items():
        policies[name], more_mistakes = _changed(policies[name], changes)
        for mistake in more_mistakes:
            mistakes.setdefault((mistake.path, mistake.reason), []).append(name)
    if mistakes:
        raise Refusal(_sentences(mistakes, policies))
    overlays = raw.get("policies") or {ONLY_POLICY: {}}
    policies = {n: with_outside(own, raw, overlays[n]) for n, own in policies.items()}
    filled = replace(frame.base, **top, policies=policies, raw=raw)
    for name, tables in policies.items():
        for mistake in beyond_the_run(filled, tables):
            mistakes.setdefault((mistake.path, mistake.reason), []).append(name)
    if mistakes:
        raise Refusal(_sentences(mistakes, policies))
    return filled


def _put(tables: dict, path: tuple[str, ...], value, raw: dict, place: tuple[str, ...] = ()):
    """Put a value into nested tables, or a part into the value that they or `raw`, at the policy
    that is its `place`, have."""
    if inner := inner_value(path):
        path = inner.whole
        held = value_at(tables, path) if holds(tables, path) else value_at(raw, (*place, *path))
        value = inner.put(held, value)
    for key in path[:-1]:
        tables = tables.setdefault(key, {})
    tables[path[-1]] = value


def _raw(raw: dict, above: Mapping[str, Mapping]) -> dict:
    """The raw scenario that reads as the filled one."""
    policies = raw.get("policies")
    if not policies:
        return laid_over(File, raw, above.get(ONLY_POLICY, {}))
    overlays = {name: laid_over(Tables, policies[name], above[name]) for name in above}
    return {**raw, "policies": {**policies, **overlays}}


def _parsed(scenario: Scenario, raw: dict) -> Scenario:
    try:
        return parse(raw, scenario.source, scenario.name)
    except Refusal as refusal:
        prefix = f"{scenario.source}: "
        raise Refusal([line.removeprefix(prefix) for line in refusal.lines]) from None


def _changed(group: Group, changes: Mapping) -> tuple[Group | None, list[Mistake]]:
    """`group` with the values of nested `changes`, or None and the mistakes."""
    kind, values, mistakes = type(group), dict(vars(group)), []
    groups = groups_in(kind)
    for key, value in changes.items():
        if key in groups:
            value, more_mistakes = _changed(values[key], value)
            mistakes += [
                Mistake((key, *mistake.path), mistake.reason) for mistake in more_mistakes
            ]
        values[key] = value
    return (None, mistakes) if mistakes else read(kind, values)


def _sentences(mistakes: Mapping, policies) -> list[str]:
    """A line for each mistake, or for each policy that makes it where not all do."""
    return [
        line
        for (path, reason), names in mistakes.items()
        for line in (
            [f"{dotted(path)}: {reason}"]
            if len(names) == len(policies)
            else [f"policies.{name}.{dotted(path)}: {reason}" for name in names]
        )
    ]
