"""The JSON Schema (draft 2020-12) of a scenario file, made from the declarations."""

from dataclasses import fields

from regimesim.scenario.calibration import QUANTILES
from regimesim.scenario.correlations import MOST_PAIRS, CorrelationList
from regimesim.scenario.declaration import (
    Choice,
    Declared,
    Group,
    Text,
    declared_in,
    group_in,
    plain,
)
from regimesim.scenario.distribution import (
    CENTRAL,
    FIRST_YEAR,
    FITS,
    FROM_INTERVAL,
    KINDS,
    LAST_YEAR,
    OF_A_FILE,
)
from regimesim.scenario.events import MOST_EVENTS, Event, EventList
from regimesim.scenario.evidence import MOST_ITEMS, EvidenceTable, ItemList
from regimesim.scenario.evidence_items import MOST_COUNT, Counts
from regimesim.scenario.growth import FEWEST, NUMBERS
from regimesim.scenario.measurement import CURVES, CurveFit, MeasuredBy
from regimesim.scenario.operating_point import Point
from regimesim.scenario.parameter_reference import plausible_text
from regimesim.scenario.parameters import Settings, Tables
from regimesim.scenario.policies import POLICY_NAME
from regimesim.scenario.sweep_table import SCALES, SweepTable
from regimesim.scenario.titles import OfPolicy

CLOSED = {"additionalProperties": False}


def schema() -> dict:
    """The schema of a whole file: settings, tables and policies; JSON values only.

    What hangs on several values at once (Elo lines, the order of audit bounds, the mass of a
    distribution within its range) is beyond a schema and left to `regimesim check`.
    """
    definitions = {"distribution": _distribution(), "fit": _fit()}
    _define("event", Event, definitions)
    tables = _properties(Tables, "", definitions)
    of_policy = _properties(OfPolicy, "", definitions) | tables
    of_policy.pop("correlations")  # all policies share their worlds
    policy = {"type": "object", "properties": of_policy, "additionalProperties": False}
    policies = {
        "type": "object",
        "description": "Named policies, each laid over the scenario; all run in the same worlds.",
        "propertyNames": {"pattern": f"^{POLICY_NAME.pattern}$"},
        "additionalProperties": {"$ref": "#/$defs/policy"},
        "minProperties": 1,
    }
    claim = {"type": "object", "description": "An argument; `regimesim claims` reads it."}
    extends = {
        "type": "string",
        "minLength": 1,
        "description": "The scenario file that this one is laid over; its path is from this file.",
    }
    more = {
        "extends": extends,
        "draws": _draws(),
        "policies": policies,
        "sweep": _sweep(definitions),
        "claim": claim,
        "evidence": _evidence(definitions),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "regimesim scenario",
        "type": "object",
        "properties": _properties(Settings, "", definitions) | tables | more,
        "additionalProperties": False,
        "$defs": definitions | {"policy": policy},
    }


def _properties(group: type[Group], prefix: str, definitions: dict) -> dict:
    """The properties of `group`; the tables in it are added to `definitions`."""
    declared = {entry.key: entry for entry in declared_in(group, prefix)}
    properties = {}
    for name, field in group.model_fields.items():
        inner, key = group_in(field), f"{prefix}{name}"
        if not inner:
            properties[name] = _described(declared[key])
            continue
        _define(key, inner, definitions)
        table = {"$ref": f"#/$defs/{key}"}
        properties[name] = (
            {"anyOf": [table, {"type": "boolean"}]} if field.default is None else table
        )
    return properties


def _define(key: str, group: type[Group], definitions: dict):
    """Add the table of `group` to the definitions."""
    definitions[key] = {
        "type": "object",
        "description": " ".join((group.__doc__ or "").split()),
        "properties": _properties(group, f"{key}.", definitions),
        "additionalProperties": False,
    }


def _described(entry) -> dict:
    quantity = entry.quantity
    unit = f" Unit: {quantity.unit}." if quantity.unit else ""
    plausible = plausible_text(entry)
    likely = f" Plausible: {plausible}." if plausible else ""
    words = f"{entry.words}{unit} Source: {quantity.source}.{likely}"
    written = {} if entry.default is None else {"default": plain(entry.default)}
    return {"description": words, **written, **_allowed(quantity)}


def _allowed(
    quantity: Declared | EventList | CorrelationList | ItemList | Counts | Point | MeasuredBy,
) -> dict:
    if isinstance(quantity, EventList):
        return {"type": "array", "items": {"$ref": "#/$defs/event"}, "maxItems": MOST_EVENTS}
    if isinstance(quantity, CorrelationList):
        return {"type": "array", "items": _pair(), "maxItems": MOST_PAIRS}
    if isinstance(quantity, ItemList):
        one: dict = {"$ref": f"#/$defs/{quantity.group.__name__}"}
        return {"anyOf": [one, {"type": "array", "items": one, "maxItems": MOST_ITEMS}]}
    if isinstance(quantity, Counts):
        number = {"type": "integer", "minimum": 0, "maximum": MOST_COUNT}
        return {"type": "array", "items": number, "minItems": 1}
    if isinstance(quantity, Choice):
        return {"enum": list(quantity.options)}
    if isinstance(quantity, Text):
        return {"type": "string", "pattern": f"^(?:{quantity.pattern})$"}
    if isinstance(quantity, Point):
        rate = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
        rates = {"fpr": rate, "tpr": rate}
        return {"type": "object", "properties": rates, "required": [*rates], **CLOSED}
    if isinstance(quantity, MeasuredBy):
        return {"anyOf": [{"type": "string", "minLength": 1}, _measurement()]}
    number = {
        "type": "integer" if quantity.whole else "number",
        "exclusiveMinimum" if quantity.open_low else "minimum": quantity.low,
        "exclusiveMaximum" if quantity.open_high else "maximum": quantity.high,
    }
    if quantity.whole or quantity.fixed:
        return number
    names = ["distribution", "fit"] if quantity.fit else ["distribution"]
    one = {"anyOf": [number, *({"$ref": f"#/$defs/{name}"} for name in names)]}
    if not quantity.parts:
        return one
    parts = [{"title": part, **one} for part in quantity.parts]
    return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}


def _measurement() -> dict:
    """What a scenario that was read holds of a monitor.json."""
    numbers = {field.name: {"type": "number"} for field in fields(CurveFit)}
    fit = {"type": "object", "properties": numbers, "required": [*numbers], **CLOSED}
    texts = {name: {"type": "string"} for name in ("file", "sha256")}
    parts = texts | dict.fromkeys(CURVES, fit)
    return {"type": "object", "properties": parts, "required": [*parts], **CLOSED}


def _distribution() -> dict:
    kinds = []
    for kind, names in KINDS.items():
        numbers: list[dict] = [{"title": name, "type": "number"} for name in names]
        if kind in ("normal", "lognormal"):
            numbers[1]["minimum"] = 0
        if kind == "lognormal":
            numbers[0]["exclusiveMinimum"] = 0
        if kind == "beta":
            numbers = [{**number, "exclusiveMinimum": 0} for number in numbers]
        array = {"type": "array", "prefixItems": numbers, "items": False, "minItems": len(names)}
        kinds.append(
            {
                "type": "object",
                "properties": {kind: _or_interval(kind, array)},
                "required": [kind],
                "additionalProperties": False,
            }
        )
    words = "Drawn once a world and truncated to the range of the parameter."
    return {"description": words, "oneOf": kinds}


def _or_interval(kind: str, array: dict) -> dict:
    """The numbers of a distribution, or a central interval where the kind takes one."""
    if kind not in FROM_INTERVAL:
        return array
    end = {"type": "number"} | ({"exclusiveMinimum": 0} if kind == "lognormal" else {})
    ends: list[dict] = [{"title": "low", **end}, {"title": "high", **end}]
    intervals = {
        name: {
            "type": "array",
            "description": f"The central interval that holds {probability:.0%} of the values.",
            "prefixItems": ends,
            "items": False,
            "minItems": 2,
        }
        for name, probability in CENTRAL.items()
    }
    one = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    return {"anyOf": [array, {"type": "object", "properties": intervals, **one}]}


def _pair() -> dict:
    """A pair of correlated parameters."""
    names = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    names |= {"uniqueItems": True, "description": "The dotted names of two parameters."}
    words = "Spearman's rank correlation of their draws."
    rank = {"type": "number", "exclusiveMinimum": -1, "exclusiveMaximum": 1, "description": words}
    return {
        "type": "object",
        "properties": {"of": names, "rank": rank},
        "required": ["of", "rank"],
        "additionalProperties": False,
    }


def _draws() -> dict:
    """The table [draws]."""
    file = (
        "A CSV file: a column for each parameter, a row for each draw; its path is from this file."
    )
    return {
        "type": "object",
        "description": "Joint draws, which stand in place of the values of these parameters.",
        "properties": {"file": {"type": "string", "minLength": 1, "description": file}},
        "required": ["file"],
        "additionalProperties": False,
    }


def _fit() -> dict:
    shipped = {
        "type": "object",
        "description": "A fit to METR's measured time horizons, as shipped.",
        "properties": {
            "fit": {"enum": list(FITS)},
            "since": {
                "type": "number",
                "minimum": FIRST_YEAR,
                "maximum": LAST_YEAR,
                "default": FIRST_YEAR,
            },
        },
        "required": ["fit"],
        "additionalProperties": False,
    }
    named = {
        "type": "object",
        "description": "A fit to a file of measured capability.",
        "properties": {"fit": {"anyOf": [_fit_to_a_file(), _fitted_line()]}},
        "required": ["fit"],
        "additionalProperties": False,
    }
    words = "A fit to measured capability, with its uncertainty."
    return {"description": words, "anyOf": [shipped, named]}


def _fit_to_a_file() -> dict:
    """What a file's fit may say; the file is read from where the scenario is."""
    when = {"type": ["number", "string"], "description": "A year, such as 2023.5, or a date."}
    text = {"type": "string", "minLength": 1}
    properties = {
        "file": text | {"description": "The file; its path is from this file."},
        "since": when,
        "until": when,
        "quantile": {"enum": list(QUANTILES), "default": QUANTILES[0]},
        "version": text | {"description": "Only measurements of this version of the benchmark."},
    }
    one = {"type": "object", "additionalProperties": False}
    return one | {"properties": properties, "required": ["file"]}


def _fitted_line() -> dict:
    """A fit as results keep it, with the numbers of its line."""
    number = {"type": "number"}
    positive = number | {"exclusiveMinimum": 0}
    spreads = dict.fromkeys(("slope_se", "residual_sd"), positive)
    numbers: dict[str, dict] = dict.fromkeys(NUMBERS, number) | spreads
    numbers["n"] = {"type": "integer", "minimum": FEWEST}
    line = {
        "type": "object",
        "properties": numbers,
        "required": list(NUMBERS),
        "additionalProperties": False,
    }
    origin: dict[str, dict] = {name: {} for name in OF_A_FILE}
    return {
        "type": "object",
        "properties": origin | {"line": line, "link": line},
        "required": ["line"],
        "additionalProperties": False,
    }


def _evidence(definitions: dict) -> dict:
    """The table [evidence]; what it may hold is added to `definitions`."""
    for field in EvidenceTable.model_fields.values():
        for mark in field.metadata:
            if isinstance(mark, ItemList):
                _define(mark.group.__name__, mark.group, definitions)
    _define("evidence", EvidenceTable, definitions)
    return {"$ref": "#/$defs/evidence"}


def _sweep(definitions: dict) -> dict:
    """The table [sweep]; what an axis may be is added to `definitions`."""
    level = {"type": ["number", "string", "boolean"]}
    count = {"type": "integer", "minimum": 1, "description": "Number of levels, in a grid."}
    ends = {"low": {"type": "number"}, "high": {"type": "number"}}
    line = {
        "type": "object",
        "properties": ends | {"points": count, "scale": {"enum": list(SCALES)}},
        "required": ["low", "high"],
        "additionalProperties": False,
    }
    names = [kind["required"][0] for kind in definitions["distribution"]["oneOf"]]
    drawn = [
        {
            "type": "object",
            "properties": kind["properties"] | {"points": count},
            "required": kind["required"],
            "additionalProperties": False,
        }
        for kind in definitions["distribution"]["oneOf"]
    ]
    inner = {
        "type": "object",
        "not": {"anyOf": [{"required": [name]} for name in (*ends, *names)]},
        "additionalProperties": {"$ref": "#/$defs/axis"},
    }
    listed = {"type": "array", "items": level, "minItems": 1}
    definitions["axis"] = {
        "description": "A list of values; a range; a distribution; or true, for that of the "
        "scenario. Keys may be written as tables within tables.",
        "anyOf": [listed, line, *drawn, {"const": True}, inner],
    }
    vary = {
        "type": "object",
        "description": "The axes, by dotted key, or by policy or preset.",
        "additionalProperties": {"$ref": "#/$defs/axis"},
    }
    return {
        "type": "object",
        "description": " ".join((SweepTable.__doc__ or "").split()),
        "properties": _properties(SweepTable, "sweep.", definitions) | {"vary": vary},
        "additionalProperties": False,
    }
