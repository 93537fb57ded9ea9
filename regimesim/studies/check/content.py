"""What `check` and `params` find, as plain values for JSON."""

from collections.abc import Iterable

from regimesim.scenario import Scenario
from regimesim.scenario.declaration import Declaration, Quantity, plain
from regimesim.scenario.parameters import active
from regimesim.scenario.plausible_ranges import plausible_parts
from regimesim.studies.check.text import design_of, drawn_values

SIZES = ("months", "labs", "systems", "worlds", "seed")


def of_scenario(scenario: Scenario) -> dict:
    """What a scenario contains: its size, policies, sweep, and the values that it sets."""
    design = design_of(scenario)
    sweep = design and {
        "points": design.size,
        "design": design.kind,
        "axes": [axis.key for axis in design.axes],
    }
    return {
        "name": scenario.name,
        "description": scenario.description,
        "start": scenario.start,
        "end": scenario.date(scenario.months - 1),
        **{key: getattr(scenario, key) for key in SIZES},
        "files": scenario.files,
        "sweep": sweep,
        "policies": {
            name: [safeguard for safeguard, on in active(tables).items() if on]
            for name, tables in scenario.policies.items()
        },
        "not_default": [
            {**one._asdict(), "value": plain(one.value), "default": plain(one.default)}
            for one in scenario.differences()
        ],
        "drawn": dict(drawn_values(scenario)),
    }


def of_parameters(entries: Iterable[Declaration]) -> list[dict]:
    """Each parameter with its kind, default, unit, range, words and source, and of a
    number its plausible range, or that of each part."""
    return [_of_parameter(entry) for entry in entries]


def _of_parameter(entry: Declaration) -> dict:
    quantity = entry.quantity
    ends = {}
    if isinstance(quantity, Quantity):
        ends = {"low": quantity.low, "high": quantity.high}
    return {
        "key": entry.key,
        "kind": entry.kind,
        "default": plain(entry.default),
        "unit": quantity.unit,
        "range": quantity.range,
        **ends,
        "words": " ".join(entry.words.split()),
        "source": quantity.source,
        "plausible": [one._asdict() for one in plausible_parts(entry)],
    }
