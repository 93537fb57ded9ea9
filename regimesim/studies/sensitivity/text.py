"""How much each parameter matters, in words and tables."""

from collections.abc import Iterator
from textwrap import fill

from regimesim.analysis.formatting import (
    NONE,
    digits_for,
    in_unit,
    interval,
    percent,
    so_many,
)
from regimesim.analysis.outcome import why_absent
from regimesim.studies.sensitivity.question import ENDS, TRAJECTORIES
from regimesim.studies.sensitivity.weights import Weight

NAME = "sensitivity.json"
WIDTH = 80
# Columns and their widths: of indices, and of effects.
INDICES = {"total index": 20, "first-order": 23}
EFFECTS = {"mu*": 21, "sigma": 8, "alone": 18}
NOISY = 0.1  # of the variance
NAMED = 8  # parameters that change nothing here
OF_INDICES = (
    "total: share of the variance over these parameters that would remain if this one alone "
    "were not known; first: share that would vanish if it alone were known."
)
OF_EFFECTS = (
    "mu*: mean size of what a change over half its range does, doubled, so that it may exceed the "
    "range of the outcome, with 95 % intervals; sigma: how much that depends on where it and the "
    "others are; both {unit}."
)
OF_ONE_EFFECT = (
    "mu*: mean size of what a change over half its range does, doubled, so that it may exceed the "
    "range of the outcome, {unit}. Of a single parameter it has neither an interval nor a sigma, "
    "which are over places of the others."
)
OF_ALONE = (
    "alone: the outcome{unit} where it is at its 5 % and at its 95 % quantile, and all others "
    "are at the centre."
)


def text(result) -> str:
    """A `Sensitivity` as text of at most 80 columns."""
    question = result.question
    outcome = question.outcome
    lines = [
        _filled(f"{outcome.name} under {question.policy}: {outcome.words}"),
        *map(_filled, _about(result)),
        *_table(_indices(result), INDICES),
        *_table(_effects(result), EFFECTS),
        "",
        *map(_filled, (*_legend(result), *_remarks(result))),
    ]
    return "\n".join(line.rstrip() for line in lines)


def finding(result) -> str:
    """What screening shows, in the few letters that a progress bar has for it."""
    acting = sorted(_acting(result), key=lambda one: one.order)
    return f"most: {acting[0].key.rpartition('.')[2]}" if acting else "no effect seen"


def _filled(text: str) -> str:
    """A text in lines; % stays on one line with its number."""
    return fill(text.replace(" %", "\xa0%"), WIDTH).replace("\xa0", " ")


def _worlds(result) -> str:
    return so_many(result.question.scenario.worlds)


def _shares(result) -> bool:
    """Whether the outcome is a share."""
    return result.question.outcome.unit == "1"


def _about(result) -> Iterator[str]:
    size, points = len(result.weights), sum(one["of"] for one in result.undefined.values())
    yield (
        f"{size} parameter{'s' if size > 1 else ''}, {points:,} points of {_worlds(result)} each, "
        f"seed {result.question.scenario.seed}"
    )
    if result.varies:
        low, high = (_level(value, result) for value in result.varies)
        unit = "%" if _shares(result) else result.question.outcome.unit
        yield f"Over these points the outcome is {low} to {high} {unit}."


def _level(value: float | None, result) -> str:
    """A value of the outcome, shares in percent."""
    if value is None:
        return NONE
    if _shares(result):
        return percent(value)
    one = {"estimate": value, "low": None, "high": None}
    return interval(one, digits_for(max(map(abs, result.varies))))


def _table(rows, widths) -> Iterator[str]:
    """A row a parameter, the weightiest first; nothing where there is none."""
    if not rows:
        return
    left = WIDTH - sum(widths.values())
    yield ""
    for key, row in {"parameter": dict(zip(widths, widths, strict=True)), **rows}.items():
        if len(key) > left:
            yield key
            key = ""
        yield f"{key:{left}}" + "".join(
            f"{row.get(name, ''):>{width}}" for name, width in widths.items()
        )


def _indices(result) -> dict[str, dict[str, str]]:
    return {
        one.key: {
            "total index": interval(one.total._asdict(), 2),
            "first-order": interval(one.first._asdict(), 2),
        }
        for one in _acting(result)
        if one.total
    }


def _effects(result) -> dict[str, dict[str, str]]:
    """The cells of effects; those of shares in percentage points."""
    size = 100 if _shares(result) else 1
    moving = [one for one in _acting(result) if one.moves]
    sizes = [one.mu_star.estimate or 0 for one in moving]
    digits, single = digits_for(size * max(sizes, default=0)), len(result.weights) == 1
    return {
        one.key: {
            "mu*": interval(_sized(one.mu_star, size, single), digits),
            "sigma": NONE if one.sigma is None or single else f"{size * one.sigma:.{digits}f}",
            "alone": " -> ".join(_level(end.estimate, result) for end in one.alone),
        }
        for one in moving
    }


def _sized(estimate, size, single) -> dict:
    """An estimate in the unit that is shown; of a single parameter without its interval."""
    ends = {name: getattr(estimate, name) for name in ("estimate", "low", "high")}
    sized = {name: None if x is None else size * x for name, x in ends.items()}
    return {**sized, "low": None, "high": None} if single else sized


def _legend(result) -> Iterator[str]:
    unit = result.question.outcome.unit
    if any(one.total for one in result.weights):
        yield f"{OF_INDICES} 95 % intervals."
    if result.question.screen and _effects(result):
        words = OF_EFFECTS if len(result.weights) > 1 else OF_ONE_EFFECT
        yield words.format(unit="in percentage points" if _shares(result) else in_unit(unit))
        yield OF_ALONE.format(unit=f" ({in_unit(unit)})")


def _acting(result) -> list[Weight]:
    return [one for one in result.weights if not one.no_effect]


def _remarks(result) -> Iterator[str]:
    """What a reader must know, a sentence each."""
    yield from _without_effect(result)
    if result.varies and result.varies[0] == result.varies[1]:
        yield "The outcome is the same at every point, so there is no variance to share out."
    share = result.noise_share
    if share is not None:
        advice = ": more worlds (--worlds) are needed" if share > NOISY else ""
        yield (
            f"Of the variance over points at most {percent(min(share, 1.0))} % is the luck of "
            f"{_worlds(result)}{advice}."
        )
    yield from _undefined(result)


def _without_effect(result) -> Iterator[str]:
    """Parameters that changed nothing, and those that only left this outcome alone."""
    question = result.question
    no_effect = [one.key for one in result.weights if one.no_effect]
    still = [one.key for one in _acting(result) if one.mu_star and not one.moves]
    changes = len(ENDS) + TRAJECTORIES if question.screen else question.points
    if still:
        some, more = still[:NAMED], len(still) - NAMED
        rest = f" and {more} more (all are in {NAME})" if more > 0 else ""
        yield (
            f"In the same {changes} changes of each, {', '.join(some)}{rest} moved other numbers "
            "of a run, but not this outcome: mu* 0, and no change alone."
        )
    if no_effect:
        left = "; left out of the indices" if question.screen and question.indices else ""
        yield (
            f"No effect seen in {changes} changes of each, which is not proof (a parameter may "
            f"act only where others are elsewhere){left}: {', '.join(no_effect)}"
        )


def _undefined(result) -> Iterator[str]:
    why, other = why_absent(result.question.outcome)
    for stage, one in result.undefined.items():
        if one["points"]:
            lost = (
                f"Indices need it everywhere and are not given; ask for another outcome, such as "
                f"{other}, or for more worlds (--worlds)."
                if stage == "indices"
                else "Effects there are left out."
            )
            yield (
                f"At {one['points']} of {one['of']} points of the {stage} the outcome does not "
                f"exist: {why}. {lost}"
            )
