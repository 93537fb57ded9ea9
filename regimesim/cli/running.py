"""Commands that run worlds, tell of them and draw them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.cli.options import (
    Drawing,
    OnePolicy,
    Policies,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
)


def run(
    file: ScenarioFile,
    worlds: Worlds = None,
    seed: Seed = None,
    policy: Policies = None,
    settings: Settings = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>, or /<name>-rare with --rare") = None,
    figures: Annotated[
        bool | None,
        typer.Option(
            "--figures/--no-figures",
            help="Draw them: the default, but --rare has none.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ESTIMAND=H",
            help="Add worlds, N at most, until its interval is ± H; may be repeated.",
        ),
    ] = None,
    rare: Annotated[
        bool,
        typer.Option(
            "--rare", help="Ask how probable rare failures are, N worlds a policy at most."
        ),
    ] = False,
    relative_error: Annotated[
        float | None, typer.Option(metavar="E", help="With --rare: to be reached, else 0.1.")
    ] = None,
):
    """Run a scenario and write its results to a folder."""
    from regimesim.scenario import prepare

    if rare and precision:
        raise typer.BadParameter("--precision is for runs without --rare; use --relative-error")
    if rare and figures:
        raise typer.BadParameter("--rare draws no figures; leave out --figures")
    if relative_error is not None and not rare:
        raise typer.BadParameter("--relative-error is for --rare")
    scenario = prepare(file, all_settings(settings, worlds, seed), policy or ())
    if rare:
        from regimesim.rarity import run_rare

        how = {"out": out, "threads": threads, "command": sys.argv[1:]}
        run_rare(scenario, relative_error, room=worlds is None, **how)
        return
    from regimesim.results import run_scenario

    how = {"out": out, "threads": threads, "command": sys.argv[1:]}
    how["figures"] = figures is not False
    if precision:
        from regimesim.analysis.precision import read_targets, with_room

        how["targets"] = read_targets(precision)
        scenario = with_room(scenario) if worlds is None else scenario
    run_scenario(scenario, **how)


def trace(
    file: ScenarioFile,
    world: Annotated[str | None, typer.Option(metavar="N", help="Number of the world.")] = None,
    find: Annotated[
        str | None, typer.Option(metavar="KIND", help="The first world of a kind instead.")
    ] = None,
    policy: OnePolicy = None,
    seed: Seed = None,
    settings: Settings = None,
    out: Drawing = None,
):
    """Tell the story of a single world."""
    from regimesim.scenario import prepare

    scenario = prepare(file, all_settings(settings, seed=seed))
    from regimesim.chronicle.told import tell_world

    tell_world(scenario, policy, world, find, out)


def plot(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of a run, a sweep, ....")
    ],
    figure: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Draw this figure only; may be repeated."),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", help="png, svg or pdf; may be repeated."),
    ] = None,
    style: Annotated[str, typer.Option(metavar="NAME", help="paper, column or slide.")] = "paper",
    out: folder_else("DIR/figures") = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="X", help="Of a sweep: what is drawn.")
    ] = None,
    level: Annotated[
        str | None, typer.Option(metavar="P", help="Of a sweep: the line of this value or month.")
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Of a sweep: over this axis; may be repeated."),
    ] = None,
):
    """Draw figures again from saved results."""
    from regimesim.redraw import redraw

    asked = {"outcome": outcome, "level": level, "over": over or ()}
    for path in redraw(folder, figure or (), formats or (), style, out, **asked):
        typer.echo(path)


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN_DIR", help="Folders of runs.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="This policy only; may be repeated."),
    ] = None,
    out: Drawing = None,
):
    """Set saved runs of the same policies side by side."""
    from regimesim.comparison import compare

    compare(folders, policy or (), out)


def claims(
    claim: Annotated[
        str | None, typer.Argument(metavar="[CLAIM]", help="The claim to run, such as C6.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Run all of them.")] = False,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    out: folder_else("outputs/claim-C6 or /claims") = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Folder of claims, else scenarios/claims."),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", hidden=True)] = False,
):
    """List arguments from the debate, run one, or run all."""
    from regimesim.claims.command import (
        claims_folder,
        list_claims,
        run_claim,
        run_claims,
        write_markdown,
    )

    given, place = all_settings(settings, worlds, seed), claims_folder(folder)
    if claim and everything:
        raise typer.BadParameter("name a claim, or --all of them, not both")
    if not claim and not everything and (given or out):
        raise typer.BadParameter("options of a run need a claim, or --all of them")
    if markdown:
        write_markdown(place, threads=threads)
    elif everything:
        run_claims(place, given, out, threads, sys.argv[1:])
    elif claim:
        run_claim(claim, place, given, out, threads, sys.argv[1:])
    else:
        list_claims(place)


def validate(
    rows: Annotated[
        list[str] | None,
        typer.Argument(metavar="ROW", help="Rows of the table, such as V3, else all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Targets in the place of those that are shipped."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="DIR", help="Folder of scenarios, else scenarios/validation."
        ),
    ] = None,
    threads: Threads = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print it as the page of the documents.")
    ] = False,
):
    """Hold the model against published and exact numbers."""
    from regimesim.validation.command import run_validation

    if as_json and markdown:
        raise typer.BadParameter("--json or --markdown, not both")
    form = "json" if as_json else "markdown" if markdown else "table"
    return run_validation(rows or (), form, targets, folder, threads)
