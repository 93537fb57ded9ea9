"""The scenario of one point of a design.

Files that are laid over the scenario and switches of safeguards decide which tables there
are: what is left once these are set, a `Frame`, is read once.  Values are then put into
its tables, which validate themselves anew, so that values that contradict each other are
found as they are in a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from regimesim.errors import Refusal, dotted
from regimesim.scenario import Scenario, parse
from regimesim.scenario.declaration import Group, groups_in
from regimesim.scenario.input_errors import Mistake, read
from regimesim.scenario.overlay import (
    ONLY_POLICY,
    File,
    changed,
    hearers,
    laid_over,
    own_path,
)
from regimesim.scenario.parameters import Settings, Tables
from regimesim.sweeps.axes import PRESET
from regimesim.sweeps.presets import with_preset


@dataclass(frozen=True)
class Frame:
    """A scenario before the values of a point are put in.

    raw: as read from a file · heard: by key, the policies in which it has an effect ·
    base: the scenario of `raw`, or None where only the values of a point can make it one.
    """

    raw: dict
    heard: dict[str, tuple[str, ...]]
    base: Scenario | None


def scenario_at(scenario: Scenario, design, point: int) -> Scenario:
    """The scenario of a point, without a sweep; raises Refusal where its values contradict
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
    heard = {key: _heard(raw, key) for key in keys}
    for own in filter(_is_own, keys):  # the one that names its policy is the more exact
        _, name, inner = own.split(".", 2)
        if inner in heard:
            heard[inner] = tuple(other for other in heard[inner] if other != name)
    return Frame(raw, heard, base)


def _heard(raw, key):
    try:
        return hearers(raw, tuple(key.split(".")))
    except Refusal:
        return ()


def _is_own(key: str) -> bool:
    return key.startswith("policies.")


def _filled(scenario: Scenario, frame: Frame, settings: Mapping) -> Scenario:
    """The scenario of a frame with values put in."""
    top = {key: value for key, value in settings.items() if key in Settings.model_fields}
    above: dict[str, dict] = {}
    for key, value in settings.items():
        _, path = own_path(tuple(key.split(".")))
        for name in frame.heard[key] if key not in top else ():
            _put(above.setdefault(name, {}), path, value)
    raw = _raw(frame.raw | top, above)
    if frame.base is None:
        return _parsed(scenario, raw)
    policies, mistakes = dict(frame.base.policies), {}
    for name, changes in above.items():
        policies[name], found = _changed(policies[name], changes)
        for mistake in found:
            mistakes.setdefault((mistake.path, mistake.reason), []).append(name)
    if mistakes:
        raise Refusal(_told(mistakes, policies))
    return replace(frame.base, **top, policies=policies, raw=raw)


def _put(tables: dict, path: tuple[str, ...], value):
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
    """`group` with the values of nested `changes`, or None and what contradicts what."""
    kind, values, mistakes = type(group), dict(vars(group)), []
    groups = groups_in(kind)
    for key, value in changes.items():
        if key in groups:
            value, found = _changed(values[key], value)
            mistakes += [Mistake((key, *mistake.path), mistake.reason) for mistake in found]
        values[key] = value
    return (None, mistakes) if mistakes else read(kind, values)


def _told(mistakes: Mapping, policies) -> list[str]:
    """One line a mistake: of all policies that make it, or of each where not all do."""
    return [
        line
        for (path, reason), names in mistakes.items()
        for line in (
            [f"{dotted(path)}: {reason}"]
            if len(names) == len(policies)
            else [f"policies.{name}.{dotted(path)}: {reason}" for name in names]
        )
    ]
