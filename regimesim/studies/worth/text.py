"""What would be worth knowing, in words and tables."""

from collections.abc import Iterator

from regimesim.analysis.assumptions import shortened
from regimesim.analysis.formatting import digits_for, interval, listed, percent, so_many
from regimesim.analysis.terminal import filled, table

SHOWN = 12  # assumptions in the table
PAIRS = 4
LEGEND = (
    "Worth: how much more value whoever knows the assumption can expect from the better choice, "
    "in the unit of the value, with 95 % intervals. Each choice is judged in worlds from which it "
    "was not learned. Changes: the share of worlds in which it is another choice, in %."
)


def text(content: dict) -> str:
    """The content of worth.json as tables and sentences for a terminal."""
    about = f"{content['scenario']}: {so_many(content['worlds'])}, seed {content['seed']}"
    lines = [filled(about), filled(f"The value of a policy is {content['value']}."), ""]
    lines += _policies(content)
    rows = [one for one in content["assumptions"] if one["changes"] > 0][:SHOWN]
    if rows:
        lines += ["", filled(LEGEND), *_table(rows, content)]
    return "\n".join([*lines, "", *map(filled, sentences(content))])


def _digits(content) -> int:
    sizes = [abs(one["worth"]["estimate"]) for one in content["assumptions"]]
    return max(digits_for(max(sizes, default=0.0)), 2)


def _policies(content) -> list[str]:
    digits = _digits(content)
    names = sorted(content["policies"].items(), key=lambda item: -item[1]["value"]["estimate"])
    rows = [
        (one["title"], interval(one["value"], digits), _behind(one, digits)) for _, one in names
    ]
    return table(("policy", "value", "behind the best"), rows)


def _behind(policy, digits) -> str:
    return interval(policy["behind"], digits) if "behind" in policy else ""


def _table(rows, content) -> list[str]:
    digits = _digits(content)
    cells = [
        (
            shortened(one["source"]),
            interval(one["worth"], digits),
            percent(one["changes"]),
            _where(one, content),
        )
        for one in rows
    ]
    return table(("known", "worth", "changes", "then choose"), cells, words=True)


def _where(one, content) -> str:
    """Which policy is chosen at which values, such as "none below 12.3, control above"."""
    parts = []
    for region in one.get("regions", ()):
        title = content["policies"][region["policy"]]["title"]
        low, high = (region[end] for end in ("low", "high"))
        if low is None:
            parts.append(f"{title} below {high:.3g}" if high is not None else title)
        else:
            parts.append(f"{title} above {low:.3g}" if high is None else f"{title} to {high:.3g}")
    return ", ".join(parts)


def clear_ones(content: dict) -> list[dict]:
    """The assumptions that are clearly worth something, the one that is worth most first."""
    return [one for one in content["assumptions"] if (one["worth"]["low"] or 0.0) > 0]


def sentences(content: dict) -> Iterator[str]:
    """What follows from the numbers, in a sentence each."""
    title = content["policies"][content["best"]]["title"]
    clear, digits = clear_ones(content), _digits(content)
    number, everything = len(content["assumptions"]), content["everything"]["worth"]
    if not clear and not (everything["low"] or 0.0) > 0:
        which = "the assumption" if number == 1 else f"any of the {number} assumptions"
        yield (
            f"Nothing here would change the choice: to know {which} is not clearly worth "
            f"anything, and {title} is chosen in any case."
        )
        return
    if clear:
        first = clear[0]
        named = listed([shortened(one["source"]) for one in clear])
        yield (
            f"Without more knowledge the choice is {title}. Of {number} assumptions, "
            f"{len(clear)} would clearly be worth knowing: {named}."
            if number > 1
            else f"Without more knowledge the choice is {title}."
        )
        yield (
            f"Most is worth {shortened(first['source'])}: {interval(first['worth'], digits)}; "
            f"with it known, another policy is chosen in {percent(first['changes'])} % of worlds."
        )
    else:
        yield f"Without more knowledge the choice is {title}; no assumption alone changes that."
    yield f"All assumptions together are worth at least {interval(everything, digits)}."
    yield from _pairs(content, digits)


def _pairs(content, digits) -> Iterator[str]:
    """Pairs that are clearly worth more than the better of both."""
    clear = [one for one in content["pairs"] if (one["beyond"]["low"] or 0.0) > 0][:PAIRS]
    if clear:
        named = [f"{_pair(one['source'])} ({interval(one['worth'], digits)})" for one in clear]
        yield f"Worth more together than alone: {listed(named, PAIRS)}."


def _pair(source: str) -> str:
    return " with ".join(map(shortened, source.split(" and ")))
