"""The front of several aims in words, and what policies of the file are better."""

from collections.abc import Iterator, Mapping

from regimesim.analysis.estimand_table import UNITS
from regimesim.analysis.formatting import listed, percent
from regimesim.studies.optimise.held import FAILS, HOLDS
from regimesim.studies.optimise.words import said, value

BEST = "best"


def front(content: Mapping) -> Iterator[str]:
    """The front in a few sentences."""
    yield from nearest(content)
    members = list(content["chosen"].values())
    names = [aim["estimand"] for aim in content["aims"]]
    ends = [_with_values(one, names) for one in (members[0], members[-1])]
    if len(members) == 1:
        yield f"One policy is best in every aim: {ends[0]}."
    else:
        yield f"The front runs from {ends[0]} to {ends[1]}. {_along(content)}"
    yield from _targets(content, members)
    yield from _curse(members, names)
    yield from _better_than_front(content)


def _with_values(one, names) -> str:
    """A policy with what it has in each aim."""
    values = " and ".join(f"{said(name)} {value(one['fresh'][name], name)}" for name in names)
    return f"{one['words']} ({values})"


def nearest(content: Mapping) -> Iterator[str]:
    """That no policy reaches the targets, where that is so."""
    if not content["reached"]:
        wanted = listed([target["words"] for target in content["targets"]])
        yield f"No policy was found that reaches {wanted}; this one comes nearest."


def _along(content) -> str:
    """Whether in fresh worlds, too, no policy of the front is as good as another in each aim."""
    members, size = list(content["chosen"].values()), content["front"]
    begin = f"{len(members)} of its {size} policies were measured again. " * (size > len(members))
    beaten = sum(any(_beats(content, two, one) for two in members) for one in members)
    if not beaten:
        return f"{begin}Along it, one aim can be improved only at the cost of another."
    return (
        f"{begin}By the estimates in fresh worlds, {beaten} of {len(members)} "
        f"{'is' if beaten == 1 else 'are'} no better in any aim than another one of it: "
        "neighbours on the front differ by little more than luck."
    )


def _beats(content, one, other) -> bool:
    """Whether one policy is as good as another in each aim, and better in one, by estimates."""
    gains = [
        (1 if aim["maximise"] else -1)
        * (one["fresh"][name]["estimate"] - other["fresh"][name]["estimate"])
        for aim in content["aims"]
        for name in [aim["estimand"]]
        if None not in (one["fresh"][name]["estimate"], other["fresh"][name]["estimate"])
    ]
    return len(gains) == len(content["aims"]) and min(gains) >= 0 < max(gains)


def _targets(content, members) -> Iterator[str]:
    """Whether the front reaches the targets in fresh worlds."""
    wrong = {
        held["words"] for one in members for held in one["targets"] if held["verdict"] != HOLDS
    }
    if wrong:
        yield f"Not all of it clearly reaches {listed(sorted(wrong))}; see `targets` in the file."
    elif content["targets"]:
        yield "All of it reaches the targets in fresh worlds."


def _curse(members, names) -> Iterator[str]:
    """What a policy of the front loses in fresh worlds, at most."""
    worst = max(
        (
            (one["lost"][name]["estimate"], name)
            for one in members
            for name in names
            if one["lost"] and one["lost"][name]["estimate"] is not None and UNITS[name] == "1"
        ),
        default=None,
    )
    if worst:
        yield (
            f"At most, a policy loses {percent(worst[0])} points of {said(worst[1])} in fresh "
            "worlds (optimiser's curse)."
        )


def _reaches(one) -> bool:
    """Whether a policy of the file may reach every target."""
    return all(held["verdict"] != FAILS for held in one["targets"])


def _better_than_front(content) -> Iterator[str]:
    """Which policies of the file are better in every aim than policies of the front."""
    members = list(content["chosen"].values())
    for name, one in content["file"].items():
        count = sum(_clearly_beats(content, one, other) for other in members)
        if count and _reaches(one):
            yield (
                f"{_title(content, name)}, a policy of the file, is better in every aim than "
                f"{count} of them{_search_over(content, name)}."
            )


def better_in_file(content: Mapping) -> Iterator[str]:
    """The best policy of the file, where it clearly is better than the best of the search."""
    best = content["chosen"][BEST]
    aim = content["aims"][0]
    name, sign = aim["estimand"], 1 if aim["maximise"] else -1
    better = {
        key: one
        for key, one in content["file"].items()
        if _reaches(one) and _clearly_beats(content, one, best)
    }
    if better:
        key = max(better, key=lambda k: sign * better[k]["fresh"][name]["estimate"])
        yield (
            f"{_title(content, key)}, a policy of the file, is better: "
            f"{value(better[key]['fresh'][name], name)}{_search_over(content, key)}."
        )


def _clearly_beats(content, one, other) -> bool:
    """Whether the intervals of two policies lie apart in every aim."""
    apart = []
    for aim in content["aims"]:
        ours, theirs = (each["fresh"][aim["estimand"]] for each in (one, other))
        ends = (ours["low"], theirs["high"]) if aim["maximise"] else (theirs["low"], ours["high"])
        apart.append(None not in ends and ends[0] > ends[1])
    return all(apart)


def _search_over(content, name) -> str:
    return "" if name == content["base"] else f"; --policy {name} searches over it"


def _title(content, name) -> str:
    return str(content["titles"].get(name, name))
