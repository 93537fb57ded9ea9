"""Requirements in words: a sentence, a table, and plain content."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from regimesim.analysis import terminal
from regimesim.analysis.formatting import percent
from regimesim.analysis.policy_cells import costs_in_words
from regimesim.analysis.terminal import filled
from regimesim.studies.require.search import (
    EVERYWHERE,
    NOT_MONOTONE,
    NOWHERE,
    REACHED,
    UNKNOWN,
    UNTESTED,
    Requirement,
    Tried,
)


def text(requirements: Iterable[Requirement], left_out: Iterable[str] = ()) -> str:
    """All answers, in lines for a terminal."""
    lines = []
    for one in requirements:
        lines += [filled(heading(one)), *table(one), filled(sentence(one)), ""]
    lines += [filled(f"Left out: {reason}.") for reason in left_out]
    return "\n".join(lines).rstrip()


def finding(policy: str, target, tried: Tried) -> str:
    """The latest estimate, short enough for a progress bar."""
    at = ", ".join(f"{value:.3g}" for value in tried.values)
    estimate = tried.estimates[0]
    return f"{policy} at {at}: {'-' if estimate.estimate is None else number(estimate.estimate)}"


def standing(requirement: Requirement) -> str:
    """The answer in a few words, for the line about a stage of the search."""
    policy, wanted = requirement.policy, " and ".join(map(str, requirement.targets))
    if requirement.kind == REACHED:
        bound = "at least" if requirement.rising else "at most"
        at = place_in_words(requirement, requirement.answer)
        return f"{policy} needs {bound} {at} (95 % interval {_interval(requirement)})"
    words = {
        EVERYWHERE: "is reached in the whole range",
        NOWHERE: "is not reachable in the range",
        NOT_MONOTONE: "is reached at some values and missed at others",
        UNTESTED: "is not tested",
        UNKNOWN: "is reached at some values, and too few worlds tell at which",
    }
    return f"under {policy} {wanted} {words[requirement.kind]}"


def number(value: float) -> str:
    """A number of four digits, as short as they allow."""
    return f"{value:.4g}"


def place_in_words(requirement: Requirement, values) -> str:
    """`oversight.audit_budget = 0.03`, or several of them."""
    settings = requirement.line.settings(values)
    return ", ".join(f"{key} = {number(value)}" for key, value in settings.items())


def heading(requirement: Requirement) -> str:
    """What the answer is about: targets, policy, range and worlds."""
    wanted = " and ".join(map(str, requirement.targets))
    ranges = ", ".join(
        f"{one.key} {number(one.low)} to {number(one.high)}" for one in requirement.line.varied
    )
    return f"{wanted} under {requirement.policy}: {ranges}, {requirement.worlds:,} worlds"


def sentence(requirement: Requirement) -> str:
    """The answer in a sentence, with notes that qualify it."""
    parts = [_SENTENCES[requirement.kind](requirement), *_costs(requirement), *requirement.notes]
    return " ".join(parts)


def _costs(requirement: Requirement) -> Iterator[str]:
    """What it costs to reach the targets where the answer says that they are reached."""
    costs = requirement.costs.get(requirement.reached_at)
    if costs:
        plain_costs = {name: estimate._asdict() for name, estimate in costs.items()}
        yield f"That costs {costs_in_words(plain_costs)}."


def _about(requirement):
    return f"Under {requirement.policy} {' and '.join(map(str, requirement.targets))}"


def _ends(requirement) -> tuple[Tried, Tried]:
    """The tested places with the lowest and the highest chance to reach the targets."""
    tested = [one for one in requirement.tried if one.slack == one.slack]
    return (tested[0], tested[-1]) if requirement.rising else (tested[-1], tested[0])


def _worst(requirement, one: Tried) -> str:
    """The estimate, at a place, of the target that is furthest from being reached."""
    pairs = zip(requirement.targets, one.estimates, strict=True)
    target, estimate = min(pairs, key=lambda pair: pair[0].slack(pair[1].estimate))
    words = f"{target.estimand} is {number(estimate.estimate)}"
    if estimate.low is None:
        return words
    return f"{words} ({number(estimate.low)} to {number(estimate.high)})"


def _reached(requirement):
    bound = "at least" if requirement.rising else "at most"
    where = place_in_words(requirement, requirement.answer)
    if len(requirement.line.varied) > 1:
        # the place of what was tried, not of a rounded value
        way = next(t.place for t in requirement.tried if t.values == requirement.answer)
        where = f"{way:.2f} of the way, {where}"
    return f"{_about(requirement)} needs {bound} {where} (95 % interval {_interval(requirement)})."


def _interval(requirement):
    def end(values):
        shown = [number(value) for value in values]
        return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"

    low, high = requirement.low, requirement.high
    if low is None:
        return f"up to {end(high)}, open below: too few worlds to tell"
    if high is None:
        return f"from {end(low)}, open above: too few worlds to tell"
    return f"{end(low)} to {end(high)}"


def _everywhere(requirement):
    worst, _ = _ends(requirement)
    doubt = "" if worst.low >= 0 else "; these worlds do not rule out that it is missed there"
    where = "already at the low end" if requirement.rising else "even at the high end"
    return (
        f"{_about(requirement)} is reached in the whole range, {where}, "
        f"{place_in_words(requirement, worst.values)}, where {_worst(requirement, worst)}{doubt}."
    )


def _nowhere(requirement):
    _, best = _ends(requirement)
    doubt = "" if best.high < 0 else "; these worlds do not rule out that it is reached there"
    return (
        f"{_about(requirement)} is not reachable in the range: even at "
        f"{place_in_words(requirement, best.values)} {_worst(requirement, best)}{doubt}."
    )


def _not_monotone(requirement):
    runs = [
        [place_in_words(requirement, one.values) for one in run]
        for reached, run in groupby(requirement.tried, lambda one: one.reached)
        if reached
    ]
    where = "; and ".join(
        f"at {run[0]}" if len(run) == 1 else f"from {run[0]} to {run[-1]}" for run in runs
    )
    return (
        f"{_about(requirement)} is reached at some values and missed at others, by more than "
        f"luck, so there is no least value in this range. Of the values tried it is reached "
        f"{where}. "
        "Try a narrower range, with --vary KEY=LOW:HIGH."
    )


def _untested(requirement):
    return f"{_about(requirement)} is not tested: the quantity exists in no world."


def _unknown(requirement):
    needed = requirement.needed_worlds
    more = "" if needed is None else f" About {needed:,} worlds (--worlds) would bound it."
    return (
        f"{_about(requirement)} is reached at some values and missed at others, but the 95 % "
        f"interval of the answer is the whole range: too few worlds to tell.{more}"
    )


_SENTENCES = {
    REACHED: _reached,
    EVERYWHERE: _everywhere,
    NOWHERE: _nowhere,
    NOT_MONOTONE: _not_monotone,
    UNTESTED: _untested,
    UNKNOWN: _unknown,
}


def table(requirement: Requirement) -> list[str]:
    """The lines of a table of all values that were tried.

    Each target has its estimate with the 95 % interval, and the number of worlds behind it.
    """
    keys = [one.key.rpartition(".")[2] for one in requirement.line.varied]
    digits = 4 if len(requirement.targets) == 1 else 3  # for a terminal's width
    heads = (head for target in requirement.targets for head in (target.estimand, "worlds"))
    rows: list[list[str]] = []
    lost = ["growth lost, %"] if requirement.costs else []
    for one in requirement.tried:
        row = [number(value) for value in one.values]
        for estimate in one.estimates:
            row += [_estimate(estimate, digits), f"{estimate.n:,}"]
        if lost:
            row.append(percent(requirement.costs[one.values]["growth_lost"].estimate))
        rows.append([*row, "yes" if one.reached else "no"])
    return terminal.table([*keys, *heads, *lost, "met"], rows)


def _estimate(estimate, digits) -> str:
    if estimate.low is None:
        return "-" if estimate.estimate is None else number(estimate.estimate)
    between = " to " if estimate.low < 0 else "-"
    middle, low, high = (f"{share:.{digits}f}" for share in estimate[:3])
    return f"{middle} ({low}{between}{high})"


def plain(requirement: Requirement) -> dict:
    """The content of require.json, plain values and None."""

    def settings(values):
        return None if values is None else requirement.line.settings(values)

    return {
        "policy": requirement.policy,
        "targets": [target._asdict() for target in requirement.targets],
        "vary": [one._asdict() for one in requirement.line.varied],
        "worlds": requirement.worlds,
        "kind": requirement.kind,
        "bound": "at least" if requirement.rising else "at most",
        "answer": settings(requirement.answer),
        "low": settings(requirement.low),
        "high": settings(requirement.high),
        "needed_worlds": requirement.needed_worlds,
        "sentence": sentence(requirement),
        "tried": [
            {
                "place": one.place,
                "values": settings(one.values),
                "reached": one.reached,
                "costs": {
                    name: estimate._asdict()
                    for name, estimate in requirement.costs.get(one.values, {}).items()
                },
                "estimates": {
                    str(target): estimate._asdict()
                    for target, estimate in zip(requirement.targets, one.estimates, strict=True)
                },
            }
            for one in requirement.tried
        ],
    }
