"""The command `regimesim calibrate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import AsJson, Figures, folder_else


def calibrate(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Measured capability: METR's YAML, a table of Epoch AI, or a CSV file.",
        ),
    ],
    quantile: Annotated[
        str, typer.Option(metavar="p50|p80", help="Which horizon, where the file has both.")
    ] = "p50",
    since: Annotated[
        str, typer.Option(metavar="DATE", help="Models released from this year or date on.")
    ] = "2019",
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Models released before it.")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(metavar="V", help="Only this version of the benchmark, such as 1.1."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM", help="The first month of a scenario, by default 2026-01."),
    ] = None,
    as_json: AsJson = False,
    figures: Figures = True,
    out: folder_else("outputs/<name>-calibrate") = None,
):
    """Fit the growth of measured capability, with its uncertainty, for a scenario to use."""
    from regimesim.studies.calibrate.question import ask, read_year
    from regimesim.studies.study import carry_out

    end = {} if until is None else {"until": read_year(until)}
    question = ask(file, quantile, read_year(since), version=version, start=start, **end)
    carry_out("calibrate", question, out, sys.argv[1:], figures, as_json)


COMMANDS = (calibrate,)
