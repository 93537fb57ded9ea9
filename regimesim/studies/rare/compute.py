"""Rare failures: how probable a takeover is, and a first critical try that is lost, far
below what counting worlds can tell.

The hazard of each month is integrated (`regimesim.model.dynamics.anticipation`).  Where few worlds
make up most of it, as the failure needs a rare state, lives that come near are split
(`regimesim.studies.rare.splitting`), with a worth that pilots teach.  All lives come in groups
whose totals are independent and unbiased, so the estimate is their mean.  The interval is
Student's on the logarithm: totals are above 0 and skewed.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from regimesim.analysis.conditional import effective
from regimesim.analysis.estimates import exact_interval
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.model.dynamics.anticipation import FIRST_TRY_LOST, TAKEOVER
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.results.progress import Progress, as_progress
from regimesim.studies.rare.importance import Exploring, Learnt
from regimesim.studies.rare.question import ERROR, GROUPS, Question, ask
from regimesim.studies.rare.splitting import Found, Group, key_of, live_groups
from regimesim.studies.rare.text import tables

if TYPE_CHECKING:
    import pandas

ESTIMANDS = {"takeover": TAKEOVER, "first_try_lost": FIRST_TRY_LOST}
LIVES = 512  # of a group, where worlds suffice
MOST_SYSTEMS = 2**20  # of a group
POWERS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
ROUNDS = 5  # of exploring, each with powers twice as high, until takeovers are found
FOUND = 2  # groups of a round that do
LESSONS = 3  # rounds of learning, until many worlds count
FIRST_LOOK = 20  # groups, and twice as many at each look
PLAIN, EXPLORING, TAUGHT, FINAL = range(4)  # purposes of keys
ENOUGH = 0.02  # of all worlds: where more of them count, none is split
FURTHER = 3.0  # or where exploring finds so many times as much as was found without
LEARNT = 8  # worlds of a group that count, on which learning ends
HEAVY = 0.2  # share of the total that one group or world may carry without a warning
TAIL = 0.01  # that an interval leaves at either end, of totals that are not skewed
FEW = 30  # founded worlds that make up the total: fewer call for a warning
SORTS = {"plain": "without splitting", "explored": "exploring", "taught": "with splitting"}
APART = 4.0  # standard errors between pilots and the rest that call for a warning


class Pilots(NamedTuple):
    """What pilots found: without copies, exploring, and taught by both (or none)."""

    plain: list[Found]
    explored: list[Found]
    taught: list[Found]


@dataclass(frozen=True)
class Rare:
    """How probable failures are under each policy.

    Attributes
    ----------
    question : Question
        What was asked.
    policies : mapping
        For each policy the estimates of `takeover` and `first_try_lost`, each with a 95 %
        interval, and how they were made; as in rare.json.
    """

    question: Question
    policies: Mapping[str, dict]

    def __getitem__(self, policy: str) -> dict:
        return self.policies[policy]

    def to_dict(self) -> dict:
        """The content of rare.json."""
        question = self.question
        sizes = {
            "relative_error_asked": question.relative_error,
            "most_worlds": question.scenario.worlds,
        }
        return {**about_run(question.scenario), **sizes, "policies": dict(self.policies)}

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy and failure, with its probability."""
        import pandas

        return pandas.DataFrame(
            {"policy": name, "failure": failure, **policy[failure]}
            for name, policy in self.policies.items()
            for failure in ESTIMANDS
        )

    def text(self) -> str:
        """The probabilities in a table, in lines of at most 80 columns."""
        return tables(self.to_dict())

    def plot(self, ax=None):
        """Draw the probabilities with their intervals; returns the axes."""
        from regimesim.studies.rare.figure import probabilities

        return probabilities(self.to_dict(), ax)


def rare(
    scenario: ScenarioLike,
    policies: Iterable[str | Policy] = (),
    relative_error: float = ERROR,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Rare:
    """Estimate the probability of a takeover, and of a first critical try that is lost.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        Its number of worlds is the most that a policy may cost, pilots included.
    policies : iterable of str or Policy
        Names of the scenario's policies, or policies written in Python; by default every
        policy of the scenario.
    relative_error : float
        The standard error over the estimate that is to be reached, from 0 to 1.
    threads : int, optional
        By default one a core; it changes no number.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Rare
        The probabilities under each policy, with 95 % intervals.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.

    References
    ----------
    L'Ecuyer, Demers and Tuffin (2007), Rare events, splitting, and quasi-Monte Carlo, ACM
    Transactions on Modeling and Computer Simulation 17(2).
    """
    return compute(ask(scenario, policies, relative_error, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Rare:
    """Estimate the probabilities, for each policy."""
    scenario, results = question.scenario, {}
    for policy in scenario.policies:

        def simulate(groups, keep=False, policy=policy):
            rule = question.rules.get(policy)
            return live_groups(scenario, policy, groups, rule, keep, question.threads, progress)

        results[policy] = _of_policy(scenario, simulate, question.relative_error)
        progress.finding(f"{policy}: {results[policy]['takeover']['estimate']:.2g}")
    return Rare(question, results)


def _of_policy(scenario, live, asked) -> dict:
    fit = max(MOST_SYSTEMS // scenario.systems, WIDTH)  # in memory
    lives = min(LIVES, fit, scenario.worlds // GROUPS) // WIDTH * WIDTH
    pilots, worth = explore(scenario, live, lives)
    cost = sum(map(len, pilots)) * lives
    most = (scenario.worlds - cost) // lives
    found: list[Found] = []
    key, look = key_of(scenario.seed, FINAL), FIRST_LOOK
    while len(found) < most and not (found and _error(found) <= asked):
        numbers = range(len(found), min(look, most))
        found += live([Group(number, lives, key, worth) for number in numbers])
        look *= 2
    return _told(scenario, pilots, found, lives, asked, worth is not None)


def explore(scenario, live, lives):
    """Pilots, and the worth that they teach, or None where splitting would not help."""
    keys = [key_of(scenario.seed, purpose) for purpose in range(FINAL)]
    size = len(POWERS)
    plain = live([Group(k, lives, keys[PLAIN]) for k in range(size)], keep=True)
    explored: list[Found] = []
    for turn in range(ROUNDS):
        worths = [Exploring(power * 2**turn) for power in POWERS]
        numbers = range(turn * size, (turn + 1) * size)
        groups = [
            Group(k, lives, keys[EXPLORING], w) for k, w in zip(numbers, worths, strict=True)
        ]
        explored += live(groups, keep=True)
        if np.count_nonzero(_chances(explored[-size:])[:, TAKEOVER]) >= FOUND:
            break
    seen, further = (_chances(some)[:, TAKEOVER].mean() for some in (plain, explored[-size:]))
    many = effective_worlds(_of_worlds(plain)) >= ENOUGH * size * lives
    if not _chances(plain + explored).any() or (many and further < FURTHER * seen):
        return Pilots(_bare(plain), _bare(explored), []), None
    taught: list[Found] = []
    worth = Learnt(plain + explored)
    for turn in range(LESSONS):
        numbers = range(turn * size, (turn + 1) * size)
        last = live([Group(k, lives, keys[TAUGHT], worth) for k in numbers], keep=True)
        if not _chances(last)[:, TAKEOVER].any():
            break
        taught += last
        worth = Learnt(taught)
        if effective_worlds(_of_worlds(last)) > size * LEARNT:
            break
    helps = effective_worlds(_of_worlds(last)) > effective_worlds(_of_worlds(plain))
    return Pilots(_bare(plain), _bare(explored), _bare(taught)), worth if helps else None


def _bare(found: list[Found]) -> list[Found]:
    """Without the stretches, which are large."""
    return [one._replace(stretches=[]) for one in found]


def _chances(found: list[Found]) -> np.ndarray:
    return np.array([one.chances for one in found])


def _of_worlds(found: list[Found]) -> np.ndarray:
    return np.concatenate([one.of_worlds[TAKEOVER] for one in found])


def effective_worlds(values) -> float:
    """How many of the worlds make up the total."""
    scaled = values / (np.max(values, initial=0.0) or 1.0)  # squares of small numbers are 0
    return float(effective(scaled.sum(), np.sum(scaled**2)))


def relative_variance(totals) -> float:
    """Of the mean of independent totals; infinite where all are 0."""
    middle = totals.mean()
    return float(np.var(totals / middle, ddof=1) / len(totals)) if middle > 0.0 else math.inf


def _error(found: list[Found]) -> float:
    return max(math.sqrt(relative_variance(totals)) for totals in _chances(found).T)


def interval(totals, worlds: int) -> tuple[float, float]:
    """The 95 % interval of the mean of independent totals: Student's, on the logarithm.

    Totals are skewed, so that means that are too low look more precise than they are, and
    groups are no longer lived through once they look alike.  So either end leaves 1 % (TAIL)
    of what is not skewed, in place of 2.5 %.

    Where all are 0 the upper end is that of a share of which `worlds` show nothing: what
    is lost in a world is at most 1.
    """
    from scipy.special import stdtrit

    variance = relative_variance(totals)
    if math.isinf(variance):
        return 0.0, float(exact_interval(0, worlds)[1])
    reach = math.exp(stdtrit(len(totals) - 1, 1 - TAIL) * math.sqrt(variance))
    middle = float(totals.mean())
    return middle / reach, min(1.0, middle * reach)


def _told(scenario, pilots, found, lives, asked, split) -> dict:
    """What is told of a policy."""
    before = [one for some in pilots for one in some]
    work = sum(one.system_months for one in before + found)
    worlds, totals = _of_worlds(found), _chances(found)
    told = {
        "method": "splitting" if split else "integrated hazard",
        "groups": len(found),
        "worlds_a_group": lives,
        "pilot_groups": len(before),
        "worlds": lives * (len(before) + len(found)),
        "system_months": work,
        "effective_worlds": effective_worlds(worlds),
        "heaviest_world": float(worlds.max() / worlds.sum()) if worlds.any() else 0.0,
        "pilots": {
            name: float(_chances(some)[:, TAKEOVER].mean()) if some else None
            for name, some in pilots._asdict().items()
        },
    }
    for name, row in ESTIMANDS.items():
        estimate = float(totals[:, row].mean())
        low, high = interval(totals[:, row], len(worlds))
        told[name] = {"estimate": estimate, "low": low, "high": high}
        told[name] |= _against_plain(estimate, totals[:, row], scenario, work)
    told["heaviest_group"] = float(
        totals[:, TAKEOVER].max() / max(totals[:, TAKEOVER].sum(), 1e-300)
    )
    told["reached"] = bool(_error(found) <= asked)
    told["warnings"] = list(_warnings(told, pilots, totals[:, TAKEOVER]))
    return told


def _against_plain(estimate, totals, scenario, work) -> dict:
    """How many worlds that are lived to the end and counted would tell as much:
    (1 − P)/(P·relative variance); None where nothing was found, or nothing varies."""
    variance = relative_variance(totals)
    if math.isinf(variance):
        return dict.fromkeys(("relative_error", "plain_worlds", "plain_system_months", "fewer"))
    if variance == 0.0:
        return {"relative_error": 0.0} | dict.fromkeys(
            ("plain_worlds", "plain_system_months", "fewer")
        )
    worlds = (1.0 - estimate) / (estimate * variance)
    months = worlds * scenario.systems * scenario.months
    return {
        "relative_error": math.sqrt(variance),
        "plain_worlds": worlds,
        "plain_system_months": months,
        "fewer": months / work,
    }


def _warnings(told, pilots, totals):
    """Signs that an estimate may miss some of the probability."""
    if told["heaviest_world"] > HEAVY:
        yield f"one world carries {100 * told['heaviest_world']:.0f} % of the total"
    elif told["heaviest_group"] > HEAVY:
        yield f"one group carries {100 * told['heaviest_group']:.0f} % of the total"
    if not totals.any():
        yield "no world came to any attempt that could succeed"
    elif told["effective_worlds"] < FEW:
        yield f"only {told['effective_worlds']:.0f} founded worlds make up the total"
    for name, words in SORTS.items():
        some = getattr(pilots, name)
        if not some or not totals.any():
            continue
        seen = _chances(some)[:, TAKEOVER]
        spread = math.hypot(_standard_error(seen), _standard_error(totals))
        if seen.mean() - totals.mean() > APART * spread:
            yield f"pilots {words} found {seen.mean():.2g}, more than the rest"


def _standard_error(totals) -> float:
    return float(totals.std(ddof=1) / math.sqrt(len(totals)))
