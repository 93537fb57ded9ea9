"""Boxes as plain values for a JSON file, and their limits in words."""

import numpy as np

from regimesim.analysis.boxes import Boxes, Found
from regimesim.analysis.samples import Sample
from regimesim.world.parameters import declarations


def plain(boxes: Boxes, sample: Sample) -> dict:
    """What was found in a sample, as JSON holds it.

    A limit comes with the share of the sample's worlds that lie below it, and its p
    values; `trajectory` holds the steps of peeling, and what each is without the limits
    that luck explains.
    """
    return {
        "worlds": len(sample.fails),
        "failing": boxes.failing._asdict(),
        "parameters": {
            key: {"range": [float(column.min()), float(column.max())], "unit": _unit(key)}
            for key, column in zip(sample.keys, sample.x.T, strict=True)
        },
        "boxes": [_box(one, sample) for one in boxes.found],
        "together": {
            "density": boxes.density._asdict(),
            "coverage": boxes.coverage._asdict(),
        },
    }


def _box(one: Found, sample):
    limits: dict = {}
    for dimension, side in one.box.limits():
        value = float(getattr(one.box, side)[dimension])
        limits.setdefault(sample.keys[dimension], {})[side] = {
            "value": value,
            "worlds_below": float(np.mean(sample.x[:, dimension] < value)),
            "p": one.by_limit[dimension, side],
            "quasi_p": one.quasi_p[dimension, side],
        }
    search = one.search
    steps = zip(search.peeled, search.pruned, strict=True)
    return {
        "limits": limits,
        "condition": condition(limits),
        **{name: getattr(one, name)._asdict() for name in ("density", "coverage", "mass")},
        "p": one.p,
        "where_it_was_found": _step(search.step),
        "trajectory": [{**_step(peeled), "pruned": _step(pruned)} for peeled, pruned in steps],
        "chosen": search.chosen,
    }


def _step(step):
    return {name: getattr(step, name) for name in step._fields if name != "box"}


def _unit(key: str) -> str:
    """The unit of a parameter, or of one number of a list."""
    units = {declared.key: declared.quantity.unit for declared in declarations()}
    return units.get(key, units.get(key.rpartition(".")[0], ""))


def condition(limits: dict) -> str:
    """The limits of a box in words: "0.2 < feedback.density < 0.6 and goals.value > 0.1"."""
    return " and ".join(bounds(key, sides) for key, sides in limits.items())


def bounds(key: str, sides: dict) -> str:
    """The limits of one parameter in words."""
    low, high = (
        f"{sides[side]['value']:.15g}" if side in sides else None for side in ("low", "high")
    )
    if low and high:
        return f"{low} < {key} < {high}"
    return f"{key} > {low}" if low else f"{key} < {high}"
