"""Figures of a run, or of another command, drawn again from its saved results."""

import sys
from math import inf, isfinite
from pathlib import Path

from regimesim.analysis.outcome import OUTCOMES
from regimesim.analysis.terminal import filled
from regimesim.errors import Refusal, nearest
from regimesim.model.world.records import THRESHOLDS
from regimesim.plots.saving import FORMATS, draw, lacking
from regimesim.plots.style import STYLES
from regimesim.results.manifest import record_written
from regimesim.results.partial import files_into
from regimesim.results.reading import open_results
from regimesim.scenario.dates import first_day, months_later
from regimesim.studies.plot.figures import FIGURES, drawable
from regimesim.studies.run.figure import report
from regimesim.studies.sweep.axes_and_outcomes import keys_of, outcomes_of

PAPER = "paper"


def redraw(
    folder, figures=(), formats=(), style=PAPER, out=None, outcome=None, level=None, over=()
) -> list[Path]:
    """Draw the figures of the results in a folder again.

    Nothing is replaced before all figures are drawn.

    Parameters
    ----------
    folder : path
        A folder of results.
    figures : iterable of str
        Names of FIGURES; by default those that commands draw and the folder has the data for.
    formats : iterable of str
        Names of FORMATS; by default PNG and SVG.
    style : str
        A name of STYLES.
    out : path, optional
        The folder to write to; by default `figures` in `folder`, and in it a folder named after
        the style, unless that is paper.
    outcome, level, over : optional
        For figures of a sweep: the outcome, the level of the line (a number or its text, for
        dates also "YYYY-MM"), and the axes to draw over; by default those of each figure.

    Returns
    -------
    list of Path
        All files that were written.  A run's figures in paper style are those of its report,
        which is then written again.

    Raises
    ------
    Refusal
        For an unknown name, and for a folder that no command of this version wrote.
    """
    _refuse_unknown(figures, formats, style)
    folder = Path(folder)
    inside = folder / "figures" / ("" if style == PAPER else style)
    target = inside if out is None else Path(out)
    options = {"outcome": outcome, "level": level, "over": list(dict.fromkeys(over)) or None}
    with open_results(folder) as run:
        options["level"] = _checked(folder, run, options)
        names = _chosen(folder, figures, run, options)
        formats = list(dict.fromkeys(formats)) or ["png", "svg"]
        with files_into(target) as to:
            for name in names:
                draw(FIGURES[name], run, to, formats, style, options)
            paths = [target / path.name for path in sorted(to.iterdir())]
            if out is None:
                record_written(folder, paths)
        is_run = "worlds" in run
    if is_run and out is None and style == PAPER:
        paths.append(report(folder))
        record_written(folder, paths[-1:])
    return paths


def _chosen(folder, figures, run, options) -> list[str]:
    """The names of the figures that are drawn; refuses those that what the folder holds lacks."""
    reasons = {name: lacking(FIGURES[name], run, options) for name in figures}
    if lines := [f"{folder}: figure '{n}' {reason}" for n, reason in reasons.items() if reason]:
        raise Refusal(lines)
    names = list(reasons) or _usual(run, options)
    if not figures:
        _warn_left_out(run, options, names)
    if not names:
        of = " with these options" if any(options.values()) else ""
        raise Refusal(f"{folder}: there is no figure{of} of what it holds")
    return names


def _usual(run, options) -> list[str]:
    """The names of the figures that are drawn where none is named."""
    return [name for name in drawable(run, options) if not FIGURES[name].on_request]


def _refuse_unknown(figures, formats, style):
    """Refuse unknown names of figures, formats and styles, all at once."""
    wanted = (
        ("figure", figures, FIGURES),
        ("format", formats, FORMATS),
        ("style", [style], STYLES),
    )
    if wrong := [line for kind, chosen, known in wanted for line in _unknown(kind, chosen, known)]:
        raise Refusal(wrong)


def _warn_left_out(run, options, names):
    """Print which figures are left out because they need another number of axes."""
    alone = {**options, "over": None}
    for name in FIGURES:
        if options["over"] and name not in names and lacking(FIGURES[name], run, alone) is None:
            notice = f"figure '{name}' {lacking(FIGURES[name], run, options)}; it is left out"
            print(filled(notice), file=sys.stderr)


def _checked(folder, run, options) -> float | None:
    """The level as a number; refuses options that the figures of the folder do not have."""
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
    """The number of months from the start to a month; raises ValueError for other texts."""
    if len(month) != len("2026-01"):
        raise ValueError(month)
    begin, then = first_day(start), first_day(month)
    return 12.0 * (then.year - begin.year) + then.month - begin.month


def _unknown(kind, chosen, known):
    for name in chosen:
        if name not in known:
            yield f"unknown {kind} '{name}'; the nearest is '{nearest(name, known)}'"
