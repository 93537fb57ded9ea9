"""Under which assumptions a policy fails.

Each world draws the uncertain parameters once.  So each world is a sample: some assumptions,
and whether the policy failed under them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from regimesim.analysis.boxes import FEWEST, Boxes, find_boxes, worlds_needed
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.errors import Refusal
from regimesim.model.oversight.policy import Policy
from regimesim.results.progress import Progress, as_progress
from regimesim.results.reading import open_run
from regimesim.studies.discover import text
from regimesim.studies.discover.question import Question, ask
from regimesim.studies.discover.samples import Sample, run_sample, saved_sample

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Failures:
    """The boxes in which one policy fails, and the sample behind them."""

    policy: str
    boxes: Boxes
    sample: Sample


@dataclass(frozen=True)
class Discovery:
    """Under which assumptions policies fail: `Failures` by name of the policy.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    failures : tuple of Failures
        In the order of the scenario's policies.
    left_out : dict
        By policy, the reason why it has no answer.
    """

    question: Question
    failures: tuple[Failures, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, policy: str) -> Failures:
        return {one.policy: one for one in self.failures}[policy]

    def to_dict(self) -> dict:
        """The content of discover.json."""
        return {
            **about_run(self.question.scenario),
            "outcome": self.question.outcome,
            "policies": {one.policy: text.plain(one.boxes, one.sample) for one in self.failures},
            "left_out": dict(self.left_out),
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each box of each policy: its limits in words; density, coverage and mass,
        each with `_low` and `_high`; and p."""
        import pandas

        rows = []
        for policy, content in self.to_dict()["policies"].items():
            for number, box in enumerate(content["boxes"], 1):
                row = {"policy": policy, "box": number, "condition": box["condition"]}
                for name in ("density", "coverage", "mass"):
                    row[name] = box[name]["estimate"]
                    row |= {f"{name}_{end}": box[name][end] for end in ("low", "high")}
                rows.append({**row, "p": box["p"]})
        return pandas.DataFrame(rows)

    def text(self) -> str:
        """The boxes in words and tables, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw the search for boxes, and their limits; returns the axes.

        `ax` may hold two axes for each policy.
        """
        from regimesim.studies.discover.figure import boxes

        return boxes(self.to_dict(), ax)


def discover(
    scenario: ScenarioLike,
    policies: Iterable[str | Policy] = (),
    over: Mapping[str, object] | Iterable[str] | None = None,
    outcome: str = "no_takeover",
    density: float | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Discovery:
    """Find boxes of assumptions in which policies fail.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario, or the folder of a run, whose saved worlds are then the samples.
    policies : iterable of str or Policy
        Names of the scenario's policies, or policies written in Python; by default every
        policy under which enough worlds fail.
    over : mapping or iterable of str, optional
        Parameters to draw uniformly: {"feedback.density": (0.3, 1)}, or texts such as
        "feedback.density=0.3:1".  The range None, or a text without a range, is the plausible
        one.
    outcome : str
        A share, such as "no_takeover": a world fails where it is 0.
    density : float, optional
        The least share of failures in a box, 0 to 1; by default halfway between the share of
        all worlds and that of the densest box.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Discovery
        Up to three boxes for each policy, with 95 % intervals from worlds that did not shape
        them.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs; and where too few worlds fail, or
        too many, under a policy that was named or under all of them.

    References
    ----------
    Friedman and Fisher 1999, Statistics and Computing 9:123; Bryant and Lempert 2010,
    Technological Forecasting and Social Change 77:34.
    """
    question = ask(scenario, policies, over, outcome, density, threads)
    return compute(question, as_progress(progress))


def compute(question: Question, progress: Progress) -> Discovery:
    """Search boxes for each policy."""
    failures, left_out = [], dict(question.left_out)
    source = question.scenario.source
    with _sampling(question, progress) as sample_of:
        for policy in question.scenario.policies:
            sample = sample_of(policy)
            title = question.scenario.title(policy)
            if reason := _too_few(title, sample, question):
                if question.insist:
                    raise Refusal(f"{source}: {reason}")
                left_out[policy] = reason
                continue
            boxes = find_boxes(sample.x, sample.fails, question.density, sample.confidence)
            failures.append(Failures(policy, boxes, sample))
            progress.finding(text.finding(title, boxes))
    if not failures:
        raise Refusal(f"{source}: {reason}" for reason in left_out.values())
    return Discovery(question, tuple(failures), left_out)


@contextmanager
def _sampling(question: Question, progress) -> Iterator[Callable[[str], Sample]]:
    """A function that makes the sample of a policy, from worlds that it runs or reads."""
    scenario, outcome = question.scenario, question.outcome
    if question.run:
        with open_run(question.run) as run:
            yield lambda policy: saved_sample(scenario, run["worlds"], policy, outcome)
        return
    rules, threads = question.rules, question.threads
    yield lambda policy: run_sample(scenario, policy, outcome, rules, threads, progress)


def _too_few(title: str, sample: Sample, question: Question) -> str | None:
    """The reason why a sample is too small to search for boxes, or None."""
    n, failed, needed = len(sample.fails), int(sample.fails.sum()), worlds_needed(sample.fails)
    if needed == 0:
        return None
    some, of = f"under '{title}',", f"of {n:,} {text.kind_of_worlds(question.outcome)}"
    if needed is None:
        return f"{some} {'all' if failed else 'none'} {of} fail, so nothing distinguishes them"
    rarer, verb = (failed, "fail") if 2 * failed <= n else (n - failed, "do not fail")
    worlds = -(-needed * question.scenario.worlds // n)
    return (
        f"{some} only {rarer:,} {of} {verb}, and {FEWEST} are needed; run about {worlds:,} "
        "worlds (--worlds)"
    )
