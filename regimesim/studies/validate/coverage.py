"""How often the 95 % intervals of a run cover the truth, measured.

One long run gives the truth; it is then divided into many runs of few worlds, each with intervals
of its own.  `python benchmarks/coverage.py --keep` writes the figures into `coverage.json`, from
which the section of the page is made.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from regimesim.analysis.columns import rows_in
from regimesim.analysis.conditional import Linear, difference
from regimesim.analysis.estimand_table import CONDITIONAL, HELD
from regimesim.analysis.tally import Many, tally_blocks
from regimesim.ensemble.ensemble import Share, run_share, warm_up
from regimesim.scenario import Scenario

FIGURES = Path(__file__).with_name("coverage.json")
SIZES = (40, 200, 2000)
FEWEST = 30  # worlds in which an estimand must exist for its interval to count
MOST_RUNS = 2500  # of one size
AT_ONCE = 20_000  # worlds
PAIRED = ("no_takeover", HELD)
SECTION = """\
## Coverage of intervals

How often does a 95 % interval contain the truth? {worlds:,} worlds of
[coverage](../scenarios/validation/coverage.toml) under each of its policies give the truth, and
are then divided into up to {most:,} runs of 40, 200 and 2,000 worlds. The table has the share of
runs, in %, whose interval contains the truth, of the runs in which the quantity exists in at
least {fewest} worlds; a dash where there are fewer than 50 such runs. In `rare`, few worlds have a
try. With 2,000 worlds there are {largest:,} runs, and luck moves a number by up to {luck:.0f}
points. Numbers near 100 are no mistake: they belong to intervals that leave a margin for worlds of
a kind that did not occur ([methods](methods.md#intervals)). `python benchmarks/coverage.py`
measures them again.

"""


def outcomes_of(scenario: Scenario, policy: str) -> np.ndarray:
    """The outcomes of all worlds under a policy: (worlds,) OUTCOME."""
    place, stop = list(scenario.policies).index(policy), np.zeros(1, np.int64)
    ends = [*range(0, scenario.worlds, AT_ONCE), scenario.worlds]
    shares = (Share(place, *pair) for pair in pairwise(ends))
    tables = scenario.policies[policy]
    return np.concatenate(
        [np.array(run_share(scenario, tables, None, share, stop)[0]) for share in shares]
    )


def coverage(scenario: Scenario, sizes=SIZES) -> dict[str, dict[str, dict[str, float | None]]]:
    """Measure how often intervals cover.

    Parameters
    ----------
    scenario : Scenario
        Its worlds give the truth, and are divided into runs.
    sizes : iterable of int
        Numbers of worlds of a run.

    Returns
    -------
    dict
        By policy, or pair of policies, and quantity: the share of runs of each size whose interval
        covers; None where the quantity exists in too few worlds.
    """
    warm_up(scenario)
    drawn = {policy: outcomes_of(scenario, policy) for policy in scenario.policies}
    measured: dict = {}
    for policy, outcomes in drawn.items():
        truth = _intervals(scenario, outcomes, len(outcomes))
        for size in sizes:
            for name, (low, high, n) in _intervals(scenario, outcomes, size).items():
                (middle,) = truth[name][3:]
                measured.setdefault(policy, {}).setdefault(name, {})[str(size)] = _share(
                    middle, low, high, n
                )
    first, *others = drawn
    for other in others:
        pair = measured.setdefault(f"{first} minus {other}", {})
        for name in PAIRED:
            pair[name] = {
                str(size): _of_pair(drawn[first], drawn[other], scenario.months, name, size)
                for size in sizes
            }
    return measured


def _intervals(scenario, outcomes, size) -> dict[str, tuple]:
    """(low, high, n) of each quantity in every run of `size` worlds; of a single run its estimate
    besides."""
    runs = min(len(outcomes) // size, MOST_RUNS)
    sizes = [size] * runs
    many = Many.stacked(tally_blocks(outcomes[: runs * size], scenario.months, sizes))
    quantities = dict(many.estimates())
    worlds = np.full(runs, size)
    for threshold, ends in many.thresholds().items():
        quantities[f"{threshold}: share"] = (*ends["crossed"], worlds)
        quantities[f"{threshold}: median month"] = (*ends["median"], worlds)
    return {
        name: (low, high, n, middle[0]) if runs == 1 else (low, high, n)
        for name, (middle, low, high, n) in quantities.items()
    }


def _share(truth, low, high, n) -> float | None:
    """The share of intervals that contain the truth.  An end that does not exist is no bound: the
    month is later than the end of the run."""
    there = n >= FEWEST
    if np.count_nonzero(there) < 50 or np.isnan(truth):
        return None
    known = there & ~np.isnan(low)
    covers = (low <= truth + 1e-9) & ((high >= truth - 1e-9) | np.isnan(high))
    return float(np.mean(covers[known])) if known.any() else None


def _of_pair(ours, theirs, months, name, size) -> float | None:
    """The coverage of the conditional difference of two policies in the same worlds."""

    def apart(part):
        pair = (_linear(outcomes[part], months, name) for outcomes in (ours, theirs))
        return difference(*pair)

    truth = apart(slice(None))[0]
    parts = (slice(k * size, (k + 1) * size) for k in range(min(len(ours) // size, MOST_RUNS)))
    ends = [apart(part)[1:] for part in parts]
    low, high = np.array(ends, np.float64).T
    return _share(truth, low, high, np.where(np.isnan(low), 0, size))


def _linear(outcomes, months, name) -> Linear:
    rows, ratio = rows_in(outcomes, months), CONDITIONAL[name]
    return Linear.of(ratio.above(rows), ratio.below(rows))


def table(measured: Mapping) -> Iterator[str]:
    """The lines of a table in Markdown for each policy and pair."""
    for policy, quantities in measured.items():
        sizes = list(next(iter(quantities.values())))
        yield f"| `{policy}` | {' | '.join(f'{int(size):,}' for size in sizes)} |"
        yield f"| --- |{' --- |' * len(sizes)}"
        for name, shares in quantities.items():
            cells = ("–" if x is None else f"{100 * x:.1f}" for x in shares.values())
            yield f"| {name} | {' | '.join(cells)} |"
        yield ""


def section() -> str:
    """The section of the page, with the figures of `coverage.json`."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    largest = figures["worlds"] // max(SIZES)
    luck = 200 * np.sqrt(0.95 * 0.05 / largest)
    about = {"worlds": figures["worlds"], "most": MOST_RUNS, "fewest": FEWEST}
    head = SECTION.format(**about, largest=largest, luck=luck)
    return "\n".join([head.rstrip("\n"), "", *table(figures["measured"])])
