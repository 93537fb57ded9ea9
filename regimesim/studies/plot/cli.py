"""The command `regimesim plot`."""

from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import folder_else


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
    out: folder_else("DIR/figures") = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="X", help="Of a sweep: the outcome to draw.")
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            metavar="P", help="Of a sweep: the level of the line to draw, a value or a month."
        ),
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Of a sweep: an axis to draw over; may be repeated."),
    ] = None,
):
    """Draw the figures of saved results again."""
    from regimesim.studies.plot.compute import redraw

    options = {"outcome": outcome, "level": level, "over": over or ()}
    for path in redraw(folder, figure or (), formats or (), style, out, **options):
        typer.echo(path)


COMMANDS = (plot,)
