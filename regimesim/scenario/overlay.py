"""The content of a scenario file as a raw mapping, and values that replace parts of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from regimesim.errors import dotted, nearest, shown
from regimesim.scenario.declaration import (
    Group,
    Refusal,
    group_in,
    groups_in,
)
from regimesim.scenario.distribution_numbers import NAMES, declared_default, inner_value
from regimesim.scenario.event_values import EventValue, events_with, holds_event_values
from regimesim.scenario.input_errors import ALIKE, holds, unknown_key
from regimesim.scenario.parameters import SWITCHED, Settings, Tables
from regimesim.scenario.quantity import refused
from regimesim.scenario.titles import PLACE, Overlay

ONLY_POLICY = "scenario"
EXTENDS = "extends"
NOT_INHERITED = ("name", "description", "sweep", "claim", "evidence")

Path = tuple[str, ...]


def _of_a_policy(raw):
    """None, or a pydantic error: what every policy has itself, the top level has not."""
    if raw is None:
        return None
    raise refused(f"found {shown(raw)}; it belongs to a policy, [{PLACE}]")


class File(Tables, Settings):
    """Everything that a scenario file may hold."""

    policies: Any = None
    """Named policies, each laid over the scenario and read on its own."""

    sweep: dict = Field(default_factory=dict)
    """What a sweep of the scenario varies; a run of it reads none of this."""

    draws: Any = None
    """Joint draws of parameters: the path of a CSV file."""

    extends: Any = None
    """The scenario file that this one is laid over, relative to it."""

    title: Annotated[Any, BeforeValidator(_of_a_policy)] = None
    """Refused: only a policy has a title."""

    claim: Any = None
    """The argument that the scenario is made for: `regimesim claims` reads it."""

    evidence: Any = None
    """What has been seen so far: `regimesim update` reads it."""


def laid_over(group: type[Group], below: Mapping, above: Mapping) -> dict:
    """`above` over `below`: tables are merged key by key, a value replaces the whole value."""
    merged, groups = group.left_below(below, above), groups_in(group)
    for key, value in above.items():
        inner = groups.get(key)
        if inner and (value is True or isinstance(value, Mapping)):
            under = below.get(key)
            under = under if isinstance(under, Mapping) else {}
            merged[key] = laid_over(inner, under, {} if value is True else value)
        else:
            merged[key] = value
    return merged


def extended(below: Mapping, above: Mapping) -> dict:
    """The raw scenario of a file that extends another: `above` over `below`.

    A policy is laid over the one of that name, or is added.  Name, description, sweep, claim and
    evidence belong to one file.
    """
    kept = {key: value for key, value in below.items() if key not in NOT_INHERITED}
    own = {key: value for key, value in above.items() if key != EXTENDS}
    merged = laid_over(File, kept, own)
    if isinstance(own.get("policies"), Mapping):
        policies = dict(below.get("policies", {}))
        for name, overlay in own["policies"].items():
            both = name in policies and isinstance(overlay, Mapping)
            policies[name] = laid_over(Tables, policies[name], overlay) if both else overlay
        merged["policies"] = policies or own["policies"]
    return merged


def changed(raw: Mapping, path: Path, value) -> dict:
    """`raw` with `value` at `path`.  Raises Refusal if that is not possible."""
    if path[0] == EXTENDS:
        raise Refusal("only a file extends another")
    if path[0] == "draws":
        raise Refusal("only a file names draws; they are read with it")
    own, inner = own_path(path)
    if own and not inner:
        raise Refusal(f"found {shown(value)}; name a parameter of the policy")
    affected, policies = policies_affected(raw, path), raw.get("policies")
    if one := inner_value(inner):
        path, inner = whole_of(path), one.whole
        value = one.put(value_at(raw, path), value)
    if policies and (own or _switched_off(raw, path)):
        above = nested(inner, value)
        overlays = {name: laid_over(Tables, policies[name], above) for name in affected}
        return {**raw, "policies": {**policies, **overlays}}
    return laid_over(File, raw, nested(inner, value))


def policies_affected(raw: Mapping, path: Path) -> tuple[str, ...]:
    """The policies in which a value at `path` has an effect.  Raises Refusal if there is none.

    A key without a policy affects the policies that do not set it themselves.  A safeguard's
    key affects those in which it is active.  `policies.NAME.KEY` affects that one policy.
    """
    policies = raw.get("policies") or {ONLY_POLICY: {}}
    own, _ = own_path(path)
    if own and own not in policies:
        raise Refusal(no_policy(own, policies))
    whole = whole_of(path)
    if whole != path:
        inner_at(raw, path)
    if own:
        inner = whole[2:]
        known(Overlay, inner)
        return _active(raw, {own: policies[own]}, inner, f"policies.{own}.")
    known(File, whole)
    where = _active(raw, policies, whole)
    affected = tuple(name for name in where if not holds(policies[name], whole))
    if not affected:
        raise Refusal(f"every policy sets it; write policies.NAME.{dotted(path)}")
    return affected


def whole_of(path: Path) -> Path:
    """The path of the value in a file within which `path` names something, else `path`."""
    _, inner = own_path(path)
    one = inner_value(inner)
    return (*path[: -len(inner)], *one.whole) if one else path


def inner_at(raw: Mapping, path: Path):
    """What `path` names within a value of `raw`.  Raises Refusal where it is not there."""
    own, inner = own_path(path)
    one = inner_value(inner)
    assert one is not None  # the caller has seen that there is one
    try:
        return one.within(value_at(raw, whole_of(path)))
    except Refusal as refusal:
        others = events_with(raw, one) if isinstance(one, EventValue) and not own else []
        hint = f"; the nearest is 'policies.{others[0]}.{dotted(path)}'" if others else ""
        raise Refusal(f"{refusal.lines[0]}{hint}") from None


def value_at(raw: Mapping, path: Path):
    """The value of the parameter at `path` in `raw`: of the policy that the path names, else of
    the scenario, else the default."""
    own, inner = own_path(path)
    policies = raw.get("policies") or {}
    for tables in ([policies[own]] if own in policies else []) + [raw]:
        for key in inner:
            tables = tables.get(key) if isinstance(tables, Mapping) else None
        if tables is not None:
            return tables
    return declared_default(inner)


def own_path(path: Path) -> tuple[str | None, Path]:
    """The policy that a path names, or None, and the path within it."""
    return (path[1], path[2:]) if path[0] == "policies" and len(path) > 1 else (None, path)


def no_policy(name: str, names: Iterable[str]) -> str:
    """The reason why an unknown policy is refused."""
    return f"no policy {shown(name)}; the nearest is '{nearest(name, names)}'"


def single(changes: Mapping) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, value) of every single value in `changes`; a table with switch is switched on."""
    for key, value in changes.items():
        path = tuple(key.split("."))
        if not isinstance(value, Mapping) or not names_tables(path):
            yield path, value
            continue
        if path[-1] in SWITCHED:
            yield path, True
        yield from single({f"{key}.{name}": item for name, item in value.items()})


def names_tables(path: Path) -> bool:
    """Whether the values under a dotted key have keys of their own, as in a table."""
    inner = own_path(path)[1]
    return group_at(path) is not None or (len(inner) > 1 and holds_event_values(inner))


def group_at(path: Iterable[str]) -> type[Group] | None:
    """The group of tables that a dotted key names, or None when it names a value or nothing."""
    group: type[Group] | None = File
    path = tuple(path)
    for key in path[2:] if path[0] == "policies" else path:
        declared = None if group is None else group.model_fields.get(key)
        group = group_in(declared) if declared else None
    return None if group is File else group


def nested(path: Iterable[str], value) -> dict:
    """`value` in the tables that `path` names."""
    for key in reversed(list(path)):
        value = {key: value}
    return value


def known(group: type[Group], path: Iterable[str]) -> None:
    """Refuse a path that names no parameter and no table of `group`."""
    inner: type[Group] | None = group
    path = tuple(path)
    for index, key in enumerate(path):
        if inner is None:
            if path[0] == "evidence":
                raise Refusal("evidence stands in a file alone; name one of its own (--evidence)")
            close = nearest(key, NAMES, ALIKE)
            hint = f"; the nearest number of a distribution is '{close}'" if close else ""
            raise Refusal(f"unknown key; '{dotted(path[:index])}' is a value, not a table{hint}")
        if key not in inner.model_fields:
            raise Refusal(unknown_key(File, path[: index + 1], inner.model_fields))
        inner = group_in(inner.model_fields[key])


def _switched_off(raw: Mapping, path: tuple[str, ...]) -> bool:
    """Whether `path` lies in a safeguard that `raw` does not itself switch on."""
    if len(path) < 3 or path[1] not in SWITCHED:
        return False
    table = raw.get("oversight", {}).get(path[1], False)
    return table is False


def _active(raw: Mapping, policies: Mapping, path: Path, prefix: str = "") -> tuple[str, ...]:
    """The names of the policies in which `path` has an effect; refused when there are none."""
    if len(path) < 3 or path[1] not in SWITCHED:
        return tuple(policies)
    below = {"oversight": raw.get("oversight", {})}
    where = []
    for name, overlay in policies.items():
        merged = laid_over(Tables, below, {"oversight": overlay.get("oversight", {})})
        if merged["oversight"].get(path[1], False) is not False:
            where.append(name)
    if not where:
        table = dotted(path[:2])
        raise Refusal(f"{table} is switched off; switch it on with {prefix}{table} = true")
    return tuple(where)
