"""Figures of a run, or of another command, drawn again from what it saved."""

import os
import shutil
from math import inf
from pathlib import Path
from tempfile import mkdtemp

from regimesim.analysis.outcome import OUTCOMES
from regimesim.experiment.saved import open_results
from regimesim.plots.figures import FIGURES, FORMATS, draw, drawable, lacking
from regimesim.plots.style import STYLES
from regimesim.plots.varied import outcomes_of
from regimesim.refusal import Refusal, nearest
from regimesim.report import write_report
from regimesim.world.records import THRESHOLDS

PAPER = "paper"


def redraw(
    folder, figures=(), formats=(), style=PAPER, out=None, outcome=None, level=None
) -> list[Path]:
    """Draw figures of the results in `folder` again; returns the paths of all that was written.

    figures: names of FIGURES, else all for which the folder holds what they need · formats:
    of FORMATS, else PNG and SVG · style: of STYLES · out: the folder to write to, else
    `figures` in that of the results, and in it one named after the style where that is not
    paper · outcome, level: what figures of a sweep show, else each its own.  A run's own
    figures in paper style are those of its report, which is written again too.  Nothing is
    replaced before all is drawn.  Raises Refusal for an unknown name and for a folder that
    is not one of a command of this version.
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
    options = {"outcome": outcome, "level": level}
    with open_results(folder) as run:
        _check(folder, run, outcome, level)
        reasons = {name: lacking(name, run, options) for name in figures}
        if lines := [
            f"{folder}: figure '{n}' {reason}" for n, reason in reasons.items() if reason
        ]:
            raise Refusal(lines)
        names = list(dict.fromkeys(figures)) or drawable(run, options)
        if not names:
            raise Refusal(f"{folder}: there is no figure of what it holds")
        formats = list(dict.fromkeys(formats)) or ["png", "svg"]
        paths = _write(
            target, lambda to: [draw(name, run, to, formats, style, options) for name in names]
        )
        is_run = "worlds" in run
    if is_run and out is None and style == PAPER:
        paths.append(write_report(folder))
    return paths


def _check(folder, run, outcome, level):
    """Refuse an outcome or a level that figures of what is in the folder cannot show."""
    given = [name for name, value in (("outcome", outcome), ("level", level)) if value is not None]
    if not given:
        return
    if "sweep" not in run:
        raise Refusal(
            f"--{name}: only figures of a sweep take it, and {folder} is none" for name in given
        )
    known = [*outcomes_of(run["sweep"]), *(threshold.name for threshold in THRESHOLDS)]
    if outcome is not None and (wrong := list(_unknown("outcome", [outcome], known))):
        raise Refusal(wrong)
    low, high = OUTCOMES.get(outcome or "no_takeover", OUTCOMES["no_takeover"]).within
    if level is not None and not low <= level <= high:
        allowed = f"{low:g} to {high:g}" if high < inf else f"at least {low:g}"
        raise Refusal(f"--level: found {level:g}; allowed is {allowed}")


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
