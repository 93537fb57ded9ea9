"""From a TOML file, a text or a mapping to a Scenario, or a refusal of every mistake in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from regimesim.dates import months_later
from regimesim.declared import Group, Refusal, group_in, plain
from regimesim.mistakes import Mistake, holds, read, sift, unknown_key
from regimesim.refusal import dotted, nearest, shown
from regimesim.toml_text import read_setting, read_text, read_toml
from regimesim.world.parameters import SWITCHED, Settings, Tables

POLICY_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
ONLY_POLICY = "scenario"

__all__ = ["Difference", "Scenario", "ScenarioError", "load", "parse", "prepare"]


class ScenarioError(Refusal):
    """A scenario that cannot be run; `lines` holds one sentence for each mistake."""


class File(Tables, Settings):
    """Everything that a scenario file may hold."""

    policies: Any = None
    """Named policies, each laid over the scenario and read on its own."""

    claim: Any = None
    """The argument that the scenario is made for: `regimesim claims` reads it."""


class Difference(NamedTuple):
    """A value that is not the default: of one policy, or (policy None) of all of them."""

    policy: str | None
    key: str
    value: object
    default: object


@dataclass(frozen=True)
class Scenario:
    """A run to be made: its settings and its policies, each a full set of tables.

    `raw` is the mapping that it was read from, overrides included, and `source` says where
    that came from; neither counts when scenarios are compared.
    """

    name: str
    description: str
    start: str
    months: int
    labs: int
    systems: int
    worlds: int
    seed: int
    policies: dict[str, Tables]
    raw: dict = field(repr=False, compare=False)
    source: str = field(default="scenario", compare=False)

    def date(self, month: int) -> str:
        """The calendar month "YYYY-MM" of `month`, counted from 0."""
        return months_later(self.start, month)

    def choose(self, policies: Iterable[str]) -> "Scenario":
        """The scenario with only these policies, in this order; raises ScenarioError."""
        names = list(dict.fromkeys(policies))
        missing = [name for name in names if name not in self.policies]
        if missing or not names:
            raise ScenarioError(
                [f"{self.source}: {self._no_policy(name)}" for name in missing]
                or f"{self.source}: policies: none was chosen"
            )
        raw = dict(self.raw)
        if "policies" in raw:
            raw["policies"] = {name: raw["policies"][name] for name in names}
        return replace(self, policies={name: self.policies[name] for name in names}, raw=raw)

    def override(self, changes: Mapping[str, object], source: str | None = None) -> "Scenario":
        """The scenario with values replaced, by dotted key; raises ScenarioError.

        A key without a policy is set for the scenario: policies that set it themselves keep
        their own value, and a safeguard's key is set wherever that safeguard is active.
        `policies.NAME.KEY` sets one policy's.  A change that would change nothing is refused.
        """
        source = source or self.source
        raw, lines = deepcopy(self.raw), []
        for path, value in _single(changes):
            try:
                raw = self._changed(raw, path, value)
            except Refusal as refusal:
                lines += [f"{source}: {dotted(path)}: {line}" for line in refusal.lines]
        try:
            changed = replace(parse(raw, source), source=self.source)
        except ScenarioError as error:
            lines += error.lines
        if lines:
            raise ScenarioError(lines)
        return changed

    def resolved(self) -> dict:
        """Everything with its defaults filled in, as plain JSON values; `parse` reads it back."""
        settings = {name: getattr(self, name) for name in Settings.model_fields}
        policies = {name: plain(tables) for name, tables in self.policies.items()}
        return {**settings, "policies": policies}

    def differences(self) -> list[Difference]:
        """Every value that differs from its default; a safeguard that is on counts as one."""
        found = [
            Difference(None, key, getattr(self, key), default)
            for key, default in _flat(Settings())
            if key not in ("name", "description") and getattr(self, key) != default
        ]
        everything = {"oversight": dict.fromkeys(SWITCHED, True)}
        off = {f"oversight.{name}": False for name in SWITCHED}
        flat = {name: dict(_flat(tables)) for name, tables in self.policies.items()}
        for key, default in (dict(_flat(Tables.model_validate(everything))) | off).items():
            values = {name: leaves[key] for name, leaves in flat.items() if key in leaves}
            first = next(iter(values.values()), default)
            if len(values) == len(flat) and all(value == first for value in values.values()):
                values = {None: first}
            found += [
                Difference(name, key, value, default)
                for name, value in values.items()
                if value != default
            ]
        return found

    def with_policy(self, name: str, settings: Mapping[str, object]) -> "Scenario":
        """The scenario with one more policy, of dotted settings; raises ScenarioError."""
        overlay: dict = {}
        for path, value in _single(settings):
            overlay = laid_over(Tables, overlay, _nested(path, value))
        policies = self.raw.get("policies") or {ONLY_POLICY: {}}
        raw = {**deepcopy(self.raw), "policies": {**policies, name: overlay}}
        return replace(parse(raw, self.source), source=self.source)

    def _no_policy(self, name: str) -> str:
        close = nearest(name, self.policies)
        return f"policies: no policy {shown(name)}; the nearest is '{close}'"

    def _changed(self, raw: dict, path: tuple[str, ...], value) -> dict:
        """`raw` with `value` at `path`, or a Refusal that says why that cannot be."""
        policies = raw.get("policies", {})
        if path[0] == "policies" and len(path) > 1:
            name, *inner = path[1:]
            if name not in self.policies:
                raise Refusal(self._no_policy(name).removeprefix("policies: "))
            if not inner:
                raise Refusal(f"found {shown(value)}; name a parameter of the policy")
            if not policies:
                return self._changed(raw, tuple(inner), value)
            _known(Tables, inner)
            _active(raw, {name: policies[name]}, inner, f"policies.{name}.")
            overlay = laid_over(Tables, policies[name], _nested(inner, value))
            return {**raw, "policies": {**policies, name: overlay}}
        _known(File, path)
        where = _active(raw, policies, path)
        deaf = [name for name in where if holds(policies[name], path)]
        if where and len(deaf) == len(where):
            raise Refusal(f"every policy sets it; write policies.NAME.{dotted(path)}")
        if _switched_off(raw, path):
            overlays = {
                name: laid_over(Tables, policies[name], _nested(path, value))
                for name in where
                if name not in deaf
            }
            return {**raw, "policies": {**policies, **overlays}}
        return laid_over(File, raw, _nested(path, value))


def load(path: str | Path) -> Scenario:
    """The scenario in the TOML file at `path`; raises ScenarioError with every mistake in it."""
    source = str(path) if str(path).isprintable() else shown(str(path))
    try:
        text = read_text(Path(path))
    except Refusal as refusal:
        raise ScenarioError(f"{source}: {line}" for line in refusal.lines) from None
    return parse(text, source, name=Path(path).stem)


def prepare(
    path: str | Path, settings: Iterable[str] = (), policies: Iterable[str] = ()
) -> Scenario:
    """The scenario at `path` with only these policies (else all) and with `KEY=VALUE` settings."""
    scenario, changes, lines = None, {}, []
    try:
        scenario = load(path)
    except ScenarioError as error:
        lines += error.lines
    for text in settings:
        try:
            key, value = read_setting(text)
        except Refusal as refusal:
            lines += refusal.lines
            continue
        changes[key] = value
        if scenario is None:  # its own mistakes are told; this key may be one more
            lines += _unknown_line(key)
    if lines:
        raise ScenarioError(lines)
    if policies:
        scenario = scenario.choose(policies)
    return scenario.override(changes, "command line") if changes else scenario


def parse(given: Mapping | str, source: str = "scenario", name: str = "scenario") -> Scenario:
    """The scenario that a mapping or a TOML text describes; raises ScenarioError.

    `source` begins every line of a refusal; `name` is its name where none is given.
    """
    mistakes: list[Mistake] = []
    if isinstance(given, str):
        try:
            given, mistakes = read_toml(given)
        except Refusal as refusal:
            raise ScenarioError(f"{source}: {line}" for line in refusal.lines) from None
    raw = deepcopy(dict(given))
    overlays = raw.get("policies")
    good, found = sift(File, {"name": name, **raw})
    if "name" not in raw:
        found = [_missing_name(mistake) for mistake in found]
    mistakes = [*mistakes, *found]
    policies = _policies(good, {} if overlays is None else overlays, mistakes, "policies" in raw)
    if mistakes:
        ordered = sorted(dict.fromkeys(mistakes), key=lambda mistake: _place(raw, mistake.path))
        lines = [f"{source}: {dotted(mistake.path)}: {mistake.reason}" for mistake in ordered]
        raise ScenarioError(lines)
    settings = Settings.model_validate(
        {key: good[key] for key in Settings.model_fields if key in good}
    )
    return Scenario(**dict(settings), policies=policies, raw=raw, source=source)


def laid_over(group: type[Group], below: Mapping, above: Mapping) -> dict:
    """`above` over `below`: tables are merged key by key, a value replaces the whole value."""
    merged = dict(below)
    for key, value in above.items():
        declared = group.model_fields.get(key)
        inner = declared and group_in(declared)
        if inner and (value is True or isinstance(value, Mapping)):
            under = below.get(key)
            under = under if isinstance(under, Mapping) else {}
            merged[key] = laid_over(inner, under, {} if value is True else value)
        else:
            merged[key] = value
    return merged


def _policies(base: dict, overlays, mistakes: list[Mistake], given: bool) -> dict[str, Tables]:
    """The tables of every policy over the sifted `base`; adds what is wrong to `mistakes`."""
    if not isinstance(overlays, Mapping) or (given and not overlays):
        reason = f"found {shown(overlays)}; allowed are tables [policies.NAME], at least one"
        mistakes.append(Mistake(("policies",), reason))
        overlays = {}
    wrong = {mistake.path for mistake in mistakes}
    base = {key: value for key, value in base.items() if key in Tables.model_fields}
    policies = {}
    for name, overlay in (overlays or {ONLY_POLICY: {}}).items():
        place = ("policies", name)
        if not POLICY_NAME.fullmatch(str(name)):
            reason = "a policy's name is 1 to 40 of the letters, digits, '_' and '-'"
            mistakes.append(Mistake(place, reason))
        if not isinstance(overlay, Mapping):
            mistakes.append(Mistake(place, f"found {shown(overlay)}; allowed is a table"))
            continue
        overlay, found = _sift_overlay(overlay)
        mistakes += [Mistake(place + mistake.path, mistake.reason) for mistake in found]
        bad = wrong | {mistake.path for mistake in found}
        tables, contradictions = read(Tables, laid_over(Tables, base, overlay))
        for mistake in contradictions:
            own = any(holds(overlay, path) for path in mistake.among)
            if not bad & set(mistake.among):
                mistakes.append(Mistake((place if own else ()) + mistake.path, mistake.reason))
        policies[name] = tables
    return policies


def _sift_overlay(overlay: Mapping) -> tuple[dict, list[Mistake]]:
    good, mistakes = sift(Tables, overlay)
    return good, [
        Mistake(mistake.path, "a setting of the whole run; it belongs to the top level")
        if mistake.path[0] in Settings.model_fields
        else mistake
        for mistake in mistakes
    ]


def _missing_name(mistake: Mistake) -> Mistake:
    if mistake.path != ("name",):
        return mistake
    return Mistake(("name",), f"missing, and the file's own name cannot serve: {mistake.reason}")


def _place(raw: Mapping, path: tuple) -> tuple[int, ...]:
    """Where `path` stands in `raw`, for sorting mistakes in the order of the file."""
    places = []
    for key in path:
        keys = list(raw) if isinstance(raw, Mapping) else []
        places.append(keys.index(key) if key in keys else len(keys))
        raw = raw[key] if key in keys else {}
    return tuple(places)


def _flat(group: Group, prefix: str = ""):
    """(dotted key, value) of everything active; a switched table itself counts as a value."""
    for name, declared in type(group).model_fields.items():
        value, key = getattr(group, name), f"{prefix}{name}"
        if group_in(declared):
            if declared.default is None:
                yield key, value is not None
            if value is not None:
                yield from _flat(value, f"{key}.")
        else:
            yield key, value


def _single(changes: Mapping) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, value) of every single value in `changes`; a table with switch is switched on."""
    for key, value in changes.items():
        path = tuple(key.split("."))
        if not isinstance(value, Mapping) or _group_at(path) is None:
            yield path, value
            continue
        if path[-1] in SWITCHED:
            yield path, True
        yield from _single({f"{key}.{name}": item for name, item in value.items()})


def _group_at(path: Iterable[str]) -> type[Group] | None:
    """The group of tables that a dotted key names, or None when it names a value or nothing."""
    group, path = File, tuple(path)
    for key in path[2:] if path[0] == "policies" else path:
        declared = group and group.model_fields.get(key)
        group = group_in(declared) if declared else None
    return None if group is File else group


def _nested(path: Iterable[str], value) -> dict:
    for key in reversed(list(path)):
        value = {key: value}
    return value


def _known(group: type[Group], path: Iterable[str]) -> None:
    """Refuse a path that names no parameter and no table of `group`."""
    inner: type[Group] | None = group
    path = tuple(path)
    for index, key in enumerate(path):
        if inner is None:
            raise Refusal(f"unknown key; '{dotted(path[:index])}' is a value, not a table")
        if key not in inner.model_fields:
            raise Refusal(unknown_key(File, path[: index + 1], inner.model_fields))
        inner = group_in(inner.model_fields[key])


def _unknown_line(key: str) -> list[str]:
    """The line that refuses a key of the command line that exists in no scenario, or none."""
    path = key.split(".")
    try:
        _known(*((Tables, path[2:]) if path[0] == "policies" else (File, path)))
    except Refusal as refusal:
        return [f"command line: {key}: {line}" for line in refusal.lines]
    return []


def _switched_off(raw: Mapping, path: tuple[str, ...]) -> bool:
    """Whether `path` lies in a safeguard that `raw` does not itself switch on."""
    if len(path) < 3 or path[1] not in SWITCHED:
        return False
    table = raw.get("oversight", {}).get(path[1], False)
    return table is False


def _active(raw: Mapping, policies: Mapping, path, prefix: str = "") -> list[str]:
    """The names of the policies in which `path` has an effect; refused when there are none."""
    path = tuple(path)
    if len(path) < 3 or path[1] not in SWITCHED:
        return list(policies)
    below = {"oversight": raw.get("oversight", {})}
    where = []
    for name, overlay in policies.items() or [(ONLY_POLICY, {})]:
        merged = laid_over(Tables, below, {"oversight": overlay.get("oversight", {})})
        if merged["oversight"].get(path[1], False) is not False:
            where.append(name)
    if not where:
        table = dotted(path[:2])
        raise Refusal(f"{table} is switched off; switch it on with {prefix}{table} = true")
    return where if policies else []
