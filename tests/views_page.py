"""The tables of docs/views.md, from the three files; `python tests/views_page.py` writes them."""

import re
from functools import cache
from pathlib import Path

from small import ALL_RECOGNISED

import regimesim as rs
from regimesim.analysis.formatting import median_date, percent_interval
from regimesim.plots.style import words
from regimesim.scenario.parameter_reference import default_text
from regimesim.scenario.parameters import declarations

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "scenarios" / "views"
PAGE = ROOT / "docs" / "views.md"
VIEWS = ("instrumental_convergence", "ladder", "dense_feedback")
PIECE_WORLDS = 500
AS_BY_DEFAULT = {entry.key: entry.default for entry in declarations()}
DENSITY = (
    "feedback.density_per_doubling",
    "feedback.sparse_premium",
    "feedback.density_race",
)
LESSONS = (
    "paradigm.knowledge_transfer",
    "paradigm.safety_automation",
    "oversight.red_team.elicitation_gap",
)
BY_THEMSELVES = {"conduct.coordination": 0, "training.shared": 0}
UNEVADED = {**ALL_RECOGNISED, **BY_THEMSELVES, "oversight.cot_monitor.evasion": 0}
# What is taken away from a view or added to it: view, words, policy, changes.
PIECES = (
    ("instrumental_convergence", "as it is", "defence_in_depth", {}),
    ("instrumental_convergence", "every attempt recognised", "defence_in_depth", ALL_RECOGNISED),
    ("instrumental_convergence", "each copy by itself", "defence_in_depth", BY_THEMSELVES),
    ("instrumental_convergence", "as it is", "halt", {}),
    ("instrumental_convergence", "each copy by itself", "halt", BY_THEMSELVES),
    ("ladder", "as it is", "hold_faithful_cot", {}),
    ("ladder", "every attempt recognised", "hold_faithful_cot", ALL_RECOGNISED),
    ("ladder", "and each copy by itself, nothing evaded", "hold_faithful_cot", UNEVADED),
    (
        "ladder",
        "and no drift of density",
        "hold_faithful_cot",
        {**UNEVADED, "feedback.density_per_doubling": 0},
    ),
    ("ladder", "as it is", "defence_in_depth", {}),
    ("ladder", "every attempt recognised", "defence_in_depth", ALL_RECOGNISED),
    ("dense_feedback", "as it is", "none", {}),
    ("dense_feedback", "density by default", "none", DENSITY),
    ("dense_feedback", "as it is", "control", {}),
    ("dense_feedback", "lessons, automation and exercises by default", "control", LESSONS),
    ("dense_feedback", "density by default", "control", DENSITY),
    ("dense_feedback", "density by default", "defence_in_depth", DENSITY),
    ("dense_feedback", "density by default", "halt", DENSITY),
)


def path_of(view: str) -> Path:
    return FOLDER / f"{view}.toml"


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


def parameters() -> str:
    """A table of every parameter on which the views differ, with their reasons."""
    told = {view: explained(view) for view in VIEWS}
    rows = [
        f"| parameter (default) | {' | '.join(words(view) for view in VIEWS)} |",
        "| --- " * (len(VIEWS) + 1) + "|",
    ]
    for entry in declarations():
        cells = [told[view].get(entry.key) for view in VIEWS]
        if entry.table and len({cell[0] if cell else "" for cell in cells}) > 1:
            name = f"`{entry.key}` ({default_text(entry)})"
            rows.append(f"| {name} | {' | '.join(f'`{v}` {why}' for v, why in cells)} |")
    return "\n".join(rows)


@cache
def runs() -> dict:
    """The views' own runs."""
    return {view: rs.run(rs.load(path_of(view))) for view in VIEWS}


@cache
def summaries() -> dict[str, dict]:
    """What the views' own runs give."""
    return {view: rs.summarise(run.worlds) for view, run in runs().items()}


def results() -> str:
    """A table of what becomes of each policy under each view."""
    columns = (
        "policy",
        "view",
        "no takeover",
        "growth lost",
        "first try held",
        "met a try",
        "first try",
    )
    rows = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    start = rs.load(path_of(VIEWS[0])).start
    for policy in summaries()[VIEWS[0]]["policies"]:
        for view in VIEWS:
            found = summaries()[view]["policies"][policy]
            met = found["thresholds"]["first_critical_try"]
            cells = (
                f"`{policy}`",
                words(view),
                percent_interval(found["no_takeover"]),
                f"{100 * found['growth_lost']['estimate']:.0f}",
                percent_interval(found["held_first_critical_try"]),
                f"{100 * met['crossed']:.1f}",
                median_date(met, start),
            )
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


@cache
def pieces() -> list[dict]:
    """What becomes of a policy when a piece of a view is taken away: its part of a summary."""
    found = []
    for view, _, policy, changes in PIECES:
        if not isinstance(changes, dict):
            changes = {key: AS_BY_DEFAULT[key] for key in changes}
        scenario = rs.load(path_of(view)).choose([policy])
        scenario = scenario.override({"worlds": PIECE_WORLDS, **changes})
        found.append(rs.summarise(rs.run(scenario).worlds)["policies"][policy])
    return found


def taken_away() -> str:
    """A table of `pieces`."""
    columns = ("view", "policy", "", "no takeover", "first try held")
    rows = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    for (view, what, policy, _), found in zip(PIECES, pieces(), strict=True):
        shares = (found["no_takeover"], found["held_first_critical_try"])
        cells = (words(view), f"`{policy}`", what, *map(percent_interval, shares))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def thresholds() -> str:
    """A table of the months by which half of all worlds crossed, under control alone."""
    names = ("capable", "aware", "favourable", "first_critical_try")
    rows = [f"| view | {' | '.join(words(name) for name in names)} |"]
    rows.append("| --- " * (len(names) + 1) + "|")
    for view in VIEWS:
        found = summaries()[view]["policies"]["control"]["thresholds"]
        start = rs.load(path_of(view)).start
        dates = (median_date(found[name], start) for name in names)
        rows.append(f"| {words(view)} | {' | '.join(dates)} |")
    return "\n".join(rows)


TABLES = {
    "parameters": parameters,
    "results": results,
    "thresholds": thresholds,
    "pieces": taken_away,
}


def block(name: str) -> re.Pattern:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- end of {name} -->)", re.DOTALL)


def write():
    text = PAGE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        found = table()
        text = block(name).sub(
            lambda match, found=found: f"{match[1]}\n{found}\n\n{match[3]}", text
        )
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
