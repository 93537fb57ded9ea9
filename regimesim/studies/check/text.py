"""What a scenario is and may hold, in words."""

import json
import textwrap
from collections.abc import Callable, Iterator

from regimesim.errors import dotted, shown
from regimesim.scenario import Scenario, json_schema, parameter_reference
from regimesim.scenario.declaration import Group, group_in, plain
from regimesim.scenario.parameter_reference import WIDTH, block
from regimesim.scenario.parameters import Tables, active


def overview(scenario: Scenario, bold: Callable[[str], str] = str) -> str:
    """What a scenario is, as text of 80 columns."""
    last = scenario.date(scenario.months - 1)
    lines = [bold(scenario.name)]
    if scenario.description:
        lines += textwrap.wrap(scenario.description, WIDTH)
    lines += [
        "",
        f"  months    {scenario.months}, {scenario.start} to {last}",
        f"  worlds    {scenario.worlds}, seed {scenario.seed}",
        f"  in each   labs: {scenario.labs}, systems: {scenario.systems}",
        *_sweep(scenario),
        "",
        f"  policies: {len(scenario.policies)}",
    ]
    for name, policy in scenario.policies.items():
        present = [safeguard for safeguard, on in active(policy).items() if on]
        lines.append(block(f"{name}: {', '.join(present) or 'no safeguard'}", rest=" " * 8))
    differences = scenario.differences()
    lines += ["", f"  values that are not the default: {len(differences)}"]
    for policy, key, value, default in differences:
        key = key if policy is None else f"policies.{policy}.{key}"
        was = "none" if default is None else shown(plain(default))
        lines.append(block(f"{key} = {shown(plain(value))} (default {was})", rest=" " * 8))
    drawn = list(dict.fromkeys(_drawn(scenario)))
    lines += ["", f"  drawn anew for each world: {len(drawn)}"]
    lines += [block(line, rest=" " * 8) for line in drawn]
    return "\n".join(lines)


def parameters(pattern: str = "", bold: Callable[[str], str] = str) -> str:
    """The parameters whose names, or else words, match a pattern; raises Refusal where none do."""
    return parameter_reference.params(pattern, bold)


def parameters_page() -> str:
    """The page of the documents that lists every parameter."""
    return parameter_reference.markdown()


def schema() -> str:
    """The JSON Schema of a scenario file."""
    return json.dumps(json_schema.schema(), indent=2, ensure_ascii=False)


def _sweep(scenario: Scenario) -> list[str]:
    """How many points a sweep of the scenario has and what it varies, where it asks for one."""
    if "sweep" not in scenario.raw:
        return []
    from regimesim.sweeps.request import read_request
    from regimesim.sweeps.validate_design import check_request

    design = check_request(scenario, read_request(scenario))
    points = "1 point" if design.size == 1 else f"{design.size:,} points"
    axes = ", ".join(axis.key for axis in design.axes)
    return [block(f"sweep     {points} ({design.kind}): {axes}", "  ", " " * 12)]


def _drawn(scenario: Scenario) -> Iterator[str]:
    """Every value that is a distribution or a fit; of one policy alone only where they differ."""
    resolved = {name: _leaves(plain(policy)) for name, policy in scenario.policies.items()}
    for name, leaves in resolved.items():
        for key, value in leaves.items():
            if isinstance(value, dict) or (isinstance(value, list) and _holds_table(value)):
                same = all(other.get(key) == value for other in resolved.values())
                yield f"{key if same else f'policies.{name}.{key}'} = {shown(value)}"


def _holds_table(values: list) -> bool:
    return any(isinstance(item, dict) for item in values)


def _leaves(written: dict, path: tuple[str, ...] = (), group: type[Group] = Tables) -> dict:
    leaves = {}
    for key, value in written.items():
        inner = group_in(group.model_fields[key])
        if inner and isinstance(value, dict):
            leaves |= _leaves(value, (*path, key), inner)
        else:
            leaves[dotted((*path, key))] = value
    return leaves
