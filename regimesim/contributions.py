"""`regimesim contributions`: what each part of a policy contributes, told and written down.

For a scenario it writes a folder of its own; for the folder of a run it adds
`contributions.json` and its figures to that folder and to its report.
"""

from dataclasses import replace
from pathlib import Path

from regimesim.analysis.contributions import contributions
from regimesim.analysis.cost import at_audit_budgets, over_audit_budgets, policy_frontier
from regimesim.answers import answered, folder_for, write_answer
from regimesim.compiled import digest
from regimesim.experiment.contributions import (
    first_tries,
    independent,
    parts,
    run_subsets,
    subsets,
)
from regimesim.experiment.outcomes import ALL_ROOMS, about_run
from regimesim.experiment.saved import check_manifest
from regimesim.redraw import redraw
from regimesim.refusal import Refusal, shown
from regimesim.results import compile_model, progress_bar, where_numbers_are, write_json
from regimesim.scenario import Scenario, parse, prepare
from regimesim.toml_text import read_setting
from regimesim.verdict import percent, percent_interval

MAKER = "regimesim contributions"
NAME = "contributions.json"
FIGURES = ("contributions", "frontier")
WORDS = {"no_takeover": "no takeover", "first_try_not_lost": "first try not lost"}
LEGEND = """\
Shares of worlds in %, with 95 % intervals; differences are within worlds.
lost without it: the whole policy minus the policy without that part.
Shapley value: what the part adds, averaged over all orders of adding the parts."""
FRONTIER = """\
Safety and usefulness in %, with 95 % intervals. Usefulness is the growth kept
times the share of actions not audited, in worlds in which nothing is tried.
* no policy here is better in one of them and not worse in the other"""


def run_contributions(file, settings=(), policies=(), budgets=None, out=None, **options):
    """Take policies apart, write what was found, and print it.

    file: a scenario, or the folder of a run, to which the result is added · settings:
    `KEY=VALUE` · policies: their names, else all that have parts · budgets: audit budgets
    at which each is run as well, as "A,B,..." · out: the folder, else
    outputs/NAME-contributions · options: `threads` and `command`, for the manifest.
    Raises Refusal for whatever of these cannot be used.
    """
    scenario = _read(Path(file), settings, policies, out)
    apart = _to_take_apart(scenario, policies)
    at = {name: at_audit_budgets(scenario, name, _numbers(budgets)) for name in apart}
    threads, command = options.get("threads"), options.get("command", ())
    if Path(file).is_dir():
        target = Path(file)
        found = compute(scenario, apart, at if budgets else {}, threads)
        _add(target / NAME, found)
        redraw(target, FIGURES)
    else:
        target = folder_for(out, f"{scenario.name}-contributions")
        with answered(target, MAKER, scenario, threads, command) as folder:
            found = compute(scenario, apart, at if budgets else {}, threads)
            write_answer(folder, "contributions", found, FIGURES)
    print(told(found))
    print(f"\n{where_numbers_are(target / NAME)}")
    if Path(file).is_dir():
        print("Its report.html and the figures of them are brought up to date.")


def compute(scenario: Scenario, apart: list[str], at: dict[str, Scenario], threads=None) -> dict:
    """The content of contributions.json.

    apart: the policies to take apart · at: for each policy, a scenario whose policies are
    that one at several audit budgets; may be empty.
    """
    compile_model()
    together = {name: independent(scenario, name) for name in apart}
    runs = sum(2 ** len(parts(scenario, name)) + bool(together[name]) for name in apart)
    runs += sum(2 * len(some.policies) + 1 for some in (scenario, *at.values()))
    total = runs * scenario.worlds
    with progress_bar(total=total) as bar:
        run = {"threads": threads, "progress": bar.update}
        found = {}
        for name in apart:
            whole = run_subsets(scenario, name, **run)
            alone = together[name] and first_tries(together[name], **run)
            found[name] = contributions(whole, alone)
        return {
            **about_run(scenario),
            "policies": found,
            "frontier": policy_frontier(scenario, **run),
            "audit_budgets": {name: over_audit_budgets(some, **run) for name, some in at.items()},
        }


def _read(file, settings, policies, out) -> Scenario:
    """The scenario in a file, or of the folder of a run."""
    if not file.is_dir():
        return prepare(file, settings, policies)
    changes = dict(map(read_setting, settings))
    keys = [key for key in changes if key != "worlds"]
    if keys or out is not None:
        odd = f"{keys[0]} is" if keys else "the folder (--out) is"
        raise Refusal(f"{file}: {odd} that of the run; give the scenario's file to change it")
    manifest = check_manifest(file)
    if "given" not in manifest:
        raise Refusal(f"{file}: was made by an older version; run the scenario again")
    if manifest.get("code_digest") != digest(ALL_ROOMS):
        raise Refusal(f"{file}: was made by other code of this version; run the scenario again")
    full = manifest["scenario"]
    scenario = replace(
        parse(manifest["given"], str(file), full["name"]), worlds=full["worlds"], seed=full["seed"]
    )
    scenario = scenario.choose(policies) if policies else scenario
    return scenario.override(changes, "command line") if changes else scenario


def _to_take_apart(scenario, policies) -> list[str]:
    for name in policies:
        subsets(scenario, name)  # refuses one without parts
    found = [name for name in scenario.policies if parts(scenario, name)]
    if not found:
        raise Refusal(f"{scenario.source}: no policy has a safeguard or response to take apart")
    return found


def _numbers(budgets: str | None) -> list[float]:
    try:
        return [float(text) for text in budgets.split(",")] if budgets else []
    except ValueError:
        wanted = "expected numbers with commas between, as in 0.01,0.03,0.1"
        raise Refusal(f"--audit-budgets {shown(budgets)}: {wanted}") from None


def _add(path: Path, found: dict) -> None:
    """Write `found` to `path`, wholly or not at all."""
    partial = path.with_name(f".{NAME}.partial")
    try:
        write_json(partial, found)
        partial.replace(path)
    except OSError as error:
        raise Refusal(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)


def told(found: dict) -> str:
    """The content of contributions.json as tables of at most 80 columns."""
    lines = [f"{found['scenario']}: {found['worlds']:,} worlds, seed {found['seed']}", LEGEND]
    for name, policy in found["policies"].items():
        lines += ["", *_policy(name, policy)]
    lines += ["", FRONTIER, *_points(found["frontier"], "policy")]
    for name, points in found["audit_budgets"].items():
        at = {f"{point['audit_budget']:g}": point for point in points}
        lines += ["", f"{name}, by audit budget:", *_points(at, "audit budget")]
    return "\n".join(line.rstrip() for line in lines)


def _policy(name, policy):
    number = len(policy["parts"])
    yield f"{name}: {number} part{'s' if number > 1 else ''}"
    yield f"  {'':24}{'lost without it':>25}{'Shapley value':>25}"
    for estimand, words in WORDS.items():
        shares = policy[estimand]
        yield f"  {words}"
        for part, values in shares["parts"].items():
            alone, fair = (percent_interval(values[k]) for k in ("leave_one_out", "shapley"))
            yield f"    {part:22}{alone:>25}{fair:>25}"
        yield f"    {'none of them':22}{'':25}{percent_interval(shares['nothing']):>25}"
        yield f"    {'all of them':22}{'':25}{percent_interval(shares['full']):>25}"
    caught = policy["first_try_caught_by"]
    if caught:
        yield "  first critical tries were caught by"
        for by, found in caught.items():
            names = by.replace("+", " + ")
            yield f"    {names:47}{percent_interval(found):>25}"
    if policy["common_cause"]:
        yield "  gained if its safeguards failed independently of each other"
        for estimand, words in WORDS.items():
            cost = policy["common_cause"][estimand]["cost"]
            yield f"    {words:47}{percent_interval(cost):>25}"


def _points(points, heading):
    yield f"  {heading:24}{'no takeover':>18}{'usefulness':>18}{'growth':>9}{'audited':>9}"
    for name, point in points.items():
        mark = " " if point["dominated_by"] else "*"
        if len(name) > 24:
            yield f"{mark} {name}"
            mark, name = " ", ""
        kept, audited = (percent(point[key]["estimate"]) for key in ("growth_kept", "audited"))
        safe, useful = (percent_interval(point[key]) for key in ("no_takeover", "usefulness"))
        yield f"{mark} {name:24}{safe:>18}{useful:>18}{kept:>9}{audited:>9}"
