"""The parameters in words, for `regimesim params` and the page of parameters."""

from collections.abc import Iterator

from regimesim.errors import shown
from regimesim.scenario.declaration import Declaration, Group, group_in, plain
from regimesim.scenario.parameters import Settings, Tables, declarations
from regimesim.scenario.plausible_ranges import plausible_parts
from regimesim.scenario.titles import PLACE, OfPolicy, of_policies

INTRODUCTION = """\
# Parameters

Every parameter of a scenario file, by table. A number may be replaced by a
distribution, drawn once per world and truncated to the range:
`{ normal = [mean, sd] }`, `{ lognormal = [median, sigma] }`,
`{ uniform = [low, high] }`, `{ triangular = [low, mode, high] }`,
`{ beta = [a, b] }`. A normal or lognormal may be written as the central interval
that holds 80 or 90 % of the values: `{ normal = { ci80 = [low, high] } }`,
`{ lognormal = { ci90 = [low, high] } }`. Whole numbers and words have none.
`capability.initial` and `capability.doubling_time` may also be `{ fit = "metr", since = 2023 }`
or a fit to a file, `{ fit = { file = "...", since = 2023 } }`
([own_data.md](own_data.md#measured-capability)).

Defaults are illustrations, not forecasts. Beside the range that is allowed, every number of the
model has a plausible one, and the reason for it: studies and the live page vary a number over its
plausible range where no other is written ([methods.md](methods.md#plausible-ranges)).

This page is the output of `regimesim params --markdown`; `docs/scenario.schema.json`, for editors,
is that of `regimesim schema`.
"""
COLUMNS = ("key", "default", "unit", "range", "meaning", "source", "plausible", "why plausible")
SWITCH = "Off unless its table is present, if only as `{}`; `false` switches it off."


def tables() -> Iterator[tuple[str, type[Group], bool]]:
    """(dotted name, group, whether it can be switched off) of every table, the top level first."""
    yield "", Settings, False
    yield PLACE, OfPolicy, False
    yield from _tables_in(Tables, "")


def _tables_in(group: type[Group], prefix: str):
    for name, field in group.model_fields.items():
        if inner := group_in(field):
            yield f"{prefix}{name}", inner, field.default is None
            yield from _tables_in(inner, f"{prefix}{name}.")


def everything() -> list[Declaration]:
    """All that a scenario file may hold: every parameter, and what policies have beside them."""
    return [*declarations(), *of_policies()]


MEASURED = (  # units that say what is measured, and not in which units
    "area",
    "log-odds",
    "natural log",
    "paradigm",
    "probability",
    "satisfaction",
    "share",
    "share kept",
    "weight",
)


def range_text(entry: Declaration) -> str:
    """Range and unit of a parameter."""
    return with_unit(entry.quantity.range, entry.quantity.unit)


def with_unit(number: str, unit: str) -> str:
    """A number or a range with its unit: `12 doublings`, `1 month`, but `paradigm 4`, `area 0.75`,
    since a word that says what is measured stands before the number."""
    what, _, per = unit.partition(" a ")
    if what.split(" of ")[0] in MEASURED:
        per = f" a {per}" if per else ""
        return f"{what} {number}{per}"
    if number == "1" and what.endswith("s"):
        unit = unit.replace(what, what[:-1], 1)
    return f"{number} {unit}".strip()


def default_text(entry: Declaration) -> str:
    """The default of a parameter as written in a file."""
    return "none" if entry.default is None else shown(plain(entry.default))


def plausible_text(entry: Declaration) -> str:
    """The plausible range of a parameter, of a list those of its parts; empty without one."""
    return _of_parts(entry, [one.ends for one in plausible_parts(entry)])


def reason_text(entry: Declaration) -> str:
    """Why that range is plausible, and the source; empty without one."""
    reasons = [f"{one.why} Source: {one.source}." for one in plausible_parts(entry)]
    return _of_parts(entry, reasons)


def _of_parts(entry: Declaration, texts: list[str]) -> str:
    """A text for each part of a list, or one where all are alike."""
    if len(set(texts)) < 2:
        return "".join(texts[:1])
    named = zip(getattr(entry.quantity, "parts", ()), texts, strict=True)
    return "; ".join(f"{part}: {text.rstrip('.')}" for part, text in named)


def markdown() -> str:
    """The page of parameters: a table for each table of a scenario file."""
    pages = [INTRODUCTION]
    entries = everything()
    for name, group, switched in tables():
        heading = f"`[{name}]`" if name else "Top level"
        words = (group.__doc__ or "").replace("\n    ", "\n")
        rows = [
            f"| `{entry.name}` | `{default_text(entry)}` | {entry.quantity.unit} "
            f"| {entry.quantity.range} | {entry.words} | {entry.quantity.source} "
            f"| {plausible_text(entry)} | {reason_text(entry)} |"
            for entry in entries
            if entry.table == name
        ]
        head = [f"| {' | '.join(COLUMNS)} |", "| --- " * len(COLUMNS) + "|"]
        parts = [
            f"## {heading}",
            words.strip(),
            SWITCH if switched else "",
            "\n".join(head + rows),
        ]
        pages.append("\n\n".join(filter(None, parts)) + "\n")
    return "\n".join(pages)
