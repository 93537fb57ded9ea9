"""A fit to measured capability, in words."""

import json

from regimesim.analysis.formatting import listed
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.dates import first_day

HOURS = {  # of work: 8 a day, 40 a week, 167 a month, 2,000 a year
    "years": 2000.0,
    "months": 167.0,
    "weeks": 40.0,
    "hours": 1.0,
    "minutes": 1 / 60,
    "seconds": 1 / 3600,
}
LEAST = 1.5  # of a unit, before a smaller one is used


def text(content: dict) -> str:
    """The content of calibrate.json, for a terminal."""
    start = first_day(content["start"]).isoformat()
    models = f"{content['n']} models that set a record when they were released"
    lines = [
        filled(f"{content['file']}: {content['kind']}, {content['models']} models with a date"),
        filled(f"A straight line through {_what(content)} of {models}, {_window(content)}."),
        "",
        *table(("", "estimate", "95 % interval"), _rows(content, start)),
        "",
        *[filled(sentence) for sentence in _notes(content)],
        "",
        "For a scenario:",
        "",
        toml(content),
    ]
    return "\n".join(lines)


def finding(content: dict) -> str:
    """What the fit says, in a sentence."""
    months = content["doubling_months"]
    low, high = f"{months['low']:.1f}", f"{months['high']:.1f}"
    often = "half" if content["quantile"] == "p50" else "four fifths"
    return (
        f"The length of task that models complete {often} of the time doubles every "
        f"{months['estimate']:.1f} months (95 % interval {low} to {high})"
    )


def toml(content: dict) -> str:
    """The tables of a scenario file that draw from the fit."""
    lines = [filled("The file is looked for from the folder of the scenario.", "# ")]
    settings = {"file": content["file"], **content["options"]}
    for key in ("initial", "doubling_time"):
        lines += [f"[capability.{key}.fit]"]
        lines += [f"{name} = {_written(value)}" for name, value in settings.items()] + [""]
    return "\n".join(lines).rstrip()


def _written(value) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def work(level: float) -> str:
    """A time horizon in a unit that people use, from its log2 in hours."""
    hours = 2.0**level
    unit = next((name for name, size in HOURS.items() if hours >= LEAST * size), "seconds")
    number = hours / HOURS[unit]
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def _what(content: dict) -> str:
    what = f"the {content['quantile']} time horizons"
    return "the scores" if "link" in content else what


def _window(content: dict) -> str:
    options = content["options"]
    until = f", before {options['until']}" if "until" in options else ""
    return f"from {options['since']} on{until}"


def _rows(content: dict, start: str):
    months, days, level = (content[key] for key in ("doubling_months", "doubling_days", "level"))
    yield "doubling time, months", f"{months['estimate']:.2f}", _interval(months, ".2f")
    yield "the same, days", f"{days['estimate']:.1f}", _interval(days, ".1f")
    yield f"horizon on {start}", work(level["estimate"]), _ends(level)
    yield "the same, log2 hours", f"{level['estimate']:.2f}", _interval(level, ".2f")


def _interval(estimate: dict, form: str) -> str:
    return f"{estimate['low']:{form}} to {estimate['high']:{form}}"


def _ends(level: dict) -> str:
    return f"{work(level['low'])} to {work(level['high'])}"


def _notes(content: dict):
    """What else has to be known."""
    unit = "points of the index" if "link" in content else "doublings"
    yield (
        f"Single models lie {content['residual_sd']:.2f} {unit} (standard deviation) off the "
        "line. Intervals are Student's t; worlds draw level and doubling time together. Work has "
        "8 hours a day, 40 a week, 167 a month and 2,000 a year."
    )
    if link := content.get("link"):
        zero = link["middle_level"] - link["slope"] * link["middle"]
        line = f"{link['slope']:.4f}·index {'-' if zero < 0 else '+'} {abs(zero):.3f}"
        yield (
            f"The index is linked to METR's {content['quantile']} horizons by the {link['n']} "
            f"models with both: log2 h = {line}, residual {link['residual_sd']:.2f} doublings; "
            "the link is drawn too."
        )
    for period, stated in content["published"].items():
        ends = f" ({stated['low']:g} to {stated['high']:g})" if "high" in stated else ""
        yield f"The file itself states {stated['estimate']:g} days{ends} for {period}."
    if undated := content["undated"]:
        yield f"Left out, for nothing says when they were released: {listed(undated)}."
