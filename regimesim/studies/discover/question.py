"""What `discover` is asked: an outcome, and worlds that are run or were saved."""

from contextlib import contextmanager

from regimesim.analysis.estimands import SHARES
from regimesim.errors import Refusal, nearest, shown
from regimesim.results.progress import compile_model, progress_bar
from regimesim.results.reading import check_manifest, open_run
from regimesim.scenario import parse, prepare
from regimesim.studies.discover.samples import live_sample, sample_of
from regimesim.studies.ranges import drawn_over, read_ranges


def _check(outcome, density):
    lines = []
    if outcome not in SHARES:
        close, known = nearest(str(outcome), SHARES), ", ".join(SHARES)
        lines.append(f"--outcome: no share {shown(outcome)}; the nearest is '{close}', of {known}")
    if density is not None and not 0 < density <= 1:
        lines.append(f"--density: found {shown(density)}; allowed is more than 0 and at most 1")
    if lines:
        raise Refusal(lines)


def _of_file(file, settings, policies, over, threads):
    """A scenario, and how to sample each of its policies: its worlds are lived through."""
    scenario, lines = None, []
    try:
        scenario = prepare(file, settings, policies)
    except Refusal as refusal:
        lines += refusal.lines
    try:  # what is wrong with the ranges is told too where a policy is
        drawn = drawn_over(scenario or prepare(file, settings), read_ranges(over))
    except Refusal as refusal:
        lines += refusal.lines
    if lines:
        raise Refusal(dict.fromkeys(lines))
    return _living(drawn, threads)


@contextmanager
def _living(scenario, threads):
    compile_model()
    with progress_bar(total=scenario.worlds * len(scenario.policies)) as bar:
        yield (
            scenario,
            lambda policy, outcome: live_sample(scenario, policy, outcome, threads, bar.update),
        )


@contextmanager
def _of_run(folder, settings, policies, over, threads):
    """The same of the folder of a run, which stays open for as long."""
    asked = {"--set, --worlds or --seed": settings, "--over": over, "--threads": threads}
    if odd := [name for name, given in asked.items() if given]:
        raise Refusal(
            f"{folder}: {name}: its worlds have been run; give the scenario's file to change them"
            for name in odd
        )
    scenario = parse(check_manifest(folder)["scenario"], str(folder))
    scenario = scenario.choose(policies) if policies else scenario
    with open_run(folder) as run:
        yield (
            scenario,
            lambda policy, outcome: sample_of(scenario, run["worlds"], policy, outcome),
        )
