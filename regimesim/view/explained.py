"""What the odds consist of, as plain values: how worlds end, what holds, what it costs, and what
decides."""

from regimesim.analysis.assumptions import source_in_words
from regimesim.analysis.composition import ENDINGS, SAFE, holder_words
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import rounded
from regimesim.analysis.variance_shares import Share, is_clear
from regimesim.view.odds import Odds

MOST = 5  # assumptions that are named
INKS = {True: "true", False: "strike"}


def explained(odds: Odds) -> list[dict]:
    """Lists of shares, each with a heading; one without an entry is left out."""
    ends = [_share(ENDINGS[name], one, INKS[name in SAFE]) for name, one in odds.endings.items()]
    known = holder_words({name: one.estimate for name, one in odds.outcomes.by.items()})
    holds = [
        _share(known[name], one, INKS[not name.startswith("lost")])
        for name, one in odds.outcomes.by.items()
        if one.estimate is not None
    ]
    costs = [
        _share("growth lost", odds.estimates["growth_lost"], "story"),
        _share("trajectories audited", odds.estimates["audited"], "story"),
    ]
    decides = [_share(source_in_words(one.source), one, "feint") for one in _deciding(odds)]
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


def _share(name: str, one: Estimate | Share, ink: str) -> dict:
    """A share with its interval, in words and as places on a bar from 0 to 100 %."""
    share = 0.0 if one.estimate is None else one.estimate
    known = one.low is not None and one.high is not None
    low, high = (one.low, one.high) if known else (share, share)
    return {
        "name": name,
        "text": f"{rounded(100 * share, '.1f')} %",
        "interval": f"{_percents(low)} to {_percents(high)} %" if known else "",
        "size": _place(share),
        "low": _place(low),
        "high": _place(high),
        "ink": ink,
    }


def _percents(share: float) -> str:
    return rounded(100 * share, ".1f")


def _place(share: float) -> float:
    return 100 * min(max(share, 0.0), 1.0)
