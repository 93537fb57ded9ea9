"""`regimesim contributions`: what each part of a policy contributes, told and written down.

For a scenario it writes a folder of its own; for the folder of a run it adds
`contributions.json` and its figures to that folder and to its report.
"""

from dataclasses import replace
from pathlib import Path

from regimesim.ensemble.datasets import WHOLE_PACKAGE
from regimesim.errors import Refusal, shown
from regimesim.model.compilation import digest
from regimesim.results.manifest import write_json
from regimesim.results.reading import check_manifest
from regimesim.scenario import Scenario, parse, prepare
from regimesim.scenario.toml_reader import read_setting
from regimesim.studies.contributions.compute import compute
from regimesim.studies.contributions.frontier import (
    at_audit_budgets,
)
from regimesim.studies.contributions.subsets import parts, subsets
from regimesim.studies.contributions.text import told
from regimesim.studies.plot.compute import redraw
from regimesim.studies.study import answered, folder_for, where_numbers_are, write_answer

MAKER = "regimesim contributions"
NAME = "contributions.json"
FIGURES = ("contributions", "frontier")


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
    if manifest.get("code_digest") != digest(WHOLE_PACKAGE):
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
