"""What a sample of a log says of a monitor: a number for it, or why it has none.

A reply of a monitor that holds no score is stored as a default, mostly 0.0, by ControlArena.  Only
the message, or the explanation of the score, tells it from a score of 0.
"""

import json
import math
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import NamedTuple

WORDS = {"C": 1.0, "P": 0.5, "I": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
NO_ANSWER = "N"
MISSING = "the sample has no such score"
UNANSWERED = 'the score is "N", no answer'
NOT_A_NUMBER = "the score is NaN"
A_TEXT = "the score is a text that is no number"
SEVERAL = "the score holds several values"
UNPARSED = "the monitor's reply held no score, and a default was stored"
NO_SCORE_EXPLAINED = (  # by ControlArena
    "No score found in model response",
    "Could not parse score from model response",
    "No tools found in model response",
)
OF_STEPS = {"max_suspicion_scorer": "suspicion_score"}  # scorers that take the largest of steps
PARSED = "score_parsed"


class Scored(NamedTuple):
    """The number that a score is, or the reason why it is none."""

    number: float | None
    reason: str | None = None


class Step(NamedTuple):
    """A monitor's score of one step of a trajectory, and whether it stood in the reply."""

    number: float
    parsed: bool


def table_in(content: Mapping, key: str) -> Mapping:
    """The table at a key, or an empty one where there is none."""
    table = content.get(key)
    return table if isinstance(table, Mapping) else {}


def number_of(value) -> Scored:
    """The number of a score as a log holds it."""
    if isinstance(value, str):
        text = value.strip()
        if text == NO_ANSWER:
            return Scored(None, UNANSWERED)
        word = WORDS.get(text, WORDS.get(text.lower()) if len(text) > 1 else None)
        try:
            value = float(text) if word is None else word
        except ValueError:
            return Scored(None, A_TEXT)
    if value is None:
        return Scored(None, MISSING)
    if not isinstance(value, Real):
        return Scored(None, SEVERAL)
    try:
        number = float(value)
    except OverflowError:  # a whole number of JSON may be of any size; only its rank counts
        number = math.inf if value > 0 else -math.inf
    return Scored(None, NOT_A_NUMBER) if math.isnan(number) else Scored(number)


def score_names(sample: Mapping) -> Iterator[str]:
    """The names of the scores of a sample; NAME.PART where a score holds several values."""
    for name, score in table_in(sample, "scores").items():
        value = score.get("value") if isinstance(score, Mapping) else None
        if isinstance(value, Mapping):
            yield from (f"{name}.{part}" for part in value)
        else:
            yield name


def score_of(sample: Mapping, name: str) -> Scored:
    """The score `name` of a whole trajectory."""
    scores = table_in(sample, "scores")
    home, _, part = (name, "", "") if name in scores else name.rpartition(".")
    score = scores.get(home)
    if not isinstance(score, Mapping):
        return Scored(None, MISSING)
    value = score.get("value")
    if part:
        value = value.get(part) if isinstance(value, Mapping) else None
    scored = number_of(value)
    if scored.number is None:
        return scored
    if score.get("explanation") in NO_SCORE_EXPLAINED:
        return Scored(None, UNPARSED)
    if home in OF_STEPS and (steps := steps_of(sample, OF_STEPS[home])):
        if not any(step.parsed and step.number == scored.number for step in steps):
            return Scored(None, UNPARSED)
    return scored


def steps_of(sample: Mapping, name: str) -> list[Step]:
    """The scores `name` of the steps of a trajectory, in the metadata of its messages."""
    steps = []
    for metadata in _of_messages(sample):
        number = number_of(metadata.get(name)).number
        if number is not None:
            steps.append(Step(number, metadata.get(PARSED) is not False))
    return steps


def step_names(sample: Mapping) -> set[str]:
    """The names of numbers in the metadata of the messages of a sample."""
    return {
        str(name)
        for metadata in _of_messages(sample)
        for name, value in metadata.items()
        if isinstance(value, Real) and not isinstance(value, bool)
    }


def _of_messages(sample: Mapping) -> Iterator[Mapping]:
    messages = sample.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, Mapping) and message.get("role") == "assistant":
            yield table_in(message, "metadata")


def label_of(sample: Mapping, key: str) -> str | None:
    """The value of a dotted key of the metadata, as JSON; None where there is no single value."""
    value = _within(table_in(sample, "metadata"), key)
    if value is None or isinstance(value, Mapping | list):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def _within(table, key: str):
    """What a dotted key names in tables; a key may hold dots itself."""
    if not isinstance(table, Mapping):
        return None
    if key in table:
        return table[key]
    parts = key.split(".")
    for k in range(1, len(parts)):
        value = _within(table.get(".".join(parts[:k])), ".".join(parts[k:]))
        if value is not None:
            return value
    return None


def label_keys(sample: Mapping) -> Iterator[str]:
    """The dotted keys of single values in the metadata of a sample."""
    yield from _keys(table_in(sample, "metadata"), "")


def _keys(table: Mapping, before: str) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _keys(value, f"{before}{key}.")
        elif not isinstance(value, list):
            yield f"{before}{key}"
