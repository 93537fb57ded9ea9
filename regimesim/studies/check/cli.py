"""Commands that tell what a scenario is and may hold."""

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
    from regimesim.scenario import parameter_reference as reference

    if markdown:
        typer.echo(reference.markdown(), nl=False)
    else:
        typer.echo(reference.params(pattern, bold))


def schema():
    """Print the JSON Schema of a scenario file."""
    import json

    from regimesim.scenario.json_schema import schema

    typer.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


COMMANDS = (check, params, schema)
