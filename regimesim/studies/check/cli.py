"""The commands `regimesim check`, `params` and `schema`."""

from typing import Annotated

import typer

from regimesim.studies.options import AsJson, ScenarioFile, bold, known_keys


def check(file: ScenarioFile, as_json: AsJson = False):
    """Summarise a scenario, or list every mistake in it."""
    from regimesim.analysis.terminal import json_text
    from regimesim.scenario import load
    from regimesim.studies.check.content import of_scenario
    from regimesim.studies.check.text import overview

    scenario = load(file)
    typer.echo(json_text(of_scenario(scenario), True) if as_json else overview(scenario, bold))


def params(
    pattern: Annotated[
        str,
        typer.Argument(
            help="A word, or a regex, in names, meanings or sources.", autocompletion=known_keys
        ),
    ] = "",
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", hidden=True)] = False,
):
    """List the parameters of a scenario file."""
    from regimesim.analysis.terminal import json_text
    from regimesim.studies.check import content, search, text

    if markdown and as_json:
        raise typer.BadParameter("--json or --markdown, not both")
    if markdown:
        typer.echo(text.parameters_page(), nl=False)
    elif as_json:
        typer.echo(json_text(content.of_parameters(search.matching(pattern)), True))
    else:
        typer.echo(search.parameters(pattern, bold))


def schema():
    """Print the JSON Schema of a scenario file."""
    from regimesim.studies.check import text

    typer.echo(text.schema())


COMMANDS = (check, params, schema)
