"""The command `regimesim trace`."""

from typing import Annotated

import typer

from regimesim.studies.options import (
    Drawing,
    OnePolicy,
    ScenarioFile,
    Seed,
    Settings,
    all_settings,
)


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
    from regimesim.studies.trace.text import tell_world

    tell_world(scenario, policy, world, find, out)


COMMANDS = (trace,)
