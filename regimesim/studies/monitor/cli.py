"""The command `regimesim monitor`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import AsJson, Figures, folder_else


def monitor(
    logs: Annotated[
        list[Path],
        typer.Argument(metavar="LOGS", help="Logs of Inspect or ControlArena, or folders."),
    ],
    score: Annotated[
        str, typer.Option(metavar="NAME", help="The score of the monitor; NAME.PART for a part.")
    ],
    label: Annotated[
        str,
        typer.Option(
            metavar="metadata.KEY", help="What tells attacks from honest work; KEY=VALUE: attacks."
        ),
    ],
    unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="What is ranked: trajectory or step.")
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(metavar="SHARE", help="A share of honest work to audit; may be repeated."),
    ] = None,
    out: folder_else("outputs/<score>-monitor") = None,
    figures: Figures = True,
    as_json: AsJson = False,
):
    """Measure a monitor in logs of its use, and fit the model's detection curves."""
    from regimesim.results.progress import Bar
    from regimesim.studies.monitor.question import ask
    from regimesim.studies.study import carry_out

    with Bar(unit=" logs") as progress:
        question = ask(logs, score, label, unit, budget or (), progress)
    carry_out("monitor", question, out, sys.argv[1:], figures, as_json)


COMMANDS = (monitor,)
