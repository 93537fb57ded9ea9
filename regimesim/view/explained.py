"""What the odds consist of, as plain values: how worlds end, what holds, what it costs, and what
decides."""

from regimesim.analysis.composition import ENDINGS, SAFE, holder_words
from regimesim.analysis.formatting import rounded
from regimesim.analysis.variance_shares import is_clear, source_in_words
from regimesim.view.odds import Odds

MOST = 5  # assumptions that are named
INKS = {True: "true", False: "strike"}


def explained(odds: Odds) -> list[dict]:
    """Lists of shares, each with a heading; one without an entry is left out."""
    ends = [
        _share(ENDINGS[name], one.estimate, INKS[name in SAFE])
        for name, one in odds.endings.items()
    ]
    known = holder_words({name: one.estimate for name, one in odds.outcomes.by.items()})
    holds = [
        _share(known[name], one.estimate, INKS[not name.startswith("lost")])
        for name, one in odds.outcomes.by.items()
        if one.estimate is not None
    ]
    costs = [
        _share("growth lost", odds.estimates["growth_lost"].estimate, "story"),
        _share("trajectories audited", odds.estimates["audited"].estimate, "story"),
    ]
    decides = [
        _share(source_in_words(one.source), one.estimate, "feint") for one in _deciding(odds)
    ]
    lists = {
        "How worlds end": ends,
        "What becomes of first critical tries": holds,
        "What it costs": costs,
        "Which assumptions decide": decides,
    }
    return [
        {"heading": heading, "entries": entries} for heading, entries in lists.items() if entries
    ]


def deciding_keys(odds: Odds) -> tuple[str, ...]:
    """The parameters that decide, the first of them most."""
    return tuple(key for one in _deciding(odds) for key in one.source.split(" + "))


def _deciding(odds):
    return [one for one in odds.deciding if is_clear(one.estimate, one.low)][:MOST]


def _share(name, share, ink):
    share = 0.0 if share is None else share
    size = 100 * min(max(share, 0.0), 1.0)
    return {"name": name, "text": f"{rounded(100 * share, '.1f')} %", "size": size, "ink": ink}
