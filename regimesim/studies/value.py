"""The value of a policy in a world: a sum of outcomes, each times a number.

It is read from a text such as "no_takeover - 0.2*growth_lost".
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regimesim.analysis.estimand_table import CONDITIONAL, ESTIMANDS, TABLE
from regimesim.analysis.estimands import values_in
from regimesim.analysis.present_worlds import PresentWorlds
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import THRESHOLDS, names

CROSSED = "_crossed"
LONGEST = 400  # letters
LARGEST = 1e9  # of a number in it
EXAMPLE = "no_takeover - 0.2*growth_lost"


def _in_every_world() -> tuple[str, ...]:
    """The estimands that have a value in every world, and shares that crossed a threshold."""
    every = [
        one.name
        for one in TABLE
        if one.is_counted
        and one.score is None
        and (one.conditional is None or not one.conditional.over)
    ]
    return (*every, *(f"{name}{CROSSED}" for name in names(THRESHOLDS)))


OUTCOMES = _in_every_world()
KEPT = (  # the variables of worlds that values are made of
    "crossing",
    *("growth_lost", "audits_spent", "months_paused", "false_alarms"),
    *(
        field
        for name in OUTCOMES
        if name in CONDITIONAL
        for field in CONDITIONAL[name][:2]
        if field is not None
    ),
)


@dataclass(frozen=True)
class Value:
    """What a policy is worth in a world: a constant and the sum of `weights` times outcomes.

    Attributes
    ----------
    text : str
        As it was written.
    weights : dict of str to float
        The weight of each outcome, by name.
    constant : float
        What is added in every world.
    """

    text: str
    weights: Mapping[str, float]
    constant: float = 0.0

    def of(self, worlds: PresentWorlds, policy: str) -> np.ndarray:
        """The value of a policy in each world (worlds,): of outcomes with a conditional
        expectation that expectation, which has less luck in it and the same mean."""
        rows = worlds.rows(policy)
        total = np.full(rows["takeover"].size, self.constant)
        for name, weight in self.weights.items():
            if name.endswith(CROSSED):
                outcome = 1.0 - np.isnan(rows[name.removesuffix(CROSSED)])
            elif name in CONDITIONAL:
                outcome = CONDITIONAL[name].above(rows)
            else:
                outcome = values_in(rows, name)
            total = total + weight * outcome
        return total


def read_value(text: str) -> Value:
    """The value that a text stands for.

    Parameters
    ----------
    text : str
        Numbers, names of outcomes, + - * / and parentheses.

    Raises
    ------
    Refusal
        Where it is not a sum of outcomes, each times a number, with the nearest name.
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        raise Refusal(f"--value: found {shown(text)}; allowed is a text such as {shown(EXAMPLE)}")
    try:
        constant, weights = _linear(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refusal(
            f"--value: {shown(text)} cannot be read; allowed is a sum such as {shown(EXAMPLE)}"
        ) from None
    weights = {name: weight for name, weight in weights.items() if weight != 0.0}
    if not weights:
        raise Refusal(
            f"--value: {shown(text)} names no outcome; one such as {shown(EXAMPLE)} does"
        )
    if not all(abs(x) <= LARGEST for x in (constant, *weights.values())):
        raise Refusal(f"--value: {shown(text)} has a number beyond {LARGEST:g}")
    return Value(text.strip(), weights, constant)


Linear = tuple[float, dict[str, float]]


def _linear(node: ast.expr) -> Linear:
    """The constant and the weights of an expression.  Raises Refusal."""
    match node:
        case ast.Constant(value=bool() | str() | bytes() | complex() | None):
            pass
        case ast.Constant(value=int() | float() as number):
            return float(number), {}
        case ast.Name(id=name):
            return 0.0, {_known(name): 1.0}
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _times(_linear(inner), -1.0)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _linear(inner)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
            one, other = _linear(left), _linear(right)
            return _plus(one, _times(other, -1.0) if isinstance(sign, ast.Sub) else other)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            one, other = _linear(left), _linear(right)
            if one[1] and other[1]:
                raise Refusal(
                    "--value: two outcomes are multiplied; a value is a sum of outcomes, each "
                    "times a number"
                )
            return _times(one, other[0]) if one[1] else _times(other, one[0])
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            one, (number, weights) = _linear(left), _linear(right)
            if weights or not number:
                what = "an outcome" if weights else "0"
                raise Refusal(f"--value: something is divided by {what}; allowed is a number")
            return _times(one, 1.0 / number)
    raise Refusal(
        f"--value: found {shown(ast.unparse(node))}; allowed are numbers, outcomes, + - * / and "
        "parentheses"
    )


def _known(name: str) -> str:
    if name in OUTCOMES:
        return name
    if name in ESTIMANDS:
        where = "is known in worlds with a critical try alone"
        raise Refusal(
            f"--value: {name} {where}; the nearest outcome of every world is "
            f"'{nearest(name, OUTCOMES)}'"
        )
    raise Refusal(
        f"--value: unknown outcome {shown(name)}; the nearest is '{nearest(name, OUTCOMES)}', of "
        f"{', '.join(OUTCOMES)}"
    )


def _plus(one: Linear, other: Linear) -> Linear:
    weights = dict(one[1])
    for name, weight in other[1].items():
        weights[name] = weights.get(name, 0.0) + weight
    return one[0] + other[0], weights


def _times(one: Linear, number: float) -> Linear:
    return one[0] * number, {name: weight * number for name, weight in one[1].items()}
