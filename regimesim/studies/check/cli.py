"""The commands that say what a scenario is and may hold: `check`, `params` and `schema`."""

from typing import Annotated

import typer

from regimesim.studies.options import ScenarioFile, bold, known_keys


def check(file: ScenarioFile):
    """Say what a scenario is, or every mistake in it."""
    from regimesim.scenario import load
    from regimesim.studies.check.text import overview

    typer.echo(overview(load(file), bold))


def params(
    pattern: Annotated[
        str, typer.Argument(help="A part of their names, or a regex.", autocompletion=known_keys)
    ] = "",
    markdown: Annotated[bool, typer.Option("--markdown", hidden=True)] = False,
):
    """List the parameters of a scenario file."""
    from regimesim.studies.check import text

    if markdown:
        typer.echo(text.parameters_page(), nl=False)
    else:
        typer.echo(text.parameters(pattern, bold))


def schema():
    """Print the JSON Schema of a scenario file."""
    from regimesim.studies.check import text

    typer.echo(text.schema())


COMMANDS = (check, params, schema)
