"""Figures of a run, or of another command, drawn again from what it saved."""

import os
import sys
from math import inf, isfinite
from pathlib import Path
from textwrap import fill

from regimesim.analysis.outcome import OUTCOMES
from regimesim.errors import Refusal, nearest
from regimesim.model.world.records import THRESHOLDS
from regimesim.plots.saving import FORMATS, draw, lacking
from regimesim.plots.style import STYLES
from regimesim.results.partial import partial_beside
from regimesim.results.reading import open_results
from regimesim.scenario.dates import first_day, months_later
from regimesim.studies.plot.figures import FIGURES, drawable
from regimesim.studies.run.figure import report
from regimesim.studies.sweep.axes_and_outcomes import keys_of, outcomes_of

PAPER = "paper"
WIDTH = 80


def redraw(
    folder, figures=(), formats=(), style=PAPER, out=None, outcome=None, level=None, over=()
) -> list[Path]:
    """Draw figures of the results in `folder` again; returns the paths of all that was written.

    figures: names of FIGURES, else all for which the folder holds what they need · formats:
    of FORMATS, else PNG and SVG · style: of STYLES · out: the folder to write to, else
    `figures` in that of the results, and in it one named after the style where that is not
    paper · outcome, level, over: what figures of a sweep show, and over which of its axes,
    else each its own; a level is a number or its text, of dates also "YYYY-MM".  A run's own
    figures in paper style are those of its report, which is written again too.  Nothing is
    replaced before all is drawn.  Raises Refusal for an unknown name and for a folder that
    is not one of a command of this version.
    """
    wanted = (
        ("figure", figures, FIGURES),
        ("format", formats, FORMATS),
        ("style", [style], STYLES),
    )
    if wrong := [line for kind, chosen, known in wanted for line in _unknown(kind, chosen, known)]:
        raise Refusal(wrong)
    folder = Path(folder)
    inside = folder / "figures" / ("" if style == PAPER else style)
    target = inside if out is None else Path(out)
    options = {"outcome": outcome, "level": level, "over": list(dict.fromkeys(over)) or None}
    with open_results(folder) as run:
        options["level"] = _checked(folder, run, options)
        reasons = {name: lacking(FIGURES[name], run, options) for name in figures}
        if lines := [
            f"{folder}: figure '{n}' {reason}" for n, reason in reasons.items() if reason
        ]:
            raise Refusal(lines)
        names = list(dict.fromkeys(figures)) or drawable(run, options)
        if not figures:
            _warn_left_out(run, options, names)
        if not names:
            of = " with these options" if any(options.values()) else ""
            raise Refusal(f"{folder}: there is no figure{of} of what it holds")
        formats = list(dict.fromkeys(formats)) or ["png", "svg"]
        paths = _write(
            target,
            lambda to: [draw(FIGURES[name], run, to, formats, style, options) for name in names],
        )
        is_run = "worlds" in run
    if is_run and out is None and style == PAPER:
        paths.append(report(folder))
    return paths


def _warn_left_out(run, options, names):
    """Say which figures are left out because they are drawn over another number of axes."""
    alone = {**options, "over": None}
    for name in FIGURES:
        if options["over"] and name not in names and lacking(FIGURES[name], run, alone) is None:
            notice = f"figure '{name}' {lacking(FIGURES[name], run, options)}; it is left out"
            print(fill(notice, WIDTH), file=sys.stderr)


def _checked(folder, run, options) -> float | None:
    """The level as a number; refuses options that figures of what is in the folder lack."""
    chosen = {name: value for name, value in options.items() if value is not None}
    if not chosen:
        return None
    if "sweep" not in run:
        raise Refusal(
            f"--{name}: only figures of a sweep take it, and {folder} is none" for name in chosen
        )
    sweep, outcome = run["sweep"], chosen.get("outcome", "no_takeover")
    known = [*outcomes_of(sweep), *(threshold.name for threshold in THRESHOLDS)]
    wrong = list(_unknown("axis", chosen.get("over", ()), keys_of(sweep)))
    if outcome not in known:
        wrong.append(f"unknown outcome '{outcome}'; the nearest is '{nearest(outcome, known)}'")
        raise Refusal(wrong)
    level = None
    if "level" in chosen:
        level, allowed = _level(chosen["level"], OUTCOMES.get(outcome), sweep.attrs)
        wrong += [f"--level: found {chosen['level']!s:.70}; allowed is {allowed}"] * bool(allowed)
    if wrong:
        raise Refusal(wrong)
    return level


def _level(chosen, outcome, attrs) -> tuple[float | None, str | None]:
    """(a level as a number, None), or (None, what is allowed) for one that cannot be drawn."""
    low, high = outcome.within if outcome else (0.0, 1.0)  # of a threshold: a share
    allowed = f"{low:g} to {high:g}" if high < inf else f"at least {low:g}"
    start, dated = attrs["start"], outcome is not None and outcome.unit == "months"
    if dated:
        low, high = 0.0, float(attrs["months"])
        allowed = f"a month from {months_later(start, 0)} to {months_later(start, int(high))}"
        allowed += f", or so many months from the start, 0 to {high:g}"
    try:
        level = _months(str(chosen), start) if dated and "-" in str(chosen)[1:] else float(chosen)
    except ValueError:
        return None, allowed
    return (level, None) if isfinite(level) and low <= level <= high else (None, allowed)


def _months(month: str, start) -> float:
    """How many months a month is after the start; raises ValueError for what is none."""
    if len(month) != len("2026-01"):
        raise ValueError(month)
    begin, then = first_day(start), first_day(month)
    return 12.0 * (then.year - begin.year) + then.month - begin.month


def _unknown(kind, chosen, known):
    for name in chosen:
        if name not in known:
            yield f"unknown {kind} '{name}'; the nearest is '{nearest(name, known)}'"


def _write(target: Path, fill) -> list[Path]:
    """Have `fill` write files to a folder beside `target`, then move them there."""
    with partial_beside(target) as partial:
        target.mkdir(exist_ok=True)
        fill(partial)
        return [_move(path, target / path.name) for path in sorted(partial.iterdir())]


def _move(path, to):
    os.replace(path, to)
    return to
