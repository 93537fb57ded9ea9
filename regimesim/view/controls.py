"""The controls of the page, made from the declarations of the parameters."""

import math
import re
from typing import NamedTuple

from regimesim.scenario.columns import Column
from regimesim.scenario.declaration import Declaration, Distribution, Fit, plain
from regimesim.scenario.event_values import EVENTS
from regimesim.scenario.parameter_reference import (
    default_text,
    plausible_text,
    range_text,
    reason_text,
    with_unit,
)
from regimesim.scenario.parameters import SWITCHED, Settings, active, declarations
from regimesim.scenario.plausible_ranges import plausible_parts
from regimesim.scenario.toml_writer import value_text
from regimesim.view.choices import MOST_SYSTEMS, Choices, Chosen
from regimesim.view.event_controls import event_controls, event_switches

LONG_NUMBER = re.compile(r"-?\d+\.\d{7,}(?:e[+-]?\d+)?")
HIDDEN = ("name", "description", "worlds", "start", "seed")  # shown elsewhere, or of no use here


class Front(NamedTuple):
    """A control in front: its heading, its name in words, and the range of its slider where
    that is not the plausible one."""

    heading: str
    name: str
    ends: tuple[float, float] | None = None


FRONT = {
    "takeover.difficulty": Front("Growth", "How capable a takeover must be"),
    "capability.doubling_time": Front("Growth", "Doubling time of the frontier"),
    "capability.research_automation_gain": Front("Growth", "Speed-up by automated research"),
    "feedback.density_trend": Front("Motives", "Trend of feedback density"),
    "goals.value": Front("Motives", "Values met under human control"),
    "feedback.constraint": Front("Motives", "What breaking a norm costs"),
    "training.scheming.prior": Front("Motives", "Weight of scheming systems"),
    "cognition.awareness_midpoint": Front("Motives", "Awareness of oversight"),
    "cognition.calibration_error": Front("Motives", "Misjudgement of own chances"),
    "paradigm.hold": Front("Oversight", "Last paradigm that labs may reach"),
    "oversight.audit_budget": Front("Oversight", "Audit budget"),
    "oversight.control.auroc": Front("Oversight", "Quality of the control monitor"),
    "oversight.common_cause": Front("Oversight", "Safeguards fail together"),
    "oversight.red_team.elicitation_gap": Front("Oversight", "Flattery of exercises"),
}
ADOPTION = "Who has the policy, and traps"
FURTHER = {  # in front too, after those and the events
    "adopters": Front(ADOPTION, "Number of labs that adopt it"),
    "adopters_are": Front(ADOPTION, "Which labs adopt it, by their frontier"),
    "oversight.honeypots.traps": Front(ADOPTION, "Opportunities that are traps"),
}
DECIDES = "What decides most here"
STEPS = 400  # of a slider
WIDE = 40.0  # a range with a ratio above this is moved through by factors


class Shown(NamedTuple):
    """A parameter of the page, its value, and how it stands in front, if it does."""

    declared: Declaration
    value: object
    front: Front | None


def controls(chosen: Chosen, choices: Choices, deciding: tuple[str, ...] = ()) -> list[dict]:
    """Every parameter as a control, those in front first; plain values, for the browser.

    `deciding` are the parameters that decide the odds; they come before all others.
    """
    (tables,) = chosen.scenario.policies.values()
    off = {f"oversight.{name}" for name, on in active(tables).items() if not on}
    numbers = range(1, len(chosen.events) + 1)
    off |= {f"{EVENTS}.{number}" for number in numbers if number not in chosen.kept}
    listed = {shown.declared.key: _control(shown, choices, off) for shown in _shown(chosen)}
    first = [listed.pop(key) | {"heading": DECIDES} for key in deciding if key in listed]
    return [*first, *listed.values()]


def _shown(chosen: Chosen) -> list[Shown]:
    """Every parameter, those in front first."""
    (tables,) = chosen.scenario.policies.values()
    fronts = {**FRONT, **FURTHER}
    fronts["adopters"] = fronts["adopters"]._replace(ends=(1, chosen.scenario.labs))
    listed = {
        declared.key: Shown(
            declared, _value(declared, chosen.scenario, tables), fronts.get(declared.key)
        )
        for declared in declarations()
        if declared.key not in HIDDEN
    }
    of_events = [
        Shown(one.declared, one.value, Front("Events", one.name, (one.low, one.high)))
        for one in event_controls(chosen.events)
    ]
    first, further = ([listed.pop(key) for key in keys] for keys in (FRONT, FURTHER))
    return [*first, *of_events, *further, *listed.values()]


def switches(chosen: Chosen) -> list[dict]:
    """The safeguards, responses and events: key, name, whether on."""
    (tables,) = chosen.scenario.policies.values()
    words = {name: (group_words(name)) for name in SWITCHED}
    safeguards = [
        {
            "key": f"oversight.{name}",
            "name": name.replace("_", " "),
            "on": on,
            "words": words[name],
        }
        for name, on in active(tables).items()
    ]
    return safeguards + event_switches(chosen.events, chosen.kept)


def group_words(name: str) -> str:
    """What a safeguard is, in its declared words."""
    from regimesim.scenario.declaration import group_in
    from regimesim.scenario.safeguard_parameters import Oversight

    return " ".join((group_in(Oversight.model_fields[name]).__doc__ or "").split())


def _control(shown: Shown, choices: Choices, off) -> dict:
    declared, value, front = shown
    key = declared.key
    parts = key.split(".")
    is_off = len(parts) > 2 and ".".join(parts[:2]) in off
    owner = " ".join(parts[0 if parts[0] == EVENTS else 1 : 2]).replace("events", "event")
    written = "" if value is None else value_text(plain(value))
    control = {
        "key": key,
        "heading": front.heading if front else "",
        "name": front.name if front else ": ".join(parts[-2:]).replace("_", " "),
        "text": str(value) if declared.kind in ("choice", "text") else _short(written),
        "units": [with_unit(number, declared.quantity.unit) for number in ("1", "0")],
        "words": declared.words,
        "range": range_text(declared),
        "plausible": _plausible(declared),
        "usual": default_text(declared),
        "source": declared.quantity.source,
        "options": list(getattr(declared.quantity, "options", ())),
        "changed": key in choices.changes,
        "off": f"{owner.replace('_', ' ')} is off under this policy" if is_off else "",
        "slider": None,
        "reads": declared.quantity.unit,
    }
    if declared.kind in ("number", "whole") and value is not None:
        control["slider"] = slider(declared, middle(value), front)
        control["reads"] = reading(value, declared.quantity.unit)
    return control


def _plausible(declared: Declaration) -> str:
    """The plausible range and why, in words; empty for what has none."""
    plausible = plausible_text(declared)
    return f"Plausible: {plausible}. {reason_text(declared)}" if plausible else ""


def _short(written: str) -> str:
    """A value as text, its numbers with at most six digits, as a person would type them."""
    return LONG_NUMBER.sub(lambda number: f"{float(number[0]):.6g}", written)


def _value(declared, scenario, tables):
    """The value of a parameter, its default where its safeguard is off."""
    if declared.key in Settings.model_fields:
        return getattr(scenario, declared.key)
    if declared.key == "adopters" and tables.adopters is None:
        return scenario.labs
    value = tables
    for part in declared.key.split("."):
        value = getattr(value, part)
        if value is None:
            return declared.default
    return value


def middle(value) -> float | None:
    """The number that a slider shows: of a distribution its middle, of a column its median, None
    for a fit."""
    if isinstance(value, Fit):
        return None
    if isinstance(value, Column):
        return value.median
    if not isinstance(value, Distribution):
        return float(value)
    numbers = value.numbers
    return {
        "normal": lambda: numbers[0],
        "lognormal": lambda: numbers[0],
        "uniform": lambda: sum(numbers) / 2,
        "triangular": lambda: numbers[1],
        "beta": lambda: numbers[0] / sum(numbers),
    }[value.kind]()


def moved(value, number: float):
    """A value moved to `number`, plain: a distribution keeps its spread; a beta, a fit and
    a column become the number itself."""
    if not isinstance(value, Distribution) or value.kind == "beta":
        return number
    numbers = list(value.numbers)
    if value.kind in ("normal", "lognormal"):
        return {value.kind: [number, numbers[1]]}
    by = number - middle(value)
    return {value.kind: [float(f"{old + by:.12g}") for old in numbers]}


def move(chosen: Chosen, key: str, number: float):
    """The value that a slider of `key` stands for at `number`, plain."""
    declared, value, _ = next(one for one in _shown(chosen) if one.declared.key == key)
    number = float(f"{number:.4g}")
    return round(number) if declared.kind == "whole" else moved(value, number)


def slider(declared: Declaration, value: float | None, front: Front | None) -> dict | None:
    """The range of a slider, whether it goes by factors, and whether its value is whole; None
    where there is no choice.

    The range is the plausible one, widened to the value that is set: it must have its place.
    """
    low, high = _ends(declared, front)
    if value is not None:
        low, high = min(low, value), max(high, value)
    if low == high:
        return None
    factors = low > 0 and high / low > WIDE
    whole = declared.kind == "whole"
    step = 1.0 if whole else _round_step((high - low) / STEPS)
    return {
        "low": low,
        "high": high,
        "step": step,
        "factors": factors,
        "value": value,
        "whole": whole,
    }


def _ends(declared: Declaration, front: Front | None) -> tuple[float, float]:
    """The ends of a slider: its own in front, else plausible, else allowed for a setting of the
    run."""
    if front and front.ends:
        return front.ends
    if plausible := plausible_parts(declared):
        return plausible[0][:2]
    quantity = declared.quantity
    return quantity.low, MOST_SYSTEMS if declared.key == "systems" else quantity.high


def _round_step(step: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most `step`."""
    if step <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(step))
    return next(float(f"{k * power:.6g}") for k in (5, 2, 1) if k * power <= step * (1 + 1e-9))


def reading(value, unit: str) -> str:
    """A value as words beside its name."""
    if isinstance(value, Fit):
        return f"fitted to measurements since {value.since:.0f}"
    if isinstance(value, Column):
        middle_of, rows = f"{value.median:.4g}", f"{len(value.values):,}"
        return f"{with_unit(middle_of, unit)}, the median of {rows} draws in {value.file}"
    if isinstance(value, Distribution):
        spread = {
            "normal": "± {1:.3g}",
            "lognormal": "×/÷ e^{1:.2g}",
            "uniform": "({0:.3g} to {1:.3g})",
            "triangular": "({0:.3g} to {2:.3g})",
            "beta": "(beta {0:.3g}, {1:.3g})",
        }[value.kind].format(*value.numbers)
        return with_unit(f"{middle(value):.4g} {spread}", unit)
    return with_unit(f"{value:.6g}", unit)
