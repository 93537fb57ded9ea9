"""The part of a page about a run that says what would flip the verdict on each policy."""

from collections.abc import Iterator, Mapping

from regimesim.analysis.assumptions import source_in_words
from regimesim.analysis.flip_values import BAR, FLIPS, MAY_FLIP, STAYS
from regimesim.analysis.formatting import listed, percent, so_many
from regimesim.results.report.blocks import Cell, Code, Paragraph, Table
from regimesim.results.report.cells import NOTHING, estimate

MOST = 3  # assumptions of a policy
HEADINGS = (
    "policy",
    "no takeover, %",
    "one assumption alone",
    "flips it at",
    "no takeover at that end, %",
    "two assumptions together",
    "no takeover then, %",
)
COMMAND = "regimesim explain FILE --policy NAME"
EXACT = (
    "This command runs the worlds with assumptions moved. It gives exact values, for assumptions "
    "that are not drawn too, and the nearest scenario with the opposite verdict:"
)
NOTHING_DRAWN = (
    "The worlds of this run do not show it: they draw too few assumptions, or are too few. "
    "This command runs them with assumptions moved:"
)


def flip_blocks(summary: Mapping) -> list:
    """Which drawn assumption brings each policy across one half, alone and with another."""
    known = {name: of for name, of in summary["policies"].items() if of.get("flips")}
    if not known:
        return [Paragraph(NOTHING_DRAWN), Code(COMMAND)]
    moved = [name for name, of in known.items() if _verdicts(of["flips"]) - {STAYS}]
    shown = {name: known[name] for name in moved or [next(iter(known))]}
    rows = [row for name, policy in shown.items() for row in _rows(name, policy)]
    caption = (
        "Where P(no takeover) crosses one half, estimated from the worlds of this run, with 95 % "
        "intervals. Alone: a cubic regression on what the worlds drew; the end is that of the "
        "draws which brings the policy furthest to the other side. Together: the worlds in which "
        "both assumptions are in their worse thirds."
    )
    return [
        Paragraph(" ".join([*_sentences(known, moved), *_others(known, moved)])),
        Table(HEADINGS, rows, caption, words=True),
        Paragraph(EXACT, soft=True),
        Code(COMMAND),
    ]


def _verdicts(flips: Mapping) -> set[str]:
    pair = [flips["pair"]] if flips["pair"] else []
    return {one["verdict"] for one in (*flips["alone"], *pair)}


def _sentences(known: Mapping, moved: list[str]) -> Iterator[str]:
    """On which policies the verdict flips, and by how many assumptions."""
    alone = [
        name
        for name, of in known.items()
        if any(one["verdict"] == FLIPS for one in of["flips"]["alone"])
    ]
    pairs = {name: of["flips"]["pair"] for name, of in known.items() if name not in alone}
    together = [name for name, pair in pairs.items() if pair and pair["verdict"] == FLIPS]
    if alone:
        yield f"A single assumption flips the verdict on {listed(alone)}."
        if together:
            yield f"Two together flip that on {listed(together)}."
    elif together:
        yield (
            "No drawn assumption surely flips the verdict on a policy alone; two together flip "
            f"that on {listed(together)}."
        )
    else:
        perhaps = f"; that on {listed(moved)} may flip" if moved else ""
        yield (
            "No drawn assumption surely flips the verdict on a policy, alone or with another"
            f"{perhaps}."
        )


def _others(known: Mapping, moved: list[str]) -> Iterator[str]:
    """The policies on which nothing flips the verdict, and how far anything moves them."""
    others = [of for name, of in known.items() if name not in moved]
    for is_good in (True, False):
        ours = [of for of in others if (of["no_takeover"]["estimate"] >= BAR) == is_good]
        if ours:
            furthest = (min if is_good else max)(_furthest(of["flips"]) for of in ours)
            who = _staying(len(ours), len(others), bool(moved))
            side = f"at {percent(furthest)} % or {'more' if is_good else 'less'}"
            yield f"{who} {side}, whatever any two assumptions do."


def _staying(ours: int, others: int, some_move: bool) -> str:
    """So many of the policies on which nothing flips the verdict, as subject and verb."""
    stay = "stays" if ours == 1 else "stay"
    if ours < others:
        return f"{ours} of the {'others' if some_move else 'policies'} {stay}"
    if ours == 1:
        return f"The {'other ' if some_move else ''}policy {stay}"
    return f"{'The other' if some_move else 'All'} {ours} policies {stay}"


def _furthest(flips: Mapping) -> float:
    """P(no takeover) where one or two assumptions bring it nearest to the other side."""
    shares = [flips["alone"][0]["estimate"]]
    shares += [flips["pair"]["estimate"]] if flips["pair"] else []
    return min(shares, key=lambda share: abs(share - BAR))


def _rows(name: str, policy: Mapping) -> Iterator[tuple]:
    """A row for each assumption that flips the verdict or may; else for the one that comes
    nearest."""
    flips = policy["flips"]
    own, pair = estimate(policy["no_takeover"], percent), _pair(flips["pair"])
    own = Cell(own.text, own.small[:1])
    moved = [one for one in flips["alone"] if one["verdict"] != STAYS][:MOST]
    moved = moved or flips["alone"][:1]
    for place, one in enumerate(moved):
        there = _share(one["estimate"], one["estimate_low"], one["estimate_high"])
        at_end = Cell(there.text, (*there.small, f"at {one['end']:.3g}"))
        first = (own, pair) if place == 0 else (Cell(""), (Cell(""), Cell("")))
        yield name, first[0], source_in_words(one["source"]), _value(one), at_end, *first[1]


def _value(one: Mapping) -> Cell:
    """The value at which an assumption flips the verdict."""
    if one["value"] is None:
        return Cell(NOTHING)
    low, high = (None if one[end] is None else f"{one[end]:.3g}" for end in ("low", "high"))
    if low and high:
        interval = f"{low} to {high}"
    else:
        interval = f"{low} or more" if low else f"{high} or less" if high else "anywhere"
    luck = ("may be luck",) if one["verdict"] == MAY_FLIP else ()
    return Cell(f"{one['value']:.3g}", (interval, *luck))


def _pair(pair: Mapping | None) -> tuple[Cell, Cell]:
    """The two assumptions in their worse thirds, and P(no takeover) there."""
    if pair is None:
        return Cell(NOTHING), Cell(NOTHING)
    places = [
        f"{source_in_words(source)} {'above' if above else 'below'} {limit:.3g}"
        for source, limit, above in zip(
            pair["sources"], pair["limits"], pair["above"], strict=True
        )
    ]
    share = _share(pair["estimate"], pair["low"], pair["high"])
    return Cell(" and ".join(places)), Cell(share.text, (*share.small, so_many(pair["n"])))


def _share(middle: float, low: float, high: float) -> Cell:
    return Cell(percent(middle), (f"{percent(low)} to {percent(high)}",))
