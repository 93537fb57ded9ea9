"""`regimesim discover`: under which assumptions a policy fails, told and written down.

Uncertain parameters are drawn once a world, so every world is a sample: of assumptions, and
of whether the policy failed under them.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.ensemble import ScenarioLike, as_scenario
from regimesim.ensemble.parameter_sampling import uncertain
from regimesim.errors import Refusal
from regimesim.studies.discover.boxes import FEWEST, find_boxes, worlds_needed
from regimesim.studies.discover.question import _check, _living, _of_file, _of_run
from regimesim.studies.discover.samples import Sample
from regimesim.studies.discover.text import _worlds, plain, told
from regimesim.studies.ranges import drawn_over
from regimesim.studies.study import answered, folder_for, where_numbers_are, write_answer

MAKER = "regimesim discover"
NAME = "discover.json"


def run_discovery(file, settings=(), policies=(), over=(), outcome="no_takeover", **options):
    """Find boxes of assumptions in which policies fail, write what was found, and print it.

    file: a scenario, or the folder of a run · settings: `KEY=VALUE` · policies: their names,
    else all · over: `KEY=LOW:HIGH`, parameters to draw uniformly · outcome: a share; worlds
    that it does not count fail · options: `density`, the least of a box, `out`, `threads`,
    and `command` for the manifest.  Raises Refusal for what cannot be used.
    """
    file, density, threads = Path(file), options.get("density"), options.get("threads")
    _check(outcome, density)
    worlds_of = _of_run if file.is_dir() else _of_file
    with worlds_of(file, settings, policies, over, threads) as (scenario, sample):
        target = folder_for(options.get("out"), f"{scenario.name}-discover")
        with answered(target, MAKER, scenario, threads, options.get("command", ())) as folder:
            found = _boxes(scenario, sample, outcome, density, policies)
            write_answer(folder, "discover", found, ["boxes"])
    print(told(found))
    print(f"\n{where_numbers_are(target / NAME)}")


def discover(
    scenario: ScenarioLike,
    policies: Iterable[str] = (),
    over: Mapping[str, tuple[float, float]] | None = None,
    outcome: str = "no_takeover",
    density: float | None = None,
    threads: int | None = None,
) -> dict:
    """The content of discover.json: boxes of assumptions in which policies fail.

    scenario: a Scenario, a path or a mapping · over: range by dotted key, of parameters to draw
    uniformly · the rest as for `run_discovery`.  Raises Refusal where nothing can be found.
    """
    _check(outcome, density)
    scenario = as_scenario(scenario)
    policies = (policies,) if isinstance(policies, str) else tuple(policies)
    scenario = drawn_over(scenario.choose(policies) if policies else scenario, over or {})
    with _living(scenario, threads) as (scenario, sample):
        return _boxes(scenario, sample, outcome, density, policies)


def _boxes(scenario, sample: Callable[[str, str], Sample], outcome, density, named) -> dict:
    """The content of discover.json; policies of which nothing can be asked are left out,
    unless they were named."""
    reasons, found = {}, {}
    for policy, tables in scenario.policies.items():
        if not uncertain(tables):
            reasons[policy] = f"no parameter is uncertain under '{policy}'; name some with --over"
    if reasons and (named or len(reasons) == len(scenario.policies)):
        raise Refusal(f"{scenario.source}: {reason}" for reason in reasons.values())
    for policy in [name for name in scenario.policies if name not in reasons]:
        some = sample(policy, outcome)
        if reason := _too_few(policy, some, scenario, outcome):
            reasons[policy] = reason
            if named:
                break
            continue
        boxes = find_boxes(some.x, some.fails, density, some.confidence)
        found[policy] = plain(boxes, some)
    if not found or (named and reasons):
        raise Refusal(f"{scenario.source}: {reason}" for reason in reasons.values())
    return {
        **about_run(scenario),
        "outcome": outcome,
        "policies": found,
        "left_out": reasons,
    }


def _too_few(policy, sample, scenario, outcome) -> str | None:
    """Why nothing can be found in a sample, or None."""
    n, failed, needed = len(sample.fails), int(sample.fails.sum()), worlds_needed(sample.fails)
    if needed == 0:
        return None
    some, of = f"under '{policy}'", f"of {n:,} {_worlds(outcome)}"
    if needed is None:
        return f"{some} {'all' if failed else 'none'} {of} fail, so nothing sets them apart"
    rarer, verb = (failed, "fail") if 2 * failed <= n else (n - failed, "do not fail")
    worlds = -(-needed * scenario.worlds // n)
    return (
        f"{some} {rarer:,} {of} {verb}, and {FEWEST} are needed: some {worlds:,} worlds "
        "(--worlds) would hold as many"
    )
