"""Where a scenario differs from the defaults."""

from typing import TYPE_CHECKING, Any, NamedTuple

from regimesim.scenario.declaration import Group, group_in
from regimesim.scenario.parameters import SWITCHED, Settings, Tables

if TYPE_CHECKING:
    from regimesim.scenario.scenario import Scenario


class Difference(NamedTuple):
    """A value that is not the default: of one policy, or (policy None) of all of them."""

    policy: str | None
    key: str
    value: object
    default: object


def differences(scenario: "Scenario") -> list[Difference]:
    """Every value that differs from its default; see `Scenario.differences`."""
    changes = [
        Difference(None, key, getattr(scenario, key), default)
        for key, default in _flat(Settings())
        if key not in ("name", "description") and getattr(scenario, key) != default
    ]
    everything = {"oversight": dict.fromkeys(SWITCHED, True)}
    off = {f"oversight.{name}": False for name in SWITCHED}
    flat = {name: dict(_flat(tables)) for name, tables in scenario.policies.items()}
    for key, default in (dict(_flat(Tables.model_validate(everything))) | off).items():
        values: dict[str | None, Any] = {
            name: leaves[key] for name, leaves in flat.items() if key in leaves
        }
        first = next(iter(values.values()), default)
        if len(values) == len(flat) and all(value == first for value in values.values()):
            values = {None: first}
        changes += [
            Difference(name, key, value, default)
            for name, value in values.items()
            if value != default
        ]
    return changes


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
