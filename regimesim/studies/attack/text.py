"""The worst case of each policy, in words and tables."""

from collections.abc import Iterator

from regimesim.analysis.formatting import listed, percent, percent_interval, so_many
from regimesim.analysis.terminal import filled, table
from regimesim.studies.attack.words import conducts, short, shown

LEGEND = (
    "Worlds without a takeover, in %, with 95 % intervals: with the attacker of the scenario, and "
    "with the worst that the search found for the policy. Both in {worlds} that the search has "
    "not seen; lost is their difference within worlds."
)
CHOICES = (
    "Given up: how many points come back where this choice alone is the scenario's again. "
    "Choices that act together may add up to more or less than the whole."
)


def text(content: dict) -> str:
    """The content of attack.json in lines for a terminal."""
    about = f"{content['scenario']}: {so_many(content['worlds'])}, seed {content['seed']}"
    legend = LEGEND.format(worlds=so_many(content["worlds"]))
    lines = [filled(about), filled(legend), *_worst(content), "", filled(CHOICES)]
    for policy in content["policies"].values():
        lines += ["", *_policy(policy)]
    return "\n".join([*lines, "", *map(filled, sentences(content))])


def _worst(content) -> list[str]:
    rows = [
        (one["title"], *(percent_interval(one[key]) for key in ("own", "worst", "lost")))
        for one in ranked(content)
    ]
    return table(("policy", "scenario's", "worst found", "lost"), rows)


def ranked(content: dict) -> list[dict]:
    """The policies, the one that is best in its worst case first."""
    return sorted(content["policies"].values(), key=lambda one: -one["worst"]["estimate"])


def _policy(one) -> Iterator[str]:
    """What the attacker of one policy does, and what each choice adds."""
    yield filled(sentence(one))
    if one["choices"]:
        rows = [
            (
                f"  {short(choice['name'])}",
                shown(choice["own"]) + (" (median)" if choice["drawn"] else ""),
                shown(choice["value"]),
                percent_interval(choice["gain"]),
            )
            for choice in one["choices"]
        ]
        yield from table(("choice", "scenario's", "attacker's", "given up"), rows)


def sentence(one: dict) -> str:
    """What the attacker does that is worst for a policy, and which choices do no clear harm by
    themselves in fresh worlds."""
    title = one["title"]
    if not one["choices"]:
        return f"{title}: no attacker that was tried does more harm than the scenario's own."
    clear = [choice for choice in one["choices"] if (choice["gain"]["low"] or 0) > 0]
    rest = [choice for choice in one["choices"] if choice not in clear]
    does = conducts(in_order(clear or one["choices"]))
    words = f"{title}: the attacker does most harm where systems {does}."
    if clear and rest:
        names = listed([f"{short(c['name'])} {shown(c['value'])}" for c in rest], len(rest))
        words += f" That it also has {names} adds no more than luck may."
    return words


def in_order(choices: list[dict]) -> list[tuple]:
    """The choices of an attacker as (name, scenario's value, attacker's value)."""
    return [(choice["name"], choice["own"], choice["value"]) for choice in choices]


def sentences(content: dict) -> Iterator[str]:
    """What follows from the numbers, in a sentence each."""
    policies = ranked(content)
    if len(policies) > 1:
        yield f"{_safest(policies)} {_same_order(policies)}"
    yield from _search(content)


def leads(policies: list[dict], which: str) -> bool:
    """Whether the interval of the first of ranked policies lies above that of every other one."""
    best, *others = policies
    return all(best[which]["low"] > one[which]["high"] for one in others)


def _safest(policies) -> str:
    """Which policy keeps most worlds in its worst case."""
    best, second = policies[:2]
    kept = [percent(one["worst"]["estimate"]) for one in (best, second)]
    if leads(policies, "worst"):
        return f"In its worst case, {best['title']} keeps most worlds: {kept[0]} %."
    if kept[0] == percent(0):
        return "In its worst case, no policy keeps any of these worlds."
    return (
        f"In its worst case, {best['title']} keeps {kept[0]} % and {second['title']} {kept[1]} %; "
        "which of them keeps more may be luck."
    )


def _same_order(policies) -> str:
    """Whether the worst case ranks policies as the scenario's own attacker does."""
    before = sorted(policies, key=lambda one: -one["own"]["estimate"])
    if not leads(before, "own"):
        return "With the scenario's attacker no policy clearly keeps most."
    if before[0] is policies[0]:
        return f"With the scenario's attacker, too, {before[0]['title']} keeps most."
    return f"With the scenario's attacker {before[0]['title']} keeps most."


def _search(content) -> Iterator[str]:
    """How much the search could see, and how far it flattered its attackers."""
    counts = [one["tried"] for one in content["policies"].values()]
    tried = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    off = [one["worst"]["estimate"] - one["searched"] for one in content["policies"].values()]
    most = max(off, key=abs)
    points, more = percent(abs(most)), "fewer" if most > 0 else "more"
    kept = "as much as" if points == "0" else f"up to {points} points {more} than"
    yield (
        f"The search tried {tried} attackers a policy, in {so_many(content['worlds_of_search'])} "
        f"of its own; there the worst of them kept {kept} above. A worse attacker may exist, so "
        "what is kept in the worst case is at most what is printed."
    )


def left_out(content: dict) -> list[str]:
    """Why choices are missing, in a sentence for each policy."""
    return [
        f"{one['title']}: {listed([short(name) for name in one['left_out']], 9)} would change "
        "nothing."
        for one in content["policies"].values()
        if one["left_out"]
    ]


def finding(title: str, tried: int, value: float) -> str:
    """The worst so far, short enough for a progress bar."""
    return f"{title}: {percent(value)} % after {tried} attackers"


def standing(content: dict) -> str:
    """The worst cases in a few words, for the line about a stage."""
    return "P(no takeover) " + "; ".join(heads(content))


def heads(content: dict) -> list[str]:
    """Each policy with the scenario's attacker and with the worst one."""
    return [
        f"{one['title']}: {percent(one['own']['estimate'])} and "
        f"{percent(one['worst']['estimate'])} %"
        for one in content["policies"].values()
    ]
