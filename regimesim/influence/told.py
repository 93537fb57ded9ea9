"""`regimesim sensitivity`: how much each parameter matters, told and written down."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from textwrap import fill
from types import SimpleNamespace

from regimesim.analysis.outcome import OUTCOMES, why_absent
from regimesim.experiment.ensemble import available_cores
from regimesim.influence.measured import measure
from regimesim.influence.question import POINTS, ask
from regimesim.results import (
    OUTPUTS,
    compile_model,
    complete_or_absent,
    manifest_of,
    progress_bar,
    write_json,
)
from regimesim.scenario import Scenario
from regimesim.verdict import NONE, digits_for, in_unit, interval, percent, percent_interval

MAKER = "regimesim sensitivity"
NAME = "sensitivity.json"
MOST_WORLDS = 500  # at a point, where their number is not given
WIDTH = 80
COLUMNS = {"total index": 20, "first-order": 23, "mu*": 7, "sigma": 6}  # and their widths
NOISY = 0.1  # of the variance
OF_INDICES = (
    "total: share of the variance over these parameters that would remain if this one alone "
    "were not known; first: share that would vanish if it alone were known."
)
OF_EFFECTS = (
    "mu*: mean size of what a change over its whole range does; sigma: how much that depends on "
    "where the others are; both {unit}."
)


def tell_sensitivity(
    scenario: Scenario,
    outcome: str,
    over: Iterable[str] = (),
    policy: str | None = None,
    points: int = POINTS,
    screen: bool = True,
    indices: bool = True,
    threads: int | None = None,
    executor: str | None = None,
    out=None,
    command: Iterable[str] = (),
):
    """Find how much each parameter matters to an outcome, print and write it.

    out: the folder, else outputs/NAME-sensitivity · the others: see `sensitivity`.  Raises
    Refusal for whatever of these cannot be used, before anything is run.
    """
    asked = ask(scenario, outcome, over, policy, points, screen, indices)
    threads = threads or available_cores()
    target = Path(out) if out is not None else OUTPUTS / f"{scenario.name}-sensitivity"
    began = time.perf_counter()
    with complete_or_absent(target, MAKER) as folder:
        compile_model()
        with progress_bar(total=asked.most_worlds) as bar:
            found = measure(asked, threads, executor, bar.update)
        write_json(folder / NAME, found)
        seconds = time.perf_counter() - began
        write_json(
            folder / "manifest.json",
            manifest_of(asked.scenario, threads, command, seconds, MAKER),
        )
        _draw(found, folder / "figures")
    print(told(found))
    print(f"\nThe numbers are in {target}{os.sep}{NAME}.")


def few_worlds(scenario: Scenario) -> Scenario:
    """The scenario with no more worlds than a point gets where their number is not given."""
    few = {"worlds": MOST_WORLDS}
    return scenario.override(few) if scenario.worlds > MOST_WORLDS else scenario


def _draw(found, folder) -> None:
    from regimesim.plots.figures import draw

    draw("sensitivity", {"worlds": SimpleNamespace(attrs=found), "sensitivity": found}, folder)


def told(found: dict) -> str:
    """The content of sensitivity.json as text of at most 80 columns."""
    lines = [
        fill(f"{found['outcome']} under {found['policy']}: {found['words']}", WIDTH),
        *(fill(line, WIDTH) for line in _about(found)),
        "",
        *_table(found),
        "",
        *(fill(line, WIDTH) for line in (*_legend(found), *_remarks(found))),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _about(found):
    size, points = len(found["parameters"]), sum(one["of"] for one in found["undefined"].values())
    yield (
        f"{size} parameter{'s' if size > 1 else ''}, {points:,} points of {found['worlds']:,} "
        f"worlds each, seed {found['seed']}"
    )
    if found["varies"]:
        low, high = (_level(value, found) for value in found["varies"])
        yield f"Over these points the outcome is {low} to {high}."


def _level(value, found):
    told = {"estimate": value, "low": None, "high": None}
    if found["unit"] == "1":
        return f"{percent_interval(told)} %"
    return interval(told, digits_for(max(map(abs, found["varies"]))))


def _table(found):
    """A row for each parameter that has an effect, the weightiest first; columns for what was
    found."""
    rows = {key: {**_indices(one)} for key, one in _acting(found).items()}
    for key, cells in _effects(found).items():
        rows[key] |= cells
    widths = {
        name: width for row in rows.values() for name, width in COLUMNS.items() if name in row
    }
    room = WIDTH - sum(widths.values())
    for key, row in {"parameter": {name: name for name in widths}, **rows}.items():
        if len(key) > room:
            yield key
            key = ""
        yield f"{key:{room}}" + "".join(
            f"{row.get(name, NONE):>{widths[name]}}" for name in widths
        )


def _indices(one) -> dict[str, str]:
    named = {"total index": one["total"], "first-order": one["first"]}
    return {name: interval(index, 2) for name, index in named.items() if index}


def _effects(found) -> dict[str, dict[str, str]]:
    """The cells of effects; those of shares in percentage points."""
    size = 100 if found["unit"] == "1" else 1
    known = {key: one for key, one in _acting(found).items() if one["mu_star"]}
    there = [one["mu_star"]["estimate"] or 0 for one in known.values()]
    digits = digits_for(size * max(there, default=0))

    def cell(value):
        return NONE if value is None else f"{size * value:.{digits}f}"

    return {
        key: {"mu*": cell(one["mu_star"]["estimate"]), "sigma": cell(one["sigma"])}
        for key, one in known.items()
    }


def _legend(found):
    if any(one["total"] for one in found["parameters"].values()):
        yield f"{OF_INDICES} 95 % intervals."
    if found["trajectories"]:
        yield OF_EFFECTS.format(unit=in_unit(found["unit"]))


def _acting(found):
    return {key: one for key, one in found["parameters"].items() if not one["no_effect"]}


def _remarks(found):
    """What a reader must know, a sentence each."""
    idle = [key for key, one in found["parameters"].items() if one["no_effect"]]
    if idle:
        yield f"no effect: {', '.join(idle)}"
    varies = found["varies"]
    if varies and varies[0] == varies[1]:
        yield "The outcome is the same at every point, so there is no variance to share out."
    share = found["noise_share"]
    if share is not None:
        advice = ": more worlds (--worlds) are needed" if share > NOISY else ""
        yield (
            f"Of the variance over points at most {percent(min(share, 1.0))} % is the luck of "
            f"{found['worlds']:,} worlds{advice}."
        )
    why, other = why_absent(OUTCOMES[found["outcome"]])
    for stage, one in found["undefined"].items():
        if one["points"]:
            lost = (
                f"Indices need it everywhere and are not given; ask for another outcome, such as "
                f"{other}, or for more worlds (--worlds)."
                if stage == "indices"
                else "Effects there are left out."
            )
            yield (
                f"At {one['points']} of {one['of']} points of the {stage} the outcome does not "
                f"exist: {why}. {lost}"
            )
