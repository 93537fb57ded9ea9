"""The question of `trace`: one world of one policy, by its number or as the first of a kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from regimesim.ensemble.ensemble import select_one
from regimesim.errors import Refusal, shown
from regimesim.model.oversight.policy import Policy
from regimesim.scenario import Scenario
from regimesim.studies.trace.find import check_kind

LAST_WORLD = 2**32 - 1


@dataclass(frozen=True)
class Question:
    """World number `world`, or the first world of the kind `find`, under a scenario's only policy.

    `rule` is that policy, where it is written in Python.
    """

    scenario: Scenario
    world: int = 0
    find: str | None = None
    rule: Policy | None = None
    threads: int | None = None

    @property
    def policy(self) -> str:
        """The name of the policy."""
        return next(iter(self.scenario.policies))

    @property
    def folder(self) -> str:
        return f"{self.scenario.name}-trace"

    @property
    def total(self) -> None:
        """Unknown: how many worlds a search for a kind must run."""
        return None


def ask(
    scenario,
    world: int | str | None = None,
    find: str | None = None,
    policies: str | Policy | Iterable[str | Policy] = (),
    threads: int | None = None,
) -> Question:
    """Check the arguments of `trace`, which explains them.  Raises Refusal."""
    if world is not None and find is not None:
        raise Refusal("--world and --find both name a world; give one of them")
    if find is not None:
        check_kind(find)
    number = check_world(0 if world is None else world)
    scenario, rules = select_one(scenario, policies)
    return Question(scenario, number, find, next(iter(rules.values()), None), threads)


def check_world(world) -> int:
    """The number of a world, from a number or a text; raises Refusal."""
    allowed = f"a whole number, 0 to {LAST_WORLD}"
    text = str(world).strip()
    if isinstance(world, bool) or not (text.isascii() and text.isdigit()):
        raise Refusal(f"--world: found {shown(world)}; allowed is {allowed}")
    if int(text) > LAST_WORLD:
        raise Refusal(f"--world: found {text}; allowed is {allowed}")
    return int(text)
