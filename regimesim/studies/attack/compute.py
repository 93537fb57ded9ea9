"""The worst attacker of each policy, and what becomes of the policy in worlds that the search has
not seen."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from regimesim.analysis.conditional import difference
from regimesim.analysis.estimands import estimate, reported, values
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.pairs import compare
from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import PoliciesLike, ScenarioLike
from regimesim.errors import shown
from regimesim.results.progress import Progress, as_progress
from regimesim.scenario import Scenario
from regimesim.scenario.declaration import Distribution, plain
from regimesim.scenario.toml_writer import written
from regimesim.studies.attack import text
from regimesim.studies.attack.question import TRIALS, Question, ask
from regimesim.studies.attacker import NOBODY, TARGET, own_value, value_in, why
from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.worst_attack import OUTCOME, Attacker, Worst, WorstAttack, under_attack
from regimesim.sweeps.make_executor import make_worker_pool

if TYPE_CHECKING:
    import pandas

FILE = "attack.toml"  # the scenario with the worst attacker of each policy
ABOUT = """\
{name}, where each policy meets the worst attacker that a search found for it.
P(no takeover) in %, with the attacker of the scenario and with this one:
{policies}"""
OWN, WORST, WITHOUT = "own", "worst", "without "


@dataclass(frozen=True)
class Chosen:
    """One choice of an attacker.

    Attributes
    ----------
    name : str
        The key of a parameter, or "target".
    own : float or str
        The scenario's value, of a distribution its median.
    drawn : str or None
        The distribution, where the scenario has one.
    value : float or str
        The attacker's.
    gain : Estimate
        By how much the share of worlds without a takeover rises where this choice alone is the
        scenario's again.
    """

    name: str
    own: float | str
    drawn: str | None
    value: float | str
    gain: Estimate


@dataclass(frozen=True)
class Attack:
    """The worst attacker of one policy.

    Attributes
    ----------
    policy, title : str
        The policy.
    own, worst : Estimate
        The share of worlds without a takeover, with the attacker of the scenario and with this.
    lost : Estimate
        The first less the second, within worlds.
    searched : float
        What the search saw of the second, in its own worlds.
    tried : int
        How many attackers the search tried.
    choices : tuple of Chosen
        What the attacker has chosen, what matters most first.
    settings : mapping of str to float
        The values of parameters that it comes to, by key.
    left_out : mapping of str to str
        Why something is no choice here, by name.
    """

    policy: str
    title: str
    own: Estimate
    worst: Estimate
    lost: Estimate
    searched: float
    tried: int
    choices: tuple[Chosen, ...]
    settings: Mapping[str, float]
    left_out: Mapping[str, str]

    def to_dict(self) -> dict:
        """Plain values."""
        choices = [
            {**vars(one), "gain": one.gain._asdict(), "why": why(one.name)} for one in self.choices
        ]
        estimates = {key: getattr(self, key)._asdict() for key in ("own", "worst", "lost")}
        return {**vars(self), **estimates, "choices": choices, "left_out": dict(self.left_out)}


@dataclass(frozen=True)
class Attacks:
    """The worst attacker of each policy: an `Attack` by name of the policy.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    answers : tuple of Attack
        In the order of the scenario's policies.
    """

    question: Question
    answers: tuple[Attack, ...]

    def __getitem__(self, policy: str) -> Attack:
        return {one.policy: one for one in self.answers}[policy]

    def __iter__(self) -> Iterator[Attack]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def scenario(self) -> Scenario:
        """The scenario with the worst attacker of each policy."""
        changes = {
            f"policies.{one.policy}.{key}": value
            for one in self.answers
            for key, value in one.settings.items()
        }
        scenario = self.question.scenario
        if "policies" not in scenario.raw:  # its one policy is the scenario itself
            changes = {key.split(".", 2)[2]: value for key, value in changes.items()}
        return scenario.override(changes) if changes else scenario

    def save(self, path: str | Path) -> Path:
        """Write the scenario with the worst attacker of each policy as a TOML file, which runs."""
        path = Path(path)
        about = ABOUT.format(
            name=self.question.scenario.name, policies="\n".join(text.heads(self.to_dict()))
        )
        scenario = self.scenario
        raw = {"name": scenario.name, "description": scenario.description, **scenario.raw}
        path.write_text(written(raw, about), encoding="utf-8")
        return path

    def save_beside(self, folder: Path) -> None:
        """Write the scenario into the folder of results."""
        self.save(folder / FILE)

    def to_dict(self) -> dict:
        """The content of attack.json."""
        question = self.question
        return {
            **about_run(question.scenario),
            "outcome": OUTCOME,
            "trials": question.trials,
            "worlds_of_search": question.searched,
            "policies": {one.policy: one.to_dict() for one in self.answers},
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy and choice of its worst attacker, with what giving it up gains."""
        import pandas

        return pandas.DataFrame(
            {
                "policy": one.policy,
                "choice": chosen.name,
                "own": chosen.own,
                "value": chosen.value,
                **chosen.gain._asdict(),
            }
            for one in self.answers
            for chosen in one.choices
        )

    def text(self) -> str:
        """The worst cases in words and tables, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw the policies from the scenario's attacker to the worst one; returns the axes."""
        from regimesim.studies.attack.figure import attack

        return attack(self.to_dict(), ax)


def attack(
    scenario: ScenarioLike,
    policies: PoliciesLike = (),
    over: Mapping[str, object] | Iterable[str] = (),
    trials: int = TRIALS,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Attacks:
    """Find the attacker that does most harm to each policy, and how much of it each choice does.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario.  Its worlds are those in which the worst attacker is reported; the search
        runs in others.
    policies : str or iterable of str
        Names of its policies, by default all of them.
    over : mapping or iterable of str
        What the attacker may choose: {"conduct.coordination": (0, 0.5), "target": None}, or texts
        such as "conduct.coordination=0:0.5"; "all" is everything that an attacker may choose, and
        the default.
    trials : int
        How many attackers a sampler proposes for each policy, before the search changes one
        choice at a time.
    threads : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with the number of worlds just finished.

    Returns
    -------
    Attacks
        The worst attacker of each policy, with 95 % intervals.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.
    """
    return compute(ask(scenario, policies, over, trials, threads), as_progress(progress))


def compute(question: Question, progress: Progress) -> Attacks:
    """Search for each policy: with few attackers and worlds at first, then with all."""
    stages = question.stages
    with make_worker_pool(threads=question.threads) as workers:
        makers = [
            _Attacked(question, name, workers, progress, [one.trials for one in stages])
            for name in question.scenario.policies
        ]
        for stage in stages:
            result = Attacks(stage, tuple(one.answer(stage) for one in makers))
            if stage is not question:
                words = text.standing(result.to_dict())
                progress.stand(f"{stage.trials} of {question.trials} trials", result, words)
    return result


class _Attacked:
    """One policy: the search for its worst attacker, and the worlds in which that is reported."""

    def __init__(self, question: Question, policy: str, workers, progress, trials):
        alone = question.scenario.choose([policy])
        self.policy, self.title = policy, question.scenario.title(policy)
        self.tables, self.space = alone.policies[policy], question.spaces[policy]
        self.candidate = Candidate(self.tables, (), self.title)
        # the search runs in worlds beyond those of the scenario, in which it is judged
        searched = CommonWorlds(alone, workers, alone.worlds, None, progress)
        self.fresh = CommonWorlds(alone, workers, 0, None, progress)

        def show(worst: Worst):
            progress.finding(text.finding(self.title, worst.tried, worst.value))

        mixture = [(self.candidate, 1.0)]
        search = WorstAttack(
            self.space, mixture, searched, question.searched, alone.seed, show=show
        )
        self._worst = search.stages(alone, trials)

    def answer(self, stage: Question) -> Attack:
        """The worst attacker at a stage."""
        worst = next(self._worst)
        named = {OWN: self.candidate, WORST: self._under(worst.attacker)}
        named |= {
            f"{WITHOUT}{name}": self._under(worst.attacker.but(name, None))
            for name, _ in worst.attacker.items
        }
        worlds = stage.scenario.worlds
        self.fresh.run(named.values(), worlds)
        seen = _Seen(self.fresh, named, worlds)
        choices = [
            Chosen(name, *self._own(name), value, seen.difference(f"{WITHOUT}{name}", WORST))
            for name, value in worst.attacker.items
        ]
        choices.sort(key=lambda one: -(one.gain.estimate or 0.0))
        return Attack(
            self.policy,
            self.title,
            seen.estimate(OWN),
            seen.estimate(WORST),
            seen.difference(OWN, WORST),
            worst.value,
            worst.tried,
            tuple(choices),
            self.space.settings(self.tables, worst.attacker.choices),
            self.space.left_out,
        )

    def _under(self, attacker: Attacker) -> Candidate:
        return under_attack(self.space, self.candidate, attacker)

    def _own(self, name: str) -> tuple[float | str, str | None]:
        """The scenario's value of a choice, and its distribution if it has one."""
        if name == TARGET:
            return NOBODY, None
        value = value_in(self.tables, name)
        drawn = shown(plain(value)) if isinstance(value, Distribution) else None
        return own_value(self.tables, name), drawn


class _Seen:
    """Candidates by name in the same worlds."""

    def __init__(self, worlds: CommonWorlds, named: Mapping[str, Candidate], number: int):
        self._dataset = worlds.dataset(named, number)
        by = {name: reported(self._dataset, name, OUTCOME).by for name in named}
        self._counted = {name for name, how in by.items() if how == "counts"}
        self._linear = {
            name: worlds.linear(one, OUTCOME, number, name in self._counted)
            for name, one in named.items()
        }

    def estimate(self, name: str) -> Estimate:
        """The outcome of one, with its interval."""
        return estimate(self._dataset, name, OUTCOME)

    def difference(self, first: str, second: str) -> Estimate:
        """What the first has more of the outcome than the second, with its interval: of each the
        estimate that is reported, so that the three numbers agree."""
        both = first, second
        counted = (values(self._dataset, name, OUTCOME) for name in both)
        conditional = None
        if not self._counted.issuperset(both):
            conditional = difference(self._linear[first], self._linear[second])
        return Estimate(*compare(*counted, conditional=conditional)[:4])
