"""A first answer within seconds: each policy whole, and without each of its parts.

Every subset of the parts takes hundreds of runs, and a few worlds of each say nearly nothing.  A
policy and what it is without one part are few runs, so the same work buys many worlds, and what a
policy loses without a part is seen first.  These worlds are run again with all subsets.
"""

from collections.abc import Mapping
from dataclasses import replace

from regimesim.analysis.estimates import Estimate, proportion_difference
from regimesim.analysis.formatting import percent_interval, so_many_of
from regimesim.analysis.present_worlds import present_worlds
from regimesim.ensemble.first_tries import first_tries
from regimesim.ensemble.workload import FIRST, GRAIN, weigh
from regimesim.results.progress import Progress
from regimesim.studies.contributions.question import Question
from regimesim.studies.contributions.shares import outcomes
from regimesim.studies.contributions.subsets import parts, without

MOST = 2  # policies that the line names
MORE = 4  # times as many worlds as the first stage has, or there is nothing to look at before it


def first_look(question: Question, progress: Progress) -> None:
    """Print what policies lose without one part, where the first stage would say much less."""
    scenario = question.scenario
    several = {name: parts(scenario, name) for name in question.apart}
    runs = sum(1 + len(names) for names in several.values())
    work = float(weigh(scenario.systems, scenario.months, runs))
    worlds = int(FIRST / work) // GRAIN * GRAIN
    if worlds < MORE * question.stages[0] or worlds >= scenario.worlds:
        return
    lost = _lost(question, several, worlds)
    title = scenario.title
    words = "; ".join(
        f"{title(name)} loses {percent_interval(effect._asdict())} points without "
        f"{' or without '.join(names)}"
        for name, names, effect in greatest_losses(lost)
    )
    progress.line(f"First look, {so_many_of(worlds, scenario.worlds)}: {words}.")


def greatest_losses(
    lost: Mapping[tuple[str, str], Estimate],
) -> list[tuple[str, list[str], Estimate]]:
    """The greatest loss of each policy, of the policies that lose most: those that are clear, or
    else the greatest of all.

    Parameters
    ----------
    lost : mapping
        What each policy loses without each part, by names of policy and part.

    Returns
    -------
    list
        The policy, the parts without any of which it loses as much, and how much that is.
    """
    ordered = sorted(lost, key=lambda pair: -(lost[pair].estimate or 0.0))
    greatest: dict[str, Estimate] = {}
    for name, part in ordered:
        greatest.setdefault(name, lost[name, part])
    clear = [name for name, effect in greatest.items() if (effect.low or 0.0) > 0]
    named = clear[:MOST] or list(greatest)[:1]
    return [
        (
            name,
            [part for of, part in ordered if of == name and lost[of, part] == greatest[name]],
            greatest[name],
        )
        for name in named
    ]


def _lost(question, several, worlds) -> dict[tuple[str, str], Estimate]:
    """What each policy loses of `no_takeover` without each of its parts."""
    scenario, policies, rules = question.scenario, {}, {}
    for name, names in several.items():
        for part in ("", *names):
            key = _key(name, part)
            policies[key] = without(scenario, name, {part})
            rules[key] = question.rules.get(name)
    few = replace(scenario, policies=policies, titles={}, worlds=worlds)
    worlds_of = present_worlds(first_tries(few, question.threads, rules=rules))
    safe = {key: outcomes(worlds_of, key, "no_takeover") for key in policies}
    return {
        (name, part): proportion_difference(safe[_key(name, "")], safe[_key(name, part)])
        for name, names in several.items()
        for part in names
    }


def _key(name: str, part: str) -> str:
    return f"{name} without {part}" if part else name
