"""Every mistake in a user's input, all at once, each with the nearest valid name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from math import isfinite
from typing import TypeVar

from pydantic import ValidationError

from regimesim.errors import MOST_LINES, dotted, nearest, shown
from regimesim.scenario.declaration import Group, group_in

ALIKE = 0.6  # less similar names are not suggested

Path = tuple[str, ...]
AGroup = TypeVar("AGroup", bound=Group)


@dataclass(frozen=True)
class Mistake:
    """A mistake at `path`; for a contradiction, `among` are the paths that disagree."""

    path: Path
    reason: str
    among: tuple[Path, ...] = ()


def read(group: type[AGroup], raw: Mapping) -> tuple[AGroup | None, list[Mistake]]:
    """The group that `raw` describes, or None and every mistake in it."""
    try:
        return group.model_validate(raw), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        named = [_mistake(group, detail) for detail in details[:MOST_LINES]]
        # beyond those that are printed, no nearest name is looked for: it is slow
        rest = [Mistake(tuple(map(str, d["loc"])), "is wrong") for d in details[MOST_LINES:]]
        return None, named + rest


def sift(group: type[Group], raw: Mapping) -> tuple[dict, list[Mistake]]:
    """`raw` without its wrong entries, and the mistakes; contradictions are left to `read`."""
    _, mistakes = read(group, raw)
    mistakes = [mistake for mistake in mistakes if not mistake.among]
    return without(raw, {mistake.path for mistake in mistakes}), mistakes


def without(raw: Mapping, paths: Iterable[Path]) -> dict:
    """`raw` without the entries at `paths`."""
    inner: dict[str, list[Path]] = {}
    for head, *rest in paths:
        inner.setdefault(head, []).append(tuple(rest))
    kept = {}
    for key, value in raw.items():
        below = inner.get(str(key))
        if below is None:
            kept[key] = value
        elif isinstance(value, Mapping) and () not in below:
            kept[key] = without(value, below)
    return kept


def holds(raw: Mapping, path: Path) -> bool:
    """Whether `raw` has an entry at `path`."""
    for key in path:
        if not isinstance(raw, Mapping) or key not in raw:
            return False
        raw = raw[key]
    return True


def unknown_key(root: type[Group], path: Path, known: Iterable[str]) -> str:
    """The reason why the last key of `path` is refused among the `known`: where it belongs."""
    key, known = str(path[-1]), list(known)
    homes = [home for home in _homes(root).get(key, ()) if home != path[:-1]]
    if homes:
        where = " or ".join(f"[{dotted(home)}]" if home else "the top level" for home in homes)
        return f"unknown key; it belongs to {where}"
    if close := nearest(key, known, ALIKE):
        return f"unknown key; the nearest is '{close}'"
    if close := nearest(key, _homes(root), ALIKE):
        home = dotted((*_homes(root)[close][0], close))
        return f"unknown key; the nearest is '{home}'"
    return f"unknown key; allowed are {', '.join(known)}"


@cache
def _homes(root: type[Group]) -> dict[str, list[Path]]:
    """For every key of a tree of groups the tables that have it."""
    homes: dict[str, list[Path]] = {}

    def visit(group, path):
        for name, field in group.model_fields.items():
            homes.setdefault(name, []).append(path)
            if inner := group_in(field):
                visit(inner, (*path, name))

    visit(root, ())
    return homes


def _mistake(root: type[Group], detail: Mapping) -> Mistake:
    path = tuple(map(str, detail["loc"]))
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "contradiction":
        among = tuple((*path, *key.split(".")) for key in context["keys"])
        return Mistake(among[0], context["reason"], among)
    if kind == "extra_forbidden":
        return Mistake(path, unknown_key(root, path, _group_at(root, path[:-1]).model_fields))
    if kind == "refused":
        return Mistake(path, context["reason"])
    switch = _is_switch(root, path)
    allowed = "a table, true or false" if switch else "a table"
    return Mistake(path, f"found {shown(detail['input'])}; allowed is {allowed}")


def _group_at(root: type[Group], path: Path) -> type[Group]:
    for key in path:
        inner = group_in(root.model_fields[key])
        assert inner is not None  # the path of a mistake leads through tables
        root = inner
    return root


def _is_switch(root: type[Group], path: Path) -> bool:
    return bool(path) and _group_at(root, path[:-1]).model_fields[path[-1]].default is None


def not_json(value, path: tuple) -> Iterator[Mistake]:
    """A mistake for each value in `value` that JSON cannot hold."""
    if isinstance(value, Mapping | list):
        inner = value.items() if isinstance(value, Mapping) else enumerate(value, 1)
        for key, item in inner:
            yield from not_json(item, (*path, str(key)))
    elif isinstance(value, date | time) or (isinstance(value, float) and not isfinite(value)):
        yield Mistake(path, f"found {shown(value)}; dates, inf and nan have no meaning here")


def missing_name(mistake: Mistake) -> Mistake:
    """The mistake, in words for a scenario whose file name cannot be its name either."""
    if mistake.path != ("name",):
        return mistake
    return Mistake(("name",), f"missing, and the file's own name cannot serve: {mistake.reason}")


def position(places: Mapping, path: tuple) -> tuple[int, ...]:
    """The position of an entry; one that is missing comes at the end of its table."""
    if path in places or not path:
        return places.get(path, ())
    return (*position(places, path[:-1]), len(places))


def positions(raw: Mapping) -> dict[tuple, tuple[int, ...]]:
    """The position of every entry of a file, by its path: mistakes come in the file's order."""
    places: dict[tuple, tuple[int, ...]] = {}

    def visit(table, path, place):
        for number, (key, value) in enumerate(table.items()):
            inner, where = (*path, str(key)), (*place, number)
            places[inner] = where
            if isinstance(value, Mapping):
                visit(value, inner, where)

    visit(raw, (), ())
    return places


def wrong_separator(header: Sequence[str]) -> str | None:
    """Why the header of a CSV file is a single cell, or None."""
    mark = next((mark for mark in ";\t" if mark in header[0]), None) if len(header) == 1 else None
    if mark is None:
        return None
    return f"cells are separated by {shown(mark)}; a CSV file separates them by a comma"
