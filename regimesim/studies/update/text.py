"""What evidence changes, in words and tables."""

from collections.abc import Iterator

from regimesim.analysis.composition import holder_words
from regimesim.analysis.formatting import (
    NONE,
    listed,
    percent,
    percent_interval,
    rounded,
    so_many,
)
from regimesim.analysis.terminal import filled, table
from regimesim.studies.update.measures import FEWEST

NAME = "update.json"
MOST_ASSUMPTIONS, MOST_PAIRS = 6, 4
NUMBERS = "(lost, but held had it been one attempt alone)"
BADLY = 0.01  # posterior predictive p of any item, below which worlds after the evidence fit badly
LEAST_SHARE = 0.0005  # of first tries, below which a part is not printed
MOST_BATCHES = 60  # of worlds that are drawn where the evidence is likely
MOST_ROUNDS = 80  # of moves at full likelihood


def text(content: dict) -> str:
    """The answer in lines as wide as the terminal."""
    blocks = [
        [filled(opening(content))],
        list(_items(content)),
        list(_outcomes(content)),
        list(_first_tries(content)),
        list(_assumptions(content)),
        [filled(sentence) for sentence in closing(content)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def opening(content: dict) -> str:
    """What was weighed, and how many effective worlds are left."""
    where = f"{content['scenario']}: evidence under {content['policy_title']}"
    left = f"{content['effective_by_weights']:,.0f}"
    made = f"{so_many(content['worlds'])}, whose effective number is {left} after the evidence"
    if search := content["search"]:
        made += _searched(search, content["effective"])
    words = f"{where} until {content['until']}; {made}."
    if not content["is_enough"] and content["effective_wanted"] > 0:
        words += (
            f" That is fewer than the {content['effective_wanted']:,.0f} that were wanted: run "
            "more worlds (--worlds), or see what follows from a part of the evidence."
        )
    return words


def _searched(search: dict, effective: float) -> str:
    """How more worlds were found that show the evidence."""
    drawn = search["batches"] * search["batch"]
    words = f"; so {drawn:,} more were drawn where it is likely"
    if moves := search["moves"]:
        words += f" and moved in {moves['rounds']} rounds"
    return f"{words}, {effective:,.0f} effective"


def _items(content: dict) -> Iterator[str]:
    """The Bayes factor of each item alone, and of all others."""
    title = content["policy_title"]
    yield filled(
        f"Bayes factors for worlds without a takeover under {title}, against worlds with one:"
    )
    rows = [
        (
            label,
            *(_factor(one["alone"]), _factor(one["left_out"]), _after(one["alone"])),
            _fit(one["predictive_p"]),
        )
        for label, one in content["items"].items()
    ]
    together = content["together"]
    if len(rows) > 1:
        rows.append(("all together", _factor(together), NONE, _after(together), ""))
    head = ("what was seen", "alone", "all the\nothers", "no takeover\n(%), alone", "fits\n(p)")
    yield from table(head, rows)
    if any(NONE in row[1:3] for row in rows[: len(content["items"])]):
        yield filled(
            "-: fewer than 5 effective worlds of one side show it among the worlds before, which "
            "is where each item is weighed without the others; more worlds (--worlds) say more.",
            "  ",
        )
    yield filled(
        "fits: how often worlds after the evidence, with luck drawn again, show it at least as "
        "far from their middle, on either side.",
        "  ",
    )


def _fit(p: float | None) -> str:
    """A posterior predictive p, of 1,000 worlds."""
    if p is None:
        return NONE
    return _two_digits(p) if p >= 0.001 else "<0.001"


def _factor(one: dict | None) -> str:
    """A Bayes factor with its interval."""
    if one is None:
        return NONE
    if one["bayes_factor"] is None:
        return NONE
    if one["low"] is None:
        return _two_digits(one["bayes_factor"])
    low, high = (_two_digits(one[end]) for end in ("low", "high"))
    return f"{_two_digits(one['bayes_factor'])} ({low}-{high})"


def _two_digits(number: float) -> str:
    return f"{number:.2f}" if 0.095 <= number < 99.5 else f"{number:.2g}"


def _after(one: dict) -> str:
    return percent_interval(one["no_takeover"])


def _outcomes(content: dict) -> Iterator[str]:
    """P(no takeover), and first tries held, of every policy before and after."""
    rows = []
    for policy in content["policies"].values():
        one = policy["estimands"]["no_takeover"]
        held = policy["estimands"]["held_first_critical_try"]
        cells = [percent_interval(one[part]) for part in ("before", "after")]
        cells += [percent(held[part]["estimate"]) for part in ("before", "after")]
        rows.append((policy["title"], *cells))
    yield filled("Shares in %, before and after the evidence, with 95 % intervals:")
    head = ("policy", "no takeover\nbefore", "after", "first try\nheld, before", "after")
    yield from table(head, rows)
    yield filled(f"(all estimands and thresholds: {NAME})", "  ", "   ")


def _first_tries(content: dict) -> Iterator[str]:
    """What held or lost first critical tries under the policy in force, before and after."""
    own = content["policies"].get(content["policy"])
    if own is None:
        return
    tries = own["first_tries"]
    before, after = (
        {name: one[part]["estimate"] for name, one in tries.items()}
        for part in ("before", "after")
    )
    if before["by_lottery"] is None or after["by_lottery"] is None:
        return
    rows = [
        (words, percent(before[name]), percent(after[name]))
        for name, words in {**holder_words(after), "numbers": NUMBERS}.items()
        if max(abs(before[name]), abs(after[name])) >= LEAST_SHARE
    ]
    yield filled(f"What became of first critical tries under {own['title']}, in % of them:")
    yield from table(("", "before", "after"), rows)


def _assumptions(content: dict) -> Iterator[str]:
    """The assumptions that learned most, and pairs that became correlated."""
    known = content["assumptions"]
    learned = {name: one for name, one in known.items() if one["is_clear"]}
    if not known:
        return
    if content["effective"] < FEWEST:
        yield filled("Too few effective worlds are left to say what was learned of assumptions.")
        return
    if not learned:
        yield filled(
            f"None of the {len(known)} drawn assumptions changed by more than luck would bring."
        )
        return
    shown = list(learned.items())[:MOST_ASSUMPTIONS]
    yield filled(
        f"Of {len(known)} drawn assumptions these changed most (mean, central 90 % of worlds, and "
        "the share of the variance that was learned):"
    )
    rows = [
        (name, _spread(one["before"]), _spread(one["after"]), _learned(one["learned"]))
        for name, one in shown
    ]
    yield from table(("assumption", "before", "after", "learned"), rows)
    for pair in content["pairs"][:MOST_PAIRS]:
        yield filled(
            f"The rank correlation of {pair['first']} and {pair['second']} has changed from "
            f"{rounded(pair['before'], '+.2f')} to {rounded(pair['after'], '+.2f')} (95 % "
            f"interval {rounded(pair['low'], '+.2f')} to {rounded(pair['high'], '+.2f')})."
        )


def _learned(share: float) -> str:
    return f"{rounded(100 * share, '.0f')} %"


def _spread(one: dict) -> str:
    return f"{one['mean']:.3g} ({one['low']:.3g} to {one['high']:.3g})"


def closing(content: dict) -> Iterator[str]:
    """What silence taught, and how much all of it changes."""
    if sentence := silence(content):
        yield sentence
    if sentence := misfit(content["items"]):
        yield sentence
    policy = content["policy"]
    own = content["policies"].get(policy)
    if own is None:
        return
    estimate = own["estimands"]["no_takeover"]
    if estimate["after"]["estimate"] is None:
        yield "Too few effective worlds are left to say what all evidence together changes."
        return
    before, after = (percent(estimate[part]["estimate"]) for part in ("before", "after"))
    change = estimate["change"]
    sure = change["low"] is not None and not change["low"] <= 0 <= change["high"]
    if before == after and not sure:
        yield f"All evidence together leaves P(no takeover) under {own['title']} at {after} %."
        return
    verb = f"moves P(no takeover) under {own['title']} from {before} to {after} %"
    rest = "" if sure else ", no more than luck of these worlds may do"
    yield f"All evidence together {verb}{rest}."


def misfit(items: dict) -> str | None:
    """That even the worlds after the evidence fit badly, where they do."""
    known = {label: one["predictive_p"] for label, one in items.items()}
    limit = BADLY / max(len(known), 1)
    bad = {label: p for label, p in known.items() if p is not None and p < limit}
    if not bad:
        return None
    what = "; ".join(f"{label}, p {_below(p)}" for label, p in bad.items())
    return (
        f"Even the worlds that are left fit badly ({what}): with luck drawn again they hardly "
        "ever show this. Parts of the evidence may contradict each other, or the model lacks what "
        "brought it about, so the estimates after it mean little."
    )


def _below(p: float) -> str:
    return f"= {p:.2g}" if p >= 0.001 else "below 0.001"


def silence(content: dict) -> str | None:
    """What the silence taught, in a sentence; None where there is none."""
    one = content["silence"]
    if one is None:
        return None
    lost, well = one["where_lost"]["estimate"], one["where_well"]["estimate"]
    what = listed(one["items"], 4)
    if lost is None or well is None:
        side = "with a takeover" if lost is None else "without a takeover"
        return f"Silence ({what}) says nothing here: no world ends {side}."
    moved = f"it moves P(no takeover) from {percent(one['before']['estimate'])} to "
    moved += f"{percent(one['no_takeover']['estimate'])} %"
    return (
        f"Silence ({what}) is what {percent(lost)} % of worlds show that end in a takeover, and "
        f"{percent(well)} % of those that do not: {_verdict(one)}; {moved}."
    )


def _verdict(one: dict) -> str:
    """How much a Bayes factor is, in words."""
    factor = one["bayes_factor"]
    if factor is None:
        return "too few worlds of one side show it to say more"
    if one["low"] is not None and one["low"] <= 1 <= one["high"] and 0.5 < factor < 2:
        return "it taught nothing that these worlds could show"
    size = max(factor, 1 / factor)
    words = "little" if size < 1.5 else "something" if size < 3 else "much"
    return f"it taught {words}, a factor of {_two_digits(factor)}"
