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

ScenarioFile = Annotated[Path, typer.Argument(metavar="FILE", help="A scenario, in TOML.")]


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
    worlds: Annotated[str | None, typer.Option(metavar="N", help="Number of worlds.")] = None,
    seed: Annotated[str | None, typer.Option(metavar="S", help="Seed.")] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Run this policy only; may be repeated."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Replace a value; may be repeated."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Threads, else one a core.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder, else outputs/<name>.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw them.")] = True,
):
    """Run a scenario and write its results to a folder."""
    from regimesim.scenario import prepare

    sizes = {"worlds": worlds, "seed": seed}
    given = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    scenario = prepare(file, [*(settings or ()), *given], policy or ())
    from regimesim.results import run_scenario

    run_scenario(scenario, out=out, threads=threads, figures=figures, command=sys.argv[1:])


@app.command()
def check(file: ScenarioFile):
    """Say what a scenario is, or every mistake in it."""
    from regimesim.reference import overview
    from regimesim.scenario import load

    typer.echo(overview(load(file), bold))


@app.command()
def params(
    pattern: Annotated[str, typer.Argument(help="A part of their names, or a regex.")] = "",
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
