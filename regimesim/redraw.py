"""Figures of a run, drawn again from what it saved."""

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from regimesim.experiment.saved import open_run
from regimesim.plots.figures import FIGURES, FORMATS, draw, drawable
from regimesim.plots.style import STYLES
from regimesim.refusal import Refusal, nearest
from regimesim.report import write_report

PAPER = "paper"


def redraw(folder, figures=(), formats=(), style=PAPER, out=None) -> list[Path]:
    """Draw figures of the run in `folder` again; returns the paths of all that was written.

    figures: names of FIGURES, else all for which the run holds what they need · formats: of
    FORMATS, else PNG and SVG · style: of STYLES · out: the folder to write to, else
    `figures` in that of the run, and in it one named after the style where that is not
    paper.  The run's own figures in paper style are those of its report, which is
    written again too.  Nothing is replaced before all is drawn.  Raises Refusal for an
    unknown name and for a folder that is not a run of this version.
    """
    asked = (
        ("figure", figures, FIGURES),
        ("format", formats, FORMATS),
        ("style", [style], STYLES),
    )
    if wrong := [line for kind, given, known in asked for line in _unknown(kind, given, known)]:
        raise Refusal(wrong)
    folder = Path(folder)
    inside = folder / "figures" / ("" if style == PAPER else style)
    target = inside if out is None else Path(out)
    with open_run(folder) as run:
        lacking = [
            f"{folder}: figure '{name}' needs {need}.json, which is not there"
            for name in figures
            for need in FIGURES[name].needs
            if need not in run
        ]
        if lacking:
            raise Refusal(lacking)
        names = list(dict.fromkeys(figures)) or drawable(run)
        formats = list(dict.fromkeys(formats)) or ["png", "svg"]
        paths = _write(target, lambda to: [draw(n, run, to, formats, style) for n in names])
    if out is None and style == PAPER:
        paths.append(write_report(folder))
    return paths


def _unknown(kind, given, known):
    for name in given:
        if name not in known:
            close, allowed = nearest(name, known), ", ".join(known)
            yield f"unknown {kind} '{name}'; the nearest is '{close}', of {allowed}"


def _write(target: Path, fill) -> list[Path]:
    """Have `fill` write files to a folder beside `target`, then move them there."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        partial = Path(mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    except OSError as error:
        raise Refusal(f"{target}: cannot be written: {error.strerror}") from None
    try:
        fill(partial)
        return [_move(path, target / path.name) for path in sorted(partial.iterdir())]
    except OSError as error:
        raise Refusal(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _move(path, to):
    os.replace(path, to)
    return to
