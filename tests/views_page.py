"""The tables of docs/views.md, from the three files; `python tests/views_page.py` writes them."""

import re
import tomllib
from functools import cache
from json import dumps, loads
from pathlib import Path

import views_cases as cases
from views_cases import VIEWS

import regimesim as rs
from regimesim.analysis.formatting import median_date, percent, percent_interval
from regimesim.plots.style import words
from regimesim.scenario.parameter_reference import default_text
from regimesim.scenario.parameters import declarations
from regimesim.studies.cruxes.groups import Side, differing

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "scenarios" / "views"
PAGE = ROOT / "docs" / "views.md"
CASE_WORLDS, CRUX_WORLDS = 500, 150
TRY, TAKEOVER = "first_critical_try", "takeover"
SHARES = ("no_takeover", "held_first_critical_try")


def path_of(view: str) -> Path:
    return FOLDER / f"{view}.toml"


def raw(view: str) -> dict:
    """A view's file as it is written."""
    return tomllib.loads(path_of(view).read_text(encoding="utf-8"))


def explained(view: str) -> dict[str, tuple[str, str]]:
    """Of every key of a view's own tables: (its value as written, the comment right above it)."""
    table, comment, found = "", [], {}
    for line in path_of(view).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            comment.append(line[2:])
            continue
        if header := re.fullmatch(r"\[(.+)\]", line):
            table = f"{header[1]}.".lstrip("[")  # of a list of events as well
        elif "=" in line and not line.startswith("#") and not table.startswith("policies."):
            key, value = (part.strip() for part in line.split("=", 1))
            found[table + key] = value, " ".join(comment)
        comment = []
    return found


def as_table(columns, rows) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def in_toml(value) -> str:
    """A value as it is written in a scenario file."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {in_toml(one)}" for key, one in value.items()) + " }"
    return f"{value:g}" if isinstance(value, float) else dumps(value)


def in_view(view: str, key: str) -> str:
    """The value of a key in a view, as its file has it."""
    if key in explained(view):
        return explained(view)[key][0]
    value = raw(view)
    for part in key.split("."):
        if part not in value:
            return in_toml(cases.AS_BY_DEFAULT[key])
        value = value[part]
    return in_toml(value)


def changed(view: str, answer: dict | None, rigged: dict) -> str:
    """What an objection is about: the keys, each with the value of the answer and the other."""
    pairs, answer = [], answer or {}
    for key in answer or rigged:
        here = in_toml(answer[key]) if key in answer else in_view(view, key)
        there = in_toml(rigged[key]) if key in rigged else in_view(view, key)
        if here != there:
            pairs.append(f"`{key}`: `{here}`, not `{there}`")
    return "; ".join(pairs)


@cache
def _found(view: str, policy: str, changes: str) -> dict:
    scenario = rs.load(path_of(view)).choose([policy])
    scenario = scenario.override({"worlds": CASE_WORLDS, **loads(changes)})
    return rs.summarise(rs.run(scenario).worlds)["policies"][policy]


def found(view: str, policy: str, *changes: dict | None) -> dict:
    """A policy of a view after some changes: its part of a summary."""
    together = {key: value for some in changes for key, value in (some or {}).items()}
    return _found(view, policy, dumps(together))


def shares(summary: dict) -> list[str]:
    return [percent_interval(summary[name]) for name in SHARES]


@cache
def runs() -> dict:
    """The views' own runs."""
    return {view: rs.run(rs.load(path_of(view))) for view in VIEWS}


@cache
def summaries() -> dict[str, dict]:
    """What the views' own runs give."""
    return {view: rs.summarise(run.worlds) for view, run in runs().items()}


def parameters() -> str:
    """A table of every parameter on which the views differ, with their reasons."""
    told = {view: explained(view) for view in VIEWS}
    rows = []
    for entry in declarations():
        cells = [told[view].get(entry.key) for view in VIEWS]
        if entry.table and len({cell[0] if cell else "" for cell in cells}) > 1:
            name = f"`{entry.key}` ({default_text(entry)})"
            rows.append([name, *(f"`{value}` {why}" for value, why in cells)])
    return as_table(["parameter (default)", *map(words, VIEWS)], rows)


def results() -> str:
    """A table of what becomes of each policy under each view."""
    columns = ("policy", "view", "no takeover", "growth lost", "first try held", "met a try")
    rows = []
    for policy in summaries()[VIEWS[0]]["policies"]:
        for view in VIEWS:
            summary = summaries()[view]["policies"][policy]
            met = summary["thresholds"][TRY]
            kept, held = shares(summary)
            lost = f"{100 * summary['growth_lost']['estimate']:.0f}"
            date = median_date(met, rs.load(path_of(view)).start)
            share = percent(met["crossed"])
            rows.append([f"`{policy}`", words(view), kept, lost, held, share, date])
    return as_table([*columns, "first try"], rows)


def pieces() -> str:
    """A table of what becomes of a policy when a piece of a view is taken away."""
    rows = [
        [words(one.view), f"`{one.policy}`", one.words, *shares(found(one.view, *one[2:]))]
        for one in cases.PIECES
    ]
    return as_table(["view", "policy", "", "no takeover", "first try held"], rows)


def with_and_without(one: cases.Objection) -> tuple[dict, dict]:
    """What is found with the answer to an objection, and without it."""
    return (
        found(one.view, one.policy, one.both, one.answer),
        found(one.view, one.policy, one.both, one.rigged),
    )


def objections() -> str:
    """A table of what holders of each view would call rigged, and what the answer does."""
    rows = []
    for one in cases.OBJECTIONS:
        pairs = zip(*map(shares, with_and_without(one)), strict=True)
        says = f"{one.says}, {one.where}" if one.where else one.says
        answer = one.words or changed(one.view, one.answer, one.rigged)
        rows.append([words(one.view), says, answer, f"`{one.policy}`", *sum(pairs, ())])
    columns = ("view", "would be called rigged", "answer", "policy", "no takeover", "without it")
    return as_table([*columns, "first try held", "without it"], rows)


def later() -> str:
    """A table of the values that were changed after runs had been seen, and what that did."""
    rows = []
    for view, before in cases.BEFORE.items():
        for policy in cases.AFFECTED[view]:
            now, then = (shares(found(view, policy, some)) for some in ({}, before))
            row = [words(view), f"`{policy}`", now[0], then[0], now[1], then[1]]
            rows.append(row)
    columns = ("view", "policy", "no takeover", "before", "first try held", "before")
    return as_table(columns, rows)


def before() -> str:
    """A table of the same values: what stands now and what stood before."""
    rows = [
        [words(view), f"`{key}`", f"`{in_view(view, key)}`", f"`{in_toml(value)}`"]
        for view, values in cases.BEFORE.items()
        for key, value in values.items()
    ]
    return as_table(["view", "parameter", "value", "before"], rows)


def line() -> str:
    """A table of the line at faithful chain of thought, alone and with monitors."""
    rows = []
    for view in VIEWS:
        start = rs.load(path_of(view)).start
        for one in cases.LINES:
            summary = found(view, *one[1:])
            dates = (median_date(summary["thresholds"][name], start) for name in (TRY, TAKEOVER))
            rows.append([words(view), one.words, *shares(summary), *dates])
    return as_table(["view", "", "no takeover", "first try held", "first try", "takeover"], rows)


def common() -> str:
    """A table of what the views have in common: other values of it, in all views."""
    rows = [
        [what, f"`{policy}`", *(shares(found(view, policy, changes))[0] for view in VIEWS)]
        for policy in cases.COMMON_POLICIES
        for what, changes in cases.COMMON
    ]
    return as_table(["", "policy", *map(words, VIEWS)], rows)


def thresholds() -> str:
    """A table of the months by which half of all worlds crossed, under control alone."""
    names = ("capable", "aware", "favourable", TRY)
    rows = []
    for view in VIEWS:
        crossed = summaries()[view]["policies"]["control"]["thresholds"]
        start = rs.load(path_of(view)).start
        rows.append([words(view), *(median_date(crossed[name], start) for name in names)])
    return as_table(["view", *map(words, names)], rows)


@cache
def divided(crux: cases.Crux) -> "rs.Cruxes":
    """How a disagreement of two views is divided among groups of their values."""
    a, b = (rs.load(path_of(view)).override({"worlds": CRUX_WORLDS}) for view in crux[:2])
    sides = (Side(one.choose([crux.policy]), crux.policy) for one in (a, b))
    groups: dict[str, list[str]] = {name: [] for name in cases.GROUPS}
    for one in differing(*sides):
        name = next(name for name in groups if one.key.startswith(cases.GROUPS[name]))
        groups[name].append(one.key)
    return rs.cruxes(a, b, crux.outcome, policies=[crux.policy], groups=groups)


def cruxes() -> str:
    """A table of what makes each pair of views disagree: Shapley values in percentage points."""
    rows = []
    for crux in cases.CRUXES:
        result = divided(crux)
        ends = (percent(result.a.estimate), percent(result.b.estimate))
        parts = (percent_interval(result[name].shapley._asdict()) for name in cases.GROUPS)
        pair = f"{words(crux.a)} → {words(crux.b)}"
        outcome = {"no_takeover": "no takeover"}.get(crux.outcome, "first try held")
        rows.append([pair, f"`{crux.policy}`", f"{outcome}: {ends[0]} → {ends[1]}", *parts])
    return as_table(["views", "policy", "outcome", *cases.GROUPS], rows)


TABLES = {
    "results": results,
    "thresholds": thresholds,
    "pieces": pieces,
    "line": line,
    "objections": objections,
    "cruxes": cruxes,
    "common": common,
    "before": before,
    "later": later,
    "parameters": parameters,
}


def block(name: str) -> re.Pattern:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- end of {name} -->)", re.DOTALL)


def write():
    text = PAGE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        made = table()
        text = block(name).sub(lambda match, made=made: f"{match[1]}\n{made}\n\n{match[3]}", text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
