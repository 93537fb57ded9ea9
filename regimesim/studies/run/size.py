"""The size of a run: one that does not fit is refused, and a long one is announced."""

import sys
from pathlib import Path

from regimesim.ensemble.datasets import bytes_of_worlds
from regimesim.ensemble.ensemble import check_run_memory
from regimesim.ensemble.memory import check_disk
from regimesim.ensemble.threads import number_of_threads
from regimesim.ensemble.workload import A_SECOND, duration, weigh
from regimesim.studies.run.question import Question

LONG = 1800.0  # seconds of a run that are announced before they are spent


def check_size(question: Question, folder: Path) -> None:
    """Refuse a run that does not fit on the disk or in memory, and announce a long one.

    Where worlds are added until estimates are precise, their number is unknown in advance.
    """
    if question.targets:
        return
    scenario, threads = question.scenario, number_of_threads(question.threads)
    worlds, policies = scenario.worlds, len(scenario.policies)
    what = f"{scenario.source}: {worlds:,} worlds under {policies} policies"
    advice = "lower worlds, or choose policies"
    check_disk(what, bytes_of_worlds(scenario), folder, advice)
    check_run_memory(scenario, threads)
    work = worlds * float(weigh(scenario.systems, scenario.months, policies))
    if (seconds := work / (A_SECOND * threads)) > LONG:
        time = f"may take {duration(seconds)} on {threads} core{'s' * (threads > 1)}"
        print(f"{worlds:,} worlds under {policies} policies {time}.", file=sys.stderr)
