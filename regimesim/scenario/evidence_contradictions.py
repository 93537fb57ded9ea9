"""Whether parts of the evidence contradict each other, whatever the world.

Counts of the same months must fit together, no lab moves down, and two measurements of one
quantity in one month may differ by chance, but only so far.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import hypot, inf, log2

from regimesim.scenario.evidence import EvidenceTable
from regimesim.scenario.evidence_items import Caught, Horizon, Item

RAREST = 1e-9  # a difference of measurements that is less probable in every world contradicts

Mistakes = Iterator[tuple[tuple[str, ...], str]]


def contradictions(table: EvidenceTable, run) -> Mistakes:
    """(path, reason) of parts of the evidence that cannot both be, or that count months twice.

    Parameters
    ----------
    table : EvidenceTable
        The evidence.
    run : Settings
        The settings of the scenario: its start and systems.
    """
    for kind, key, most in (
        ("strikes_seen", "count", run.systems),
        ("story_incidents", "total", inf),
        ("alarms", "months", 1),
    ):
        yield from _counts(kind, getattr(table, kind), key, most, run.start)
    yield from _labs(table)
    for first, second in combinations(table.horizon, 2):
        if first.on == second.on and _chance_of_horizons(first, second) < RAREST:
            yield ("horizon",), _rare(first, second)
    for kind in ("exercises", "honeypots"):
        for first, second in combinations(getattr(table, kind), 2):
            if first.on == second.on and _chance_of_counts(first, second) < RAREST:
                yield (kind,), _rare(first, second)


def _counts(kind: str, items, key: str, most: float, start: str) -> Mistakes:
    """Counts of one observer that cannot all be, where each month has 0 to `most`; and items
    that count a month twice."""
    is_wrong = False
    for first, second in combinations(items, 2):
        if not set(first.span(start)) & set(second.span(start)):
            continue
        if _same_observer(first, second) and not _fit([first, second], key, most, start):
            is_wrong = True
            yield (kind,), f"{first.label()}, and {second.label()}: both cannot be"
        elif kind != "strikes_seen" or 1.0 not in (first.reported, second.reported):
            is_wrong = True
            reason = "they count the same months; give each month to one of them (since)"
            yield (kind,), f"{first.label()}, and {second.label()}: {reason}"
    if not is_wrong and len(items) > 2 and not _fit(items, key, most, start):
        yield (kind,), f"{'; '.join(item.label() for item in items)}: not all of them can be"


def _same_observer(first: Item, second: Item) -> bool:
    """Whether the same share of what happens is reported to both."""
    return getattr(first, "reported", 1.0) == getattr(second, "reported", 1.0)


def _fit(items, key: str, most: float, start: str) -> bool:
    """Whether there are numbers of each month, 0 to `most`, of which all counts are sums.

    With S_t the sum up to month t these are bounds of differences of two sums, S_b ≤ S_a + limit;
    they can be met unless some of them in a circle add up to less than 0 (Bellman and Ford).
    """
    spans = [item.span(start) for item in items]
    ends = sorted({0} | {end for one in spans for end in (one.start, one.stop)})
    limits = []  # (a, b, limit)
    for early, late in pairwise(ends):
        limits += [(late, early, 0.0), (early, late, most * (late - early))]
    for item, span in zip(items, spans, strict=True):
        count = float(getattr(item, key) or 0)
        limits += [(span.start, span.stop, count), (span.stop, span.start, -count)]
    sums = dict.fromkeys(ends, 0.0)
    for _ in ends:
        before = dict(sums)
        for a, b, limit in limits:
            sums[b] = min(sums[b], sums[a] + limit)
        if sums == before:
            return True
    return False


def _labs(table: EvidenceTable) -> Mistakes:
    ordered = sorted(table.paradigms, key=lambda item: item.on)
    for item, other in pairwise(ordered):
        at_least = [sum(one.labs[k:]) for one in (item, other) for k in range(4)]
        sure = item.misread == 0 == other.misread
        if not sure:
            continue
        if item.on == other.on and item.labs != other.labs:
            yield ("paradigms",), f"{item.label()}, and {other.label()}: both cannot be"
        elif any(a > b for a, b in zip(at_least[:4], at_least[4:], strict=True)):
            reason = f"labs: fewer are high in {other.on} than in {item.on}"
            yield ("paradigms",), f"{reason}; no lab moves down"


def _rare(first: Item, second: Item) -> str:
    both = f"{first.label()}, and {second.label()}"
    return f"{both}: no world makes such a difference more probable than one in a billion"


def _chance_of_horizons(first: Horizon, second: Horizon) -> float:
    """The probability that two measurements of one horizon lie as far apart."""
    from scipy.special import ndtr

    apart = log2(first.hours or 1.0) - log2(second.hours or 1.0)
    return 2 * float(ndtr(-abs(apart) / hypot(first.error or 1.0, second.error or 1.0)))


def _chance_of_counts(first: Caught, second: Caught) -> float:
    """The probability that successes of two series with the same chance are divided as unevenly
    (the exact test of Fisher, two-sided)."""
    import numpy as np
    from scipy.special import gammaln

    def ways(n, k):
        return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)

    n, m = first.of or 1, second.of or 1
    caught = (first.caught or 0) + (second.caught or 0)
    possible = np.arange(max(0, caught - m), min(n, caught) + 1)
    log_chance = ways(n, possible) + ways(m, caught - possible) - ways(n + m, caught)
    own = log_chance[(first.caught or 0) - possible[0]]
    return float(np.exp(log_chance[log_chance <= own + 1e-9]).sum())
