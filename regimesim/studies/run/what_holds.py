"""What holds tries, and who must take part, in sentences from the numbers of a run."""

from collections.abc import Iterator, Mapping

from regimesim.analysis.composition import BY_LOTTERY, BY_SKILL, BY_TRAPS
from regimesim.analysis.formatting import listed, percent
from regimesim.analysis.policy_cells import SAFE, ranked
from regimesim.scenario import Scenario
from regimesim.studies.run.sentences import difference

MOST = 2  # policies that are named
LITTLE = 0.005  # of first tries: a policy that holds fewer has nothing to divide
OF_ADOPTION = {"adopters", "adopters_are", "outside"}


def skill(summary: Mapping) -> Iterator[str]:
    """What audits at random, skill and honeypots hold of first tries, under the first policies
    with a monitor.

    Parameters
    ----------
    summary : mapping
        The content of summary.json.
    """
    policies = [summary["policies"][name] for name in ranked(summary["policies"])]
    dividing = [one for one in policies if _divides(one.get("first_tries_held"))][:MOST]
    if not dividing:
        return
    said: dict[tuple[str, ...], list[str]] = {}  # policies that hold the same, by what they hold
    for one in dividing:
        of = [
            one["first_tries_held"][kind]["estimate"] for kind in (BY_LOTTERY, BY_SKILL, BY_TRAPS)
        ]
        shares = (percent(of[0]), percent(of[1]), percent(of[2]) if of[2] >= LITTLE else "")
        said.setdefault(shares, []).append(one["title"])
    under = {shares: listed(titles) for shares, titles in said.items()}
    chance = [f"{shares[0]} % under {titles}" for shares, titles in under.items()]
    traps = [f"{shares[2]} under {titles}" for shares, titles in under.items() if shares[2]]
    honeypots = f", honeypots {listed(traps)}" if traps else ""
    yield (
        "Monitors without any skill would, by audits at random, hold "
        f"{listed(chance).replace(' %', ' % of first tries', 1)}; skill adds "
        f"{listed([shares[1] for shares in under])} points{honeypots}."
    )


def _divides(held: Mapping | None) -> bool:
    """Whether enough is held, by monitors, to be divided."""
    if held is None or any(one["estimate"] is None for one in held.values()):
        return False
    return held[BY_LOTTERY]["estimate"] + held[BY_SKILL]["estimate"] >= LITTLE


def every_lab(summary: Mapping, scenario: Scenario) -> Iterator[str]:
    """How the first policy does where not all labs adopt it, if that was run too.

    Parameters
    ----------
    summary : mapping
        The content of summary.json.
    scenario : Scenario
        The scenario of the run.
    """
    top = ranked(summary["policies"])[0]
    if top not in scenario.policies or scenario.policies[top].adopters is not None:
        return
    whole = _apart_from_adoption(scenario.policies[top])
    ordered = sorted(scenario.policies.items(), key=lambda item: -(item[1].adopters or 0))
    for name, tables in ordered:
        fewer = tables.adopters is not None and tables.adopters < scenario.labs
        if not fewer or name not in summary["policies"] or _apart_from_adoption(tables) != whole:
            continue
        lost = difference(summary, top, name)["low"]
        if lost is None or lost <= 0:
            continue
        share, all_of_it = (summary["policies"][one][SAFE]["estimate"] for one in (name, top))
        needs = "needs every lab" if share < all_of_it / 2 else "does better with every lab"
        title, partial = (summary["policies"][one]["title"] for one in (top, name))
        yield (
            f"{title} {needs}: with {tables.adopters} of {scenario.labs} labs ({partial}), "
            f"{percent(share)} % of worlds see no takeover."
        )
        return


def _apart_from_adoption(tables):
    return tables.model_dump(exclude=OF_ADOPTION)
