"""What each safeguard contributes: every subset of a policy, in the same worlds."""

from regimesim.ensemble.datasets import about_run
from regimesim.ensemble.first_tries import first_tries
from regimesim.results.progress import compile_model, progress_bar
from regimesim.scenario import Scenario
from regimesim.studies.contributions.frontier import over_audit_budgets, policy_frontier
from regimesim.studies.contributions.shares import contributions
from regimesim.studies.contributions.subsets import independent, parts, run_subsets


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
