"""The commands `regimesim check`, `params` and `schema`."""

from typing import Annotated

import typer

from regimesim.studies.options import ScenarioFile, bold, known_keys


def check(file: ScenarioFile):
    """Summarise a scenario, or list every mistake in it."""
    from regimesim.scenario import load
    from regimesim.studies.check.text import overview

    typer.echo(overview(load(file), bold))


def params(
    pattern: Annotated[
        str,
        typer.Argument(
            help="A word, or a regex, in names, meanings or sources.", autocompletion=known_keys
        ),
    ] = "",
    markdown: Annotated[bool, typer.Option("--markdown", hidden=True)] = False,
):
    """List the parameters of a scenario file."""
    from regimesim.studies.check import search, text

    if markdown:
        typer.echo(text.parameters_page(), nl=False)
    else:
        typer.echo(search.parameters(pattern, bold))


def schema():
    """Print the JSON Schema of a scenario file."""
    from regimesim.studies.check import text

    typer.echo(text.schema())


COMMANDS = (check, params, schema)
