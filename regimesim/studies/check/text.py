"""What a scenario contains, in words, and what a scenario file may contain."""

from collections.abc import Callable, Iterator

from regimesim.analysis.terminal import filled, json_text
from regimesim.errors import dotted, printable, shown
from regimesim.scenario import Scenario, json_schema, parameter_reference
from regimesim.scenario.columns import column_of
from regimesim.scenario.declaration import Group, group_in, plain
from regimesim.scenario.distribution import OF_A_FILE
from regimesim.scenario.parameters import CORRELATIONS, Tables, active

NEVER_DRAWN = ("events", CORRELATIONS, "measured", "operating_point")  # tables, not distributions


def overview(scenario: Scenario, bold: Callable[[str], str] = str) -> str:
    """What a scenario contains, as text for a terminal; `bold` marks its name.

    The description is somebody's free text, so what a terminal would obey in it is escaped.
    """
    last = scenario.date(scenario.months - 1)
    lines = [bold(filled(scenario.name))]
    if scenario.description:
        words = " ".join(scenario.description.split())
        lines.append(filled(printable(words)))
    lines += [
        "",
        _fact("months", f"{scenario.months}, {scenario.start} to {last}"),
        _fact("worlds", f"{scenario.worlds}, seed {scenario.seed}"),
        _fact("in each", f"labs: {scenario.labs}, systems: {scenario.systems}"),
        *_sweep(scenario),
        "",
        f"  policies: {len(scenario.policies)}",
    ]
    for name, policy in scenario.policies.items():
        present = [safeguard for safeguard, on in active(policy).items() if on]
        title = f" ({scenario.titles[name]})" if name in scenario.titles else ""
        lines.append(_entry(f"{name}{title}: {', '.join(present) or 'no safeguard'}"))
    differences = scenario.differences()
    lines += ["", f"  values that are not the default: {len(differences)}"]
    for policy, key, value, default in differences:
        key = key if policy is None else f"policies.{policy}.{key}"
        was = "none" if default is None else shown(plain(default))
        lines.append(_entry(f"{key} = {_shown(plain(value))} (default {was})"))
    drawn = [f"{key} = {_shown(value)}" for key, value in dict(drawn_values(scenario)).items()]
    lines += ["", f"  drawn again for each world: {len(drawn)}"]
    lines += map(_entry, drawn)
    lines += _correlated(scenario)
    return "\n".join(lines)


def _shown(value) -> str:
    """A value as in a file, a column of draws by its table."""
    column = column_of(value) if isinstance(value, dict) else None
    return f"a column of {column.file}" if column else shown(value)


def _correlated(scenario: Scenario) -> list[str]:
    """The pairs of parameters that are correlated, where there are any."""
    pairs = next(iter(scenario.policies.values())).correlations
    entries = [_entry(f"{' and '.join(pair.of)}: {shown(pair.rank)}") for pair in pairs]
    return ["", f"  pairs with a rank correlation: {len(pairs)}", *entries] if pairs else []


def _brief(value):
    """A plain value; of a fit to a file without the numbers of its line."""
    fit = value.get("fit") if isinstance(value, dict) else None
    if isinstance(fit, dict) and "file" in fit:
        return {"fit": {key: one for key, one in fit.items() if key in OF_A_FILE}}
    return value


def _fact(name: str, words: str) -> str:
    return filled(words, f"  {name:10}", " " * 12)


def _entry(words: str) -> str:
    return filled(words, "    ", " " * 8)


def parameters_page() -> str:
    """The page of the documentation that lists every parameter."""
    return parameter_reference.markdown()


def schema() -> str:
    """The JSON Schema of a scenario file."""
    return json_text(json_schema.schema())


def _sweep(scenario: Scenario) -> list[str]:
    """The points and the axes of the sweep that the scenario describes, if it does."""
    design = design_of(scenario)
    if design is None:
        return []
    points = "1 point" if design.size == 1 else f"{design.size:,} points"
    axes = ", ".join(axis.key for axis in design.axes)
    return [_fact("sweep", f"{points} ({design.kind}): {axes}")]


def design_of(scenario: Scenario):
    """The checked design of the sweep that the scenario describes, or None."""
    if "sweep" not in scenario.raw:
        return None
    from regimesim.sweeps.request import read_request
    from regimesim.sweeps.validate_design import check_request

    return check_request(scenario, read_request(scenario))


def drawn_values(scenario: Scenario) -> Iterator[tuple[str, object]]:
    """(key, value) of all that is a distribution or a fit, once where all policies share it."""
    resolved = {name: _leaves(plain(policy)) for name, policy in scenario.policies.items()}
    for name, leaves in resolved.items():
        for key, value in leaves.items():
            drawn = isinstance(value, dict) or (isinstance(value, list) and _holds_table(value))
            if drawn and key.rpartition(".")[2] not in NEVER_DRAWN:
                same = all(other.get(key) == value for other in resolved.values())
                yield key if same else f"policies.{name}.{key}", value


def _holds_table(values: list) -> bool:
    return any(isinstance(item, dict) for item in values)


def _leaves(written: dict, path: tuple[str, ...] = (), group: type[Group] = Tables) -> dict:
    """The values of nested tables, by dotted key."""
    leaves = {}
    for key, value in written.items():
        inner = group_in(group.model_fields[key])
        if inner and isinstance(value, dict):
            leaves |= _leaves(value, (*path, key), inner)
        else:
            leaves[dotted((*path, key))] = value
    return leaves
