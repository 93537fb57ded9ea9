"""Kinds of worlds, and the search for the first world of a kind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from regimesim.ensemble.ensemble import Share, run_share, warm_up
from regimesim.ensemble.threads import available_cores
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.dynamics.record import FIRST_CRITICAL_TRY, TAKEOVER
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.layout import WIDTH
from regimesim.scenario import Scenario

BATCH = 8 * WIDTH  # worlds that a thread runs before it looks at them
KINDS = {
    "first_failure": "lost at its first critical try",
    "held_then_lost": "held at its first critical try and lost later",
    "held_to_the_end": "that had critical tries and held at all of them",
    "never_tried": "without a critical try",
    "story_first": "with a story incident as its first critical try",
    "lost": "lost",
}


def check_kind(kind: str):
    """Raise Refusal for an unknown kind of world."""
    if kind not in KINDS:
        close, known = nearest(kind, KINDS), ", ".join(KINDS)
        raise Refusal(f"--find: no kind {shown(kind)}; the nearest is '{close}', of {known}")


def find_world(
    scenario: Scenario,
    kind: str,
    rule: Policy | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] = lambda worlds: None,
) -> int | None:
    """The first world of a `kind` of KINDS under the scenario's only policy, or None.

    Worlds run in batches, in order, until there is one.
    """
    (tables,) = scenario.policies.values()
    warm_up(scenario)
    stop = np.zeros(1, np.int64)

    def look(first):
        share = Share(0, first, min(first + BATCH, scenario.worlds))
        outcomes, *_ = run_share(scenario, tables, rule, share, stop)
        progress(share.last - share.first)
        numbers = np.flatnonzero(of_kind(outcomes, kind))
        return first + int(numbers[0]) if len(numbers) else None

    with ThreadPoolExecutor(threads or available_cores()) as pool:
        firsts = pool.map(look, range(0, scenario.worlds, BATCH))
        try:
            return next((world for world in firsts if world is not None), None)
        finally:
            stop[0] = 1  # what is still running is not needed


def of_kind(outcomes, kind: str) -> np.ndarray:
    """Which of the ensemble's `outcomes` (worlds,) are of a kind: (worlds,) bool."""
    lost = outcomes["crossing"][:, TAKEOVER] >= 0
    held = outcomes["held_first_critical_try"]
    return {
        "first_failure": held == 0,
        "held_then_lost": lost & (held == 1),
        "held_to_the_end": ~lost & (held == 1),
        "never_tried": outcomes["crossing"][:, FIRST_CRITICAL_TRY] < 0,
        "story_first": outcomes["first_try_was_story"] == 1,
        "lost": lost,
    }[kind]
