"""Policies by several criteria, in words and tables."""

from collections.abc import Iterator

from regimesim.analysis.formatting import (
    digits_for,
    interval,
    listed,
    percent,
    percent_interval,
    rounded,
    so_many,
)
from regimesim.analysis.terminal import filled, table

GOOD_ENOUGH = "good_enough"
CHOSEN, UNCLEAR = "*", "?"
MARKED = 0.005  # a correction for luck that is worth a sentence
HEADS = {
    "mean": "mean",
    "worst_tenth": "worst\ntenth",
    GOOD_ENOUGH: "good\nenough",
    "high_regret": "high\nregret",
    "most_regret": "most\nregret",
    "worst_view": "worst\nview",
    "regret_in_views": "regret\nin views",
}
MEANING = {
    "mean": "mean: over all futures",
    "worst_tenth": "worst tenth: the mean of the tenth of futures that are worst for the policy",
    GOOD_ENOUGH: "good enough: the share of futures, in %, with a value of {good} or more",
    "high_regret": (
        "regret: how far the policy is behind the best one in the same future; a tenth of futures "
        "have more than the high regret"
    ),
    "most_regret": "most regret: the mean of the tenth of futures with most",
    "worst_view": "worst view: the mean in the view that is worst for the policy",
    "regret_in_views": (
        "regret in views: how far its mean is behind that of the best one, in the view with most"
    ),
}


def together(names: list[str]) -> str:
    """The names of scenarios in one."""
    return listed(names, len(names))


def standing(content: dict) -> str:
    """What a stage says."""
    words = agreement(content)
    return words[0].lower() + words[1:]


def text(content: dict) -> str:
    """The content of robust.json as tables and sentences for a terminal."""
    lines = [filled(about(content)), filled(_legend(content)), "", *_policies(content)]
    lines += ["", *_choices(content)]
    if len(content["views"]) > 1:
        lines += ["", *_views(content)]
    return "\n".join([*lines, "", *map(filled, sentences(content))])


def about(content: dict) -> str:
    """Whose futures they are."""
    futures = sum(one["futures"] for one in content["views"])
    if futures == len(content["views"]):
        sizes = f"{futures} future{'s' * (futures > 1)}, {so_many(content['worlds'])} each"
    else:
        sizes = f"{futures:,} futures, {content['repeats']} worlds each"
    return f"{content['scenario']}: {sizes}, seed {content['seed']}"


def _legend(content) -> str:
    good = content["good_enough"]
    meaning = [MEANING[name].format(good=good and f"{good:g}") for name in content["criteria"]]
    return (
        f"The value of a policy is {content['value']}. Each set of assumptions is a future, and "
        "what a policy is worth in it is the mean over luck. "
        f"{'; '.join(meaning)[0].upper()}{'; '.join(meaning)[1:]}. {CHOSEN}: chosen."
    )


def _title(content, name) -> str:
    return content["policies"][name]["title"]


def ranked(content) -> list[str]:
    """The policies, the one with the best mean first."""
    means = content["criteria"]["mean"]["policies"]
    return sorted(content["policies"], key=lambda name: -means[name]["estimate"])


def _digits(content) -> int:
    """Three digits of the largest value, or regret, of any policy."""
    sizes = [
        abs(one["estimate"])
        for name, criterion in content["criteria"].items()
        for one in criterion["policies"].values()
        if name != GOOD_ENOUGH
    ]
    return digits_for(max(sizes))


def _cell(content, criterion: str, estimate: dict) -> str:
    if criterion == GOOD_ENOUGH:
        return percent(estimate["estimate"])
    return rounded(estimate["estimate"], f".{_digits(content)}f")


def _policies(content) -> list[str]:
    criteria = content["criteria"]
    rows = []
    for name in ranked(content):
        cells = (
            _cell(content, key, one["policies"][name]) + (CHOSEN if one["chosen"] == name else " ")
            for key, one in criteria.items()
        )
        rows.append((_title(content, name), *cells))
    return table(("policy", *(_head(HEADS[key]) for key in criteria)), rows)


def _head(words: str) -> str:
    """A heading, whose lines leave the place of a mark."""
    return "\n".join(f"{line} " for line in words.split("\n"))


def behind(content, criterion: str, policy: str) -> str:
    """How far a policy is behind the choice, with its interval."""
    one = content["criteria"][criterion]["behind"][policy]
    return percent_interval(one) if criterion == GOOD_ENOUGH else interval(one, _digits(content))


def next_best(content, criterion: str) -> str:
    """The policy that is least behind by a criterion."""
    others = content["criteria"][criterion]["behind"]
    return min(others, key=lambda name: others[name]["estimate"])


def _choices(content) -> list[str]:
    rows = []
    for key, one in content["criteria"].items():
        other = next_best(content, key)
        chosen = _title(content, one["chosen"]) + ("" if one["is_clear"] else f" {UNCLEAR}")
        rows.append((one["words"], chosen, _title(content, other), behind(content, key, other)))
    lines = table(("criterion", "choice", "next", "which is behind by"), rows)
    if not all(one["is_clear"] for one in content["criteria"].values()):
        unclear = (
            f"{UNCLEAR}: luck may decide this choice, as all pairs of policies are compared; each "
            "interval above is for one pair."
        )
        lines.append(filled(unclear))
    return lines


def _views(content) -> list[str]:
    """The mean of each policy in each view."""
    rows = []
    for name in ranked(content):
        cells = (
            rounded(one["means"][name]["estimate"], f".{_digits(content)}f")
            + (CHOSEN if one["chosen"] == name else " ")
            for one in content["views"]
        )
        rows.append((_title(content, name), *cells))
    heads = (_head(one["name"].replace("_", "\n", 1)) for one in content["views"])
    return table(("mean in each view", *heads), rows)


def groups(content) -> dict[str, list[str]]:
    """The criteria that choose each policy, in words, by policy."""
    chosen: dict[str, list[str]] = {}
    for one in content["criteria"].values():
        chosen.setdefault(one["chosen"], []).append(one["words"])
    return chosen


def agreement(content) -> str:
    """Which policy is chosen under which criterion, in a sentence."""
    by_policy = groups(content)
    luck = [one["words"] for one in content["criteria"].values() if not one["is_clear"]]
    perhaps = f" (by {listed(luck, len(luck))} perhaps by luck)" if luck else ""
    if len(by_policy) == 1:
        (name,) = by_policy
        return f"Every criterion chooses {_title(content, name)}{perhaps}"
    parts = [
        f"{_title(content, name)} by {listed(words, len(words))}"
        for name, words in by_policy.items()
    ]
    return f"The choice depends on the criterion: {'; '.join(parts)}{perhaps}"


def sentences(content: dict) -> Iterator[str]:
    """What follows from the numbers, in a sentence each."""
    yield f"{agreement(content)}."
    for one in content["instead"]:
        yield from _instead(content, one)
    moved = max(one["corrected_by"] for one in content["criteria"].values())
    if moved >= MARKED:
        yield (
            f"The correction for luck moved no number by more than {moved:.2g}; with twice as "
            f"many worlds of each future (--repeats {2 * content['repeats']}) less has to be "
            "corrected."
        )
    if content["good_enough"] is None:
        yield (
            "To count the futures in which a policy is good enough, write --good-enough and the "
            "value that is."
        )


def _instead(content, one) -> Iterator[str]:
    """When to choose another policy, in one view."""
    chosen = _title(content, content["criteria"]["mean"]["chosen"])
    other = _title(content, one["policy"])
    where = f"Under {one['view']}, " if len(content["views"]) > 1 else ""
    better = f"which is better in {percent(one['share'])} % of futures"
    if one["gain"] and not one["condition"]:
        sentence = (
            f"{where}choose {other} instead of {chosen}: on average over all of its futures it is "
            f"worth {interval(one['gain'], _digits(content))} more; it is better in "
            f"{percent(one['share'])} % of them"
        )
    elif not one["condition"]:
        sentence = (
            f"{where}the best alternative to {chosen} is {other}, {better}; {one['why_none']}"
        )
    else:
        gain, mass = one["gain"], percent(one["mass"]["estimate"])
        worth = interval(gain, _digits(content))
        there = f"when {one['condition']}: there, in {mass} % of futures,"
        if gain["low"] is not None and gain["low"] > 0:
            sentence = (
                f"{where}choose {other} instead of {chosen} {there} it is worth {worth} more"
            )
        else:
            often = percent(one["density"]["estimate"])
            sentence = (
                f"{where}the best alternative to {chosen} is {other}, {better}, most of all "
                f"{there} it is better in {often} %, but on average not clearly: what it adds is "
                f"{worth}"
            )
    yield f"{sentence[0].upper()}{sentence[1:]}."
