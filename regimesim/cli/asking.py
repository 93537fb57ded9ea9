"""Commands that ask something of a scenario."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.cli.options import (
    OnePolicy,
    Policies,
    ScenarioFile,
    ScenarioOrRun,
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
    known_keys,
)


def contributions(
    file: ScenarioOrRun,
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    audit_budgets: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Also run each policy at these audit budgets."),
    ] = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-contributions") = None,
):
    """Tell what each safeguard contributes, and what it costs."""
    from regimesim.contributions import run_contributions

    given = all_settings(settings, worlds, seed)
    budgets, told = audit_budgets, {"threads": threads, "command": sys.argv[1:]}
    run_contributions(file, given, policy or (), budgets, out, **told)


def require(
    file: ScenarioFile,
    targets: Annotated[
        list[str],
        typer.Option("--for", metavar="ESTIMAND=V", help="What to reach; may be repeated."),
    ],
    vary: Annotated[
        list[str],
        typer.Option(metavar="KEY[=LOW:HIGH]", help="What to vary; several along one line."),
    ],
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write the answers there.")
    ] = None,
):
    """Find how much of a parameter is enough to reach a target."""
    from regimesim.scenario import prepare

    scenario = prepare(file, all_settings(settings, worlds, seed))
    from regimesim.requirement import answer

    answer(scenario, targets, vary, policy or (), out, threads, sys.argv[1:])


def sensitivity(
    file: ScenarioFile,
    outcome: Annotated[
        str,
        typer.Option(
            metavar="X", help="An estimand, or a threshold, as in first_critical_try_median."
        ),
    ],
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY[=LOW:HIGH]",
            help="What is in question, or all, else what is uncertain; may be repeated.",
            autocompletion=known_keys,
        ),
    ] = None,
    policy: OnePolicy = None,
    points: Annotated[
        int, typer.Option(metavar="N", help="Points of Sobol's method, a power of 2.")
    ] = 128,
    screen: Annotated[bool, typer.Option("--screen/--no-screen", help="Screen first.")] = True,
    screen_only: Annotated[
        bool, typer.Option("--screen-only", help="Screen and leave out the indices.")
    ] = False,
    worlds: Annotated[
        str | None,
        typer.Option(metavar="N", help="Worlds at a point, else the file's, 500 at most."),
    ] = None,
    seed: Seed = None,
    settings: Settings = None,
    executor: Annotated[
        str | None, typer.Option(metavar="KIND", help="threads or processes.")
    ] = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-sensitivity") = None,
):
    """Find how much each parameter matters to an outcome."""
    from regimesim.scenario import prepare

    scenario = prepare(file, all_settings(settings, worlds, seed))
    from regimesim.influence.told import few_worlds, tell_sensitivity

    scenario = few_worlds(scenario) if worlds is None else scenario
    how = {"points": points, "screen": screen, "indices": not screen_only, "out": out}
    run = {"threads": threads, "executor": executor, "command": sys.argv[1:]}
    tell_sensitivity(scenario, outcome, over or (), policy, **how, **run)


def cruxes(
    a: Annotated[Path, typer.Argument(metavar="A", help="A scenario, in TOML.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    outcome: Annotated[
        str, typer.Option(metavar="X", help="On what they disagree, as in no_takeover.")
    ],
    policy: OnePolicy = None,
    by: Annotated[
        str, typer.Option(metavar="KIND", help="Group what differs by table or parameter.")
    ] = "table",
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KEY,KEY", help="A group of your own; may be repeated."),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    threads: Threads = None,
    out: folder_else("outputs/<a>-<b>-cruxes") = None,
):
    """Find which parameters make two scenarios disagree."""
    from regimesim.disagreement.told import tell_cruxes

    given = all_settings((), worlds, seed)
    how = {"groups": group or (), "settings": given, "threads": threads, "out": out}
    tell_cruxes(a, b, outcome, policy, by, **how, command=sys.argv[1:])


def discover(
    file: ScenarioOrRun,
    outcome: Annotated[
        str, typer.Option(metavar="SHARE", help="What a world fails at where it is not so.")
    ] = "no_takeover",
    policy: Policies = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=LOW:HIGH",
            help="Draw it evenly from there; may be repeated.",
            autocompletion=known_keys,
        ),
    ] = None,
    density: Annotated[
        float | None,
        typer.Option(metavar="D", help="Least share of failures in a box, else halfway."),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-discover") = None,
):
    """Find the assumptions under which a policy fails."""
    from regimesim.discovery import run_discovery

    given = all_settings(settings, worlds, seed)
    options = {"density": density, "threads": threads, "out": out, "command": sys.argv[1:]}
    run_discovery(file, given, policy or (), over or (), outcome, **options)
