"""The question of `update`: a scenario, what has been seen, and how many worlds are wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from os import PathLike

from regimesim.ensemble.ensemble import PoliciesLike, as_scenario, listed, with_rules
from regimesim.errors import Refusal, gathering, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.scenario.evidence import Evidence
from regimesim.scenario.evidence_checks import EVIDENCE
from regimesim.scenario.evidence_files import evidence_from

EFFECTIVE = 400.0
MOST = 1_000_000.0

EvidenceLike = str | PathLike[str] | Mapping | None


@dataclass(frozen=True)
class Question:
    """What is left of the worlds of `scenario` that show `evidence`.

    `rules` holds policies that are written in Python, by name; `reported` are the policies whose
    estimates are wanted; `place` is where the evidence stands.  Worlds are moved where fewer than
    `effective` are left, which is at most half of them.
    """

    scenario: Scenario
    evidence: Evidence
    reported: tuple[str, ...]
    effective: float = EFFECTIVE
    rules: Mapping[str, Policy] = field(default_factory=dict)
    place: str = EVIDENCE
    threads: int | None = None

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-update"

    @property
    def total(self) -> int:
        """Worlds of the run before the evidence; moves add some."""
        return self.scenario.worlds * len(self.scenario.policies)

    @property
    def more(self) -> dict:
        return {"evidence": self.evidence.plain(), "effective_wanted": self.effective}

    @property
    def policy(self) -> str:
        """The policy in force while the evidence was gathered."""
        return self.evidence.policy


def ask(
    scenario,
    evidence: EvidenceLike = None,
    policies: PoliciesLike = (),
    effective: float = EFFECTIVE,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `update`, which explains them.  Raises Refusal."""
    lines: list[str] = []
    with gathering(lines):
        _check_number(effective)
    with gathering(lines):
        chosen = listed(policies)
        scenario = as_scenario(scenario)
        rules = [one for one in chosen if isinstance(one, Policy)]
        scenario, rules = with_rules(scenario, rules)
        read = evidence_from(scenario, evidence)
        names = [one if isinstance(one, str) else one.name for one in chosen]
        reported = tuple(scenario.choose(names).policies if names else scenario.policies)
        needed = dict.fromkeys((*reported, read.policy))
        scenario = scenario.choose([name for name in scenario.policies if name in needed])
    if lines:
        raise Refusal(lines)
    wanted = min(float(effective), scenario.worlds / 2)
    place = EVIDENCE  # of a mapping
    if not isinstance(evidence, Mapping):
        place = f"{scenario.source if evidence is None else evidence}: {EVIDENCE}"
    return Question(scenario, read, reported, wanted, rules, place, threads)


def _check_number(number):
    is_real = isinstance(number, Real) and not isinstance(number, bool)
    if not is_real or not 0 <= number <= MOST:
        allowed = f"a number of worlds, 0 to {MOST:,.0f}"
        raise Refusal(f"--effective: found {shown(number)}; allowed is {allowed}")
