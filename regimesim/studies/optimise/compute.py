"""The best policy: a search, a race in common worlds, and a measurement in fresh ones."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from regimesim.analysis.formatting import so_many_of
from regimesim.ensemble.ensemble import ScenarioLike
from regimesim.results.folder import complete_or_absent
from regimesim.results.progress import Bar, Progress, as_progress, compile_model
from regimesim.scenario.toml_writer import written
from regimesim.studies.candidates import CommonWorlds, policies_of
from regimesim.studies.dimensions import Choice
from regimesim.studies.optimise import text, worst_case_text
from regimesim.studies.optimise.against import ROUND, WORLDS, WorstCase, worst_case
from regimesim.studies.optimise.chosen import RUNNER_UP, named_policies, table_of
from regimesim.studies.optimise.journal_in_folder import copied_to, journal_at
from regimesim.studies.optimise.measured import gain, measure
from regimesim.studies.optimise.optimum import Optimum
from regimesim.studies.optimise.question import Question, ask
from regimesim.studies.race import Look, looks_at, race
from regimesim.studies.search import Tried, every_candidate, sampled
from regimesim.studies.study import (
    Interrupted,
    announce,
    maker,
    save_or_print,
    write_manifest,
)
from regimesim.sweeps.journal import Journal

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import distributed

FRESH = 10_000_000  # the number of the first fresh world: no run has so many
FIRST_ANSWER = 128  # worlds of a look after which there is an answer
SCENARIO = "best.toml"
ANSWER = "optimise.json"
STILL = "the search against the scenario's attacker"


def optimise(
    scenario: ScenarioLike,
    maximise: str | Iterable[str] = (),
    *,
    minimise: str | Iterable[str] = (),
    subject_to: Mapping[str, float] | Iterable[str] = (),
    over: Mapping[str, object] | Iterable[str] = (),
    choose: str | Iterable[str] = (),
    choose_events: str | Iterable[str] = (),
    choices: Iterable[Choice] = (),
    policy: str | None = None,
    trials: int | None = None,
    precision: float | None = None,
    executor: "str | Executor | distributed.Client | None" = None,
    threads: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int], object] | None = None,
    against: str | Mapping[str, object] | Iterable[str] = (),
) -> Optimum:
    """Find the best policy over numbers, safeguards and events at once.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario; its number of worlds is that of the last look of the race, and of the fresh
        worlds in which the winner is measured again.
    maximise, minimise : str or iterable of str
        Estimands that are to be as large, or as small, as can be.  Several give a front.
    subject_to : mapping or iterable of str
        What must hold: {"no_takeover": 0.9} or texts such as "growth_lost<=0.05".
    over : mapping or iterable of str
        Numbers that vary: {"oversight.audit_budget": (0.005, 0.2)} or texts such as
        "oversight.audit_budget=0.005:0.2" or "oversight.audit_budget=0.01,0.03,0.1".
    choose : str or iterable of str
        Safeguards and responses that may be on or off, as in "control,honeypots".
    choose_events : str or iterable of str
        Events that may be there, as in "believed_catch_rate <= 0.5:0.95 -> frozen for 6:24"; a
        number that is written LOW:HIGH is sought.
    choices : iterable of Choice
        Groups of settings, of which each policy has one.
    policy : str, optional
        The policy over which all others are laid, by default the first with a monitor.
    trials : int, optional
        How many points are tried where there are more; by default all of at most 4,096, else 256.
    precision : float, optional
        With one aim, what counts as no better, in the unit of the estimand; by default 0.01 of
        rates, else 0.
    executor : str or executor, optional
        "threads" (the default), "processes", "dask" (at the address `scheduler`), any executor
        of `concurrent.futures`, or a `distributed.Client`.  It changes no number.
    threads : int, optional
        Number of threads or processes, by default one per core.
    scheduler : str, optional
        The address of a Dask scheduler.
    progress : callable, optional
        Called with the number of worlds just finished.
    against : str, mapping or iterable of str
        What attackers may choose that answer the policy: "all", or as in `attack`.  The policies
        that are best in the worst case are then in `worst_case`.

    Returns
    -------
    Optimum
        The best policy or the front, measured again in fresh worlds.

    Raises
    ------
    Refusal
        For input that cannot be used, before anything runs.

    References
    ----------
    Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NIPS 24; Deb et al.
    (2002), IEEE Transactions on Evolutionary Computation 6, 182-197; Smith and Winkler (2006),
    "The optimizer's curse", Management Science 52, 311-322.
    """
    question = ask(
        scenario, maximise, minimise, subject_to, over, choose, choose_events, choices, policy,
        trials, precision, executor, threads, scheduler, against,
    )  # fmt: skip
    return compute(question, as_progress(progress))


def compute(
    question: Question, progress: Progress, journal: Journal | None = None, used: set | None = None
) -> Optimum:
    """Search, race and measure again; with answers after a few trials, or in a few worlds.

    used: receives the numbers of the records of the journal that were needed.
    """
    with question.workers:
        how = {"journal": journal, "progress": progress, "used": used}
        searched = CommonWorlds(question.scenario, question.workers, **how)
        fresh = CommonWorlds(question.scenario, question.workers, FRESH, **how)
        answer: Optimum | None = None
        for tried, look, trials, last in _looks(question, searched, progress):
            if not (last or trials) and look.worlds < FIRST_ANSWER:
                continue
            stage = question.of(trials, look.worlds)
            answer = _answer(stage, tried, look, searched, fresh)
            if not last:
                words = text.standing(answer.to_dict())
                progress.stand(_how_far(question, tried, look), answer, words)
        assert answer is not None  # the last look has one
        if question.attackers is None:
            return answer
        progress.stand(STILL, answer, text.standing(answer.to_dict()))
        return _in_the_worst_case(answer, searched, fresh, progress)


def _in_the_worst_case(
    answer: Optimum, searched: CommonWorlds, fresh: CommonWorlds, progress: Progress
) -> Optimum:
    """The same answer with the policies that are best against attackers that answer them."""
    question = answer.question
    assert question.attackers is not None  # it was asked

    began = progress.done
    progress.total(began + ROUND * min(WORLDS, question.scenario.worlds))

    def report(so_far: WorstCase):
        stage = replace(answer, worst_case=so_far)
        against = stage.to_dict()["against"]
        # one round more, which takes about as many worlds as those before
        progress.total(progress.done + (progress.done - began) // against["rounds"])
        words = worst_case_text.bounds(against)
        progress.stand(worst_case_text.rounds(against["rounds"]), stage, words)

    first, about = answer.best.candidate, (question.attackers, question.targets)
    case = worst_case(question.space, *about, first, searched, fresh, report)
    return replace(answer, worst_case=case)


def _how_far(question: Question, tried: Tried, look: Look) -> str:
    if question.trials:
        return so_many_of(tried.points, question.trials, "points")
    return so_many_of(look.worlds, question.scenario.worlds)


def _looks(
    question: Question, searched: CommonWorlds, progress: Progress
) -> Iterator[tuple[Tried, Look, int | None, bool]]:
    """(what was tried, how the race stands, the trials so far, whether that is the end)."""
    every, about = question.scenario.worlds, (question.aims, question.targets)

    def show(look: Look):
        progress.finding(text.finding(look))
        more = len(look.left) * look.worlds + len(question.scenario.policies) * every
        progress.total(progress.done + more)

    if question.trials is None:
        tried = every_candidate(question.space)
        looks = looks_at(every, question.screen)
        for look in race(searched, tried.candidates, *about, looks, question.precision, show):
            last = look.settled or look.worlds == every
            # a settled race has the answer of more worlds, too
            yield tried, look, None, last
        return
    stages, seed = question.stages, question.scenario.seed
    trials = [number for number, _ in stages]
    best = lambda one, number: progress.finding(text.best_so_far(one.words, number))  # noqa: E731
    tries = sampled(question.space, searched, *about, trials, question.screen, seed, best)
    for (number, worlds), tried in zip(stages, tries, strict=True):
        looks = looks_at(worlds, question.screen)
        *_, look = race(searched, tried.candidates, *about, looks, question.precision, show)
        yield tried, look, number, number == question.trials


def _answer(
    question: Question, tried: Tried, look: Look, searched: CommonWorlds, fresh: CommonWorlds
) -> Optimum:
    """The answer at a look, whose front is measured again in as many fresh worlds."""
    spent = searched.known_worlds()
    named = named_policies(question, look, searched)
    scenario = question.scenario
    # a policy of the file may have any name
    others = {f"file {name}": one for name, one in policies_of(scenario).items()}
    both = measure(question, named | others, searched, fresh, look.worlds, named)
    best = next(iter(named.values()))
    rivals = {"base": question.space.base_candidate}
    if RUNNER_UP in named:
        rivals[RUNNER_UP] = named[RUNNER_UP]
    system_months = spent * scenario.systems * scenario.months
    return Optimum(
        question=question,
        tried=tried,
        look=look,
        chosen={name: both[name] for name in named},
        others={name.removeprefix("file "): both[name] for name in others},
        gains={
            name: gain(question, fresh, best, one, look.worlds) for name, one in rivals.items()
        },
        table=table_of(question, tried, look, searched),
        worlds=spent,
        system_months=system_months,
    )


def keep(question: Question, target: Path, command: Iterable[str] = ()) -> Optimum:
    """Fill the folder of results: the answer, the scenario of the best policy, and the journal.

    A search that was interrupted left its journal in the folder; the same command continues from
    there.
    """
    began, made_by = time.perf_counter(), maker("optimise")
    used: set[int] = set()
    stage: str | None = None
    with complete_or_absent(target, made_by) as to:
        with journal_at(target, made_by) as journal:
            compile_model()
            announce(question)
            with Bar(question.total) as progress:
                try:
                    result = compute(question, progress, journal, used)
                except KeyboardInterrupt:
                    if progress.standing is None:
                        raise
                    stage, result = progress.standing
                    progress.line(f"Interrupted: this is the answer after {stage}.")
            copied_to(to, journal, None if stage else used)
        save_or_print(to / ANSWER, result)
        (to / SCENARIO).write_text(written_scenario(result), encoding="utf-8")
        more = dict(question.more) | ({"interrupted_after": stage} if stage else {})
        scenario = result.question.scenario
        write_manifest(to, made_by, scenario, question.threads, command, began, more)
    if stage:
        raise Interrupted(result)
    return result


def written_scenario(result: Optimum) -> str:
    """The content of best.toml."""
    scenario = result.scenario()
    raw = {"name": scenario.name, "description": scenario.description, **scenario.raw}
    return written(raw, text.comment(result.to_dict()))
