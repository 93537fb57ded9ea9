"""`regimesim discover`: under which assumptions a policy fails, told and written down.

Uncertain parameters are drawn once a world, so every world is a sample: of assumptions, and
of whether the policy failed under them.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill

from regimesim.analysis.boxes import FEWEST, find_boxes, worlds_needed
from regimesim.analysis.boxes_told import bounds, plain
from regimesim.analysis.first_try import SHARES
from regimesim.analysis.samples import (
    Sample,
    drawn_over,
    live_sample,
    read_ranges,
    sample_of,
)
from regimesim.answers import answered, folder_for, write_answer
from regimesim.experiment.drawing import uncertain
from regimesim.experiment.ensemble import as_scenario
from regimesim.experiment.outcomes import about_run
from regimesim.experiment.saved import check_manifest, open_run
from regimesim.refusal import Refusal, nearest, shown
from regimesim.results import compile_model, progress_bar, where_numbers_are
from regimesim.scenario import parse, prepare
from regimesim.verdict import percent_interval, so_many

MAKER = "regimesim discover"
NAME = "discover.json"
WIDTH = 80
LEGEND = (
    "Boxes are found in one half of the worlds and measured in the other: shares in %, with "
    "95 % intervals. p: how likely luck alone would do as much as the box, or a limit of it."
)


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
    scenario,
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


def told(found: dict) -> str:
    """The content of discover.json as tables and sentences of at most 80 columns."""
    lines = [f"{found['scenario']}: {so_many(found['worlds'])}, seed {found['seed']}"]
    lines += fill(LEGEND, WIDTH).splitlines()
    for name, policy in found["policies"].items():
        lines += ["", *_policy(name, policy, found)]
    lines += [fill(f"Left out: {reason}.", WIDTH) for reason in found["left_out"].values()]
    return "\n".join(line.rstrip() for line in lines)


def _policy(name, policy, found):
    failing = percent_interval(policy["failing"])
    yield f"{name}: {failing} of {policy['worlds']:,} {_worlds(found['outcome'])} fail"
    if not policy["boxes"]:
        yield from _wrapped("No box holds more failures than luck alone would put there.")
        return
    yield f"  {'':36}{'p':>6}{'of them fail':>18}{'of all failures':>18}"
    for number, box in enumerate(policy["boxes"], 1):
        dense, covers = (percent_interval(box[key]) for key in ("density", "coverage"))
        yield f"  {f'box {number}':36}{_p(box['p']):>6}{dense:>18}{covers:>18}"
        for key, sides in box["limits"].items():
            yield from _limits(key, sides, policy["parameters"][key]["unit"])
    if len(policy["boxes"]) > 1:
        dense, covers = (percent_interval(policy["together"][k]) for k in ("density", "coverage"))
        yield f"  {'together':42}{dense:>18}{covers:>18}"
    yield ""
    for text in sentences(name, policy):
        yield from _wrapped(text)


def _limits(key, sides, unit):
    for side, limit in sides.items():
        text = f"{bounds(key, {side: limit})} {unit if unit != '1' else ''}".rstrip()
        if len(text) > 33:
            yield f"    {text}"
            text = ""
        yield f"    {text:34}{_p(limit['p']):>6}"


def sentences(name: str, policy: dict) -> list[str]:
    """What the boxes of a policy say, a sentence a box."""
    found, rest = [], f"{name} fails"
    for box in policy["boxes"]:
        low, high = (_whole(box["density"][key]) for key in ("low", "high"))
        dense, covers = (_whole(box[key]["estimate"]) for key in ("density", "coverage"))
        found.append(
            f"{rest} when {box['condition']}: {dense} % ({low}-{high}) of such worlds, "
            f"{covers} % of all failures."
        )
        rest = "Of the other worlds, it fails"
    return found


def _worlds(outcome) -> str:
    return "worlds" if outcome == "no_takeover" else "worlds with a critical try"


def _wrapped(text):
    text = text.replace(" %", "\xa0%")  # which stays on one line with its number
    lines = fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ").splitlines()
    return [line.replace("\xa0", " ") for line in lines]


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _whole(share: float) -> str:
    """Whole percent; none or all only where it is none or all."""
    if 0 < share < 0.01:
        return "<1"
    return ">99" if 0.99 < share < 1 else f"{100 * share:.0f}"
