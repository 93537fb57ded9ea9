"""`regimesim require`: ask it of each policy, print the answers, and write them to a folder."""

import os
from contextlib import nullcontext
from pathlib import Path
from textwrap import fill

from regimesim.analysis.line import Line
from regimesim.analysis.ranges import idle, read_varied
from regimesim.analysis.require import check_line, require
from regimesim.analysis.require_told import heading, plain, sentence, table
from regimesim.analysis.targets import read_targets
from regimesim.answers import answered
from regimesim.refusal import Refusal
from regimesim.results import compile_model, progress_bar, write_json

MAKER = "regimesim require"
FORMATS = ("png", "svg")
WIDTH = 80


def answer(scenario, targets, vary, policies=(), out=None, threads=None, command=()):
    """Find and print what `targets` require of each policy, and write it to the folder `out`.

    policies: by default every policy that the parameters act on; one that is named must be
    acted on.  Returns the requirements.  Raises Refusal before anything runs.
    """
    targets, varied = read_targets(targets), read_varied(vary)
    chosen, passed_over = _acted_on(scenario, varied, policies)
    for policy in chosen:
        check_line(scenario, policy, Line(varied))
    compile_model()
    kept = nullcontext()
    if out is not None:
        kept = answered(Path(out), MAKER, scenario, threads, command)
    with kept as folder:
        found = [_ask(scenario, targets, varied, policy, threads) for policy in chosen]
        if folder:
            _write(found, scenario, folder)
    for reason in passed_over:
        print(fill(f"Left out: {reason}.", WIDTH))
    if out is not None:
        print(f"The answers are in {out}{os.sep}.")
    return found


def _ask(scenario, targets, varied, policy, threads):
    """Ask it of one policy, and print the answer."""
    with progress_bar(desc=policy) as bar:
        found = require(scenario, targets, varied, policy, threads, bar.update)
    print(fill(heading(found), WIDTH))
    print("\n".join(table(found)))
    print(fill(sentence(found), WIDTH), end="\n\n")
    return found


def _acted_on(scenario, varied, policies) -> tuple[list[str], list[str]]:
    """The policies to ask, and why others are passed over."""
    scenario = scenario.choose(policies) if policies else scenario
    reasons = {
        policy: [reason for one in varied if (reason := idle(scenario, policy, one.key))]
        for policy in scenario.policies
    }
    passed_over = [reason for found in reasons.values() for reason in found]
    chosen = [policy for policy, found in reasons.items() if not found]
    if passed_over and (policies or not chosen):
        raise Refusal(f"--vary: {reason}" for reason in passed_over)
    return chosen, passed_over


def _write(found, scenario, folder):
    """Write require.json and a figure a policy."""
    from regimesim.plots.require import save_requirement

    write_json(folder / "require.json", {"answers": [plain(one) for one in found]})
    for one in found:
        for suffix in FORMATS:
            save_requirement(one, scenario, folder / f"require_{one.policy}.{suffix}")
