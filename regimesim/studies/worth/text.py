"""What would be worth knowing, in words and tables."""

from collections.abc import Iterator

from regimesim.analysis.assumptions import shortened
from regimesim.analysis.formatting import digits_for, interval, listed, percent, so_many
from regimesim.analysis.terminal import filled, table

SHOWN = 12  # assumptions in the table
PAIRS = 4
MOSTLY = 0.9  # of worlds that show the same, from which it is said
MOST_SAID = 3  # assumptions of which it is said when each policy is chosen
LEGEND = (
    "Worth: how much more value can be expected where the assumption is known before the choice, "
    "in the unit of the value, with 95 % intervals. Each choice is judged in worlds from which it "
    "was not learned. Changes: the share of worlds in which it is another choice, in %. What is "
    "called clear stays above 0 at a confidence of 95 % for all assumptions together."
)


def text(content: dict) -> str:
    """The content of worth.json as tables and sentences for a terminal."""
    about = f"{content['scenario']}: {so_many(content['worlds'])}, seed {content['seed']}"
    lines = [filled(about), filled(f"The value of a policy is {content['value']}."), ""]
    lines += _policies(content)
    rows = shown(content)
    if rows:
        lines += ["", filled(LEGEND), *_table(rows, content)]
    if content["measurements"]:
        lines += ["", *_table(content["measurements"], content, "measured"), ""]
        lines += [filled(line, rest="  ") for line in _about(content)]
    return "\n".join([*lines, "", *map(filled, sentences(content))])


def shown(content: dict) -> list[dict]:
    """The assumptions that would change the choice in some world, the first of them."""
    return [one for one in content["assumptions"] if one["changes"] > 0][:SHOWN]


def _digits(content) -> int:
    """Three digits of the largest difference."""
    known = [*content["assumptions"], content["everything"], *content["measurements"]]
    behind = [one["behind"] for one in content["policies"].values() if "behind" in one]
    sizes = [abs(one["estimate"]) for one in (*behind, *(one["worth"] for one in known))]
    return digits_for(max(sizes))


def _policies(content) -> list[str]:
    digits = _digits(content)
    names = sorted(content["policies"].items(), key=lambda item: -item[1]["value"]["estimate"])
    rows = [
        (one["title"], interval(one["value"], digits), _behind(one, digits)) for _, one in names
    ]
    return table(("policy", "value", "behind the best"), rows)


def _behind(policy, digits) -> str:
    return interval(policy["behind"], digits) if "behind" in policy else ""


def _table(rows, content, head="known") -> list[str]:
    digits = _digits(content)
    cells = [
        (shortened(one["source"]), interval(one["worth"], digits), percent(one["changes"]))
        for one in rows
    ]
    return table((head, "worth", "changes"), cells)


def _about(content) -> Iterator[str]:
    """What each measurement measures, a line for each; and where it shows nothing."""
    for one in content["measurements"]:
        words = f"{one['source']}: {one['about']}"
        if one["same"] == 1.0:
            words += ". It is the same in every world"
        elif one["same"] > MOSTLY:
            words += f". It is the same in {percent(one['same'])} % of worlds"
        if one["lost"]:
            words += f". Worlds that are lost before, {percent(one['lost'])} %, gain nothing"
        yield f"{words}."


def _where(one, content) -> str:
    """Which policy is chosen at which values: "none below 12.3, control above 12.3"."""
    parts = []
    for region in one.get("regions", ()):
        title = content["policies"][region["policy"]]["title"]
        low, high = (region[end] for end in ("low", "high"))
        if low is None and high is None:
            parts.append(f"{title} at every value")
        elif low is None or high is None:
            end = f"below {high:.3g}" if low is None else f"above {low:.3g}"
            parts.append(f"{title} {end}")
        else:
            parts.append(f"{title} from {low:.3g} to {high:.3g}")
    return ", ".join(parts)


def clear_ones(content: dict) -> list[dict]:
    """The assumptions that are clearly worth something, the one that is worth most first."""
    return [one for one in content["assumptions"] if one["is_clear"]]


def nothing_changes(content: dict) -> bool:
    """Whether no assumption, pair or measurement is clearly worth anything."""
    known = (*content["assumptions"], *content["pairs"], *content["measurements"])
    return not any(one["is_clear"] for one in (*known, content["everything"]))


def sentences(content: dict) -> Iterator[str]:
    """What follows from the numbers, in a sentence each."""
    title = content["policies"][content["best"]]["title"]
    number = sum(len(one["source"].split(" + ")) for one in content["assumptions"])
    clear, digits, everything = clear_ones(content), _digits(content), content["everything"]
    pairs = [one for one in content["pairs"] if one["is_clear"]][:PAIRS]
    if nothing_changes(content):
        which = "the assumption" if number == 1 else f"any of the {number} assumptions"
        made = ", or to make any of the measurements," if content["measurements"] else ""
        yield (
            f"Nothing here would change the choice: in these worlds, to know {which}{made} is not "
            f"clearly worth anything, and the choice is {title}."
        )
        return
    start = f"Without more knowledge the choice is {title}."
    if not clear:
        yield f"{start} No assumption is clearly worth knowing by itself."
    else:
        named = listed([shortened(one["source"]) for one in clear])
        yield f"{start} Clearly worth knowing, of {number} assumptions: {named}."
        for one in clear[:MOST_SAID]:
            if where := _where(one, content):
                yield f"With {one['source']} known, the choice is {where}."
    if number > 1:
        yield (
            "All together, as far as their effects add up, are worth "
            f"{interval(everything['worth'], digits)}."
        )
    if pairs:
        named = [f"{_pair(one['source'])}, {interval(one['worth'], digits)}" for one in pairs]
        yield f"Worth more together than alone: {'; '.join(named)}."
    yield from _measurements(content)


def _clear_measurements(content) -> list[str]:
    return [one["source"] for one in content["measurements"] if one["is_clear"]]


def _measurements(content) -> Iterator[str]:
    """Which measurements would clearly be worth their while."""
    if content["measurements"]:
        clear = _clear_measurements(content)
        named = "; ".join(clear) if clear else "none"
        yield f"Measurements that would clearly be worth making: {named}."


def _pair(source: str) -> str:
    return " with ".join(map(shortened, source.split(" and ")))
