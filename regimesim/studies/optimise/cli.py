"""The command `regimesim optimise`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
    At,
    Figures,
    OnePolicy,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    Worlds,
    folder_else,
    known_keys,
    policy_taken,
    scenario_of,
)


def optimise(
    file: ScenarioFile,
    maximise: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="An estimand to make large; several give a front."),
    ] = None,
    minimise: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="An estimand to make small; several give a front."),
    ] = None,
    subject_to: Annotated[
        list[str] | None,
        typer.Option(metavar='"NAME>=V"', help="What must hold; may be repeated."),
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY[=LOW:HIGH]",
            help="A number that varies, or KEY=A,B,C; may be repeated.",
            autocompletion=known_keys,
        ),
    ] = None,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...", help="Safeguards and responses that are on or off: control, ...."
        ),
    ] = None,
    choose_events: Annotated[
        list[str] | None,
        typer.Option(
            metavar='"WHAT<=LOW:HIGH -> ..."',
            help="An event that may be there, as in believed_catch_rate<=0.5:0.9 -> frozen "
            "for 6:24; may be repeated.",
        ),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY[=LOW:HIGH],...",
            help="What attackers may choose that answer the policy, or all.",
        ),
    ] = None,
    policy: OnePolicy = None,
    trials: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Policies to try, by default all of at most 4,096, else 256."
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(metavar="X", help="What counts as no better, by default 0.01 of a share."),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    executor: Annotated[
        str | None, typer.Option(metavar="KIND", help="threads, processes or dask.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address of a Dask cluster.")
    ] = None,
    threads: Threads = None,
    as_json: AsJson = False,
    out: folder_else("outputs/<name>-optimise") = None,
    figures: Figures = True,
):
    """Find the best policy over numbers and safeguards at once."""
    from regimesim.studies.optimise.question import ask
    from regimesim.studies.study import carry_out

    scenario = scenario_of(file, settings, worlds, seed, at)
    question = ask(
        scenario,
        maximise or (),
        minimise or (),
        subject_to or (),
        over or (),
        choose or (),
        choose_events or (),
        policy=policy,
        trials=trials,
        precision=precision,
        executor=executor,
        threads=threads,
        scheduler=scheduler,
        against=against or (),
    )
    notice = policy_taken(scenario, policy)
    carry_out("optimise", question, out, sys.argv[1:], figures, as_json, notice)


COMMANDS = (optimise,)
