"""The question of `robust`: scenarios, policies that all of them have, and a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path

from regimesim.ensemble.ensemble import PoliciesLike, as_scenario, listed, select
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.ensemble.workload import begins, weigh
from regimesim.errors import Refusal, gathering, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario, prepare
from regimesim.scenario.toml_reader import STDIN
from regimesim.studies.value import EXAMPLE, Value, read_value

FEWEST, FEWEST_REPEATS, MOST_REPEATS = 100, 4, 256
USUAL_GOOD, USUAL_REPEATS = 0.5, 16


@dataclass(frozen=True)
class Question:
    """Which policy to choose over the futures of several scenarios, each of them a view.

    `value` is what a policy is worth in a world; one that is worth `good_enough` on average in a
    future is good enough in it (None: that is not asked); `repeats` is the number of worlds of
    each future; `rules` are the policies written in Python, by name.
    """

    scenarios: tuple[Scenario, ...]
    value: Value
    good_enough: float | None = None
    repeats: int = USUAL_REPEATS
    rules: Mapping[str, Policy] = field(default_factory=dict)
    threads: int | None = None

    @property
    def scenario(self) -> Scenario:
        """The first scenario."""
        return self.scenarios[0]

    @property
    def folder(self) -> str:
        return "-".join([*(one.name for one in self.scenarios), "robust"])

    @property
    def total(self) -> int:
        return sum(
            one.worlds * len(one.policies) * (self.repeats if has_futures(one) else 1)
            for one in self.scenarios
        )

    @property
    def more(self) -> dict:
        """Further content of the manifest: the other scenarios."""
        others = self.scenarios[1:]
        return {"others": [{"scenario": one.resolved(), "given": one.raw} for one in others]}

    @property
    def stages(self) -> tuple[int, ...]:
        """The numbers of repeats at which there is an answer: few first, in the end all."""
        numbers, number = [], FEWEST_REPEATS
        work = sum(
            one.worlds * float(weigh(one.systems, one.months, len(one.policies)))
            for one in self.scenarios
            if has_futures(one)
        )
        while 2 * number <= self.repeats and begins(work * number):
            numbers.append(number)
            number *= 2
        return (*numbers, self.repeats)

    def of(self, repeats: int) -> "Question":
        """The same question with fewer repeats."""
        return replace(self, repeats=repeats)


def has_futures(scenario: Scenario) -> bool:
    """Whether any policy of the scenario draws a parameter, so that its worlds differ in more than
    luck."""
    return any(map(uncertain, scenario.policies.values()))


def ask(
    scenarios,
    policies: PoliciesLike = (),
    value: str = EXAMPLE,
    good_enough: float | None = None,
    repeats: int = USUAL_REPEATS,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `robust`, which explains them.  Raises Refusal."""
    lines: list[str] = []
    several = isinstance(scenarios, list | tuple)
    read: list[Scenario] = []
    for one in scenarios if several else [scenarios]:
        with gathering(lines):
            read.append(as_scenario(one))
    worth: Value | None = None
    with gathering(lines):
        worth = read_value(value)
    lines += _numbers(good_enough, repeats)
    if several and not scenarios:
        lines.append("scenarios: found none; allowed is one or several")
    if lines or worth is None:
        raise Refusal(lines)
    read = _named_apart(read)
    chosen, rules = _between(read, listed(policies))
    lines = [line for one in chosen for line in _nothing_to_compare(one)]
    if lines:
        raise Refusal(dict.fromkeys(lines))
    if good_enough is None and worth == read_value(EXAMPLE):
        good_enough = USUAL_GOOD
    return Question(tuple(chosen), worth, good_enough, repeats, rules, threads)


def _numbers(good_enough, repeats):
    if good_enough is not None and not isfinite(good_enough):
        yield f"--good-enough: found {shown(good_enough)}; allowed is a number"
    if not FEWEST_REPEATS <= repeats <= MOST_REPEATS or repeats % 2:
        yield (
            f"--repeats: found {shown(repeats)}; allowed is an even number from {FEWEST_REPEATS} "
            f"to {MOST_REPEATS}"
        )


def _named_apart(scenarios: list[Scenario]) -> list[Scenario]:
    """The scenarios, of which no two have the same name.  Raises Refusal."""
    names = [one.name for one in scenarios]
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    if twice:
        raise Refusal(f"two scenarios have the name {shown(name)}; rename one" for name in twice)
    return scenarios


def _between(scenarios: list[Scenario], policies: list[str | Policy]):
    """The scenarios with the policies to choose between, by default those that all of them have;
    and the rules of those written in Python.  Raises Refusal."""
    if not policies:
        first, *others = scenarios
        shared = [name for name in first.policies if all(name in o.policies for o in others)]
        if len(shared) < 2:
            names = ", ".join(one.name for one in scenarios)
            raise Refusal(
                f"{names}: a choice is between two policies at least, of the same names in every "
                f"scenario; found {', '.join(shared) or 'none'}"
            )
        policies = list(shared)
    chosen, rules, lines = [], {}, []
    for one in scenarios:
        with gathering(lines):
            some, rules = select(one, policies)
            chosen.append(some)
    if lines:
        raise Refusal(dict.fromkeys(lines))
    return chosen, rules


def _nothing_to_compare(scenario: Scenario):
    """A sentence for each reason why there is nothing to compare."""
    if len(scenario.policies) < 2:
        yield "--between: a choice is between two policies at least; found one"
    if scenario.worlds < FEWEST:
        what = "futures" if has_futures(scenario) else "worlds"
        yield (
            f"{scenario.source}: worlds: found {scenario.worlds}; a comparison needs at least "
            f"{FEWEST} {what}"
        )


def read_files(files: Iterable[Path], settings: Iterable[str]) -> list[Scenario]:
    """The scenarios in files, each with the same settings; mistakes of all come at once."""
    scenarios: list[Scenario] = []
    lines: list[str] = []
    files, settings = list(files), list(settings)
    if files.count(STDIN) > 1:
        raise Refusal("standard input can be one of the scenarios, not several")
    for file in files:
        if file.is_dir():
            lines.append(
                f"{file}: found the folder of a run, whose futures have one world each; allowed "
                "is the file of a scenario"
            )
            continue
        with gathering(lines):
            scenarios.append(prepare(file, settings))
    if lines:
        raise Refusal(dict.fromkeys(lines))
    return scenarios
