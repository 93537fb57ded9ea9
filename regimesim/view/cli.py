"""The command that opens the live page."""

from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import known_policies


def view(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A scenario, in TOML.")
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The policy, by default the first with a monitor.",
            autocompletion=known_policies,
        ),
    ] = None,
    world: Annotated[str | None, typer.Option(metavar="N", help="Number of the world.")] = None,
    port: Annotated[
        str | None, typer.Option(metavar="P", help="Port, else the first that is free.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
):
    """Watch a world, move the assumptions, see the odds change."""
    from regimesim.view.serving import view

    view(file, policy, world, port, browser)


COMMANDS = (view,)
