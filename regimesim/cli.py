"""The command line. Each command is one call deep and imports what it needs when it is used."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim import __version__

BAD_INPUT, INTERRUPTED = 2, 130
UsageError = typer.BadParameter.__base__  # typer does not export it by name

app = typer.Typer(
    name="regimesim",
    help="Does an oversight policy survive the first critical try?",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def known_policies(context: typer.Context, incomplete: str) -> list[str]:
    """The policies of the scenario on the command line, for the shell to complete."""
    from regimesim.refusal import Refusal
    from regimesim.scenario import load

    # an option that still lacks its value leaves the file among the unread arguments
    places = [context.params.get("file"), *context.args]
    try:
        names = load(next(filter(None, places))).policies
    except (Refusal, StopIteration):
        return []
    return [name for name in names if name.startswith(incomplete)]


def known_keys(incomplete: str) -> list[str]:
    """The dotted names of parameters, for the shell to complete."""
    from regimesim.world.parameters import declarations

    return [declared.key for declared in declarations() if declared.key.startswith(incomplete)]


ScenarioFile = Annotated[Path, typer.Argument(metavar="FILE", help="A scenario, in TOML.")]
Worlds = Annotated[str | None, typer.Option("--worlds", metavar="N", help="Number of worlds.")]
Seed = Annotated[str | None, typer.Option("--seed", metavar="S", help="Seed.")]
Threads = Annotated[
    int | None, typer.Option("--threads", metavar="N", min=1, help="Threads, else one a core.")
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="This policy only; may be repeated.",
        autocompletion=known_policies,
    ),
]
OnePolicy = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="The policy, else the first.",
        autocompletion=known_policies,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value; may be repeated.",
        autocompletion=known_keys,
    ),
]


@app.callback(invoke_without_command=True)
def regimesim(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
):
    """Does an oversight policy survive the first critical try?"""
    if version:
        typer.echo(f"regimesim {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run(
    file: ScenarioFile,
    worlds: Worlds = None,
    seed: Seed = None,
    policy: Policies = None,
    settings: Settings = None,
    threads: Threads = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<name>.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw them.")] = True,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ESTIMAND=H",
            help="Add worlds, N at most, until its interval is ± H; may be repeated.",
        ),
    ] = None,
):
    """Run a scenario and write its results to a folder."""
    from regimesim.scenario import prepare

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    scenario = prepare(file, [*(settings or ()), *given], policy or ())
    from regimesim.results import run_scenario

    how = {"out": out, "threads": threads, "figures": figures, "command": sys.argv[1:]}
    if precision:
        from regimesim.analysis.precision import read_targets, with_room

        how["targets"] = read_targets(precision)
        scenario = with_room(scenario) if worlds is None else scenario
    run_scenario(scenario, **how)


@app.command()
def contributions(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A scenario, or the folder of a run.")
    ],
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    audit_budgets: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Also run each policy at these audit budgets."),
    ] = None,
    threads: Threads = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<name>-contributions.")
    ] = None,
):
    """Tell what each safeguard contributes, and what it costs."""
    from regimesim.contributions import run_contributions

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    given = [*(settings or ()), *given]
    budgets, told = audit_budgets, {"threads": threads, "command": sys.argv[1:]}
    run_contributions(file, given, policy or (), budgets, out, **told)


@app.command()
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

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    scenario = prepare(file, [*(settings or ()), *given])
    from regimesim.requirement import answer

    answer(scenario, targets, vary, policy or (), out, threads, sys.argv[1:])


@app.command()
def discover(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A scenario, or the folder of a run.")
    ],
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
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<name>-discover.")
    ] = None,
):
    """Find the assumptions under which a policy fails."""
    from regimesim.discovery import run_discovery

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    given = [*(settings or ()), *given]
    options = {"density": density, "threads": threads, "out": out, "command": sys.argv[1:]}
    run_discovery(file, given, policy or (), over or (), outcome, **options)


@app.command()
def sweep(
    file: ScenarioFile,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=...",
            help="A range LOW:HIGH:N or a list A,B,C, instead of the file's; may be repeated.",
            autocompletion=known_keys,
        ),
    ] = None,
    design: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="grid, zip, latin_hypercube, sobol or table."),
    ] = None,
    points: Annotated[
        int | None, typer.Option(metavar="N", help="Points of a design that is drawn.")
    ] = None,
    table: Annotated[
        str | None, typer.Option(metavar="CSV", help="The points, a row each.")
    ] = None,
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    independent: Annotated[
        bool, typer.Option("--independent", help="Worlds of its own for each point.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what it would be and take, and write nothing.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with it, also with more worlds.")
    ] = False,
    shard: Annotated[
        str | None, typer.Option(metavar="K/N", help="Run the K-th of N parts only.")
    ] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="KIND", help="threads, processes or dask.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster.")
    ] = None,
    threads: Threads = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<name>-sweep.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw them.")] = True,
):
    """Run a scenario at many points of its parameters."""
    from regimesim.scenario import prepare

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    scenario = prepare(file, [*(settings or ()), *given], policy or ())
    from regimesim.sweep.crews import make_crew
    from regimesim.sweep.designs import read_design
    from regimesim.sweeping import run_sweep, tell_plan

    crew = make_crew(executor, threads, scheduler)
    chosen = read_design(scenario, vary or (), design, points, table)
    what = {"independent": independent, "shard": shard}
    if dry_run:
        return tell_plan(scenario, chosen, threads=threads, **what)
    how = {"out": out, "resume": resume, "figures": figures, "command": sys.argv[1:]}
    return run_sweep(scenario, chosen, crew=crew, **what, **how)


@app.command()
def merge(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Of all shards of a sweep.")
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<name>-sweep.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw them.")] = True,
):
    """Make one sweep of its shards."""
    from regimesim.merging import merge

    return merge(folders, out, figures, sys.argv[1:])


@app.command()
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
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<name>-sensitivity.")
    ] = None,
):
    """Find how much each parameter matters to an outcome."""
    from regimesim.scenario import prepare

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    scenario = prepare(file, [*(settings or ()), *given])
    from regimesim.influence.told import few_worlds, tell_sensitivity

    scenario = few_worlds(scenario) if worlds is None else scenario
    how = {"points": points, "screen": screen, "indices": not screen_only, "out": out}
    run = {"threads": threads, "executor": executor, "command": sys.argv[1:]}
    tell_sensitivity(scenario, outcome, over or (), policy, **how, **run)


@app.command()
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
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<a>-<b>-cruxes.")
    ] = None,
):
    """Find which parameters make two scenarios disagree."""
    from regimesim.disagreement.told import tell_cruxes

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    how = {"groups": group or (), "settings": given, "threads": threads, "out": out}
    tell_cruxes(a, b, outcome, policy, by, **how, command=sys.argv[1:])


@app.command()
def claims(
    claim: Annotated[
        str | None, typer.Argument(metavar="[CLAIM]", help="The claim to run, such as C6.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Run all of them.")] = False,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/claim-C6 or /claims.")
    ] = None,
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

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    given, place = [*(settings or ()), *given], claims_folder(folder)
    if claim and everything:
        raise typer.BadParameter("name a claim, or --all of them, not both")
    if markdown:
        write_markdown(place, threads=threads)
    elif everything:
        run_claims(place, given, out, threads, sys.argv[1:])
    elif claim:
        run_claim(claim, place, given, out, threads, sys.argv[1:])
    else:
        list_claims(place)


@app.command()
def trace(
    file: ScenarioFile,
    world: Annotated[str | None, typer.Option(metavar="N", help="Number of the world.")] = None,
    find: Annotated[
        str | None, typer.Option(metavar="KIND", help="The first world of a kind instead.")
    ] = None,
    policy: OnePolicy = None,
    seed: Seed = None,
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw it: .png, .svg or .pdf.")
    ] = None,
):
    """Tell the story of a single world."""
    from regimesim.scenario import prepare

    given = [] if seed is None else [f"seed={seed}"]
    scenario = prepare(file, [*(settings or ()), *given])
    from regimesim.chronicle.told import tell_world

    tell_world(scenario, policy, world, find, out)


@app.command()
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
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else DIR/figures.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="X", help="Of a sweep: what is drawn.")
    ] = None,
    level: Annotated[
        float | None, typer.Option(metavar="P", help="Of a sweep: the line of this value.")
    ] = None,
):
    """Draw figures again from saved results."""
    from regimesim.redraw import redraw

    for path in redraw(folder, figure or (), formats or (), style, out, outcome, level):
        typer.echo(path)


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN_DIR", help="Folders of runs.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="This policy only; may be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw it: .png, .svg or .pdf.")
    ] = None,
):
    """Set saved runs of the same policies side by side."""
    from regimesim.comparison import compare

    compare(folders, policy or (), out)


@app.command()
def check(file: ScenarioFile):
    """Say what a scenario is, or every mistake in it."""
    from regimesim.reference import overview
    from regimesim.scenario import load

    typer.echo(overview(load(file), bold))


@app.command()
def params(
    pattern: Annotated[
        str, typer.Argument(help="A part of their names, or a regex.", autocompletion=known_keys)
    ] = "",
    markdown: Annotated[bool, typer.Option("--markdown", hidden=True)] = False,
):
    """List the parameters of a scenario file."""
    from regimesim import reference

    if markdown:
        typer.echo(reference.markdown(), nl=False)
    else:
        typer.echo(reference.params(pattern, bold))


@app.command()
def schema():
    """Print the JSON Schema of a scenario file."""
    import json

    from regimesim.schema import schema

    typer.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; a user's mistake is told, not raised."""
    from regimesim.refusal import Refusal

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that has no ′ still gets its text
    try:
        code = app(args=arguments, prog_name="regimesim", standalone_mode=False) or 0
        lines = []
    except Refusal as refusal:
        lines, code = refusal.lines, BAD_INPUT
    except UsageError as error:
        lines, code = [usage(error)], BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        lines, code = [], INTERRUPTED
    if code == INTERRUPTED:
        lines = ["regimesim: interrupted"]
    for line in lines:
        print(line, file=sys.stderr)
    return code


def usage(error: UsageError) -> str:
    """One sentence for a wrong use of the command line, with the nearest name."""
    from regimesim.refusal import nearest

    message = error.format_message().rstrip(".")
    if error.ctx is None:
        return f"regimesim: {message[0].lower()}{message[1:]}"
    place, command = error.ctx.command_path, error.ctx.command
    if option := getattr(error, "option_name", None):
        options = [name for known in command.params for name in known.opts if name[:2] == "--"]
        close = nearest(option, [*options, "--help"])
        return f"{place}: no such option '{option}'; the nearest is '{close}'"
    if wrong := re.match("No such command '(.*?)'", error.message):
        close = nearest(wrong[1], command.commands)
        return f"{place}: no such command '{wrong[1]}'; the nearest is '{close}'"
    return f"{place}: {message[0].lower()}{message[1:]}; see '{place} --help'"


def bold(text: str) -> str:
    """`text` in bold on a terminal that wants colours."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\033[1m{text}\033[0m" if wanted and sys.stdout.isatty() else text
