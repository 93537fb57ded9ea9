"""Requirements in words: a sentence, a table, and plain content."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from regimesim.analysis import terminal
from regimesim.analysis.formatting import listed, percent
from regimesim.analysis.policy_cells import costs_in_words
from regimesim.analysis.terminal import filled
from regimesim.studies.require.curve import Tried
from regimesim.studies.require.search import (
    EVERYWHERE,
    NOT_MONOTONE,
    NOWHERE,
    REACHED,
    UNKNOWN,
    UNTESTED,
    Requirement,
)


def text(requirements: Iterable[Requirement], left_out: Iterable[str] = ()) -> str:
    """All answers, in lines for a terminal."""
    lines = []
    for one in requirements:
        lines += [filled(heading(one)), *table(one), filled(sentence(one)), ""]
    lines += [filled(f"Left out: {reason}.") for reason in left_out]
    return "\n".join(lines).rstrip()


def finding(title: str, target, tried: Tried) -> str:
    """The latest estimate under a policy, short enough for a progress bar."""
    at = ", ".join(f"{value:.3g}" for value in tried.values)
    estimate = tried.estimates[0]
    return f"{title} at {at}: {'-' if estimate.estimate is None else number(estimate.estimate)}"


def standing(requirement: Requirement) -> str:
    """The answer in a few words, for the line about a stage of the search."""
    if requirement.kind == REACHED:
        return f"{_title(requirement)} needs {_bound(requirement)}"
    words = {
        EVERYWHERE: "is met over the whole range",
        NOWHERE: "is not met anywhere in the range",
        NOT_MONOTONE: "is met at some values and missed at others",
        UNTESTED: "cannot be judged",
        UNKNOWN: "is met at some values, but too few worlds show at which",
    }
    return f"under {_title(requirement)}, {_wanted(requirement)} {words[requirement.kind]}"


def number(value: float) -> str:
    """A number of four digits, as short as they allow."""
    return f"{value:.4g}"


def place_in_words(requirement: Requirement, values) -> str:
    """`oversight.audit_budget = 0.03`, or several of them."""
    settings = requirement.line.settings(values)
    return ", ".join(f"{key} = {number(value)}" for key, value in settings.items())


def heading(requirement: Requirement) -> str:
    """What the answer is about: targets, policy, range and worlds."""
    ranges = ", ".join(
        f"{one.key} from {number(one.low)} to {number(one.high)}"
        for one in requirement.line.varied
    )
    under = f"{_wanted(requirement)} under {_title(requirement)}"
    return f"{under}: {ranges}, {requirement.worlds:,} worlds"


def sentence(requirement: Requirement) -> str:
    """The answer in a sentence, with notes that qualify it."""
    parts = [_SENTENCES[requirement.kind](requirement), *_costs(requirement), *requirement.notes]
    return " ".join(parts)


def _costs(requirement: Requirement) -> Iterator[str]:
    """What it costs to reach the targets where the answer says that they are reached."""
    costs = requirement.costs.get(requirement.reached_at)
    if costs:
        plain_costs = {name: estimate._asdict() for name, estimate in costs.items()}
        yield f"The policy then costs {costs_in_words(plain_costs)}."


def _title(requirement) -> str:
    return requirement.title or requirement.policy


def _wanted(requirement) -> str:
    return " and ".join(map(str, requirement.targets))


def _about(requirement):
    return f"Under {_title(requirement)}, {_wanted(requirement)}"


def _ends(requirement) -> tuple[Tried, Tried]:
    """The tested places with the lowest and the highest chance to reach the targets."""
    tested = [one for one in requirement.tried if one.slack == one.slack]
    return (tested[0], tested[-1]) if requirement.rising else (tested[-1], tested[0])


def _worst(requirement, one: Tried) -> str:
    """The estimate, at a place, of the target that is furthest from being reached."""
    pairs = zip(requirement.targets, one.estimates, strict=True)
    target, estimate = min(pairs, key=lambda pair: pair[0].slack(pair[1].estimate))
    return f"{target.estimand} is {_estimate(estimate, _digits(requirement))}"


def _reached(requirement):
    return f"{_about(requirement)} needs {_bound(requirement)}."


def _bound(requirement) -> str:
    """The least or the greatest value that reaches the targets, with its interval."""
    least = "at least" if requirement.rising else "at most"
    answer, between = requirement.answer, f"(95 % interval {_interval(requirement)})"
    if len(requirement.line.varied) > 1:
        # the place of what was tried, not of a rounded value
        way = next(t.place for t in requirement.tried if t.values == answer)
        where = place_in_words(requirement, answer)
        return f"{least} {way:.2f} of the way, which is {where} {between}"
    (key,) = requirement.line.settings(answer)
    return f"{key} to be {least} {number(answer[0])} {between}"


def _interval(requirement):
    def end(values):
        shown = [number(value) for value in values]
        return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"

    low, high = requirement.low, requirement.high
    if low is None:
        return f"up to {end(high)}; too few worlds to give its lower end"
    if high is None:
        return f"from {end(low)}; too few worlds to give its upper end"
    return f"{end(low)} to {end(high)}"


def _everywhere(requirement):
    worst, _ = _ends(requirement)
    doubt = "" if worst.low >= 0 else "; with so few worlds, it may still be missed there"
    return (
        f"{_about(requirement)} is met over the whole range: even at "
        f"{place_in_words(requirement, worst.values)}, {_worst(requirement, worst)}{doubt}."
    )


def _nowhere(requirement):
    _, best = _ends(requirement)
    doubt = "" if best.high < 0 else "; with so few worlds, it may still be met there"
    return (
        f"{_about(requirement)} is not met anywhere in the range: even at "
        f"{place_in_words(requirement, best.values)}, {_worst(requirement, best)}{doubt}."
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
        f"{_about(requirement)} is met at some values and missed at others, by more than luck "
        "explains, so no single value divides this range. Of the values tried, it is met "
        f"{where}. Try a narrower range, with --vary KEY=LOW:HIGH."
    )


def _untested(requirement):
    names = listed([target.estimand for target in requirement.targets])
    return f"{_about(requirement)} cannot be judged: no world has a value of {names}."


def _unknown(requirement):
    needed = requirement.needed_worlds
    more = "" if needed is None else f" About {needed:,} worlds (--worlds) would narrow it."
    return (
        f"{_about(requirement)} is met at some values and missed at others, but these worlds are "
        f"too few to say where it begins: the 95 % interval is the whole range.{more}"
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
    digits = _digits(requirement)
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


def _digits(requirement) -> int:
    """The decimals of an estimate, for a terminal's width."""
    return 4 if len(requirement.targets) == 1 else 3


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
