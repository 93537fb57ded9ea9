"""A validation as a table for the terminal, as the page of the documents, and as plain values."""

import math

from regimesim import __version__
from regimesim.analysis.terminal import filled, table
from regimesim.studies.validate import coverage
from regimesim.studies.validate.published import CONFIDENCE
from regimesim.studies.validate.soak import section
from regimesim.studies.validate.targets import Target

HEADINGS = ("", "target", "ours", "interval\nor tolerance", "")
WHAT = (
    "Targets are published or exact; ours come from the functions of the model. The intervals "
    "of simulated numbers hold jointly in 95 of 100 such tables."
)
PAGE = """\
# Validation

This page compares the model with numbers from outside this project. `regimesim validate` computes
all rows, `regimesim validate V3 L7` computes some; the exit code is 1 if a row fails.
`regimesim validate --markdown` prints this page. V rows are published results or problems with an
exact solution. L rows are limits in which the behaviour of the model is known beforehand.

A number without an interval is not random and must equal its target within the tolerance. A
simulated number has an interval, which must contain the target, or lie entirely beyond a bound.
The intervals ({confidence:.2f} % each) hold jointly in 95 of 100 tables; seeds are fixed.

No value in the column *ours* comes from a formula that was written for the comparison. The values
come from the equations, draws and worlds of the model, through functions that accept other numbers
as well: `regimesim.calibrate`, for any file of measured horizons, and the modules `nested`,
`detection`, `upfront_audit`, `stacks`, `stopping`, `options` and `limited_audits` of
`regimesim.studies.validate.problems`; and from runs of the scenarios that rows name.

{result}
"""
LIMITS = """\
## What must be zero

All worlds are equal (L7) if each of these is zero: `lab_spread`, `system_spread` and `noise` of
capability; `density_spread`, `scale_spread` and, because the month of a training must not matter,
`density_trend` and `density_race` of feedback; `value_spread` and `goal_drift`; `awareness_spread`
and `calibration_error`; `story_rate` and `feint_rate`; `ladder_rate`; `bad_data` and
`trigger_share`; all priors of archetypes but one; `drop_rate`; and `red_team`, because exercises
are random. `update_rate` is 1, so that retraining changes nothing, and no parameter is a
distribution. Evaluations have noise and an error of their own. Only tries are then random: whether
one is critical, and whether it is caught. Worlds are equal until the first try. They stay equal
after it if success is a step (`success_slope` = 10⁶) and safeguards catch nothing or everything.
"""

ABSENT = """\
## What is not compared

Two published results have no row, because the model cannot express them. In *Games for AI
Control* (arXiv 2409.07985) an adversary gets through with 0.3574, or with 0.6687 and 0.7089 where
it knows when audits have run out. There, false positives use up a stock of audits within one
deployment, and the adversary plans over what is left of it; here the audit budget is a share of
each month that nothing uses up, and a system looks one month ahead at the budget of today. V11
takes the miss probabilities from there instead, and tests whether systems wait. In *Racing to the
precipice* (Armstrong, Bostrom and Shulman 2016) a race ends in disaster with 0.347, 0.603, 0.833
or 0.672, as each team chooses its safety in an equilibrium; labs here choose none, as a scenario
sets their taxes, feedback and rate of dropping safeguards.
"""


def plain(validation) -> dict:
    """A `Validation` as plain values, for JSON."""
    return {
        "version": __version__,
        "confidence_of_an_interval": CONFIDENCE,
        "holds": validation.holds,
        "rows": [
            {
                "name": row.about.name,
                "title": row.about.title,
                "source": row.about.source,
                "scenario": row.about.scenario,
                "holds": row.holds,
                "numbers": [_plain(number) for number in row.numbers],
            }
            for row in validation
        ],
    }


def _plain(number) -> dict:
    ours, target = number.ours, number.target
    aim = {target.kind: target.value}
    if target.kind == "is" and ours.low is None:
        aim["within"] = target.tolerance
    numbers = {"ours": ours.estimate, "low": ours.low, "high": ours.high}
    numbers = {key: value if _is_finite(value) else None for key, value in numbers.items()}
    return {"label": number.label, "target": aim, **numbers, "holds": number.holds}


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def text(validation) -> str:
    """The rows as a table for a terminal."""
    rows: list = []
    for row in validation:
        rows += [f"{row.about.name:4}{row.about.title}", f"    {row.about.source}"]
        cells = (_cells(number, row.about.digits) for number in row.numbers)
        rows += [(f"  {label}", *others) for label, *others in cells]
    return "\n".join([filled(WHAT), "", *table(HEADINGS, rows), "", result(validation)])


def result(validation) -> str:
    """The number of rows that hold, and the names of those that do not."""
    rows = validation.rows
    failed = [row.about.name for row in rows if not row.holds]
    if len(rows) == 1:
        return f"{rows[0].about.name} holds." if not failed else f"{failed[0]} does not hold."
    what = "rows" if validation.whole else "chosen rows"
    if failed:
        return f"{len(rows) - len(failed)} of {len(rows)} {what} hold; not {', '.join(failed)}."
    return f"All {len(rows)} {what} hold."


def _cells(number, digits: int) -> tuple[str, ...]:
    """Label, target, ours, the interval or tolerance, and the verdict."""
    ours, target = number.ours, number.target
    whole = ours.low is None and ours.estimate is not None and float(ours.estimate).is_integer()
    value = _decimal(ours.estimate, 0 if whole else digits)
    verdict = "pass" if number.holds else "FAIL"
    return number.label, _target(target, digits), value, _how(number, digits), verdict


def _target(target: Target, digits: int) -> str:
    sign = {"is": "", "above": "> ", "below": "< "}[target.kind]
    value = f"{target.value:.{digits}f}"
    return sign + (value.rstrip("0").rstrip(".") if "." in value else value)


def _how(number, digits: int) -> str:
    if number.ours.low is not None:
        return f"{_decimal(number.ours.low, digits)}-{_decimal(number.ours.high, digits)}"
    if number.target.kind != "is":
        return "bound"
    tolerance = number.target.tolerance
    return f"within {tolerance:.2g}" if tolerance else "exact"


def _decimal(value: float | None, digits: int) -> str:
    """A number with `digits` decimals, without a minus before 0; large ones with three digits."""
    if value is None:
        return "-"
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{round(value, digits) + 0.0:.{digits}f}"


def markdown(validation) -> str:
    """The page of the documents, with a table for each row."""
    parts = [PAGE.format(confidence=100 * CONFIDENCE, result=result(validation))]
    for row in validation:
        about = row.about
        parts.append(f"## {about.name} {about.title}\n")
        shown_by = ""
        if about.scenario:
            path = f"scenarios/validation/{about.scenario}.toml"
            shown_by = f" Shown by [{about.scenario}](../{path})."
        parts.append(f"{about.source[0].upper()}{about.source[1:]}.{shown_by}\n")
        parts.append(
            "| | target | ours | interval, tolerance | |\n| --- | --- | --- | --- | --- |"
        )
        cells = (_cells(number, about.digits) for number in row.numbers)
        parts += [f"| {' | '.join(line)} |" for line in cells]
        parts.append("")
    return "\n".join([*parts, LIMITS, ABSENT, coverage.section(), section()])
