"""The parameters and a scenario told in words: `params`, `check` and the page of parameters."""

import re
import textwrap
from collections.abc import Callable, Iterator

from regimesim.declared import Declaration, Group, group_in, plain
from regimesim.refusal import Refusal, dotted, nearest, shown
from regimesim.scenario import Scenario
from regimesim.world.parameters import Settings, Tables, active, declarations

WIDTH = 80
INTRODUCTION = """\
# Parameters

Every parameter of a scenario file, by table. A number may be replaced by a
distribution, drawn once a world and truncated to the range:
`{ normal = [mean, sd] }`, `{ lognormal = [median, sigma] }`,
`{ uniform = [low, high] }`, `{ triangular = [low, mode, high] }`,
`{ beta = [a, b] }`. Whole numbers and words take none. `capability.initial` and
`capability.doubling_time` may also be `{ fit = "metr", since = 2023 }`.

Defaults are illustrations, not forecasts. This page is made by
`regimesim params --markdown`; `docs/scenario.schema.json`, for editors, by
`regimesim schema`.
"""
SWITCH = "Off unless its table is present, if only as `{}`; `false` switches it off."


def tables() -> Iterator[tuple[str, type[Group], bool]]:
    """(dotted name, group, whether it can be switched off) of every table, the top level first."""
    yield "", Settings, False
    yield from _tables_in(Tables, "")


def _tables_in(group: type[Group], prefix: str):
    for name, field in group.model_fields.items():
        if inner := group_in(field):
            yield f"{prefix}{name}", inner, field.default is None
            yield from _tables_in(inner, f"{prefix}{name}.")


def told_range(entry: Declaration) -> str:
    """Range and unit of a parameter."""
    return f"{entry.quantity.range} {entry.quantity.unit}".strip()


def told_default(entry: Declaration) -> str:
    """The default of a parameter as written in a file."""
    return "none" if entry.default is None else shown(plain(entry.default))


def matching(pattern: str) -> list[Declaration]:
    """The parameters whose key, or else whose words, match `pattern`; none is a Refusal."""
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error:
        wanted = re.compile(re.escape(pattern), re.IGNORECASE)
    entries = declarations()
    found = [entry for entry in entries if wanted.search(entry.key)]
    found = found or [entry for entry in entries if wanted.search(entry.words)]
    if not found:
        names = {name: entry.key for entry in entries for name in (entry.name, entry.key)}
        names |= {name: name for name, _, _ in tables() if name}
        close = names[nearest(pattern, names)]
        raise Refusal(f"params: no parameter matches {shown(pattern)}; the nearest is '{close}'")
    return found


def params(pattern: str, bold: Callable[[str], str] = str) -> str:
    """The parameters that match, as text of 80 columns; `bold` marks what should stand out."""
    told = []
    for entry in matching(pattern):
        facts = f"{told_range(entry)}. Source: {entry.quantity.source}."
        told.append(
            f"{bold(entry.key)} = {told_default(entry)}\n{_block(entry.words)}\n{_block(facts)}"
        )
    return "\n\n".join(told)


def _block(text: str, first: str = "    ", rest: str = "    ") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def markdown() -> str:
    """The page of parameters: a table for each table of a scenario file."""
    pages = [INTRODUCTION]
    entries = declarations()
    for name, group, switched in tables():
        heading = f"`[{name}]`" if name else "Top level"
        words = (group.__doc__ or "").replace("\n    ", "\n")
        rows = [
            f"| `{entry.name}` | `{told_default(entry)}` | {entry.quantity.unit} "
            f"| {entry.quantity.range} | {entry.words} | {entry.quantity.source} |"
            for entry in entries
            if entry.table == name
        ]
        head = ["| key | default | unit | range | meaning | source |", "| --- " * 6 + "|"]
        parts = [
            f"## {heading}",
            words.strip(),
            SWITCH if switched else "",
            "\n".join(head + rows),
        ]
        pages.append("\n\n".join(filter(None, parts)) + "\n")
    return "\n".join(pages)


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
        lines.append(_block(f"{name}: {', '.join(present) or 'no safeguard'}", rest=" " * 8))
    differences = scenario.differences()
    lines += ["", f"  values that are not the default: {len(differences)}"]
    for policy, key, value, default in differences:
        key = key if policy is None else f"policies.{policy}.{key}"
        was = "none" if default is None else shown(plain(default))
        lines.append(_block(f"{key} = {shown(plain(value))} (default {was})", rest=" " * 8))
    drawn = list(dict.fromkeys(_drawn(scenario)))
    lines += ["", f"  drawn anew for each world: {len(drawn)}"]
    lines += [_block(line, rest=" " * 8) for line in drawn]
    return "\n".join(lines)


def _sweep(scenario: Scenario) -> list[str]:
    """How many points a sweep of the scenario has and what it varies, where it asks for one."""
    if "sweep" not in scenario.raw:
        return []
    from regimesim.sweeps.asked import ask
    from regimesim.sweeps.request import requested

    asked = ask(scenario, requested(scenario))
    points = "1 point" if asked.size == 1 else f"{asked.size:,} points"
    axes = ", ".join(axis.key for axis in asked.axes)
    return [_block(f"sweep     {points} ({asked.kind}): {axes}", "  ", " " * 12)]


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
    found = {}
    for key, value in written.items():
        inner = group_in(group.model_fields[key])
        if inner and isinstance(value, dict):
            found |= _leaves(value, (*path, key), inner)
        else:
            found[dotted((*path, key))] = value
    return found
