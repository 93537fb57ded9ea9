"""The differences of two scenarios, in groups, and the scenario of every combination."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import Group, group_in, plain
from regimesim.scenario.input_errors import holds, read
from regimesim.scenario.parameters import Tables
from regimesim.scenario.policy_in_run import with_all_outside

RUN = "run"
SETTINGS = ("start", "months", "labs", "systems")
TABLE, PARAMETER = "table", "parameter"
MOST = 10  # groups, of which every combination is run
MOST_NAMED = 3  # contradictions


class Differing(NamedTuple):
    """A parameter, or a safeguard that only one side has, with its value on each side.

    table: the table that holds it, or "run" for a setting of the run; "policy: " stands before
    it where a policy sets it itself.  A value that is absent is None.
    """

    key: str
    table: str
    ours: object
    theirs: object


class Side(NamedTuple):
    """One policy of one scenario."""

    scenario: Scenario
    policy: str

    @property
    def tables(self) -> Tables:
        """The parameters of that policy."""
        return self.scenario.policies[self.policy]

    def with_outside(self) -> "Side":
        """The same, with all values of labs that do not adopt the policy: a combination may take
        the number of adopters from the other side."""
        overlay = self.scenario.raw.get("policies", {}).get(self.policy, {})
        tables = with_all_outside(self.tables, self.scenario.raw, overlay)
        return Side(replace(self.scenario, policies={self.policy: tables}), self.policy)

    def sets(self, key: str) -> bool:
        """Whether the policy itself sets a parameter."""
        overlay = self.scenario.raw.get("policies", {}).get(self.policy, {})
        return holds(overlay, tuple(key.split(".")))


def differing(ours: Side, theirs: Side) -> list[Differing]:
    """Everything that differs, settings of the run first, then in declared order."""
    different = []
    for name in SETTINGS:
        here, there = (getattr(side.scenario, name) for side in (ours, theirs))
        if here != there:
            different.append(Differing(name, RUN, here, there))
    for key, here, there, switched in _compared(ours.tables, theirs.tables):
        table = key if switched else key.rpartition(".")[0] or key
        own = ours.sets(key) or theirs.sets(key)
        different.append(Differing(key, f"policy: {table}" if own else table, here, there))
    return different


def _compared(ours: Group, theirs: Group, prefix=""):
    """(dotted key, value, value, whether it is a table that one side lacks) of what differs,
    as plain values; a table that is absent is False."""
    for name, declared in type(ours).model_fields.items():
        here, there = getattr(ours, name), getattr(theirs, name)
        if here == there:
            continue
        if group_in(declared) and here is not None and there is not None:
            yield from _compared(here, there, f"{prefix}{name}.")
        elif group_in(declared):
            yield f"{prefix}{name}", _switched(here), _switched(there), True
        else:
            yield f"{prefix}{name}", plain(here), plain(there), False


def _switched(table: Group | None):
    """A safeguard's table as it would be written: what is not the default, true, or false."""
    if table is None:
        return False
    usual = plain(type(table)())
    return {key: value for key, value in plain(table).items() if value != usual.get(key)} or True


def grouped(
    different: list[Differing], by: str = TABLE, groups: Mapping[str, Iterable[str]] | None = None
) -> dict[str, list[Differing]]:
    """The differences, by the name of their group.

    groups: those of the user, from a name to keys or tables.  What is in none of them is grouped
    by its table, or by parameter is a group of its own.  If that makes more than ten groups, a
    table within a table joins the outer one.  Raises Refusal for a group that names what does
    not differ, and if more than ten groups remain.
    """
    if by not in (TABLE, PARAMETER):
        close = nearest(str(by), (TABLE, PARAMETER))
        raise Refusal(
            f"--by: found {shown(by)}; allowed are table and parameter; the nearest is '{close}'"
        )
    chosen, lines, groups = {}, [], listed(groups)
    for name, keys in groups.items():
        for key in keys:
            inside = [one.key for one in different if _within(one, key)]
            lines += [] if inside else [f"--group {name}: {_not_differing(key, different)}"]
            for own in inside:
                if chosen.setdefault(own, name) != name:
                    lines.append(f"--group {name}: {own} is in group '{chosen[own]}' already")
    if lines:
        raise Refusal(lines)
    names = {TABLE: lambda one: one.table, PARAMETER: lambda one: one.key}
    parted = _parted(different, chosen, names[by])
    if len(parted) > MOST and by == TABLE:
        names[by] = lambda one: one.table.partition(".")[0]
        parted = _parted(different, chosen, names[by])
    _refuse_taken(different, chosen, groups, names[by])
    if len(parted) > MOST:
        advice = "put some together with --group NAME=KEY,KEY"
        advice += ", or leave out --by parameter" if by == PARAMETER else ""
        raise Refusal(
            f"{len(parted)} groups of parameters differ, and all combinations of at most {MOST} "
            f"are run; {advice}: {', '.join(parted)}"
        )
    return parted


def listed(groups: Mapping[str, Iterable[str]] | None) -> dict[str, list[str]]:
    """Groups as lists of keys, a single key as a list of one.  Raises Refusal for a group that
    names nothing."""
    if not isinstance(groups or {}, Mapping):
        raise Refusal(
            f"--group: found {shown(groups)}; expected keys by name, as in {{'mind': ['goals']}}"
        )
    keys_of, lines = {}, []
    for name, keys in (groups or {}).items():
        keys_of[name] = [keys] if isinstance(keys, str) else keys
        if not isinstance(keys, Iterable) or not all(isinstance(x, str) for x in keys_of[name]):
            lines.append(f"--group {name}: found {shown(keys)}; allowed are names of parameters")
        elif not (keys := list(keys_of[name])):
            lines.append(f"--group {name}: names nothing; name a parameter or a table")
        else:
            keys_of[name] = keys
    if lines:
        raise Refusal(lines)
    return keys_of


def _refuse_taken(different, chosen, groups, name_of):
    """Refuse a group of the user with the name of a table or parameter outside it."""
    left = {name_of(one) for one in different if one.key not in chosen}
    if taken := [name for name in groups if name in left]:
        raise Refusal(
            f"--group {name}: a table or parameter has that name, and not all of it is in the "
            "group; name it otherwise"
            for name in taken
        )


def _parted(different, chosen, name_of) -> dict[str, list[Differing]]:
    parted: dict[str, list[Differing]] = {}
    for one in different:
        parted.setdefault(chosen.get(one.key) or name_of(one), []).append(one)
    return parted


def _within(one: Differing, key: str) -> bool:
    return key in (one.key, one.table, one.table.removeprefix("policy: ")) or one.key.startswith(
        f"{key}."
    )


def _not_differing(key, different):
    names = dict.fromkeys([one.key for one in different] + [one.table for one in different])
    return f"{shown(key)} does not differ; the nearest that does is '{nearest(key, names)}'"


def combinations(ours: Side, theirs: Side, groups: Mapping[str, list]) -> list[Scenario]:
    """The scenario of every subset of the groups, with one policy.

    Bit k of a scenario's place says that group k has the values of the other side.

    Raises Refusal where values of both sides contradict each other.
    """
    names, scenarios, mistakes = list(groups), [], {}
    base, other = plain(ours.tables), plain(theirs.tables)
    for place in range(2 ** len(names)):
        moved = [name for k, name in enumerate(names) if place >> k & 1]
        keys = [one for name in moved for one in groups[name]]
        settings = {one.key: one.theirs for one in keys if one.table == RUN}
        values = base
        for one in keys:
            values = values if one.table == RUN else _moved(values, other, one.key.split("."))
        tables, wrong = read(Tables, values)
        for mistake in wrong:
            line = f"{'.'.join(mistake.path)}: {mistake.reason}"
            mistakes.setdefault(line, " and ".join(moved))
        name = str(place)
        raw = {**ours.scenario.raw, "policies": {name: values}}
        scenarios.append(replace(ours.scenario, policies={name: tables}, raw=raw, **settings))
    if mistakes:
        raise Refusal(
            f"with {moved} of the other side, {line}; put what belongs together into one group "
            "with --group NAME=KEY,KEY"
            for line, moved in list(mistakes.items())[:MOST_NAMED]
        )
    return scenarios


def _moved(values: Mapping, other: Mapping, path: list[str]) -> dict:
    """`values` with the entry at `path` as it is in `other`, absent where it is absent."""
    (name, *rest), changed = path, dict(values)
    if rest:
        changed[name] = _moved(values[name], other[name], rest)
    elif name in other:
        changed[name] = other[name]
    else:
        changed.pop(name, None)
    return changed
